"""What is sent: a flow, a change of capacity, and the checks at the door.

Sizes are bytes, rates and capacities bits per second, times seconds. A path is a set of links crossed
at the same time; naming a link twice is refused, because it is either a slip or a loop, and reading
it as "once" would hide both.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Real

from simgrid.domain.units import BITS_PER_BYTE, BitsPerSecond, Bytes, Seconds

SMALLEST_WEIGHT = 1e-60
LARGEST_WEIGHT = 1e60

# Two moments that differ by less than this share of a flow's duration are one instant that rounding split.
SAME_INSTANT = 1e-12


@dataclass(frozen=True, slots=True)
class Flow:
    """One transfer: ``weight`` parallel streams' worth of share, never faster than ``cap_bps``."""

    start_s: Seconds
    size_bytes: Bytes
    path: Sequence[str]
    weight: float = 1.0
    cap_bps: BitsPerSecond | None = None


@dataclass(frozen=True, slots=True)
class CapacityChange:
    """From ``at_s`` on ``link`` carries ``capacity_bps``; 0 is an outage."""

    at_s: Seconds
    link: str
    capacity_bps: BitsPerSecond


def check_capacities(capacity_bps: Mapping[str, BitsPerSecond]) -> None:
    """Every link starts with a positive capacity (``math.inf`` is allowed: it never limits)."""
    if not isinstance(capacity_bps, Mapping):
        raise ValueError(  # noqa: TRY004 (like the rest, so that one handler at the door sees every problem)
            f"capacity_bps must map each link to its bits per second, got {capacity_bps!r}"
        )
    bad = [f"{link!r}: {value!r}" for link, value in capacity_bps.items() if not _above(0, value)]
    if bad:
        raise ValueError(
            f"capacity_bps must be positive numbers, got {', '.join(bad)}; "
            "a link that is down from the start needs a capacity change to 0 at the start"
        )


def check_path(path: Sequence[str], links: Collection[str]) -> tuple[str, ...]:
    """The path as a tuple; ValueError when it is empty, unknown or crosses a link twice."""
    if isinstance(path, str):
        raise ValueError(f"path must be a sequence of names, got {path!r}; write ({path!r},)")  # noqa: TRY004
    if not isinstance(path, Iterable):
        raise ValueError(f"path must be a sequence of names, got {path!r}")  # noqa: TRY004
    names = tuple(path)
    if not names:
        raise ValueError("path is empty; a flow needs at least one link (leave local copies out)")
    unknown = [name for name in names if not _is_link(name, links)]
    if unknown:
        raise ValueError(f"path {names!r}: unknown link {', '.join(map(repr, unknown))}")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"path {names!r}: has {', '.join(map(repr, twice))} twice; name it once")
    return names


def check_flow(size_bytes: Bytes, weight: float, cap_bps: BitsPerSecond | None) -> None:
    """ValueError naming every number of a flow that cannot be meant."""
    problems = []
    if not (_is_number(size_bytes) and 0 <= size_bytes < math.inf):
        problems.append(f"size_bytes must be a finite number and not negative, got {size_bytes!r}")
    if not (_is_number(weight) and SMALLEST_WEIGHT <= weight <= LARGEST_WEIGHT):
        problems.append(f"weight must lie in [{SMALLEST_WEIGHT:g}, {LARGEST_WEIGHT:g}], got {weight!r}")
    if cap_bps is not None and not _above(0, cap_bps):
        problems.append(f"cap_bps must be a positive number, got {cap_bps!r}; use None for no cap")
    if not problems and float(size_bytes) * BITS_PER_BYTE / min(1.0, float(weight)) == math.inf:
        problems.append(f"size_bytes is {size_bytes!r}: its bits, by weight, are more than a float can hold")
    if problems:
        raise ValueError("; ".join(problems))


def check_change(link: str, capacity_bps: BitsPerSecond, links: Collection[str]) -> None:
    """ValueError for an unknown link or a capacity that is negative or not a number."""
    if not _is_link(link, links):
        raise ValueError(f"unknown link {link!r}; known: {', '.join(sorted(links)) or 'none'}")
    if not (_is_number(capacity_bps) and capacity_bps >= 0):
        raise ValueError(
            f"capacity of {link!r} must be a number and not negative, got {capacity_bps!r}; 0 is an outage"
        )


def check_time(now_s: Seconds, last_s: Seconds) -> None:
    """Time is finite and never runs back."""
    if not (_is_number(now_s) and -math.inf < now_s < math.inf):
        raise ValueError(f"time must be a finite number of seconds, got {now_s!r}")
    if not last_s <= now_s:
        raise ValueError(f"time must never run back: got {now_s!r} s after {last_s!r} s")


def _is_link(name: object, links: Collection[str]) -> bool:
    return isinstance(name, str) and name in links


def _above(least: float, value: object) -> bool:
    return _is_number(value) and value > least  # type: ignore[operator]


def _is_number(value: object) -> bool:
    """Whether floats can be reckoned with it: text, decimals and integers too large for them are refused."""
    if type(value) is float:
        return True
    if not isinstance(value, Real):
        return False
    try:
        float(value)
    except OverflowError:
        return False
    return True
