"""What a stress test takes away, for how long, and how far it raises the load."""

from __future__ import annotations

from dataclasses import dataclass

from simgrid.domain.units import DAY, HOUR, Seconds


@dataclass(frozen=True, slots=True)
class StressTest:
    """``down_s``: for how long a link or a shard is down, from its busiest hour on; infinite: the whole run.

    ``outage_s``: how long the outage lasts whose recovery is timed. ``load_to``: the load rises to at most so
    many times the declared.
    """

    down_s: Seconds = DAY
    outage_s: Seconds = 4 * HOUR
    load_to: float = 2.0
