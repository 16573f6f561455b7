"""The assignment problem as arrays (eq. 3 to 6 of the study) and what "a limit holds" means.

START HERE. Everything else in this room takes an ``AssignmentProblem`` and produces or checks an ``Answer``.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

# The one tolerance of this room. A limit holds when load <= limit * (1 + TOLERANCE), a limit of 0 only when
# the load is exactly 0; two sums of relative excess, or two ratings, count as equal when they differ by
# less than this relative amount. Sums of decimal fractions (ten times 0.1 against 1.0) need it; it is far
# below any real effort.
TOLERANCE = 1e-9

# Sums over a hundred thousand rows must stay finite.
_LARGEST = 1e100
_SHOWN = 20
_STORAGE_FIELDS = ("size_bytes", "unit_of", "storage_bytes", "storage_factor")


class InvalidProblem(ValueError):
    """The arrays do not describe an assignment problem; ``problems`` lists every fault found."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = tuple(problems)
        hidden = len(problems) - _SHOWN
        more = [f"... and {hidden} more (see .problems)"] if hidden > 0 else []
        lines = "\n".join(f"  - {text}" for text in [*problems[:_SHOWN], *more])
        super().__init__(f"this is not an assignment problem ({len(problems)} found):\n{lines}")


@dataclass(frozen=True, slots=True, eq=False, init=False)
class AssignmentProblem:
    """S inspections, R radiologists, U reporting units: eq. 3 to 6 of the study, doi
    10.1016/j.cmpb.2015.10.005.

    - ``rating`` (S, R): how well radiologist j fits inspection i; any finite number, negative ones too.
    - ``effort`` (S,) or (S, R): effort points of the inspection, or of the pair; finite, >= 0.
    - ``effort_limit`` (R,): most effort points a radiologist may receive; >= 0, ``inf`` = no limit.
    - ``eligible`` (S, R) bool: pairs that may be used; omitted = all.
    - ``size_bytes`` (S,), ``unit_of`` (R,) indices into the units, ``storage_bytes`` (U,) free bytes of the
      unit, and ``storage_factor`` (C1 of eq. 6): all four, or none for a problem without storage. The
      radiologists of a unit share its storage.

    The arrays are read-only views. Raises ``InvalidProblem`` naming every faulty cell.
    """

    rating: FloatArray
    effort: FloatArray
    effort_limit: FloatArray
    eligible: BoolArray
    size_bytes: FloatArray
    unit_of: IntArray
    storage_bytes: FloatArray
    storage_factor: float

    def __init__(
        self,
        rating: ArrayLike,
        effort: ArrayLike,
        effort_limit: ArrayLike,
        eligible: ArrayLike | None = None,
        size_bytes: ArrayLike | None = None,
        unit_of: ArrayLike | None = None,
        storage_bytes: ArrayLike | None = None,
        storage_factor: float | None = None,
    ) -> None:
        faults: list[str] = []
        ratings = _numbers("rating", rating, faults)
        if ratings is None or ratings.ndim != 2:
            if ratings is not None:
                expected = "must be an array (S inspections, R radiologists)"
                faults.append(f"rating of shape {ratings.shape} {expected}")
            raise InvalidProblem(faults)
        S, R = ratings.shape
        storage = (size_bytes, unit_of, storage_bytes, storage_factor)
        if all(part is None for part in storage):
            storage = (np.zeros(S), np.zeros(R, dtype=np.int64), np.zeros(0), 0.0)
        missing = [name for name, part in zip(_STORAGE_FIELDS, storage, strict=True) if part is None]
        if missing:
            faults.append(f"{', '.join(missing)} missing: give all of {', '.join(_STORAGE_FIELDS)}, or none")

        _finite("rating", ratings, faults)
        fields: dict[str, Any] = {"rating": ratings}
        fields["effort"] = _amounts("effort", effort, [(S,), (S, R)], faults)
        fields["effort_limit"] = _amounts("effort_limit", effort_limit, [(R,)], faults, limit=True)
        fields["eligible"] = _flags("eligible", eligible, (S, R), faults)
        if not missing:
            fields |= _storage_fields(storage, S, R, faults)
        if faults:
            raise InvalidProblem(faults)
        for name, value in fields.items():
            object.__setattr__(self, name, _read_only(value) if isinstance(value, np.ndarray) else value)

    @property
    def shape(self) -> tuple[int, int, int]:
        """(S, R, U); U is 0 without storage."""
        return (*self.rating.shape, self.storage_bytes.size)

    @property
    def pair_effort(self) -> FloatArray:
        """Effort of every pair, (S, R), without a copy."""
        if self.effort.ndim == 2:
            return self.effort
        return np.broadcast_to(self.effort[:, None], self.rating.shape)

    @property
    def stored_bytes(self) -> FloatArray:
        """What inspection i takes of a unit's storage, (S,): C1 f_i of eq. 6."""
        return self.storage_factor * self.size_bytes

    def with_limits(
        self, effort_limit: FloatArray, storage_bytes: FloatArray, chosen: IntArray | slice = slice(None)
    ) -> "AssignmentProblem":
        """The same problem under other limits, optionally with the chosen inspections only."""
        storage: tuple[Any, ...] = (None, None, None, None)
        if self.storage_bytes.size:
            storage = (self.size_bytes[chosen], self.unit_of, storage_bytes, self.storage_factor)
        return AssignmentProblem(
            self.rating[chosen], self.effort[chosen], effort_limit, self.eligible[chosen], *storage
        )


