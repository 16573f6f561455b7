"""HOW WELL A RADIOLOGIST FITS: AHP weights (eq. 1), the ontology, RBSM ratings (eq. 2).

Read ``ahp`` for eq. 1, ``rbsm`` for eq. 2 and its readings, ``ontology`` for the tree between them (the
tree's own judgements are data in ``data/ontology.json``), ``mining`` for ratings out of a log. numpy and the
standard library only; knows no hospital, no clock and no file but that one.
"""

from simgrid.rating.ahp import AhpWeights, ahp_weights
from simgrid.rating.errors import (
    InconsistentJudgementsWarning,
    JudgementError,
    OntologyError,
    Problem,
    RatingError,
)
from simgrid.rating.feedback import refreshed
from simgrid.rating.matching import demand_matrix, rating_matrix
from simgrid.rating.mining import Practice, frequencies, mined_profiles, practice, reading_minutes
from simgrid.rating.ontology import Condition, Ontology
from simgrid.rating.rbsm import Normalisation, rbsm, subspecialty_fit
from simgrid.rating.tree import Node, Weighting

__all__ = [
    "AhpWeights",
    "Condition",
    "InconsistentJudgementsWarning",
    "JudgementError",
    "Node",
    "Normalisation",
    "Ontology",
    "OntologyError",
    "Practice",
    "Problem",
    "RatingError",
    "Weighting",
    "ahp_weights",
    "demand_matrix",
    "frequencies",
    "mined_profiles",
    "practice",
    "rating_matrix",
    "rbsm",
    "reading_minutes",
    "refreshed",
    "subspecialty_fit",
]
