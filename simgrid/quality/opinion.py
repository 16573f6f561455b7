"""What the classifier says of a whole file: one opinion out of its planes."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from simgrid.domain.decision import Verdict
from simgrid.quality.classifier.classifier import Classifier
from simgrid.quality.classifier.judgement import Judgement, nothing_said
from simgrid.quality.defect_names import DEFECTS, Defect, possible
from simgrid.quality.image import Image

PLANES_AT_MOST = 16
"""Of longer films and enhanced images, planes at equal distances are judged."""

PIXELS_AT_MOST = 1 << 25
"""Of a plane: a mammogram has 20 million. Small files may inflate to more, and are not worth the memory."""

SHARE_OF_PLANES = 0.25
"""So many of the judged planes must have it that bad: one odd plane of twenty is no reason to repeat."""

WORST_FIRST: tuple[Verdict, ...] = ("reject", "repeat", "abstain", "accept-with-note", "accept")
_FAILED = "judging it fails with "


@dataclass(frozen=True, slots=True)
class Likelihood:
    """How likely a defect is and how much damage it does, 0 to 1; None where nobody has judged it."""

    probability: float | None = None
    severity: float | None = None


UNJUDGED: Mapping[Defect, Likelihood] = dict.fromkeys(DEFECTS, Likelihood())


@dataclass(frozen=True, slots=True)
class Opinion:
    """The verdict on the pixels of a file, why, and each defect at the quantile that the verdict rests on."""

    verdict: Verdict
    why: str
    defects: Mapping[Defect, Likelihood]


def opinion(images: Sequence[Image]) -> Opinion:
    """Of the planes of one file; never raises for what they show.

    Raises:
        WeightsError: where the classifier's weights are missing.
    """
    judged = [(one, _of_plane(one)) for one in looked_at(images)]
    said = [judgement for image, judgement in judged if possible(image.modality) and not _empty(judgement)]
    if not said:
        return Opinion("abstain", judged[0][1].why if judged else "no plane", UNJUDGED)
    verdict = _agreed(said)
    why = next(one.why for one in said if one.verdict == verdict)
    if len(images) > 1:
        agree = sum(WORST_FIRST.index(one.verdict) <= WORST_FIRST.index(verdict) for one in said)
        why = f"{agree} of {len(said)} planes: {why}"
    return Opinion(verdict, why, {one: _likelihood(said, one) for one in DEFECTS})


def looked_at(images: Sequence[Image]) -> Sequence[Image]:
    """Those that are judged: at most ``PLANES_AT_MOST``, at equal distances."""
    return images[:: max(1, -(-len(images) // PLANES_AT_MOST))]


def _of_plane(image: Image) -> Judgement:
    classifier = Classifier.shipped()
    if image.pixels.size > PIXELS_AT_MOST:
        return nothing_said(f"{image.pixels.size} pixels are more than any scanner's plane has")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of measures of strips: their values are made finite
        try:
            (judgement,) = classifier.judge([image])
        except Exception as failure:  # one image that nobody thought of must not end the run of a folder
            return nothing_said(f"{_FAILED}{type(failure).__name__}")
    return judgement


def _empty(judgement: Judgement) -> bool:
    """Whether nothing was computed, for a modality or a size that is not judged."""
    return judgement.abstains and not any(judgement.probability.values()) and not judgement.any_defect


def _agreed(said: Sequence[Judgement]) -> Verdict:
    """The worst verdict that a share of the planes has, those with a worse one counted in."""
    ordered = sorted((one.verdict for one in said), key=WORST_FIRST.index)
    return ordered[max(0, int(np.ceil(SHARE_OF_PLANES * len(ordered))) - 1)]


def _likelihood(said: Sequence[Judgement], defect: Defect) -> Likelihood:
    level = 1 - SHARE_OF_PLANES
    return Likelihood(
        float(np.quantile([one.probability[defect] for one in said], level, method="higher")),
        float(np.quantile([one.severity[defect] for one in said], level, method="higher")),
    )
