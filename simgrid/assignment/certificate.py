"""Checks any answer against the problem: no solver, exact arithmetic, and nothing taken from the answer on
trust.

Loads, excesses and the objective are recomputed in rational numbers, independently of ``answer``. What
cannot be checked without solving is that ``bound`` is as low as it says and that the strain is the least:
the tests compare these with brute force.
"""

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from math import isfinite, isinf

import numpy as np

from simgrid.assignment.answer import UNASSIGNED, Answer, Kind, Relaxation
from simgrid.assignment.problem import TOLERANCE, AssignmentProblem

Place = tuple[Kind, int]

_STATUSES = ("optimal", "within_gap", "time_limit", "invalid")
# Loads are exact here and correctly rounded in the answer: one part in a million of the tolerance covers
# the rounding.
_ROUNDING = TOLERANCE * 1e-6
_LARGEST_WHOLE = 10**300  # far beyond any sum, and a float can hold it


@dataclass(frozen=True, slots=True)
class Certificate:
    """``valid`` when there are no ``violations``; each violation names its place and both numbers."""

    violations: tuple[str, ...]

    @property
    def valid(self) -> bool:
        """Whether the answer is what it says it is."""
        return not self.violations


def certify(problem: AssignmentProblem, answer: Answer) -> Certificate:
    """Check that an answer keeps eq. 3 to 6 of the study except where ``relaxed`` says so, and says so truly.

    Every eligible row has exactly one eligible radiologist; every exceeded limit is reported with its
    excess and nothing else is; objective, bound and gap agree with each other and with the ratings. Never
    raises for a wrong answer, not even for one whose fields are of another kind.
    """
    unusable = _kind_faults(answer) or _shape_faults(problem, answer)
    if unusable:
        return Certificate(tuple(unusable))
    chosen = answer.radiologist.tolist()
    faults = _pair_faults(problem, chosen)
    if not faults:
        faults += _relaxed_faults(problem, answer, chosen)
    faults += _number_faults(problem, answer, chosen)
    return Certificate(tuple(faults))


def _kind_faults(answer: Answer) -> list[str]:
    """Fields that cannot even be compared: the other checks rely on their kinds."""
    faults = []
    chosen: object = answer.radiologist
    if not isinstance(chosen, np.ndarray):
        faults.append(f"radiologist is a {type(chosen).__name__}: it must be an array of indices")
    for name in ("objective", "bound", "gap"):
        if not _is_number(value := getattr(answer, name)):
            faults.append(f"{name} is {value!r}: it must be a number")
    relaxed: object = answer.relaxed
    if not isinstance(relaxed, (tuple, list)):
        return [*faults, f"relaxed is {relaxed!r}: it must be a tuple of Relaxation"]
    wrong = [(place, item) for place, item in enumerate(relaxed) if not _is_entry(item)]
    return faults + [f"relaxed[{place}] is {item!r}: it must be a Relaxation" for place, item in wrong]


def _is_entry(item: object) -> bool:
    """Whether it is a Relaxation whose fields can be looked up and compared."""
    if not isinstance(item, Relaxation):
        return False
    kind: object = item.kind
    index: object = item.index
    named = isinstance(kind, str) and isinstance(index, (int, np.integer))
    return named and _is_number(item.excess) and _is_number(item.limit)


def _is_number(value: object) -> bool:
    """Whether it is a real number that a float can hold; infinite and NaN ones are."""
    if isinstance(value, int):
        return abs(value) <= _LARGEST_WHOLE
    return isinstance(value, (float, np.integer, np.floating))


def _shape_faults(problem: AssignmentProblem, answer: Answer) -> list[str]:
    S, R, _ = problem.shape
    chosen = answer.radiologist
    if chosen.shape != (S,):
        return [f"radiologist has shape {chosen.shape}: the problem has {(S,)}"]
    if chosen.dtype.kind != "i":
        return [f"radiologist has type {chosen.dtype}: indices are integers"]
    outside = np.flatnonzero((chosen < UNASSIGNED) | (chosen >= R)).tolist()
    return [f"radiologist[{row}] is {chosen[row]}: the problem has {R} radiologists" for row in outside]


def _pair_faults(problem: AssignmentProblem, chosen: list[int]) -> list[str]:
    faults = []
    for row, radiologist in enumerate(chosen):
        if radiologist == UNASSIGNED:
            able = np.flatnonzero(problem.eligible[row]).tolist()
            if able:
                faults.append(f"row {row} is unassigned although radiologist {able[0]} is eligible")
        elif not problem.eligible[row, radiologist]:
            faults.append(f"row {row} is with radiologist {radiologist}, who is not eligible")
    return faults


