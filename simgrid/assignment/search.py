"""One stage solved to proof: linear programme, few pairs, mixed-integer programme, audit.

The linear programme's duals give a Lagrangian bound and a regret per pair. Pairs whose regret exceeds the
distance between bound and best known cost cannot improve on it, so the mixed-integer programme sees only
the others; when it was given too few, its own answer says how many more are needed. What comes back is
decoded to an assignment and measured exactly; a solver's rounding that breaks a limit is cut off and the
search goes on.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from simgrid.assignment.allowance import Allowance
from simgrid.assignment.answer import UNASSIGNED
from simgrid.assignment.bound import Lagrangian, lagrangian
from simgrid.assignment.branching import Judge
from simgrid.assignment.decomposition import Decided, decomposed, first_of_best
from simgrid.assignment.formulation import STEP_SURE, Core, Stage, columns_of, decode, located, programme
from simgrid.assignment.highs import Outcome, State, minimise
from simgrid.assignment.problem import TOLERANCE, FloatArray, IntArray
from simgrid.assignment.sweep import Sweep, reaches, sweep

# Under a node limit, so many pairs want one node: the first node of a large programme takes longest.
_PAIRS_A_NODE = 200
# Rounding answers are rare; this many in one stage means that the data defeat floating point.
_MOST_CUTS = 50
# Pairs a row may bring to the first, guessed core; half of all pairs are as cheap to solve at once.
_GUESSED_PAIRS = 3
# With no more of the pairs than this in reach of a better answer, all of these go in at once.
_QUARTER = 0.25
_HALF = 0.5
# Assignments that the sweeps, one after the other, would have to tell apart if no limit ended any of them;
# partial assignments abreast; how many in all say that the next sweep would have too many; and numbers (rows
# x knapsacks x partial assignments) that a sweep may cost. Beyond that the solver is quicker.
_SWEPT = (1e4, 1e6, 1e9, 1e14, math.inf)
_BRIEF = 2
_WIDEST_SWEEP = 3000
_MANY_STATES = 1500
_NARROWEST_SWEEP = 100
_SWEEP_WORK = 1_500_000


@dataclass(frozen=True, slots=True)
class Measured:
    """The exact cost of an assignment; ``broken``: sets of rows that break the stage as they are assigned."""

    cost: float
    broken: tuple[IntArray, ...] = ()


Audit = Callable[[IntArray], Measured]
# A better assignment near the given one, from that and the multipliers of the knapsacks.
Polish = Callable[[IntArray, FloatArray], IntArray]


@dataclass(frozen=True, slots=True)
class Found:
    """``chosen``: the radiologist of every row, or None; ``bound``: proven least cost of the stage.

    ``state``: optimal (``chosen`` is proven within the gap), infeasible (proven), stopped, failed. ``first``:
    no assignment of the same cost comes before ``chosen``.
    """

    state: State
    chosen: IntArray | None
    cost: float
    bound: float
    first: bool = False


def proven(stage: Stage, cost: float, bound: float, gap: float) -> bool:
    """Whether this cost is within the relative gap of the bound, or no other can lie between."""
    allowed = max(gap * abs(stage.offset + bound) + _rounding(cost), stage.step * STEP_SURE)
    return math.isfinite(cost) and cost - bound <= allowed


def least_cost(
    stage: Stage,
    audit: Audit,
    polish: Polish,
    gap: float,
    allowance: Allowance,
    hint: IntArray | None,
    first: bool = False,
) -> Found:
    """Solve the stage to a relative ``gap`` of offset + cost, starting from the assignment ``hint``.

    ``first``: of several best assignments the one with the lowest radiologists, row after row, where that
    can be told.
    """
    found, proof = _least_cost(stage, audit, polish, gap, allowance, hint, first)
    return found if not first or proof is None else _first(stage, audit, allowance, found, proof, None)


def _first(
    stage: Stage, audit: Audit, allowance: Allowance, found: Found, proof: Lagrangian, known: Decided | None
) -> Found:
    """The first assignment as cheap as the one found, where that one is proven and this can be told."""
    if stage.soft or found.chosen is None or found.first or not proven(stage, found.cost, found.bound, 0.0):
        return found
    pairs = first_of_best(stage, proof, found.cost, _judge(stage, audit), allowance, known)
    if pairs is None:
        return found
    chosen = _assignment(stage.core, pairs)
    measured = audit(chosen)
    return found if measured.broken else replace(found, chosen=chosen, cost=measured.cost, first=True)


def _least_cost(
    stage: Stage,
    audit: Audit,
    polish: Polish,
    gap: float,
    allowance: Allowance,
    hint: IntArray | None,
    first: bool,
) -> tuple[Found, Lagrangian | None]:
    known = Found("stopped", None, math.inf, -math.inf)
    if hint is not None and not (measured := audit(hint)).broken:
        known = Found("stopped", hint, measured.cost, -math.inf)
    if allowance.seconds() == 0:
        return known, None
    relaxation = minimise(programme(stage, [], relaxed=True), seconds=allowance.seconds())
    if relaxation.state == "infeasible":
        return Found("infeasible", None, math.inf, math.inf), None
    if relaxation.row_dual is None:
        return _integer(stage, audit, gap, allowance, known), None
    proof = lagrangian(stage, _prices(stage, relaxation))
    known = Found("stopped", known.chosen, known.cost, proof.bound)
    # Where limits give way only a sweep tells which answer is the first.
    if not proven(stage, known.cost, proof.bound, gap) or (first and stage.soft):
        sizes = _SWEPT if stage.soft else _SWEPT[:_BRIEF]
        known = _swept(stage, audit, allowance, known, proof, sizes, first)
    if (done := _done(stage, known, gap)) is not None:
        return done, proof
    if not stage.soft and allowance.seconds() > 0:
        known = _decomposed(stage, audit, gap, allowance, known, proof, first)
        if (done := _done(stage, known, gap)) is not None:
            return done, proof
    if relaxation.columns is not None and allowance.seconds() > 0:
        near = polish(decode(stage.core, relaxation.columns), proof.multiplier)
        if not (measured := audit(near)).broken and measured.cost < known.cost:
            known = replace(known, chosen=near, cost=measured.cost, first=False)
        if stage.soft and known.chosen is not None and _few_enough(stage, known.cost - proof.bound, proof):
            known = _swept(stage, audit, allowance, known, proof, _SWEPT[-1:], first)
    return _done(stage, known, gap) or _few_pairs(stage, audit, gap, allowance, known, proof), proof


def _done(stage: Stage, known: Found, gap: float) -> Found | None:
    """The outcome when it is certain."""
    if known.chosen is None and known.bound == math.inf:
        return Found("infeasible", None, math.inf, math.inf)
    if proven(stage, known.cost, known.bound, gap):
        return replace(known, state="optimal")
    return None


def _decomposed(
    stage: Stage,
    audit: Audit,
    gap: float,
    allowance: Allowance,
    known: Found,
    proof: Lagrangian,
    first: bool,
) -> Found:
    """What the radiologists' own knapsacks decide, and the solver on the few pairs that they leave."""
    decided = decomposed(stage, proof, known.cost, _judge(stage, audit), gap, allowance)
    if decided is None:
        return known
    if decided.pairs is not None:
        chosen = _assignment(stage.core, decided.pairs)
        known = replace(known, chosen=chosen, cost=decided.cost, first=False)
    known = replace(known, bound=max(known.bound, decided.bound))
    if first:
        known = _first(stage, audit, allowance, known, proof, decided)
    if _done(stage, known, gap) or np.count_nonzero(decided.left) > _HALF * decided.left.size:
        return known
    few = replace(stage, core=stage.core.keep(decided.left), cost=stage.cost[decided.left])
    small = _integer(few, audit, gap, allowance, known)
    best = small if small.cost < known.cost else known
    bound = max(known.bound, min(small.bound, decided.covered))
    return Found("stopped", best.chosen, best.cost, bound)


