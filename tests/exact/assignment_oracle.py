"""Brute force over every assignment, in rational numbers, and the small problems it is asked about."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import product

import numpy as np

from simgrid.assignment import TOLERANCE, AssignmentProblem

_TOLERANCE = Fraction(TOLERANCE)


@dataclass(frozen=True)
class Best:
    """The best there is: unassigned rows, the two parts of the strain, and the rating."""

    unassigned: int
    on_closed: Fraction
    relative: Fraction
    rating: Fraction


def _close(value: Fraction, least: Fraction) -> bool:
    return value <= least + _TOLERANCE * max(Fraction(1), least)


def brute_force(problem: AssignmentProblem) -> Best:
    """Try everything: fewest unassigned, least excess on closed limits, least excess, best rating."""
    S, R, _ = problem.shape
    options = [[j for j in range(R) if problem.eligible[i, j]] or [-1] for i in range(S)]
    parts = _Parts(problem)
    tried = [parts.judged(chosen) for chosen in product(*options)]
    closed = min(item.on_closed for item in tried)
    tried = [item for item in tried if _close(item.on_closed, closed)]
    relative = min(item.relative for item in tried)
    rating = max(item.rating for item in tried if _close(item.relative, relative))
    return Best(tried[0].unassigned, closed, relative, rating)


class _Parts:
    """What each radiologist and each unit adds, by the set of its rows (a bit each): few sets, many
    assignments."""

    def __init__(self, problem: AssignmentProblem) -> None:
        self.unit_of, self.units = problem.unit_of.tolist(), problem.storage_bytes.size
        self.rating, self.effort = _rational(problem.rating), _rational(problem.pair_effort)
        factor = Fraction(problem.storage_factor)
        self.stored = [factor * Fraction(size) for size in problem.size_bytes.tolist()]
        self.limit = [Fraction(v) if np.isfinite(v) else None for v in problem.effort_limit.tolist()]
        self.free = [Fraction(v) if np.isfinite(v) else None for v in problem.storage_bytes.tolist()]
        self.most = Fraction(float(problem.effort.max(initial=0.0)))
        self.largest = max(self.stored, default=Fraction(0))
        self.reader, self.unit = cache(self._reader), cache(self._unit)

    def judged(self, chosen: tuple[int, ...]) -> Best:
        rows, stored = [0] * len(self.limit), [0] * self.units
        for i, j in enumerate(chosen):
            if j >= 0:
                rows[j] |= 1 << i
                if self.units:
                    stored[self.unit_of[j]] |= 1 << i
        parts = [self.reader(j, own) for j, own in enumerate(rows) if own]
        parts += [self.unit(u, own) for u, own in enumerate(stored) if own]
        closed, relative, rating = (sum((one[k] for one in parts if one[k]), Fraction(0)) for k in range(3))
        return Best(chosen.count(-1), closed, relative, rating)

    def _reader(self, j: int, rows: int) -> tuple[Fraction, Fraction, Fraction]:
        effort = sum((self.effort[i][j] for i in _bits(rows)), Fraction(0))
        rating = sum((self.rating[i][j] for i in _bits(rows)), Fraction(0))
        return (*_strain(effort, self.limit[j], self.most), rating)

    def _unit(self, u: int, rows: int) -> tuple[Fraction, Fraction, Fraction]:
        load = sum((self.stored[i] for i in _bits(rows)), Fraction(0))
        return (*_strain(load, self.free[u], self.largest), Fraction(0))


def _rational(numbers: np.ndarray) -> list[list[Fraction]]:
    return [[Fraction(v) for v in row] for row in numbers.tolist()]


def _bits(rows: int) -> list[int]:
    return [i for i in range(rows.bit_length()) if rows >> i & 1]


def _strain(load: Fraction, limit: Fraction | None, largest: Fraction) -> tuple[Fraction, Fraction]:
    """Excess over a limit of 0, and over any other, each by its own measure."""
    if limit is None or load <= limit * (1 + _TOLERANCE):
        return Fraction(0), Fraction(0)
    return (load / largest, Fraction(0)) if limit == 0 else (Fraction(0), (load - limit) / limit)


def _loose(rng: np.random.Generator, S: int, R: int, slack: float = 1.5, storage: bool = True) -> dict:
    U = int(rng.integers(1, R + 1))
    effort = rng.uniform(0.5, 9, S)
    size = rng.uniform(1e6, 2e9, S)
    fields = {
        "rating": rng.random((S, R)),
        "effort": effort,
        "effort_limit": rng.dirichlet(np.full(R, 3.0)) * effort.sum() * slack,
        "eligible": rng.random((S, R)) < 0.85,
    }
    if storage:
        unit_of = np.arange(R) % U
        free = rng.dirichlet(np.full(U, 5.0)) * size.sum() * slack
        fields |= {"size_bytes": size, "unit_of": unit_of, "storage_bytes": free, "storage_factor": 1.25}
    return fields


def _integers(rng: np.random.Generator, S: int, R: int) -> dict:
    fields = _loose(rng, S, R, storage=False)
    fields["rating"] = rng.integers(-3, 4, (S, R))
    fields["effort"] = rng.integers(0, 5, S)
    fields["effort_limit"] = rng.integers(1, 8, R)
    return fields


def _ties(rng: np.random.Generator, S: int, R: int) -> dict:
    fields = _loose(rng, S, R, slack=1.1)
    fields["rating"] = rng.integers(0, 2, (S, R)) * 0.1
    fields["effort"] = np.full(S, 0.1)
    fields["effort_limit"] = rng.integers(0, 4, R) * 0.1
    return fields


def _pair_effort(rng: np.random.Generator, S: int, R: int) -> dict:
    fields = _loose(rng, S, R, slack=0.9)
    fields["effort"] = rng.uniform(0, 5, (S, R)) * (rng.random((S, R)) < 0.8)
    return fields


def _zero_limits(rng: np.random.Generator, S: int, R: int) -> dict:
    fields = _loose(rng, S, R)
    fields["effort_limit"] = fields["effort_limit"] * (rng.random(R) < 0.5)
    fields["storage_bytes"] = fields["storage_bytes"] * (rng.random(fields["storage_bytes"].size) < 0.5)
    fields["effort"] = rng.integers(0, 3, S)
    return fields


def _wide(rng: np.random.Generator, S: int, R: int) -> dict:
    fields = _loose(rng, S, R, slack=1.0)
    fields["rating"] = fields["rating"] * 10.0 ** rng.integers(-6, 7)
    fields["effort_limit"] = fields["effort_limit"] * 10.0 ** rng.integers(-3, 4, R)
    fields["effort"] = fields["effort"] * 10.0 ** rng.integers(-2, 3, S)
    return fields


def _unlimited(rng: np.random.Generator, S: int, R: int) -> dict:
    fields = _loose(rng, S, R, slack=0.6)
    fields["effort_limit"] = np.where(rng.random(R) < 0.4, np.inf, fields["effort_limit"])
    fields["storage_bytes"] = np.where(
        rng.random(fields["storage_bytes"].size) < 0.4, np.inf, fields["storage_bytes"]
    )
    return fields


def _barred(rng: np.random.Generator, S: int, R: int) -> dict:
    fields = _loose(rng, S, R, slack=0.8)
    fields["eligible"] = rng.random((S, R)) < 0.4
    return fields


def _storage_bound(rng: np.random.Generator, S: int, R: int) -> dict:
    fields = _loose(rng, S, R, slack=3.0)
    fields["storage_bytes"] = fields["storage_bytes"] * rng.uniform(0.2, 0.5)
    return fields


FLAVOURS: dict[str, Callable[[np.random.Generator, int, int], dict]] = {
    "loose": _loose,
    "tight": lambda rng, S, R: _loose(rng, S, R, slack=1.05),
    "overloaded": lambda rng, S, R: _loose(rng, S, R, slack=0.6),
    "without storage": lambda rng, S, R: _loose(rng, S, R, slack=0.95, storage=False),
    "storage-bound": _storage_bound,
    "integers": _integers,
    "ties": _ties,
    "effort by pair": _pair_effort,
    "limits of zero": _zero_limits,
    "wide scales": _wide,
    "no limits": _unlimited,
    "few eligible": _barred,
}


def small_problem(flavour: str, rng: np.random.Generator) -> AssignmentProblem:
    """A random problem of at most 5 x 3 (or 7 x 2), small enough to try every assignment."""
    S, R = ((int(rng.integers(0, 6)), 3), (int(rng.integers(4, 8)), 2), (3, 4), (2, 1))[rng.integers(0, 4)]
    return AssignmentProblem(**FLAVOURS[flavour](rng, S, R))
