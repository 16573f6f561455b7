"""Writes docs/images/gate-images.png: what a gate of the model sees, how much of it is spoiled, what is said.

``python -m benchmarks.image_gate_sheet`` (ten seconds, images that come with pydicom). A heading in bold: so
much is spoiled that the acquisition is defective.
"""

from __future__ import annotations

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from simgrid.domain.imaging import SHIPPED, ImagePool, PlantedImage
from simgrid.quality.seeing import pixels
from simgrid.quality.verdicts import shared, shared_damages

FILE = Path(__file__).parents[1] / "docs" / "images" / "gate-images.png"
GATE = "rules+cnn"
HEAD, ABDOMEN = "J2K_pixelrep_mismatch.dcm#0", "examples_overlay.dcm#0"
ROWS = ((HEAD, "noise"), (HEAD, "motion"), (HEAD, "ring"), (ABDOMEN, "ghosting"))
WINDOW_HU = (-160, 240)


def main() -> None:
    """Draw and write."""
    rules = ImagePool()
    figure, panels = plt.subplots(len(ROWS), 5, figsize=(10.5, 8.2), layout="constrained")
    for line, (name, kind) in zip(panels, ROWS, strict=True):
        clean = PlantedImage(SHIPPED, None, name)
        bad = [PlantedImage(SHIPPED, None, name, kind, severity) for severity in rules.levels]
        for panel, one in zip(line, [clean, *bad], strict=True):
            shown = pixels(one).pixels
            low, high = WINDOW_HU if name == HEAD else np.percentile(shown, (0.5, 99.5))
            panel.imshow(shown, cmap="gray", vmin=low, vmax=high, interpolation="antialiased")
            panel.set_xticks([])
            panel.set_yticks([])
            spoiled = shared_damages().of(one)
            weight = "bold" if spoiled >= rules.relevant else "normal"
            said = shared(GATE).of(one).verdict
            panel.set_title(f"{spoiled:.0%} spoiled: {said}", fontsize=7.5, fontweight=weight)
        line[0].set_ylabel(kind)
    figure.savefig(FILE, dpi=85, metadata={"Software": None})


if __name__ == "__main__":
    main()
