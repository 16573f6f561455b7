"""The stages of ``solve``: the highest rating when limits can hold; else least strain, then the rating."""

import math
from dataclasses import dataclass, replace

import numpy as np

from simgrid.assignment.allowance import Allowance
from simgrid.assignment.answer import Relaxation, Strain, objective_of, relative_gap, relaxations, strain_of
from simgrid.assignment.dual import scaled
from simgrid.assignment.exchange import exchanged
from simgrid.assignment.formulation import Stage, common_step, core_of, fitting_pairs, located
from simgrid.assignment.greedy import best_rated, constructed
from simgrid.assignment.large import HUGE, KEPT, LARGE, MANY, rough, worth_keeping
from simgrid.assignment.problem import AssignmentProblem, BoolArray, FloatArray, IntArray
from simgrid.assignment.search import Audit, Found, Measured, Polish, least_cost, proven

# What a whole limit of excess costs in an exchange, against the spread of the ratings.
_HARD = 1e4


@dataclass(frozen=True, slots=True)
class Outlook:
    """An assignment and what is proven of it.

    ``bound``: of the rating, among assignments with no more strain. ``least``: no assignment has less strain.
    ``best``: the rating is the highest, up to rounding. ``failed``: the solver did not work. ``first``:
    no other as good has lower radiologists, row after row.
    """

    radiologist: IntArray
    bound: float
    least: bool
    best: bool
    failed: bool
    first: bool = False


def assign(
    problem: AssignmentProblem, usable: BoolArray, gap: float, allowance: Allowance, first: bool = False
) -> Outlook:
    """Assign every row that has a usable pair; the stages share what is allowed. ``first``: see
    ``least_cost``."""
    fits = fitting_pairs(problem, usable)
    everyone_fits = bool((fits.any(axis=1) == usable.any(axis=1)).all())
    if everyone_fits and np.count_nonzero(usable) > (MANY if gap > 0 else LARGE):
        priced = _by_prices(problem, usable, fits, gap, allowance)
        if priced is not None:
            return priced
    start = constructed(problem, usable) if math.isfinite(allowance.end) else None
    kept_at_start = start is not None and _relative(problem, start) == 0
    failed = False
    if everyone_fits:
        part = allowance if kept_at_start else allowance.part(0.5)
        known = start if kept_at_start else None
        outlook = _rated(problem, fits, Strain(0.0, 0.0), gap, part, known, first)
        if isinstance(outlook, Outlook):
            return outlook
        failed = outlook.state == "failed"

    least = _least_strain(problem, usable, allowance.part(0.5), start)
    chosen = constructed(problem, usable) if least.chosen is None else least.chosen
    strain = strain_of(problem, relaxations(problem, chosen))
    pairs = usable if strain.relative > 0 else fits
    outlook = _rated(problem, pairs, strain, gap, allowance, chosen, first)
    if not isinstance(outlook, Outlook):  # the solver rejects the very answer it was shown
        top = objective_of(problem, np.where(pairs, problem.rating, -np.inf).argmax(axis=1))
        outlook = Outlook(chosen, top, least=False, best=False, failed=True)
    is_least = strain.relative == 0 or least.state == "optimal"
    failed = not is_least and (failed or least.state == "failed")
    return replace(outlook, least=is_least, failed=outlook.failed or failed)


def _by_prices(
    problem: AssignmentProblem, usable: BoolArray, fits: BoolArray, gap: float, allowance: Allowance
) -> Outlook | None:
    """By prices; what these leave open is solved on the pairs worth keeping.

    None when no assignment within the limits was found and a programme can hold all pairs; when it cannot,
    the one with the least strain found is the answer.
    """
    best = rough(problem, fits, gap, allowance)
    objective = objective_of(problem, best.chosen)
    if not best.keeps:
        if np.count_nonzero(usable) <= HUGE:
            return None
        top = objective_of(problem, best_rated(problem, usable))
        return Outlook(best.chosen, top, least=False, best=False, failed=False)
    outlook = Outlook(best.chosen, max(best.bound, objective), True, best.bound <= objective, False)
    if relative_gap(outlook.bound, objective) <= gap or allowance.over():
        return outlook
    kept_pairs, all_of_them = worth_keeping(problem, fits, best, KEPT)
    closer = _rated(problem, kept_pairs, Strain(0.0, 0.0), gap, allowance, best.chosen)
    if not isinstance(closer, Outlook):
        return replace(outlook, failed=closer.state == "failed")
    if all_of_them:
        return replace(closer, bound=min(closer.bound, outlook.bound))
    return replace(closer, bound=outlook.bound, best=False)


