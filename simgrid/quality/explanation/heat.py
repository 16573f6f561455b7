"""Where in an image the network's score for a defect comes from: Grad-CAM (doi 10.1109/ICCV.2017.74).

The derivative of the score by the mean of a channel is had by evaluating the network with each channel moved
a little (the input ``nudge``). Two of the four pictures that the network looks at, the spectrum and the polar
map, have no place in the image: heat that comes from them is misplaced, which is why the evaluation holds the
map against that of random weights before anybody believes it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from simgrid.quality.classifier import inputs
from simgrid.quality.classifier.classifier import HEADS, Classifier, WeightsError
from simgrid.quality.defect_names import Defect
from simgrid.quality.image import Image
from simgrid.quality.measures import measure_view
from simgrid.quality.measures.view import View

STEP = 0.02  # of a channel: small against what channels hold, large against single precision
Heat = NDArray[np.float64]

PLACED: frozenset[Defect] = frozenset({"noise"})
"""On test sources, surely more of their heat lies where they were planted than with random weights."""
UNPLACED = "its heat was not shown to tell the place: go by the measures"


@dataclass(frozen=True, slots=True, eq=False)
class Inside:
    """What the network holds for one image.

    ``maps`` (channels, rows, columns); ``slopes`` (channels, heads): derivative of each head's log odds by
    the channel's value, everywhere at once.
    """

    maps: NDArray[np.float64]
    slopes: NDArray[np.float64]


def suspected(classifier: Classifier, image: Image) -> list[tuple[Defect, float]]:
    """The defects that are more likely than not, likeliest first; none where the classifier cannot judge."""
    probability = classifier.judge([image])[0].probability
    found = [(name, value) for name, value in probability.items() if value >= 0.5]
    return sorted(found, key=lambda one: (-one[1], one[0]))


def heat(classifier: Classifier, image: Image, defect: Defect) -> Heat:
    """Of every pixel (rows, columns), how much it speaks for the defect: 0 to 1, all 0 where nothing does.

    Raises:
        WeightsError: for a network that cannot be looked into.
    """
    found = inside(classifier, image)
    return on_image(cam(found, HEADS.index(defect)), image.pixels.shape)


def inside(classifier: Classifier, image: Image) -> Inside:
    """The feature map and its slopes, by as many evaluations as it has channels, and one."""
    nudges = {one.name: one for one in classifier.session.get_overridable_initializers()}
    if "nudge" not in nudges:
        raise WeightsError("this network cannot be looked into: run 'simgrid qa train' again")
    channels = int(nudges["nudge"].shape[1])
    view = View(image)
    features = inputs.features(measure_view(view), image.modality)[None]
    measures = inputs.centred(classifier.ranks(features))
    pictures = inputs.pictures(view)[None].astype(np.float32)
    nudge = np.zeros((channels + 1, channels, 1, 1), np.float32)
    nudge[np.arange(channels), np.arange(channels)] = STEP
    count = channels + 1
    scores, maps = classifier.session.run(
        ["defects", "map"],
        {
            "pictures": np.repeat(pictures, count, axis=0),
            "measures": np.repeat(measures, count, axis=0),
            "nudge": nudge,
        },
    )
    odds = np.asarray(scores, np.float64)
    return Inside(np.asarray(maps[-1], np.float64), (odds[:-1] - odds[-1]) / STEP)


def cam(found: Inside, head: int) -> Heat:
    """The map (rows, columns), not below 0: channels weighted by their slopes for this head."""
    return np.maximum(np.tensordot(found.slopes[:, head], found.maps, axes=1), 0)


def on_image(small: Heat, shape: tuple[int, ...]) -> Heat:
    """A small map over the whole image, smooth, its highest value 1."""
    axes = [
        np.clip((np.arange(size) + 0.5) * now / size - 0.5, 0, now - 1)
        for size, now in zip(shape, small.shape, strict=True)
    ]
    grown = ndimage.map_coordinates(small, np.meshgrid(*axes, indexing="ij"), order=1)
    return np.asarray(grown / max(float(grown.max()), 1e-12))
