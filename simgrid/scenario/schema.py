"""What may stand in a scenario file: one frozen pydantic model a mapping, strict at the door. START HERE.

Quantities hold the model's own units after validation (seconds, bytes, bit/s, megapixels, shares 0..1).
``build`` turns a ``ScenarioSpec`` into the domain's ``Scenario``; people are in ``schema_people``.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, WithJsonSchema, model_validator

from simgrid.domain.scenario import DIMENSIONS, Dimension, Regime
from simgrid.scenario.distributions import DurationDistribution, SizeDistribution
from simgrid.scenario.fields import (
    Beginning,
    Count,
    Day,
    Duration,
    DurationOrZero,
    Factor,
    Frequency,
    Horizon,
    Megapixels,
    Name,
    Resolution,
    Share,
    Size,
    Spreading,
    Strictly,
    Text,
    Whole,
    Zone,
    refuse,
)
from simgrid.scenario.money import Price
from simgrid.scenario.schema_copies import CacheSpec
from simgrid.scenario.schema_demand import DemandSpec, LogSpec, SiteDemandSpec
from simgrid.scenario.schema_events import Events
from simgrid.scenario.schema_grid import GridSpec
from simgrid.scenario.schema_links import LinkSpec, Spans
from simgrid.scenario.schema_people import (
    ClaimSpec,
    Gate,
    Option,
    PlugInFile,
    Policy,
    RadiologistSpec,
    SourceLine,
    WorkloadLimitSpec,
)
from simgrid.scenario.schema_planning import PlanSpec, TargetSpec
from simgrid.scenario.schema_platform import PlatformSpec, StreamingSpec
from simgrid.scenario.schema_quality import AcquisitionSpec, AdministrationSpec, ImagesSpec
from simgrid.scenario.schema_replications import Replications
from simgrid.scenario.schema_stress import StressSpec


class CalendarSpec(Strictly):
    """The local instant at which simulated time begins, its zone, and the days that are holidays."""

    start: Beginning
    zone: Zone = "UTC"
    holidays: Annotated[tuple[Day, ...], Field(max_length=2000)] = ()


Coordinate = Annotated[float, Field(ge=-10_000, le=10_000)]


class OnMapSpec(Strictly):
    """Where a place stands on a map: east (``x``) and north (``y``), in any measure; no run asks."""

    x: Coordinate
    y: Coordinate


class SiteSpec(Strictly):
    """An imaging facility; its ``cache`` keeps copies of its studies.

    ``connected``: the local hours at which a mobile one has a connection; nothing passes at others. ``at``:
    where it stands on a map, in degrees east and north, say.
    """

    link: LinkSpec
    at: OnMapSpec | None = None
    connected: Spans | None = None
    scanners: Count = 1
    cache: CacheSpec | None = None
    demand: SiteDemandSpec = SiteDemandSpec()


class MonitorsSpec(Strictly):
    """High-resolution monitors for the studies that need more than the desk's own, and how many there are."""

    count: Count
    megapixels: Megapixels


class UnitSpec(Strictly):
    """A reporting unit; ``monitor`` is the resolution at its desks, ``monitors`` are for who needs more.

    Without ``monitor`` every study needs one of ``monitors``. ``at``: as of a site.
    """

    link: LinkSpec
    at: OnMapSpec | None = None
    storage: Size
    workstations: Count
    monitor: Resolution | None = None
    monitors: MonitorsSpec | None = None
    cache: CacheSpec | None = None

    @model_validator(mode="after")
    def _some_monitor(self) -> Self:
        if self.monitor is None and self.monitors is None:
            raise refuse("E102", "'monitor' is missing", "give monitor, monitors, or both")
        return self


class DataCentreSpec(Strictly):
    """The data centre through which every study goes; without ``platform`` it files and finds at once.

    ``at``: as of a site.
    """

    link: LinkSpec
    at: OnMapSpec | None = None
    platform: PlatformSpec | None = None


class ClientSpec(Strictly):
    """A non-local client that loads the network by retrieving images.

    ``of_last``: it asks for studies requested in the time before (absent: any). ``streaming``: for mobile
    clients, fewer bytes and a first image before the last one.
    """

    link: LinkSpec
    retrievals: Frequency
    size: SizeDistribution
    of_last: Duration | None = None
    streaming: StreamingSpec | None = None


class StudySpec(Strictly):
    """What one study of a modality weighs."""

    size: SizeDistribution
    images: Count


class DispatchSpec(Strictly):
    """When the optimisation service decides; ``in_hours``: only while somebody is rostered."""

    every: Duration
    at_most: Count = 10_000
    in_hours: Annotated[bool, Field(strict=True)] = False


class NetworkSpec(Strictly):
    """How transfers share links, and what a report weighs."""

    sharing: Literal["shared", "separate"] = "shared"
    report: Size = 50_000.0


class ConstraintsSpec(Strictly):
    """``storage_factor`` is C1 of eq. 6, ``transfer_limit`` is C2 of eq. 7 (absent: none)."""

    storage_factor: Factor = 1.0
    transfer_limit: Duration | None = None


