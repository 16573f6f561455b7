"""When the classifier says nothing: the declared rule, in the order in which it is asked.

1. The modality is none it was trained for.
2. A side of the plane has fewer than SMALLEST pixels.
3. Nothing but noise: what neighbouring pixels do not share is nearly all there is.
4. Outside: more measures than the limit lie outside the range that training images of the family had. The
   limit is a quantile over training images whose *source* was left out, set when the weights were made.
5. In doubt: trees and network, which look at different things, differ in the probability of any defect by
   more than DISAGREE.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simgrid.quality.classifier.inputs import FAMILIES
from simgrid.quality.defect_names import family, possible, told
from simgrid.quality.image import Image
from simgrid.quality.measures import NAMES
from simgrid.quality.measures.view import View

SMALLEST = 32
ALL_NOISE = 0.9
DISAGREE = 0.6
_WAVELET = NAMES.index("noise_wavelet_mad")
_SPREAD = NAMES.index("contrast_rms")


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What training images were like.

    ``low``, ``high``: (families, measures). ``limit``: (families,), the share of measures outside that is
    still taken for known.
    """

    low: NDArray[np.float32]
    high: NDArray[np.float32]
    limit: NDArray[np.float32]

    def outside(self, measures: NDArray[np.float64], modality: str) -> float:
        """Share of the measures that lie outside the family's range."""
        row = FAMILIES.index(family(modality))
        value = measures.astype(np.float32)
        return float(np.mean((value < self.low[row]) | (value > self.high[row])))


def cannot_be_judged(image: Image) -> str:
    """Rules 1 and 2, before anything is computed; empty where it can be."""
    if not possible(image.modality):
        return f"{told(image.modality)} is not judged: trained for CT, MR and radiographs"
    if min(image.pixels.shape) < SMALLEST:
        rows, columns = image.pixels.shape
        return f"{rows} x {columns} pixels are too few: the least is {SMALLEST} a side"
    return ""


def unlike_training(view: View, measures: NDArray[np.float64], strange: float, known: Known) -> str:
    """Rules 3 and 4; ``strange``: share of measures outside. Empty where the image is like training's."""
    if float(view.plane.min()) == float(view.plane.max()):
        return "every pixel has the same value"
    if measures[_WAVELET] > ALL_NOISE * measures[_SPREAD]:
        return "nothing but noise"
    modality = view.image.modality
    if strange > known.limit[FAMILIES.index(family(modality))]:
        outside = round(strange * known.low.shape[1])
        return (
            f"unlike any training image: {outside} of {known.low.shape[1]} measures are outside their range"
        )
    return ""


def in_doubt(by_trees: float, by_network: float) -> str:
    """Rule 5, of the probability of any defect."""
    if abs(by_trees - by_network) > DISAGREE:
        return f"trees say {by_trees:.0%} and the network says {by_network:.0%} for any defect"
    return ""
