"""What one replication has in common for all policies, and how well its radiologists fit its kinds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgrid.domain.decision import Team
from simgrid.domain.inspection import Inspections, Retrievals
from simgrid.domain.prior_studies import PriorStudies
from simgrid.domain.radiologist import Profile
from simgrid.domain.study import Studies
from simgrid.domain.units import FloatArray
from simgrid.domain.world import World
from simgrid.rating import Ontology, demand_matrix, rating_matrix, subspecialty_fit
from simgrid.simulation import Fit


@dataclass(frozen=True, slots=True)
class Setting:
    """What a replication of a scenario has in common for all policies."""

    world: World
    inspections: Inspections
    studies: Studies
    retrievals: Retrievals
    team: Team
    ontology: Ontology
    fit: Fit
    priors: PriorStudies | None = None


def fit_of(ontology: Ontology, team: Team, profiles: tuple[Profile, ...]) -> FloatArray:
    """Absolute Subspecialty rating (R, K), 0 where credentials or monitor forbid the pair."""
    demand = demand_matrix(ontology, team.kinds)
    fit = subspecialty_fit(demand, rating_matrix(ontology, profiles), ontology=ontology)
    return fit.T * team.eligible(np.arange(len(team.kinds))).T
