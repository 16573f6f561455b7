"""Corrections that are tried, and kept only if the judge likes the image better for them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from simgrid.quality.bot.seams import Judged
from simgrid.quality.defect_names import Defect, possible
from simgrid.quality.image import Image

BETTER_BY = 0.05
"""A correction is kept if the score rises by this much; less may be the judge's own noise."""

WORSE_BY = 0.05
"""... and no other defect's probability rises by more than this: noise must not be traded for blur."""

_WORTH_TRYING = 0.3


@dataclass(frozen=True, slots=True)
class Trial:
    """A correction that was tried. ``before``, ``after``: scores; ``why`` in words."""

    tried: bool
    kept: bool
    before: float
    after: float
    why: str


def score(judged: Sequence[Judged]) -> float:
    """0 to 1: the probability that the worst plane has no defect, were its defects independent."""
    return round(min((math.prod(1 - p for p in one.probability.values()) for one in judged), default=0.0), 6)


def attempt(
    images: Sequence[Image],
    before: Sequence[Judged],
    defect: Defect,
    change: Callable[[Image], Image],
    judge: Callable[[Sequence[Image]], Sequence[Judged]],
) -> tuple[Trial, Sequence[Image]]:
    """Try ``change`` on images that may have ``defect``; the images to go on with, changed only if kept."""
    had = score(before)
    likely = max((one.probability.get(defect, 0.0) for one in before), default=0.0)
    if likely < _WORTH_TRYING:
        return Trial(False, False, had, had, f"{defect} is unlikely"), images
    changed = [change(one) for one in images]
    after = judge(changed)
    has, worse = score(after), _worst_rise(before, after, defect)
    if has < had + BETTER_BY:
        return Trial(True, False, had, has, f"the score does not rise by {BETTER_BY}"), images
    if worse is not None:
        return Trial(True, False, had, has, f"{worse} becomes more likely"), images
    return Trial(True, True, had, has, "the score rises"), changed


def turned_over(image: Image) -> Image:
    """Bright for dark, within what the file could hold, or within what is there."""
    low, high = image.limits or (float(image.pixels.min()), float(image.pixels.max()))
    return image.with_pixels(np.asarray(np.float32(low) + np.float32(high) - image.pixels, dtype=np.float32))


def can_have(images: Sequence[Image], defect: Defect) -> bool:
    """Whether all the images are of a modality in which the defect is known."""
    return bool(images) and all(defect in possible(one.modality) for one in images)


def _worst_rise(before: Sequence[Judged], after: Sequence[Judged], mended: Defect) -> str | None:
    """The defect that the correction brought about, if there is one."""
    rises: Mapping[Defect, float] = {
        name: now.probability[name] - then.probability.get(name, 0.0)
        for then, now in zip(before, after, strict=True)
        for name in now.probability
        if name != mended
    }
    worst = max(rises, key=lambda name: rises[name], default=None)
    return worst if worst is not None and rises[worst] > WORSE_BY else None
