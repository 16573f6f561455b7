"""What the grid's systems have done in a run: one field a system, None where it was off."""

from __future__ import annotations

from dataclasses import dataclass

from simgrid.domain.units import Bytes


@dataclass(frozen=True, slots=True)
class AgentRecords:
    """Messages between agents and the Manager; the most jobs that ever waited for a worker at one place."""

    messages: int
    message_bytes: Bytes
    peak_waiting_transfers: int
    peak_waiting_imports: int


@dataclass(frozen=True, slots=True)
class GridRecords:
    """One record a system. ``transfers``: whether the rules of transfers were on."""

    transfers: bool = False
    agents: AgentRecords | None = None
