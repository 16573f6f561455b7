"""The real module at work on one image of the model: its limits, and its classifier."""

from __future__ import annotations

from simgrid.dicom.pixels import Plane
from simgrid.domain.decision import Verdict
from simgrid.quality.classifier.classifier import Classifier
from simgrid.quality.classifier.judgement import PRESENT, REPEAT_HELPS
from simgrid.quality.image import Image
from simgrid.quality.pool import PooledImage
from simgrid.quality.rules import consistency
from simgrid.quality.rules.limits import beyond


def by_rules(image: Image, original: PooledImage) -> tuple[Verdict, tuple[str, ...]]:
    """Repeat what lies beyond a limit of a measure, if a repeat helps; note that, and what no longer fits.

    What contradicted the header before the defect came is a fault of the file that stands for the patient's.
    """
    found = [one.defect for one in beyond(image)]
    named = tuple(dict.fromkeys([*found, *_contradictions(image, original)]))
    if REPEAT_HELPS.intersection(found):
        return "repeat", named
    return ("accept-with-note" if named else "accept"), named


def _contradictions(image: Image, original: PooledImage) -> list[str]:
    header = original.header
    if header is None or image is original.image:
        return []
    before, now = (
        [one.rule for one in consistency.check(header, [_plane(of)])] for of in (original.image, image)
    )
    return [rule for rule in now if rule not in before]


def _plane(of: Image) -> Plane:
    return Plane(of.pixels, of.modality, of.body_part, of.spacing_mm, of.limits, of.frame)


def by_network(image: Image) -> tuple[Verdict, tuple[str, ...]]:
    """The classifier's own verdict, and the defects that it takes to be there."""
    (judged,) = Classifier.shipped().judge([image])
    found = tuple(defect for defect, probability in judged.probability.items() if probability >= PRESENT)
    return judged.verdict, found
