"""What the grid's systems have done in a run: one field a system, None where it was off."""

from __future__ import annotations

from dataclasses import dataclass

from simgrid.domain.units import Bytes, FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class AgentRecords:
    """Messages between agents and the Manager; the most jobs that ever waited for a worker at one place."""

    messages: int
    message_bytes: Bytes
    peak_waiting_transfers: int
    peak_waiting_imports: int


@dataclass(frozen=True, slots=True)
class DeskRecords:
    """What happened at the desks; N pauses in order of time, R radiologists, U units.

    A pause is a study that a radiologist laid aside or gave back. ``kind`` (N,): interrupted, parked (both
    were open) or handed-over (it was not); ``radiologist``: who left it; ``until_s``: when it was taken up
    again, or assigned anew, NaN where the run ended first. ``seat_wait_s`` (R,): seconds of waiting for a
    workstation or a shared monitor. ``peak_monitors`` (U,): most shared monitors in use at once.
    """

    kind: tuple[str, ...]
    inspection: IntArray
    radiologist: IntArray
    at_s: FloatArray
    until_s: FloatArray
    seat_wait_s: FloatArray
    peak_monitors: IntArray


@dataclass(frozen=True, slots=True)
class GridRecords:
    """One record a system. ``transfers``: whether the rules of transfers were on.

    ``desks``: there where rules for desks or shared monitors were on.
    """

    transfers: bool = False
    agents: AgentRecords | None = None
    desks: DeskRecords | None = None
