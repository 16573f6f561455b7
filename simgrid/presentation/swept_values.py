"""Values of a swept column in an order that reads well, and many of them as a few stretches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import pairwise

from simgrid.scenario.amounts import amount, factor

MOST_LISTED = 12
"""Values of a column that are told one by one; a sample has as many as points."""
STRETCHES = 4


def in_order(values: Iterable[str]) -> list[str]:
    """Each value once: as the scenario has them where they rise or fall, scattered amounts by size."""
    distinct = list(dict.fromkeys(values))
    sizes = _sizes(distinct)
    if sizes is None or _monotone([sizes[value] for value in distinct]):
        return distinct
    return sorted(distinct, key=sizes.__getitem__)


def stretches(values: Iterable[str]) -> list[tuple[str, frozenset[str]]]:
    """Each value by itself; more amounts than twelve in four stretches of (nearly) equally many values."""
    distinct = in_order(values)
    if len(distinct) <= MOST_LISTED or _sizes(distinct) is None:
        return [(value, frozenset((value,))) for value in distinct]
    edges = [round(len(distinct) * part / STRETCHES) for part in range(STRETCHES + 1)]
    parts = [distinct[left:right] for left, right in pairwise(edges)]
    return [(f"{part[0]} to {part[-1]}", frozenset(part)) for part in parts]


def _sizes(values: Sequence[str]) -> dict[str, Fraction] | None:
    """The size of each in one unit; None unless all are amounts of one kind."""
    found = {value: amount(_number(value)) or amount(value) for value in values}
    units = [one.unit for one in found.values() if one is not None]
    sizes = {}
    for value, one in found.items():
        by = factor(one.unit, units[0]) if one is not None else None
        if one is None or by is None:
            return None
        sizes[value] = one.number * by
    return sizes


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _monotone(sizes: Sequence[Fraction]) -> bool:
    rising = [left < right for left, right in pairwise(sizes)]
    return all(rising) or not any(rising)
