"""From the vocabulary of the domain to the columns of the ontology: what kinds ask for, what people offer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simgrid.domain.kind import Kind
from simgrid.domain.radiologist import Profile
from simgrid.domain.units import FloatArray
from simgrid.rating.ontology import Ontology

DIMENSIONS = {"Modality": "modality", "Body part": "body_part", "Anatomy": "anatomy", "Disease": "disease"}


def demand_matrix(ontology: Ontology, kinds: Sequence[Kind]) -> FloatArray:
    """1 where a kind poses a condition, shape (K, M). A dimension that the tree lacks asks for nothing."""
    attributes = [DIMENSIONS.get(condition.dimension, "") for condition in ontology.conditions]
    wanted = [
        [bool(attribute) and getattr(kind, attribute) == condition.name for attribute, condition in columns]
        for kind in kinds
        for columns in [list(zip(attributes, ontology.conditions, strict=True))]
    ]
    return np.array(wanted, dtype=np.float64).reshape(len(kinds), len(ontology.conditions))


def rating_matrix(ontology: Ontology, profiles: Sequence[Profile]) -> FloatArray:
    """Each radiologist's leaf ratings by condition name, shape (R, M); 0 where none is given."""
    names = [condition.name for condition in ontology.conditions]
    ratings = [[profile.ratings.get(name, 0.0) for name in names] for profile in profiles]
    return np.array(ratings, dtype=np.float64).reshape(len(profiles), len(names))
