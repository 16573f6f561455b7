"""A table or figure as a pure function of evidence: no simulation, no clock, the same bytes every time."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from simgrid.experiments.csv_files import csv_text
from simgrid.reproduction.evidence import Evidence
from simgrid.reproduction.experiments import Worlds

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DIGITS = 6
"""Significant digits of a table: more would be another processor's rounding."""

Value: TypeAlias = str | float | int
Found: TypeAlias = Mapping[str, Evidence]
"""Evidence by the name of its worlds."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of words, counts and numbers; NaN where there is none."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]

    def text(self) -> str:
        """As CSV with ``\\n`` line ends: the one way in which an exhibit's table is written."""
        return csv_text(self.columns, (tuple(map(written, row)) for row in self.rows))


@dataclass(frozen=True, slots=True)
class Need:
    """Worlds, and what is to be known of them; without ``metrics`` whatever their kind gives."""

    worlds: Worlds
    metrics: tuple[str, ...] = ()

    def met(self, found: Found) -> bool:
        """Whether there is evidence of all of it."""
        evidence = found.get(self.worlds.name)
        return evidence is not None and set(self.metrics) <= evidence.values.keys()


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One table, figure or both. ``needs`` must be met; ``uses`` is taken where it is there.

    ``table`` and ``figure`` are functions of evidence alone. A figure is drawn under the settings of
    ``simgrid.presentation.figures``.
    """

    name: str
    title: str
    needs: tuple[Need, ...] = ()
    uses: tuple[Need, ...] = ()
    table: Callable[[Found], Table] | None = None
    figure: Callable[[Found], Figure] | None = None

    def ready(self, found: Found) -> bool:
        """Whether there is evidence of all it needs."""
        return all(need.met(found) for need in self.needs)


def written(value: Value) -> str:
    """Words and counts as they are, numbers with ``DIGITS`` digits, NaN as nothing, never a negative zero."""
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return str(value)
    return "" if math.isnan(value) else f"{float(f'{value:.{DIGITS}g}') + 0.0:.{DIGITS}g}"


def metrics_needed(exhibits: Iterable[Exhibit], name: str) -> tuple[str, ...]:
    """What exhibits want to know of the worlds of that name, each once."""
    needs = [need for one in exhibits for need in (*one.needs, *one.uses) if need.worlds.name == name]
    return tuple(dict.fromkeys(metric for need in needs for metric in need.metrics))


def worlds_needed(exhibits: Iterable[Exhibit]) -> dict[str, Worlds]:
    """By name, all worlds that exhibits need or use."""
    return {need.worlds.name: need.worlds for one in exhibits for need in (*one.needs, *one.uses)}
