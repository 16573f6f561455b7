"""Upper bounds that need no trust in a solver: Lagrangian relaxation of the limits, in float64.

For any multipliers >= 0 of the knapsacks (and, with a budget B for overshoot, nu >= multiplier / share for
each),

    cost >= sum_i min_j (cost_ij + sum_k multiplier_k weight_kij) - sum_k multiplier_k limit_k - nu B,

because the weighted limits only add what a feasible assignment has too little of. What a linear programme
returns as duals may be slightly wrong; the bound is still valid, only weaker.
"""

import math
from dataclasses import dataclass

import numpy as np

from simgrid.assignment.formulation import Core, Stage
from simgrid.assignment.problem import TOLERANCE, FloatArray


@dataclass(frozen=True, slots=True)
class Lagrangian:
    """No assignment costs less than ``bound``; none with a given pair less than ``bound + regret``.

    ``multiplier``: of each knapsack, as used.
    """

    bound: float
    regret: FloatArray
    multiplier: FloatArray


def lagrangian(stage: Stage, multiplier: FloatArray) -> Lagrangian:
    """The bound on the cost of the stage that these multipliers (one per knapsack, scaled as it is) prove."""
    core = stage.core
    multiplier = np.maximum(np.nan_to_num(multiplier), 0.0)
    share = np.array([sack.share for sack in core.knapsacks])
    if stage.priced:
        multiplier = np.minimum(multiplier, share)
    reduced = stage.cost.copy()
    paid = []
    for sack, price in zip(core.knapsacks, multiplier.tolist(), strict=True):
        if price > 0:
            reduced[sack.members] += price * sack.weight
            paid.append(price * sack.limit * (1 + stage.slack))
    if stage.budget > 0 and multiplier.size:
        paid.append(float((multiplier / share).max()) * (stage.budget + TOLERANCE * (1 + stage.budget)))
    least = _row_least(core, reduced)
    regret = reduced - np.repeat(least, np.diff(core.first, append=core.row.size))
    return Lagrangian(math.fsum([*least.tolist(), *(-amount for amount in paid)]), regret, multiplier)


def _row_least(core: Core, cost: FloatArray) -> FloatArray:
    if not core.row.size:
        return np.zeros(0)
    least: FloatArray = np.minimum.reduceat(cost, core.first)
    return least