class SpreadSpec(Strictly):
    """How worlds differ: sd of the log around what is declared (truth) and around the truth (estimates).

    ``benefit``: how much of the declared differences between radiologists' ratings is true; at 0 every
    condition has its mean for all who declare a rating, above 1 they differ by more than declared.
    """

    speed: Spreading = 0.2
    skill: Spreading = 0.0
    estimate_error: Spreading = 0.1
    benefit: Spreading = 1.0


Changes = Annotated[dict[Text, Any], WithJsonSchema({"type": "object"}, mode="validation")]


class BeliefSpec(Strictly):
    """What policies know of the radiologists, mined from who read what; absent: drawn around the truth.

    Either ``log``, or ``stage``: a scenario file whose month (or year) is simulated under ``policy`` in the
    same worlds, of the same radiologists by name. ``frequency``: a rating is a share of the radiologist's own
    ``practice``, or of the ``cell``. ``shrinkage``: the weight of what is usual, in readings. ``changes``:
    what is otherwise in the stage than in its file, written as there; ratings, speeds and their spread are
    this scenario's all the same.
    """

    log: LogSpec | None = None
    stage: Text | None = None
    policy: Text = "manual"
    frequency: Literal["practice", "cell"] = "practice"
    shrinkage: Annotated[float, Field(ge=0, le=1e6)] = 5.0
    changes: Changes = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.log is None) == (self.stage is None):
            raise refuse("E102", "what is mined is not stated once", "give log, or stage")
        if self.changes and self.stage is None:
            raise refuse("E110", "changes of what?", "give stage, or remove them")
        return self


class DiscrepancySpec(Strictly):
    """Share of reports with a major discrepancy by how well the reader fits."""

    best: Share = 0.02
    worst: Share = 0.13


class ScenarioSpec(Strictly):
    """The whole file, after ``extends``, ``--set`` and one point of ``sweep`` have been applied.

    ``warmup``: what is requested before its end is simulated and not measured. ``regime``: whether the run's
    beginning and end belong to what is asked (terminating), or only its long run does (steady-state).
    ``policy_options``: options by policy, wherever it stands (``belief.policy`` too), unless it has its own;
    they may be swept. ``start_from``: the file of a backlog that is there at its moment. ``targets``: what
    must hold, by name; ``costs``: a place or a kind of things with its price, where what has none costs
    nothing; ``plan``: what ``simgrid plan`` looks for; ``stress``: what ``simgrid stress`` takes away.
    """

    title: Text
    name: Name | None = None
    calendar: CalendarSpec
    horizon: Horizon
    warmup: DurationOrZero = 0.0
    regime: Regime = "terminating"
    give_up_after: Horizon = 30 * 86400.0
    seed: Whole = 1
    replications: Replications
    sites: Annotated[dict[Name, SiteSpec], Field(min_length=1)]
    units: Annotated[dict[Name, UnitSpec], Field(min_length=1)]
    data_centre: DataCentreSpec
    clients: dict[Name, ClientSpec] = Field(default_factory=dict)
    events: Events = ()
    incidents: Text | None = None
    start_from: Text | None = None
    radiologists: Annotated[dict[Name, RadiologistSpec], Field(min_length=1)]
    demand: DemandSpec
    studies: dict[Text, StudySpec] = Field(default_factory=dict)
    reading_time: dict[Text, DurationDistribution] = Field(default_factory=dict)
    defects: dict[Text, Share] = Field(default_factory=dict)
    images: ImagesSpec | None = None
    acquisition: AcquisitionSpec = AcquisitionSpec()
    administration: AdministrationSpec | None = None
    dispatch: DispatchSpec
    network: NetworkSpec = NetworkSpec()
    grid: GridSpec = GridSpec()
    constraints: ConstraintsSpec = ConstraintsSpec()
    workload_limit: WorkloadLimitSpec = WorkloadLimitSpec()
    spread: SpreadSpec = SpreadSpec()
    belief: BeliefSpec | None = None
    plug_ins: dict[Name, PlugInFile] = Field(default_factory=dict)
    quality_gate: Gate | None = None
    discrepancy: DiscrepancySpec = DiscrepancySpec()
    lookup_factor: Factor = 1.0
    ontology: Text | None = None
    codes: Text | None = None
    policies: Annotated[tuple[Policy, ...], Field(min_length=1, max_length=200)]
    policy_options: dict[Text, dict[Text, Option]] = Field(default_factory=dict)
    baseline: Text | None = None
    primary: tuple[Text, ...] = ()
    groups: tuple[Dimension, ...] = DIMENSIONS
    claims: Annotated[tuple[ClaimSpec, ...], Field(max_length=200)] = ()
    targets: Annotated[dict[Text, TargetSpec], Field(max_length=50)] = Field(default_factory=dict)
    costs: Annotated[dict[Text, Price], Field(max_length=200)] = Field(default_factory=dict)
    plan: PlanSpec | None = None
    stress: StressSpec = StressSpec()
    sources: dict[Text, SourceLine] = Field(default_factory=dict)
