"""Which simulation makes which defect in which modality, and its version."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from simgrid.quality.defect_names import Defect, family, possible
from simgrid.quality.defects import ct, ct_metal, inversion, mr, radiograph
from simgrid.quality.defects.receipt import Parameter, Parameters, Receipt, ReceiptError
from simgrid.quality.image import Image, Pixels

Draw: TypeAlias = Callable[[Image, np.random.Generator, float], dict[str, Parameter]]
Apply: TypeAlias = Callable[[Image, Parameters, np.random.Generator], Pixels]
MILDEST = 0.05  # of a severity that is drawn: below it, next to nothing can be seen


@dataclass(frozen=True, slots=True)
class Simulation:
    """``version`` is raised by hand whenever ``apply`` makes other numbers of a receipt: a golden test."""

    draw: Draw
    apply: Apply
    version: int = 1


_INVERSION = Simulation(inversion.draw, inversion.apply)
SIMULATIONS: Mapping[tuple[str, Defect], Simulation] = {
    ("CT", "noise"): Simulation(ct.draw_noise, ct.apply_noise),
    ("CT", "motion"): Simulation(ct.draw_motion, ct.apply_motion),
    ("CT", "blur"): Simulation(ct.draw_blur, ct.apply_blur),
    ("CT", "ring"): Simulation(ct.draw_ring, ct.apply_ring),
    ("CT", "metal"): Simulation(ct_metal.draw, ct_metal.apply),
    ("CT", "truncation"): Simulation(ct.draw_truncation, ct.apply_truncation),
    ("CT", "inversion"): _INVERSION,
    ("MR", "noise"): Simulation(mr.draw_noise, mr.apply_noise),
    ("MR", "motion"): Simulation(mr.draw_motion, mr.apply_motion),
    ("MR", "blur"): Simulation(mr.draw_blur, mr.apply_blur),
    ("MR", "ghosting"): Simulation(mr.draw_ghosting, mr.apply_ghosting),
    ("MR", "truncation"): Simulation(mr.draw_truncation, mr.apply_truncation),
    ("MR", "inversion"): _INVERSION,
    ("MR", "bias"): Simulation(mr.draw_bias, mr.apply_bias),
    ("CR", "noise"): Simulation(radiograph.draw_noise, radiograph.apply_noise),
    ("CR", "motion"): Simulation(radiograph.draw_motion, radiograph.apply_motion, version=2),
    ("CR", "blur"): Simulation(radiograph.draw_blur, radiograph.apply_blur),
    ("CR", "exposure"): Simulation(radiograph.draw_exposure, radiograph.apply_exposure),
    ("CR", "metal"): Simulation(radiograph.draw_metal, radiograph.apply_metal),
    ("CR", "truncation"): Simulation(radiograph.draw_truncation, radiograph.apply_truncation),
    ("CR", "inversion"): _INVERSION,
}

# From the patient to the file: what comes first is seen through what comes later.
PHYSICAL_ORDER: Sequence[Defect] = (
    "metal",
    "motion",
    "bias",
    "ghosting",
    "truncation",
    "blur",
    "exposure",
    "noise",
    "ring",
    "inversion",
)


def draw(defect: Defect, image: Image, rng: np.random.Generator, severity: float | None = None) -> Receipt:
    """Draw a defect for an image: where it is, how large, all that ``apply`` needs.

    ``severity``: the place on the defect's physical scale (dose, mm, degrees, gain), 0 mild to 1 gross; drawn
    evenly where it is not given. What it does to the picture is another matter: ``damage``.

    :raises ReceiptError: for a defect that images of this modality cannot have, or a severity outside 0 to 1.
    """
    simulation = _simulation(defect, image)
    if severity is None:
        severity = float(rng.uniform(MILDEST, 1))
    if not 0 <= severity <= 1:
        raise ReceiptError(f"severity is {severity}: expected 0 (mild) to 1 (gross)")
    parameters = simulation.draw(image, rng, float(severity))
    named: dict[str, Parameter] = {"family": family(image.modality), "severity": float(severity)}
    return Receipt(defect, simulation.version, named | parameters, int(rng.integers(0, 2**63 - 1)))


def apply(image: Image, receipt: Receipt) -> Image:
    """The image with the defect of a receipt; the same bytes whenever image and receipt are the same.

    An image of whole numbers, as files hold them, stays one: a fraction would give the defect away.

    :raises ReceiptError: where the receipt is of another version or modality, or lacks a parameter.
    """
    simulation = _simulation(receipt.defect, image)
    if receipt.version != simulation.version:
        raise ReceiptError(
            f"receipt: {receipt.defect} was drawn by version {receipt.version}, this is version "
            f"{simulation.version}: draw it again, or replay it with the release that drew it"
        )
    drawn_for = receipt.parameters.get("family")
    if drawn_for != family(image.modality):
        raise ReceiptError(
            f"receipt: {receipt.defect} was drawn for {drawn_for}, the image is {image.modality}: "
            "draw it again"
        )
    generator = np.random.Generator(np.random.PCG64(receipt.seed))
    try:
        pixels = simulation.apply(image, receipt.parameters, generator)
    except ReceiptError:
        raise
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise ReceiptError(
            f"receipt: parameters describe no {receipt.defect} of {drawn_for} ({error}): draw it again"
        ) from error
    return image.with_pixels(np.rint(pixels) if _whole(image.pixels) else pixels)


def apply_all(image: Image, receipts: Iterable[Receipt]) -> Image:
    """Several defects, from the patient to the file, whatever the order in which they are given."""
    for receipt in sorted(receipts, key=lambda one: PHYSICAL_ORDER.index(one.defect)):
        image = apply(image, receipt)
    return image


def _whole(pixels: Pixels) -> bool:
    return bool((pixels == np.rint(pixels)).all())


def _simulation(defect: Defect, image: Image) -> Simulation:
    found = SIMULATIONS.get((family(image.modality), defect))
    if found is None:
        can = ", ".join(possible(image.modality)) or "none of them"
        raise ReceiptError(
            f"defect '{defect}' is not simulated for modality '{image.modality}': it can have {can}"
        )
    return found