def _judge(stage: Stage, audit: Audit) -> Judge:
    def judge(pairs: IntArray) -> float | None:
        measured = audit(_assignment(stage.core, pairs))
        return None if measured.broken else measured.cost

    return judge


def _assignment(core: Core, pairs: IntArray) -> IntArray:
    assignment = np.full(core.inspections, UNASSIGNED, dtype=np.int64)
    assignment[core.row[pairs]] = core.radiologist[pairs]
    return assignment


def _swept(
    stage: Stage,
    audit: Audit,
    allowance: Allowance,
    known: Found,
    proof: Lagrangian,
    assignments: Sequence[float],
    first: bool,
) -> Found:
    """Look for the optimum among few pairs, then among more, as long as all of them can be looked at."""
    rows, sacks = stage.core.first.size, max(1, len(stage.core.knapsacks))
    width = min(_WIDEST_SWEEP, _SWEEP_WORK // (rows * sacks + 1))
    if width < _NARROWEST_SWEEP:
        return known
    for far in reaches(stage.core, proof.regret, assignments):
        if allowance.seconds() == 0:
            break
        # Over its limits an assignment may be further from the bound than any of its pairs.
        everything = stage.soft and far >= proof.regret.max()
        reach = known.cost - proof.bound if everything else min(known.cost - proof.bound, far)
        reach += TOLERANCE * max(1.0, abs(proof.bound))
        found = sweep(stage, proof, reach, width)
        candidate, all_broken = _first_allowed(stage.core, audit, found, first)
        if candidate is not None and (candidate.cost < known.cost or first):
            all_ties = found.complete and proof.bound + reach >= candidate.cost + _HALF * _rounding(
                candidate.cost
            )
            known = replace(known, chosen=candidate.chosen, cost=candidate.cost, first=first and all_ties)
        if all_broken or not found.complete:
            break
        hopeless = found.states > _MANY_STATES
        known = replace(known, bound=max(known.bound, min(known.cost, proof.bound + reach)))
        if known.bound >= known.cost or hopeless:
            break
    return known


def _few_enough(stage: Stage, reach: float, proof: Lagrangian) -> bool:
    """Whether a sweep of all that is in reach may end, or at least costs little."""
    small = stage.core.first.size * len(stage.core.knapsacks) <= _SWEEP_WORK // _WIDEST_SWEEP * 2
    return small or any(reach <= far for far in reaches(stage.core, proof.regret, _SWEPT[-2:-1]))


def _first_allowed(core: Core, audit: Audit, found: Sweep, first: bool) -> tuple[Found | None, bool]:
    """The cheapest assignment that the audit allows, if any, and the ``first`` of those when that is wanted;
    whether the search for it was given up."""
    for place, pairs in enumerate(found.pairs[:_MOST_CUTS]):
        assignment = _assignment(core, pairs)
        measured = audit(assignment)
        if not measured.broken:
            cheapest = Found("stopped", assignment, measured.cost, -math.inf)
            return _first_tied(core, audit, found, place, cheapest) if first else cheapest, False
    return None, len(found.pairs) > _MOST_CUTS


def _first_tied(core: Core, audit: Audit, found: Sweep, place: int, cheapest: Found) -> Found:
    """The first in the order of radiologists of those that cost the same as the one at ``place``."""
    most = found.cost[place] + _HALF * _rounding(cheapest.cost)
    tied = found.pairs[: np.searchsorted(found.cost, most, side="right")]
    for pairs in tied[np.lexsort(core.radiologist[tied].T[::-1])]:
        assignment = _assignment(core, pairs)
        measured = audit(assignment)
        if not measured.broken:
            return replace(cheapest, chosen=assignment, cost=min(cheapest.cost, measured.cost))
    return cheapest


def _rounding(cost: float) -> float:
    return TOLERANCE * max(1.0, abs(cost))


def _prices(stage: Stage, relaxation: Outcome) -> FloatArray:
    inspections, sacks = stage.core.first.size, len(stage.core.knapsacks)
    assert relaxation.row_dual is not None  # noqa: S101 - narrowing only
    return -relaxation.row_dual[inspections : inspections + sacks]


def _few_pairs(
    stage: Stage, audit: Audit, gap: float, allowance: Allowance, known: Found, proof: Lagrangian
) -> Found:
    needed = known.cost - proof.bound
    few = np.count_nonzero(proof.regret <= needed) <= _QUARTER * proof.regret.size
    reach = needed if few else min(needed, _guess(stage.core, proof.regret))
    while True:
        kept = proof.regret <= reach + TOLERANCE * max(1.0, abs(proof.bound))
        if np.count_nonzero(kept) > _HALF * kept.size:
            return _integer(stage, audit, gap, allowance, known)
        small = _integer(
            replace(stage, core=stage.core.keep(kept), cost=stage.cost[kept]), audit, gap, allowance, known
        )
        if small.state == "failed":
            return _integer(stage, audit, gap, allowance, known)
        best = small if small.cost < known.cost else known
        # Pairs left out cost more than bound + reach, pairs kept at least what their own search proved.
        bound = max(known.bound, min(small.bound, proof.bound + reach))
        known = Found(small.state, best.chosen, best.cost, bound)
        if proven(stage, known.cost, known.bound, gap):
            return Found("optimal", known.chosen, known.cost, known.bound)
        if small.state == "stopped":
            return Found("stopped", known.chosen, known.cost, known.bound)
        wider = known.cost - proof.bound
        reach = wider if wider > reach and math.isfinite(wider) else math.inf


def _guess(core: Core, regret: FloatArray) -> float:
    wanted = min(regret.size - 1, _GUESSED_PAIRS * core.first.size)
    return float(np.partition(regret, wanted)[wanted])


def _integer(stage: Stage, audit: Audit, gap: float, allowance: Allowance, known: Found) -> Found:
    """Mixed-integer search over every pair of the stage, cutting off what the audit rejects."""
    chosen, cost, bound, cuts = known.chosen, known.cost, known.bound, list[IntArray]()
    for _ in range(_MOST_CUTS):
        if allowance.over() or allowance.nodes < stage.core.row.size / _PAIRS_A_NODE:
            break
        hint = None if chosen is None else columns_of(stage, chosen)
        # A gap relative to the bound, as promised, from one relative to the answer, as HiGHS has it.
        relative = gap / (1 + gap)
        outcome = minimise(programme(stage, cuts), relative, allowance.seconds(), allowance.nodes, hint)
        allowance.spend(outcome.nodes)
        if outcome.state == "failed":
            return Found("failed", chosen, cost, bound)
        bound = max(bound, min(outcome.bound - stage.offset, cost))
        if outcome.state == "infeasible":
            return Found("infeasible" if chosen is None else "optimal", chosen, cost, bound)
        if outcome.columns is not None:
            candidate = decode(stage.core, outcome.columns)
            measured = audit(candidate)
            if not measured.broken and measured.cost < cost:
                chosen, cost = candidate, measured.cost
            cuts += _cuts(stage.core, candidate, measured)
        if proven(stage, cost, bound, gap):
            return Found("optimal", chosen, cost, bound)
        if outcome.state == "stopped":
            break
    return Found("stopped", chosen, cost, bound)


def _cuts(core: Core, candidate: IntArray, measured: Measured) -> list[IntArray]:
    pairs = located(core, candidate)
    if not measured.broken:
        return [pairs]
    return [pairs[np.isin(core.row[pairs], rows)] for rows in measured.broken]
