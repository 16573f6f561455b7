"""Each defect simulated with its physics: drawn, then applied, and the receipt kept.

simulations   ``draw``, ``apply``, ``apply_all``, and the table of who can have what: read this first
receipt       what makes the same bytes again
damage        the severity that can be measured in the picture
ct, ct_metal  in the sinogram; projector makes it and reconstructs from it
mr            in k-space
radiograph    in the photons behind the patient
inversion     in the file
"""

from __future__ import annotations

from simgrid.quality.defects.damage import damage
from simgrid.quality.defects.receipt import Receipt, ReceiptError
from simgrid.quality.defects.simulations import PHYSICAL_ORDER, SIMULATIONS, apply, apply_all, draw

__all__ = ["PHYSICAL_ORDER", "SIMULATIONS", "Receipt", "ReceiptError", "apply", "apply_all", "damage", "draw"]