def _relative(problem: AssignmentProblem, assignment: IntArray) -> float:
    return strain_of(problem, relaxations(problem, assignment)).relative


def _least_strain(
    problem: AssignmentProblem, usable: BoolArray, allowance: Allowance, hint: IntArray | None
) -> Found:
    core = core_of(problem, usable)
    stage = Stage(core, np.zeros(core.row.size), priced=True)

    def audit(assignment: IntArray) -> Measured:
        return Measured(_relative(problem, assignment))

    return least_cost(stage, audit, _polish(problem, usable, stage, 0.0, 1.0), 0.0, allowance, hint)


def _rated(
    problem: AssignmentProblem,
    pairs: BoolArray,
    most: Strain,
    gap: float,
    allowance: Allowance,
    hint: IntArray | None,
    first: bool = False,
) -> Outlook | Found:
    """The highest rating at no more strain than ``most``; a ``Found`` without assignment if there is none."""
    core = core_of(problem, pairs)
    rating = problem.rating[core.row, core.radiologist]
    top = np.maximum.reduceat(rating, core.first)
    regret = np.repeat(top, np.diff(core.first, append=rating.size)) - rating
    scale = float(regret.max()) or 1.0
    best_total = math.fsum(top.tolist())
    offset, cost = -best_total / scale if gap else 0.0, regret / scale
    stage = Stage(core, cost, budget=most.relative, offset=offset, step=common_step(cost))
    polish = _polish(problem, pairs, stage, 1 / scale, _HARD)
    found = least_cost(stage, _rating_audit(problem, stage, most), polish, gap, allowance, hint, first)
    if found.chosen is None:
        return found
    objective = objective_of(problem, found.chosen)
    bound = max(objective, best_total - scale * max(found.bound, 0.0))
    best = proven(stage, found.cost, found.bound, 0.0)
    highest = objective if best else bound
    return Outlook(found.chosen, highest, True, best, found.state == "failed", best and found.first)


def _polish(
    problem: AssignmentProblem, pairs: BoolArray, stage: Stage, worth: float, penalty: float
) -> Polish:
    of = scaled(problem, pairs)

    def polish(assignment: IntArray, multiplier: FloatArray) -> IntArray:
        price = np.zeros(problem.shape[1])
        for sack, amount in zip(stage.core.knapsacks, multiplier.tolist(), strict=True):
            if sack.kind == "effort":
                price[sack.index] = amount / sack.share
        better = assignment.copy()
        better[of.rows] = exchanged(of, assignment[of.rows], penalty, worth, price)
        return better

    return polish


def _rating_audit(problem: AssignmentProblem, stage: Stage, most: Strain) -> Audit:
    def audit(assignment: IntArray) -> Measured:
        cost = math.fsum(stage.cost[located(stage.core, assignment)].tolist())
        over = [
            item for item in relaxations(problem, assignment) if item.kind != "unassigned" and item.limit > 0
        ]
        if not stage.soft:
            return Measured(cost, tuple(_rows_on(problem, assignment, item) for item in over))
        strain = strain_of(problem, tuple(over))
        if strain.at_most(Strain(0.0, most.relative)):
            return Measured(cost)
        return Measured(cost, (np.flatnonzero(assignment >= 0),))

    return audit


def _rows_on(problem: AssignmentProblem, assignment: IntArray, item: Relaxation) -> IntArray:
    if item.kind == "effort":
        return np.flatnonzero(assignment == item.index)
    return np.flatnonzero((assignment >= 0) & (problem.unit_of[assignment] == item.index))
