"""Which measures raise or lower the score for a defect: each in turn replaced by its middle value.

What is left out is a whole measure, in trees and network alike, so the sum of all parts is not the score: two
measures that say the same are both spared. (Occlusion of a feature; Robnik-Sikonja and Kononenko 2008,
doi 10.1109/TKDE.2007.190734.)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgrid.quality.classifier import inputs
from simgrid.quality.classifier.classifier import HEADS, Classifier
from simgrid.quality.defect_names import Defect
from simgrid.quality.image import Image
from simgrid.quality.measures import NAMES, measure_view
from simgrid.quality.measures.view import View


@dataclass(frozen=True, slots=True)
class Contribution:
    """A measure: its value in the image, and by how much it raises the fused log odds above its middle."""

    measure: str
    value: float
    raises: float


def contributions(classifier: Classifier, image: Image, defect: Defect) -> list[Contribution]:
    """Every measure, those that matter most first; the same image gives the same numbers."""
    view = View(image)
    features = inputs.features(measure_view(view), image.modality)
    known = classifier.columns[classifier.columns < len(NAMES)]
    count = known.size
    changed = np.repeat(features[None], count + 1, axis=0)
    changed[np.arange(count), known] = classifier.edges[:count, classifier.edges.shape[1] // 2]
    pictures = np.repeat(inputs.pictures(view)[None], count + 1, axis=0)
    odds = classifier.score(pictures, changed).fused[:, HEADS.index(defect)]
    raised = odds[-1] - odds[:-1]
    order = np.argsort(-np.abs(raised), kind="stable")
    return [Contribution(NAMES[known[k]], float(features[known[k]]), float(raised[k])) for k in order]
