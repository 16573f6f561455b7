"""Corrections that are tried, and kept only if the judge likes the image better for them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from simgrid.dicom.pixels import ReadFile
from simgrid.quality.check import Checked, images_of
from simgrid.quality.classifier.judgement import PRESENT
from simgrid.quality.defect_names import Defect, possible
from simgrid.quality.image import Image

Judge = Callable[[ReadFile], Checked]

BETTER_BY = 0.05
"""A correction is kept if the score rises by this much; less may be the judge's own noise."""

_WORTH_TRYING = 0.3
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Trial:
    """A correction, tried or not, kept or not. ``before``, ``after``: scores; ``why`` in words."""

    tried: bool
    kept: bool
    before: float
    after: float
    why: str


def score(checked: Checked) -> float:
    """0 to 1: how probable it is that nothing is wrong, were defects independent; 0 where nobody judges."""
    judged = [one.probability for one in checked.defects.values() if one.probability is not None]
    return round(math.prod(1 - one for one in judged), _DIGITS) if judged else 0.0


def attempt(
    read: ReadFile, before: Checked, defect: Defect, change: Callable[[Image], Image], judge: Judge
) -> Trial:
    """Try ``change`` on a file's planes if they may well have ``defect``."""
    had, likely = score(before), before.defects[defect].probability
    known = read.planes and all(defect in possible(one.modality) for one in read.planes)
    if not known or likely is None:
        return Trial(False, False, had, had, f"{defect} is not judged here")
    if likely < _WORTH_TRYING:
        return Trial(False, False, had, had, f"{defect} is unlikely")
    after = judge(changed(read, change))
    has, worse = score(after), _brought_about(before, after, defect)
    if has < had + BETTER_BY:
        return Trial(True, False, had, has, f"the score does not rise by {BETTER_BY}")
    if worse is not None:
        return Trial(True, False, had, has, f"{worse} is found afterwards")
    return Trial(True, True, had, has, "the score rises")


def changed(read: ReadFile, change: Callable[[Image], Image]) -> ReadFile:
    """The file with ``change`` made to every plane."""
    planes = [
        replace(plane, pixels=change(image).pixels)
        for plane, image in zip(read.planes, images_of(read), strict=True)
    ]
    return replace(read, planes=tuple(planes))


def turned_over(image: Image) -> Image:
    """Bright for dark, within what the file could hold, or within what is there."""
    low, high = image.limits or (float(image.pixels.min()), float(image.pixels.max()))
    return image.with_pixels(np.asarray(np.float32(low) + np.float32(high) - image.pixels, dtype=np.float32))


def _brought_about(before: Checked, after: Checked, mended: Defect) -> str | None:
    """A defect that is found only after the correction, or still: noise must not be traded for blur."""
    for name, now in after.defects.items():
        then = before.defects[name].probability or 0.0
        if (now.probability or 0.0) >= PRESENT and (name == mended or then < PRESENT):
            return name
    return None
