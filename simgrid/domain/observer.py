"""Who watches a run and changes nothing in it: how far it is, what it is too long to keep, what happens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from simgrid.domain.backlog import Backlog
from simgrid.domain.decision import Assignment, Worklist
from simgrid.domain.journal import TransferRecords
from simgrid.domain.units import FloatArray, IntArray, Seconds

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


class Witness(Protocol):
    """Sees every event and every decision of a run, in the order in which they happen."""

    def events(self, lines: bytes) -> None:
        """Further events, packed as they go into the fingerprint; the last of them when the run ends."""
        ...

    def decided(self, events: int, worklist: Worklist, assignment: Assignment) -> None:
        """A policy has answered, so many events having happened before; nothing is done with it yet."""
        ...


Mark: TypeAlias = Literal["scanner", "scan", "gate", "stopped", "moves", "asks", "sits"]
"""What is no event and explains a wait. Of an inspection: it has a scanner, the scan begins, the gate looks,
it stands still, it moves again (``simulation.stalls``). Of a radiologist: she asks for a workstation, and has
one."""
Marked: TypeAlias = Callable[[Mark, int, Seconds, int], None]
"""Told of a mark, whose it is (a row, or a radiologist), when, and how many events had happened before."""


def unmarked(_what: Mark, _whose: int, _at_s: Seconds, _events: int) -> None:
    """Nobody asks what a wait was for."""


def unheard(_: float) -> None:
    """Nobody wants to know how far a run is."""


@dataclass(frozen=True, slots=True)
class Observer:
    """``told`` hears now and then what further share of all requests has been made; all may be absent.

    ``snapshot``: when to take stock, before anything else happens then, and who is given it.
    """

    told: Callable[[float], None] = unheard
    sink: JournalSink | None = None
    witness: Witness | None = None
    marked: Marked = unmarked
    snapshot: tuple[Seconds, Callable[[Backlog], None]] | None = None


NOBODY = Observer()
