"""One world: who and what there is in a replication. Immutable; what happens in it is the simulation's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from simgrid.domain.administration import Administration
from simgrid.domain.backlog import Backlog
from simgrid.domain.events import Event, LinkLimit
from simgrid.domain.grid import Grid
from simgrid.domain.imaging import Recall
from simgrid.domain.limits import WorkloadLimit
from simgrid.domain.network import Access, Client, DataCentre
from simgrid.domain.radiologist import Profile, Radiologist
from simgrid.domain.reporting_unit import ReportingUnit
from simgrid.domain.schedule import Roster
from simgrid.domain.site import Site
from simgrid.domain.units import Bytes, Seconds

Sharing: TypeAlias = Literal["shared", "separate"]


@dataclass(frozen=True, slots=True)
class Dispatch:
    """When the optimisation service decides: every window, or as soon as ``at_most`` studies wait.

    ``in_hours``: only while somebody is rostered, and as each session begins.
    """

    every_s: Seconds
    at_most: int
    in_hours: bool = False


@dataclass(frozen=True, slots=True)
class Acquisition:
    """Scanner time: of a study, and of a repeat that the quality gate asks for.

    ``dose_msv``: by modality, what one acquisition adds to a patient's dose, as a proxy: the usual effective
    dose in mSv. ``recall``: None where no missed defect comes to light.
    """

    scan_s: Seconds = 0.0
    repeat_s: Seconds = 600.0
    max_repeats: int = 2
    dose_msv: Mapping[str, float] = field(default_factory=dict)
    recall: Recall | None = None

    @property
    def most(self) -> int:
        """The most acquisitions that one inspection can have."""
        return (self.max_repeats + 1) * (1 + (0 if self.recall is None else self.recall.most))


@dataclass(frozen=True, slots=True)
class World:
    """Everything that stays as it is during one run.

    ``truth`` and ``belief`` hold one profile a radiologist, in the order of ``radiologists``; the policies
    are given the belief only. ``rosters`` are without the absences and illnesses among ``events``,
    ``planned_rosters`` with the hours of illnesses (empty where there are none). ``recurring``: limits of
    links that return (nights, hours without a connection); they act as events do and are not among them.
    ``cherry_picking``: who takes the shortest of her studies first; empty for nobody.
    ``limit_periods_s``: when the workload limit's second, third, ... period begins; empty for the run.
    ``pseudonym_seed``: the patients' identifiers are digests of it. Inspections requested before ``warmup_s``
    are lived through and not measured. ``backlog``: what there is when the run is taken up; its studies are
    the first rows of the inspections, and before it there is nothing.
    """

    sites: tuple[Site, ...]
    units: tuple[ReportingUnit, ...]
    radiologists: tuple[Radiologist, ...]
    rosters: tuple[Roster, ...]
    truth: tuple[Profile, ...]
    belief: tuple[Profile, ...]
    data_centre: DataCentre
    clients: tuple[Client, ...]
    dispatch: Dispatch
    acquisition: Acquisition
    workload_limit: WorkloadLimit
    storage_factor: float
    report_bytes: Bytes
    sharing: Sharing
    horizon_s: Seconds
    give_up_s: Seconds
    warmup_s: Seconds = 0.0
    events: tuple[Event, ...] = ()
    grid: Grid = field(default_factory=Grid)
    cherry_picking: tuple[bool, ...] = ()
    recurring: tuple[LinkLimit, ...] = ()
    planned_rosters: tuple[Roster, ...] = ()
    pseudonym_seed: int = 0
    limit_periods_s: tuple[Seconds, ...] = ()
    administration: Administration | None = None
    backlog: Backlog | None = None

    @property
    def access(self) -> dict[str, Access]:
        """Every place's own connection by its name."""
        places: tuple[DataCentre | Site | ReportingUnit | Client, ...] = (
            self.data_centre,
            *self.sites,
            *self.units,
            *self.clients,
        )
        return {place.name: place.access for place in places}
