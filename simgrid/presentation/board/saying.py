"""Numbers as a board reads them: rounded to the unfavourable side, and never to a whole hundred per cent."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

from simgrid.presentation import wording
from simgrid.presentation.target_words import NEARLY

MOST_DIGITS = 4
_LAST_BITS = 1e-7
_CONTAINERS = frozenset({"units", "sites", "radiologists"})


def rounded(value: float, digits: int, side: int = 0) -> str:
    """A number with so many decimals: to the nearest, down (-1) or up (1).

    What a float's last bits say does not move a number over the next step.
    """
    scaled = value * 10**digits
    whole = (math.floor(scaled + 0.5), math.ceil(scaled - _LAST_BITS), math.floor(scaled + _LAST_BITS))[side]
    return f"{whole / 10**digits:.{digits}f}"


def percent(share: float, side: int = 0, digits: int = 1) -> str:
    """A share as ``97.1``; ``>99.9`` and ``<0.1`` where rounding would say all or none of it."""
    if math.isnan(share):
        return wording.UNDEFINED
    if share <= 0:
        return "0"
    if digits == 1 and share > NEARLY:
        return ">99.9"
    said = rounded(min(share, 1.0) * 100, digits, side)
    if float(said) >= 100:
        return f">{100 - 10**-digits:.{digits}f}"
    return said if float(said) > 0 else f"<{10**-digits:.{digits}f}"


def bound(value: float, *, share: bool) -> str:
    """A bound as it was written: ``95 %``, ``120``."""
    return f"{value * 100:.6g} %" if share else f"{value:.10g}"


@lru_cache(maxsize=4096)
def in_words(
    mean: float, low: float, high: float, *, share: bool, bound: float | None
) -> tuple[str, str, str]:
    """Mean and both ends of its interval as text, the ends rounded outwards.

    As many digits as it takes that none of the three is said to lie on the wrong side of ``bound``.
    """
    if share:
        return _on_their_sides((mean, low, high), bound, 1, percent)
    half = (high - low) / 2
    first = 1 if not half > 0 else min(max(-math.floor(math.log10(half)), 0), MOST_DIGITS)
    return _on_their_sides((mean, low, high), bound, first, _amount)


def _on_their_sides(
    three: tuple[float, float, float],
    bound: float | None,
    first: int,
    say: Callable[[float, int, int], str],
) -> tuple[str, str, str]:
    sides = (0, -1, 1)
    for digits in range(first, MOST_DIGITS + 1):
        mean, low, high = (say(one, side, digits) for one, side in zip(three, sides, strict=True))
        if bound is None or all(
            _side(said, say(bound, 0, MOST_DIGITS)) == _sign(one, bound)
            for said, one in zip((mean, low, high), three, strict=True)
        ):
            break
    return mean, low, high


def _amount(value: float, side: int, digits: int) -> str:
    return rounded(value, digits, side) if math.isfinite(value) else wording.UNDEFINED


def _sign(value: float, bound: float) -> int:
    return 0 if math.isnan(value) else (value > bound) - (value < bound)


def _side(said: str, bound: str) -> int:
    if said == wording.UNDEFINED:
        return 0
    one, other = float(said.strip("<>")), float(bound.strip("<>"))
    return (one > other) - (one < other)


def place(name: str) -> str:
    """A place of the scenario as a reader names it: ``bandwidth, main`` for ``units.main.link.bandwidth``."""
    first, *rest = name.split(".")
    if first not in _CONTAINERS or not rest:
        return name.replace(".", " ").replace("_", " ")
    *between, last = rest
    what = "radiologists" if (first, last) == ("radiologists", "count") else last.replace("_", " ")
    told = [part for part in between if part not in ("link", "*")]
    if first == "radiologists" and last in ("count", "hours") and told:
        return f"{what} on the {' '.join(told)} roster"
    if first == "radiologists" and not between:
        return f"the {last} roster"
    return f"{what}, {' '.join(told)}" if told else f"{what}, all {first}" if "*" in between else what
