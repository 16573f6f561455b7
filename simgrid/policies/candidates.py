"""Who comes into question for a row: the rule behind ``@feasible``, shared by the policies that offer it."""

import numpy as np

from simgrid.domain.decision import Team, Worklist
from simgrid.domain.units import BoolArray


def candidates(team: Team, worklist: Worklist, feasible: bool) -> BoolArray:
    """Radiologists in question, shape (S, R).

    Blind: everybody. Feasible: those with credentials and monitor who are on duty; where none of them is,
    those off duty too. A row without an eligible radiologist stays empty.
    """
    if not feasible:
        return np.ones((len(worklist), len(team.radiologists)), dtype=np.bool_)
    eligible = team.eligible(worklist.kind)
    on_duty = eligible & worklist.desks.on_duty
    return np.where(on_duty.any(axis=1, keepdims=True), on_duty, eligible)
