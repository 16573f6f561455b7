"""From the vocabulary of the domain to the columns of the ontology: what kinds ask for, what people offer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simgrid.domain.kind import Kind
from simgrid.domain.radiologist import Profile
from simgrid.domain.units import BoolArray, FloatArray
from simgrid.rating.ontology import Ontology

DIMENSIONS = {"Modality": "modality", "Body part": "body_part", "Anatomy": "anatomy", "Disease": "disease"}


def demand_matrix(ontology: Ontology, kinds: Sequence[Kind]) -> BoolArray:
    """Which conditions each kind poses, shape (K, M). A dimension that the tree lacks asks for nothing.

    :raises RatingError: where a kind names a condition that the tree does not have.
    """
    asked = {name: attribute for name, attribute in DIMENSIONS.items() if name in ontology.dimensions}
    return ontology.demand(
        [{name: getattr(kind, attribute) for name, attribute in asked.items()} for kind in kinds]
    )


def rating_matrix(ontology: Ontology, profiles: Sequence[Profile]) -> FloatArray:
    """Each radiologist's leaf ratings by condition name, shape (R, M); 0 where none is given.

    A name that stands in two dimensions (Breast is a body part and a region) has one rating for both.
    """
    names = [condition.name for condition in ontology.conditions]
    ratings = [[profile.ratings.get(name, 0.0) for name in names] for profile in profiles]
    return np.array(ratings, dtype=np.float64).reshape(len(profiles), len(names))
