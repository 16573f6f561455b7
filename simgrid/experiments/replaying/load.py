"""What a log asks of links, desks and storage: bytes by site and hour, minutes of reading, urgent share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from simgrid.domain.units import BITS_PER_BYTE, DAY, HOUR, BitsPerSecond, Bytes, FloatArray, Minutes
from simgrid.experiments.replaying.team import expected_minutes
from simgrid.workload.replay.event_log import EventLog
from simgrid.workload.replay.priorities import ROUTINE

Bins: TypeAlias = npt.NDArray[np.int64]

_USUAL_MBIT = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000)
_USUAL_TB = (2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)
_FREE = 0.3
"""Share of a link that its busiest hour leaves free."""


@dataclass(frozen=True, slots=True)
class Load:
    """``site_bps`` by the log's sites, then of rows without one, and ``all_bps``: in the busiest hour.

    ``day_bytes``: requested on the busiest day (UTC). ``work_min``: reading at speed 1. ``urgent``: the share
    among rows with a priority, None where no row has one.
    """

    site_bps: tuple[BitsPerSecond, ...]
    all_bps: BitsPerSecond
    day_bytes: Bytes
    work_min: Minutes
    urgent: float | None


def load_of(log: EventLog) -> Load:
    """The load of a log that has at least one row."""
    size = np.where(np.isnan(log.size_bytes), _typical(log)[log.pattern], log.size_bytes)
    hour = np.floor(log.requested_s / HOUR).astype(np.int64)
    known = log.priority[log.priority >= 0]
    return Load(
        site_bps=tuple(one * BITS_PER_BYTE / HOUR for one in _busiest_by_site(log, hour, size)),
        all_bps=_busiest(hour, size) * BITS_PER_BYTE / HOUR,
        day_bytes=_busiest(np.floor(log.requested_s / DAY).astype(np.int64), size),
        work_min=float(expected_minutes(log)[log.pattern].sum()),
        urgent=float(np.mean(known < ROUTINE)) if len(known) else None,
    )


def usual_link(needed: BitsPerSecond) -> str:
    """The smallest usual speed that is used at most 70 % by what is needed."""
    for speed in _USUAL_MBIT:
        if needed <= speed * 1e6 * (1 - _FREE):
            break
    return f"{speed} Mbit/s" if speed < 1000 else f"{speed // 1000} Gbit/s"


def usual_storage(needed: Bytes) -> str:
    """The smallest usual capacity that holds what is needed."""
    return f"{next((size for size in _USUAL_TB if needed <= size * 1e12), _USUAL_TB[-1])} TB"


def _typical(log: EventLog) -> FloatArray:
    """The tables' mean bytes of each pattern, shape (P,)."""
    mean = {one.modality: one.size_bytes for one in log.typical}
    return np.array(
        [
            sum(mean[kind.modality] * weight for kind, weight in zip(one.kinds, one.probability, strict=True))
            for one in log.patterns
        ]
    )


def _busiest_by_site(log: EventLog, hour: Bins, size: FloatArray) -> list[float]:
    """Bytes of each site in its busiest hour, the last of rows without a site.

    Only hours with requests are held: a log may have thousands of sites, or one date of another century.
    """
    sites = len(log.sites) + 1
    site = np.where(log.site < 0, sites - 1, log.site).astype(np.int64)
    key, place = np.unique((hour - hour.min()) * sites + site, return_inverse=True)
    most = np.zeros(sites)
    np.maximum.at(most, key % sites, np.bincount(place, weights=size))
    found: list[float] = most.tolist()
    return found


def _busiest(bins: Bins, amount: FloatArray) -> float:
    return float(np.bincount(bins - bins.min(), weights=amount).max())
