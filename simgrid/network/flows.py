"""What is sent: a flow, a change of capacity, and the checks at the door.

Sizes are bytes, rates and capacities bits per second, times seconds. A path is a set of links crossed
at the same time; naming a link twice is refused, because it is either a slip or a loop, and reading
it as "once" would hide both.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from simgrid.domain.units import BitsPerSecond, Bytes, Seconds

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
    bad = [f"{link!r}: {value!r}" for link, value in capacity_bps.items() if not value > 0]
    if bad:
        raise ValueError(
            f"capacity_bps must be positive, got {', '.join(bad)}; "
            "a link that is down from the start needs a capacity change to 0 at the start"
        )


def check_path(path: Sequence[str], links: Collection[str]) -> tuple[str, ...]:
    """The path as a tuple; ValueError when it is empty, unknown or crosses a link twice."""
    if isinstance(path, str):
        # A ValueError like the rest, so that one handler at the door sees every problem.
        raise ValueError(f"path must be a sequence of names, got {path!r}; write ({path!r},)")  # noqa: TRY004
    names = tuple(path)
    if not names:
        raise ValueError("path is empty; a flow needs at least one link (leave local copies out)")
    unknown = [name for name in names if name not in links]
    if unknown:
        raise ValueError(f"path {names!r}: unknown link {', '.join(map(repr, unknown))}")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"path {names!r}: has {', '.join(map(repr, twice))} twice; name it once")
    return names


def check_flow(size_bytes: Bytes, weight: float, cap_bps: BitsPerSecond | None) -> None:
    """ValueError naming every number of a flow that cannot be meant."""
    problems = []
    if not 0 <= size_bytes < math.inf:
        problems.append(f"size_bytes must be finite and not negative, got {size_bytes!r}")
    if not SMALLEST_WEIGHT <= weight <= LARGEST_WEIGHT:
        problems.append(f"weight must lie in [{SMALLEST_WEIGHT:g}, {LARGEST_WEIGHT:g}], got {weight!r}")
    if cap_bps is not None and not cap_bps > 0:
        problems.append(f"cap_bps must be positive, got {cap_bps!r}; use None for no cap")
    if problems:
        raise ValueError("; ".join(problems))


def check_change(link: str, capacity_bps: BitsPerSecond, links: Collection[str]) -> None:
    """ValueError for an unknown link or a capacity that is negative or not a number."""
    if link not in links:
        raise ValueError(f"unknown link {link!r}; known: {', '.join(sorted(links)) or 'none'}")
    if not capacity_bps >= 0:
        raise ValueError(f"capacity of {link!r} must not be negative, got {capacity_bps!r}; 0 is an outage")


def check_time(now_s: Seconds, last_s: Seconds) -> None:
    """Time is finite and never runs back."""
    if not last_s <= now_s < math.inf:
        raise ValueError(f"time must be finite and never run back: got {now_s!r} s after {last_s!r} s")
