"""Names of time zones that mean the same on every machine: those of the IANA table that travels with simgrid.

A system's own folder has others: ``localtime`` is another zone on another machine, ``Factory`` is none,
``right/Europe/Berlin`` counts leap seconds and so differs from every clock.
"""

from __future__ import annotations

from functools import cache
from zoneinfo import ZoneInfo

NO_PLACE = "Factory"


@cache
def zone_names() -> frozenset[str]:
    """Every name that ``zone`` takes."""
    from importlib import resources

    listed = resources.files("tzdata").joinpath("zones").read_text(encoding="utf-8").split()
    return frozenset(listed) - {NO_PLACE}


def zone(name: str) -> ZoneInfo:
    """The zone of that name; raises KeyError for any other text."""
    if name not in zone_names():
        raise KeyError(name)
    return ZoneInfo(name)