def exceeds(load: float, limit: float) -> bool:
    """Whether this load breaks this limit: the room's one definition (see ``TOLERANCE``)."""
    return load - limit > TOLERANCE * limit


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    view = array.view()
    view.flags.writeable = False
    return view


def _numbers(name: str, value: ArrayLike, faults: list[str]) -> FloatArray | None:
    try:
        return np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError) as error:
        why = "its rows differ in length" if "inhomogeneous" in str(error) else str(error)
        faults.append(f"{name} must be an array of numbers: {why}")
        return None


def _cells(name: str, bad: BoolArray, describe: Callable[[tuple[int, ...]], str]) -> Iterator[str]:
    for cell in map(tuple, np.argwhere(bad).tolist()):
        yield f"{name}[{', '.join(map(str, cell))}] is {describe(cell)}"


def _finite(name: str, array: FloatArray, faults: list[str]) -> None:
    bad = ~(np.abs(array) <= _LARGEST)
    if bad.any():
        faults.extend(
            _cells(name, bad, lambda c: f"{array[c]}: give a finite number (at most 1e100 in size)")
        )


def _amounts(
    name: str,
    value: ArrayLike,
    shapes: list[tuple[int, ...]],
    faults: list[str],
    limit: bool = False,
) -> FloatArray | None:
    array = _numbers(name, value, faults)
    if array is None:
        return None
    if array.shape not in shapes:
        faults.append(f"{name} has shape {array.shape}: expected {' or '.join(map(str, shapes))}")
        return None
    allowed = (array >= 0) & (array <= _LARGEST)
    if limit:
        allowed |= np.isposinf(array)
    if not allowed.all():
        advice = "give a number >= 0" + (", or inf for no limit" if limit else "")
        faults.extend(_cells(name, ~allowed, lambda c: f"{array[c]}: {advice} (at most 1e100)"))
    return array


def _flags(name: str, value: ArrayLike | None, shape: tuple[int, int], faults: list[str]) -> BoolArray | None:
    if value is None:
        return np.ones(shape, dtype=np.bool_)
    array = _numbers(name, value, faults)
    if array is None:
        return None
    if array.shape != shape:
        faults.append(f"{name} has shape {array.shape}: expected {shape}")
        return None
    strange = ~((array == 0) | (array == 1))
    if strange.any():
        faults.extend(_cells(name, strange, lambda c: f"{array[c]:g}: give True or False (or 1 or 0)"))
        return None
    return array.astype(np.bool_)


def _storage_fields(storage: tuple[Any, ...], S: int, R: int, faults: list[str]) -> dict[str, Any]:
    size, units, free, factor = storage
    fields: dict[str, Any] = {"size_bytes": _amounts("size_bytes", size, [(S,)], faults)}
    free_array = _numbers("storage_bytes", free, faults)
    if free_array is not None:
        expected = (free_array.size,)
        fields["storage_bytes"] = _amounts("storage_bytes", free_array, [expected], faults, limit=True)
        U = free_array.size
        fields["unit_of"] = _units(units, R, U, faults)
    try:
        fields["storage_factor"] = float(factor)
    except (TypeError, ValueError):
        faults.append(f"storage_factor is {factor!r}: give a number >= 0")
    else:
        if not 0 <= fields["storage_factor"] <= _LARGEST:
            faults.append(f"storage_factor is {factor}: give a finite number >= 0 (at most 1e100)")
    return fields


def _units(value: ArrayLike, R: int, U: int, faults: list[str]) -> IntArray | None:
    array = _numbers("unit_of", value, faults)
    if array is None:
        return None
    if array.shape != (R,):
        faults.append(f"unit_of has shape {array.shape}: expected {(R,)}")
        return None
    without_storage = U == 0 and not array.any()
    bad = ~((array >= 0) & (array < U) & (array == np.floor(array)))
    if bad.any() and not without_storage:
        known = f"0 to {U - 1}" if U else "none"
        faults.extend(_cells("unit_of", bad, lambda c: f"{array[c]:g}: storage_bytes knows units {known}"))
        return None
    return array.astype(np.int64)
