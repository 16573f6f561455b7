"""A radiologist as the scenario declares one, and as one world has drawn her: true and estimated apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from simgrid.domain.schedule import WeeklySchedule
from simgrid.domain.units import Megapixels


@dataclass(frozen=True, slots=True)
class Radiologist:
    """The declared radiologist, the centre around which worlds are drawn.

    ``reads``: modalities she holds credentials for. ``ratings``: condition (an ontology leaf) to 0..1.
    ``speed``: factor on reading times, above 1 is slower. ``monitor_megapixels``: her own monitor where it
    differs from the unit's. ``absence``: share of the working days on which she stays away.
    ``cherry_picking``: the probability that she takes the shortest expected study on her desk first (observed
    in 2.4 million reads, Ibanez 2018; how many do it is the scenario's to say).
    """

    name: str
    unit: str
    reads: frozenset[str]
    ratings: Mapping[str, float]
    schedule: WeeklySchedule
    speed: float = 1.0
    full_time: float = 1.0
    non_reading: float = 0.0
    absence: float = 0.0
    cherry_picking: float = 0.0
    monitor_megapixels: Megapixels | None = None
    effort_limit_min: float | None = None
    favour: float = 1.0


@dataclass(frozen=True, slots=True)
class Profile:
    """What holds of one radiologist in one world, or what is believed of her: ratings and speed.

    ``minutes``: believed reading minutes by modality and body part, where a log shows them; elsewhere the
    speed times the code tables' minutes.
    """

    ratings: Mapping[str, float] = field(default_factory=dict)
    speed: float = 1.0
    minutes: Mapping[tuple[str, str], float] = field(default_factory=dict)
