"""Who watches a run and changes nothing in it: how far it is, and what it has too much of to keep."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from simgrid.domain.journal import TransferRecords
from simgrid.domain.units import FloatArray, IntArray

WRITTEN_AT_ONCE = 65_536
"""Rows in a block."""


@dataclass(frozen=True, slots=True)
class ArchivedBlock:
    """Inspections that reached the archive and are not reported, in order of arrival there; shape (N,).

    ``study``: the number by which transfers name it.
    """

    study: IntArray
    requested_s: FloatArray
    archived_s: FloatArray


class JournalSink(Protocol):
    """Takes every transfer and every archived inspection of a run, block by block."""

    def transfers(self, block: TransferRecords) -> None:
        """Further transfers, in order of end; at last those that never ended."""
        ...

    def archived(self, block: ArchivedBlock) -> None:
        """Further inspections that reached the archive."""
        ...


def unheard(_: float) -> None:
    """Nobody wants to know how far a run is."""


@dataclass(frozen=True, slots=True)
class Observer:
    """``told`` hears now and then what further share of all requests has been made; ``sink`` may be None."""

    told: Callable[[float], None] = unheard
    sink: JournalSink | None = None