def _true_excesses(problem: AssignmentProblem, chosen: list[int]) -> dict[Place, tuple[Fraction, float]]:
    """Exact excess and limit of all that is exceeded, and 1 of 1 for each unassigned row."""
    effort: dict[int, Fraction] = {}
    stored: dict[int, Fraction] = {}
    factor, units = Fraction(problem.storage_factor), problem.storage_bytes.size
    by_pair = problem.effort.ndim == 2
    found: dict[Place, tuple[Fraction, float]] = {}
    for row, j in enumerate(chosen):
        if j == UNASSIGNED:
            found["unassigned", row] = (Fraction(1), 1.0)
            continue
        points = problem.effort[row, j] if by_pair else problem.effort[row]
        effort[j] = effort.get(j, Fraction(0)) + Fraction(float(points))
        if units:
            unit = int(problem.unit_of[j])
            stored[unit] = stored.get(unit, Fraction(0)) + factor * Fraction(float(problem.size_bytes[row]))
    found |= _exceeded("effort", effort, problem.effort_limit.tolist())
    return found | _exceeded("storage", stored, problem.storage_bytes.tolist())


def _exceeded(
    kind: Kind, loads: dict[int, Fraction], limits: list[float]
) -> dict[Place, tuple[Fraction, float]]:
    finite = {(kind, k): (load, limits[k]) for k, load in loads.items() if not isinf(limits[k])}
    return {place: (load - Fraction(limit), limit) for place, (load, limit) in finite.items() if load > limit}


def _relaxed_faults(problem: AssignmentProblem, answer: Answer, chosen: list[int]) -> list[str]:
    true = _true_excesses(problem, chosen)
    faults = []
    listed = Counter((item.kind, item.index) for item in answer.relaxed)
    faults += [f"relaxed lists {kind} {k} {n} times" for (kind, k), n in listed.items() if n > 1]
    for (kind, index), (excess, limit) in true.items():
        must_report = excess > Fraction(limit) * Fraction(TOLERANCE + _ROUNDING)
        if must_report and (kind, index) not in listed:
            faults.append(f"{kind} {index} exceeds its limit {limit:g} by {float(excess):g}, not in relaxed")
    return faults + [fault for item in answer.relaxed for fault in _entry_faults(item, true)]


def _entry_faults(item: Relaxation, true: dict[Place, tuple[Fraction, float]]) -> list[str]:
    name = f"{item.kind} {item.index}"
    excess, limit = true.get((item.kind, item.index), (Fraction(0), 0.0))
    if excess <= Fraction(limit) * Fraction(TOLERANCE - _ROUNDING):
        return [f"relaxed lists {name}, which keeps its limit"]
    if item.limit != limit or not _agree(item.excess, excess, Fraction(limit)):
        said = f"an excess of {item.excess:g} over {item.limit:g}"
        return [f"relaxed gives {name} {said}: it is {float(excess):g} over {limit:g}"]
    return []


def _number_faults(problem: AssignmentProblem, answer: Answer, chosen: list[int]) -> list[str]:
    faults = []
    rated = [Fraction(float(problem.rating[row, j])) for row, j in enumerate(chosen) if j != UNASSIGNED]
    total, size = sum(rated, Fraction(0)), sum(map(abs, rated), Fraction(0))
    objective, bound = answer.objective, answer.bound
    if not (isfinite(objective) and isfinite(bound) and isfinite(answer.gap)):
        return [f"objective {objective}, bound {bound} and gap {answer.gap} must be finite"]
    if not _agree(objective, total, size):
        said = f"objective is {objective:.12g}"
        faults.append(f"{said}: the ratings of the assigned pairs sum to {float(total):.12g}")
    if bound < objective:
        faults.append(f"bound {bound:.12g} is below the objective {objective:.12g}")
    gap = (bound - objective) / max(abs(bound), 1e-12)
    if abs(gap - answer.gap) > TOLERANCE * max(1.0, abs(gap)):
        faults.append(f"gap is {answer.gap:g}: bound and objective make it {gap:g}")
    status: object = answer.status
    if not (isinstance(status, str) and status in _STATUSES):
        faults.append(f"status is {status!r}: it must be one of {', '.join(_STATUSES)}")
    elif status == "optimal" and gap > TOLERANCE:
        faults.append(f"status is optimal with a gap of {gap:g}")
    return faults


def _agree(said: float, true: Fraction, size: Fraction) -> bool:
    """Equal up to rounding, at the scale of what was summed."""
    return isfinite(said) and abs(Fraction(float(said)) - true) <= Fraction(_ROUNDING) * max(abs(true), size)
