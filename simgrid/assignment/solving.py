"""``solve``: the door to everything in this room that decides (eq. 3 to 6 of the study)."""

import math
from typing import TypeGuard

import numpy as np

from simgrid.assignment.allowance import Allowance
from simgrid.assignment.answer import (
    Answer,
    Status,
    effort_loads,
    objective_of,
    relative_gap,
    relaxations,
    storage_loads,
)
from simgrid.assignment.formulation import usable_pairs
from simgrid.assignment.greedy import best_rated
from simgrid.assignment.problem import AssignmentProblem, IntArray
from simgrid.assignment.relax import Outlook, assign


def solve(
    problem: AssignmentProblem,
    gap: float = 0.0,
    time_limit_s: float | None = None,
    *,
    node_limit: int | None = None,
    canonical: bool = False,
) -> Answer:
    """Assign every inspection that has an eligible radiologist; highest sum of ratings (eq. 3 to 6 of the
    study).

    Limits hold whenever they can. When they cannot: fewest unassigned rows (those without an eligible
    radiologist), then the least strain (see ``Strain``), then the rating; ``Answer.relaxed`` lists what was
    exceeded.

    ``gap``: accept an answer whose rating is proven within this relative gap, 0 = the best.
    ``time_limit_s``: wall seconds after which the best answer so far is returned with its bound;
    construction of a first answer is not cut short. ``node_limit``: the same after so many nodes of branch
    and bound, over all stages; without a time limit no clock is read and the answer is the same on every
    machine. ``canonical``: of several best assignments the one whose radiologists, row after row, have the
    lowest indices, whichever one a search met first. ``Answer.first`` says whether that is proven: not
    where the answer is not proven optimal, where limits cannot hold and a sweep over all assignments within
    reach does not end, where telling the ties apart takes too many partial assignments, or from some hundred
    thousand pairs on. Raises ``ValueError`` for a gap or a limit below 0. Source: doi
    10.1016/j.cmpb.2015.10.005.
    """
    _check(gap, time_limit_s, node_limit)
    usable = usable_pairs(problem)
    greedy = best_rated(problem, usable)
    relaxed = relaxations(problem, greedy)
    if not [item for item in relaxed if item.kind != "unassigned" and item.limit > 0]:
        rating = objective_of(problem, greedy)  # nothing can be better, and this is most batches
        return Answer(greedy, rating, rating, 0.0, "optimal", relaxed, first=True)
    allowance = Allowance.of(time_limit_s, node_limit)
    return _answer(problem, assign(problem, usable, gap, allowance, canonical), gap)


def solve_in_chunks(
    problem: AssignmentProblem,
    chunk_size: int,
    gap: float = 0.0,
    time_limit_s: float | None = None,
    *,
    node_limit: int | None = None,
    canonical: bool = False,
) -> Answer:
    """The study's workaround for large batches: rows in order, ``chunk_size`` at a time, on the limits
    still left.

    Loses rating and may exceed limits that a joint assignment keeps. ``bound`` is the sum of the best
    eligible ratings; the status is ``time_limit`` unless that bound, or a single chunk, proves more. The time
    limit is for all chunks together, the node limit for each; ``canonical`` is about each chunk. Raises
    ``ValueError`` for a chunk size below 1.
    """
    _check(gap, time_limit_s, node_limit)
    if not (_is_number(chunk_size) and 1 <= chunk_size < math.inf and chunk_size == int(chunk_size)):
        raise ValueError(f"chunk_size is {chunk_size!r}: give a whole number, at least 1")
    chunk_size = int(chunk_size)
    S, _, _ = problem.shape
    if chunk_size >= S:
        return solve(problem, gap, time_limit_s, node_limit=node_limit, canonical=canonical)
    allowance = Allowance.of(time_limit_s, None)
    chosen = np.full(S, -1, dtype=np.int64)
    for begin in range(0, S, chunk_size):
        rows = np.arange(begin, min(begin + chunk_size, S))
        chunks_left = -(-(S - begin) // chunk_size)
        seconds = None if time_limit_s is None else allowance.seconds() / chunks_left
        rest = _remaining(problem, chosen, rows)
        answer = solve(rest, gap, seconds, node_limit=node_limit, canonical=canonical)
        chosen[rows] = answer.radiologist
    bound = objective_of(problem, best_rated(problem, problem.eligible))
    kept = all(item.kind == "unassigned" for item in relaxations(problem, chosen))
    return _answer(problem, Outlook(chosen, bound, kept, False, False), gap)


def _check(gap: object, time_limit_s: object, node_limit: object) -> None:
    faults = []
    if not (_is_number(gap) and 0 <= gap < math.inf):
        faults.append(f"gap is {gap!r}: give a finite number >= 0 (0 = the best answer)")
    if time_limit_s is not None and not (_is_number(time_limit_s) and time_limit_s >= 0):
        faults.append(f"time_limit_s is {time_limit_s!r}: give seconds >= 0, or None for no limit")
    if node_limit is not None and not (
        _is_number(node_limit) and 0 <= node_limit < math.inf and node_limit == int(node_limit)
    ):
        faults.append(f"node_limit is {node_limit!r}: give a whole number >= 0, or None for no limit")
    if faults:
        raise ValueError("; ".join(faults))


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, (int, float, np.integer, np.floating))


def _remaining(problem: AssignmentProblem, chosen: IntArray, rows: IntArray) -> AssignmentProblem:
    effort = problem.effort_limit - np.array(effort_loads(problem, chosen))
    storage = problem.storage_bytes - np.array(storage_loads(problem, chosen))
    return problem.with_limits(np.maximum(effort, 0.0), np.maximum(storage, 0.0), rows)


def _answer(problem: AssignmentProblem, outlook: Outlook, gap: float) -> Answer:
    objective = objective_of(problem, outlook.radiologist)
    bound = max(outlook.bound, objective)
    distance = relative_gap(bound, objective)
    status: Status = "invalid" if outlook.failed else "time_limit"
    if outlook.least and (outlook.best or distance == 0):
        status = "optimal"
    elif outlook.least and distance <= gap:
        status = "within_gap"
    relaxed = relaxations(problem, outlook.radiologist)
    first = outlook.first and status == "optimal"
    return Answer(outlook.radiologist, objective, bound, distance, status, relaxed, first)
