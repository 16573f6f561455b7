"""What befalls a place's connection of itself: failures, hours of less capacity, hours without any."""

from __future__ import annotations

from dataclasses import dataclass

from simgrid.domain.schedule import WeeklySchedule
from simgrid.domain.units import Seconds


@dataclass(frozen=True, slots=True)
class Failures:
    """Failures and repairs by turns, exponential: ``mtbf_s`` up and ``mttr_s`` down on average.

    No published figures for the links of the study were found: both are the scenario's to say.
    """

    mtbf_s: Seconds
    mttr_s: Seconds


@dataclass(frozen=True, slots=True)
class Night:
    """Hours at which a connection keeps only a ``factor`` of its capacity."""

    schedule: WeeklySchedule
    factor: float


@dataclass(frozen=True, slots=True)
class Line:
    """The rules of one place's connection; the defaults take nothing from it.

    ``by_hour``: the share that it keeps by local hour, 24 or 168 from Monday 0 h, empty for all of it.
    ``connected``: the hours at which there is a connection at all, None for always (a mobile site has hours).
    """

    failures: Failures | None = None
    night: Night | None = None
    by_hour: tuple[float, ...] = ()
    connected: WeeklySchedule | None = None
