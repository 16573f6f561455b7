"""The problems of ``benchmarks.assignment``: batches of a tele-radiology day, and the public recipes of the
generalised assignment problem.

The recipes A to E give n jobs, m agents, an effort per pair and costs to be minimised, all whole numbers;
here a rating is minus the cost. Sources: Chu and Beasley (1997), doi 10.1016/S0305-0548(96)00032-9 (A to D);
Yagiura, Ibaraki and Glover (2006), doi 10.1016/j.ejor.2004.10.025 (E).
"""

from dataclasses import dataclass

import numpy as np

from simgrid.assignment import AssignmentProblem


@dataclass(frozen=True)
class Case:
    """Rows, radiologists, how much more room than work there is, instances, what is special, and the gap."""

    name: str
    S: int
    R: int
    slack: float
    instances: int
    special: str = ""
    gap: float = 0.0


CASES = (
    Case("10x6", 10, 6, 1.6, 15),
    Case("50x9 under-loaded", 50, 9, 50.0, 15),
    Case("50x9 loose", 50, 9, 1.6, 9),
    Case("50x9 mid", 50, 9, 1.2, 9),
    Case("50x9 tight", 50, 9, 1.03, 5),
    Case("50x9 ties", 50, 9, 1.2, 5, "ties"),
    Case("50x9 ties, tight", 50, 9, 1.03, 5, "ties"),
    Case("stuck 18-34x9", 0, 9, 1.05, 7, "shares"),
    Case("stuck 18-34x9 to 1e-4", 0, 9, 1.05, 7, "shares", 1e-4),
    Case("100x9 six kinds", 100, 9, 1.1, 5, "kinds"),
    Case("40x6 effort by pair", 40, 6, 1.2, 5, "pair"),
    Case("200x30 mid", 200, 30, 1.2, 3),
    Case("1464x9 to 1e-4", 1464, 9, 1.05, 3, gap=1e-4),
)
# Public recipes: jobs x agents.
PUBLIC = tuple(
    Case(f"recipe {recipe} {jobs}x{agents}", jobs, agents, 1.0, 1, recipe)
    for recipe in "ABCDE"
    for jobs, agents in ((100, 5), (100, 10), (100, 20), (200, 5), (200, 10), (200, 20))
)
LARGER = (
    Case("200x30 tight", 200, 30, 1.03, 3),
    Case("1464x9 kinds to 1e-4", 1464, 9, 1.05, 3, "kinds", 1e-4),
    Case("5000x50 to 1e-4", 5000, 50, 1.05, 1, gap=1e-4),
)
# Ours alone: nobody else comes near.
LARGEST = (
    Case("20000x200 to 1e-4", 20_000, 200, 1.05, 1, gap=1e-4),
    Case("100000x500 to 1e-4", 100_000, 500, 1.05, 1, gap=1e-4),
)


def problem_of(case: Case, seed: int) -> AssignmentProblem:
    """The case's instance: efforts of 1 to 20 points, ratings squared so that experts stand out."""
    if case.special in ("A", "B", "C", "D", "E"):
        return recipe(case.special, case.S, case.R, seed)
    rng = np.random.default_rng([seed, case.S, case.R])
    S, R = case.S or int(rng.integers(18, 35)), case.R
    effort, size = rng.integers(1, 21, S).astype(float), rng.lognormal(17, 1, S)
    rating = rng.random((S, R))
    rating *= rating
    if case.special == "ties":
        rating = np.round(rating * 3) / 3
    if case.special == "kinds":
        # Six kinds of study: rows of a kind have the same effort and ratings.
        kind = rng.integers(0, 6, S)
        rating, effort = rating[kind], effort[kind]
    limit = np.full(R, effort.sum() / R * case.slack)
    if case.special == "pair":
        effort = rng.integers(5, 26, (S, R)).astype(float)
        limit = np.full(R, effort.min(axis=1).sum() / R * case.slack * 1.6)
    if case.special == "shares":
        # Each radiologist's share of all work so far, plus one largest effort, minus what was read before.
        past = rng.dirichlet(np.full(R, 40.0)) * 20 * effort.sum()
        limit = np.maximum((past.sum() + effort.sum()) / R * case.slack + effort.max() - past, 0.0)
    U = max(1, R // 3)
    free = np.full(U, size.sum() / U * max(case.slack, 1.3))
    eligible = rng.random((S, R), dtype=np.float32) < 0.9
    return AssignmentProblem(rating, effort, limit, eligible, size, np.arange(R) % U, free, 1.0)


def recipe(kind: str, jobs: int, agents: int, seed: int) -> AssignmentProblem:
    """A generalised assignment problem of type ``kind``, A to E, as one of highest rating."""
    rng = np.random.default_rng([seed, jobs, agents, ord(kind)])
    effort = rng.integers(5, 26, (jobs, agents)).astype(float)
    cost = rng.integers(10, 51, (jobs, agents)).astype(float)
    if kind in "AB":
        # The load of the busiest agent when every job goes where it costs least.
        cheapest = cost.argmin(axis=1)
        busiest = np.bincount(cheapest, effort[np.arange(jobs), cheapest], agents).max()
        limit = np.full(agents, np.floor(0.6 * 15 * jobs / agents + 0.4 * busiest))
        return AssignmentProblem(-cost, effort, limit if kind == "A" else np.floor(0.7 * limit))
    if kind == "D":
        effort = rng.integers(1, 101, (jobs, agents)).astype(float)
        cost = 111 - effort + rng.integers(-10, 11, (jobs, agents))
    if kind == "E":
        effort = np.floor(1 - 10 * np.log(1 - rng.random((jobs, agents))))
        cost = np.floor(1000 / effort - 10 * rng.random((jobs, agents)))
    return AssignmentProblem(-cost, effort, np.floor(0.8 * effort.sum(axis=0) / agents))
