"""Problems too large for a linear programme: prices, an assignment from them, and the few pairs that could
still be better.
"""

from dataclasses import dataclass

import numpy as np

from simgrid.assignment.allowance import Allowance
from simgrid.assignment.answer import UNASSIGNED, objective_of, relative_gap, relaxations
from simgrid.assignment.dual import Columns, Prices, Scaled, net_rating, prices, scaled
from simgrid.assignment.exchange import exchanged
from simgrid.assignment.problem import TOLERANCE, AssignmentProblem, BoolArray, FloatArray, IntArray
from simgrid.assignment.repair import repaired

# Pairs from which on prices come before any programme: where a gap is allowed, and where none is. Pairs that
# the programme after them gets at most. Pairs that no programme could hold.
MANY = 10_000
LARGE = 300_000
KEPT = 200_000
HUGE = 2_000_000
_HARD = 1e4
_THINNING = 8


@dataclass(frozen=True, slots=True)
class Rough:
    """The best assignment found, whether it keeps every limit, and the ``bound`` on the rating of those that
    do."""

    chosen: IntArray
    keeps: bool
    objective: float
    bound: float
    prices: Prices


def rough(problem: AssignmentProblem, pairs: BoolArray, gap: float, allowance: Allowance) -> Rough:
    """Prices and assignments in turn until one is within the gap, or no better prices are found."""
    of = scaled(problem, pairs)
    found: list[Rough] = []

    def enough(now: Prices, columns: Columns) -> bool:
        latest = _assignment(of, now, columns, polish=False)
        if relative_gap(now.bound, latest.objective) > gap or not latest.keeps:
            latest = _assignment(of, now, columns, polish=True)
        found.append(latest)
        done = latest.keeps and relative_gap(now.bound, latest.objective) <= gap
        return done or allowance.seconds() == 0

    best = prices(of, enough)
    top = max(found, key=lambda one: (one.keeps, one.objective))
    return Rough(top.chosen, top.keeps, top.objective, best.bound, best)


def _assignment(of: Scaled, now: Prices, columns: Columns, polish: bool) -> Rough:
    problem = of.problem
    own = repaired(of, columns, now)
    if polish:
        spread = float(np.ptp(columns.rating[np.isfinite(columns.rating)])) or 1.0
        own = exchanged(of, own, _HARD * spread, price=now.effort)
    chosen = np.full(problem.shape[0], UNASSIGNED, dtype=np.int64)
    chosen[of.rows] = own
    over = [one for one in relaxations(problem, chosen) if one.kind != "unassigned" and one.limit > 0]
    return Rough(chosen, not over, objective_of(problem, chosen), now.bound, now)


def worth_keeping(
    problem: AssignmentProblem, pairs: BoolArray, best: Rough, most: int
) -> tuple[BoolArray, bool]:
    """Pairs that a better assignment than ``best`` may use, at most about ``most`` of them; whether these are
    all."""
    of = scaled(problem, pairs)
    # Sorting all regrets would cost more than it tells: every eighth row speaks for the others.
    reach = best.bound - best.objective + TOLERANCE * max(1.0, abs(best.bound))
    regrets = [
        _regret(net)[::_THINNING] for _, net in net_rating(of, best.prices.effort, best.prices.storage)
    ]
    sample = np.concatenate(regrets).ravel()
    within = int(np.count_nonzero(sample <= reach)) * _THINNING
    complete = within <= most
    if not complete:
        reach = float(np.partition(sample, most // _THINNING)[most // _THINNING])
    kept = np.zeros_like(pairs)
    for where, net in net_rating(of, best.prices.effort, best.prices.storage):
        kept[of.rows[where]] = _regret(net) <= reach
    kept[of.rows, best.chosen[of.rows]] = True
    return kept, complete


def _regret(net: FloatArray) -> FloatArray:
    regret: FloatArray = net.max(axis=1)[:, None] - net
    return regret
