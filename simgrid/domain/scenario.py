"""A scenario, resolved: the plain object that YAML becomes and that a notebook may build by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, TypeAlias, get_args

from simgrid.domain.administration import Administration
from simgrid.domain.backlog import Backlog
from simgrid.domain.costs import CostItem
from simgrid.domain.demand import Demand, LogSource
from simgrid.domain.events import Event
from simgrid.domain.grid import Grid
from simgrid.domain.imaging import ImagePool
from simgrid.domain.limits import WorkloadLimit
from simgrid.domain.lines import Line
from simgrid.domain.network import Client, DataCentre
from simgrid.domain.planning import Planning
from simgrid.domain.plug_in import PlugIn
from simgrid.domain.precision import Precision
from simgrid.domain.radiologist import Radiologist
from simgrid.domain.reporting_unit import ReportingUnit
from simgrid.domain.site import Site
from simgrid.domain.stress import StressTest
from simgrid.domain.targets import Target
from simgrid.domain.uncertain import Uncertain
from simgrid.domain.units import Bytes, Seconds
from simgrid.domain.world import Acquisition, Dispatch, Sharing

Provenance: TypeAlias = Literal["stated", "derived", "assumed", "changed"]
Dimension: TypeAlias = Literal["urgency", "label", "modality", "site", "unit", "radiologist", "link", "hour"]
Regime: TypeAlias = Literal["terminating", "steady-state"]
DIMENSIONS: tuple[Dimension, ...] = tuple(one for one in get_args(Dimension) if one != "hour")
"""By what runs are measured unless a scenario says otherwise; ``hour`` only where it is asked for."""
Option: TypeAlias = float | str | bool
Frequency: TypeAlias = Literal["practice", "cell"]


@dataclass(frozen=True, slots=True)
class Spread:
    """How the worlds of a scenario differ from what it declares.

    ``speed``, ``skill``: sd of the log of the true factor around the declared speed and rating.
    ``estimate_error``: sd of the log of what is believed around what is true (ratings are cut at 0..1).
    ``benefit``: of the declared differences between radiologists' ratings the part that is true; at 0 all are
    alike, each condition at its mean over those who have a rating for it.
    """

    speed: float = 0.2
    skill: float = 0.0
    estimate_error: float = 0.1
    benefit: float = 1.0


@dataclass(frozen=True, slots=True)
class PolicyChoice:
    """A policy by name, its variant, and its options; ``label`` is what tables show.

    ``plug_in`` is the class where a scenario brings its own file; without it the name is an installed one.
    """

    name: str
    variant: str = ""
    options: Mapping[str, Option] = field(default_factory=dict)
    plug_in: PlugIn | None = None

    @property
    def label(self) -> str:
        """NAME or NAME@VARIANT."""
        return f"{self.name}@{self.variant}" if self.variant else self.name

    @property
    def replays(self) -> bool:
        """Whether it is the installed policy that assigns as the replayed log says."""
        return self.plug_in is None and self.name == "logged"

    @classmethod
    def parse(cls, text: str, options: Mapping[str, Option] | None = None) -> PolicyChoice:
        """Read ``NAME`` or ``NAME@VARIANT``."""
        name, _, variant = text.partition("@")
        return cls(name, variant, options or {})


@dataclass(frozen=True, slots=True)
class GateChoice:
    """A quality gate by name with its options; ``none`` lets everything pass at once.

    ``plug_in`` as in ``PolicyChoice``.
    """

    name: str = "none"
    options: Mapping[str, Option] = field(default_factory=dict)
    plug_in: PlugIn | None = None


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """Share of reports with a major discrepancy when the reader fits fully, and when not at all."""

    best: float = 0.02
    worst: float = 0.13


@dataclass(frozen=True, slots=True)
class Source:
    """Where one value of the scenario comes from: a line of the assumption ledger."""

    place: str
    provenance: Provenance
    reason: str


@dataclass(frozen=True, slots=True)
class Claim:
    """An ordering declared before the first result: ``policy`` beats each of ``against`` on ``metric``.

    Policies are given by label (NAME or NAME@VARIANT). Which direction is better belongs to the metric.
    ``note`` says where the claim comes from, or that it holds by construction.
    """

    policy: str
    against: tuple[str, ...]
    metric: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Belief:
    """What policies know of the radiologists, mined from who read what, and how fast.

    From a ``log``, or from a ``stage``: a scenario that is simulated under ``policy`` in the same worlds. Its
    seed is not used, and what is true of its radiologists is what is true of this scenario's. ``frequency``:
    a rating is the share of the radiologist's own practice or of the cell; ``shrinkage``: the weight of what
    is usual, in readings.
    """

    frequency: Frequency = "practice"
    shrinkage: float = 5.0
    log: LogSource | None = None
    stage: Scenario | None = None
    policy: PolicyChoice = PolicyChoice("manual")


@dataclass(frozen=True, slots=True)
class Scenario:
    """One cell of a study: everything a replication needs, nothing a policy must not see apart from truth.

    ``start`` is aware; simulated time counts seconds from it. Arrivals end at ``horizon_s``; the run goes on
    until every inspection is reported, at most until ``give_up_s``; what is requested before ``warmup_s`` is
    not measured. ``swept`` names this cell's point on
    each sweep axis. ``primary``: the metrics on which policies are compared with ``baseline`` by decision,
    all others being descriptive; ``groups``: by what metrics are measured beside all inspections together;
    ``claims``: further orderings, each tested. ``belief``: mined instead of drawn around the truth.
    ``regime``: whether a run's beginning and end belong to what is asked. ``precision``: what ends the
    replications before there are ``replications``, which are then the most. ``canonical`` is the resolved
    text that identifies the cell; ``lines`` holds the rules of the connections that have any, by place;
    ``inputs`` maps every file it reads to its SHA-256. ``uncertain``: values that each world draws, for which
    the cell itself holds what the scenario has there; ``realise`` makes the cell of a seed and a replication,
    whose ``draws`` are in the order of ``uncertain``. What is simulated is always ``of(replication)``.
    ``images``: real ones that the gate judges; None where a defect is a yes or no. ``administration``: None
    where nobody counts the office's work. ``targets``: what is measured beside the metrics; ``costs``: what
    has a price; ``plan``: what may differ between plans, None where nobody asks for one.
    """

    name: str
    title: str
    start: datetime
    horizon_s: Seconds
    give_up_s: Seconds
    seed: int
    replications: int
    policies: tuple[PolicyChoice, ...]
    baseline: str
    sites: tuple[Site, ...]
    units: tuple[ReportingUnit, ...]
    radiologists: tuple[Radiologist, ...]
    data_centre: DataCentre
    demand: Demand
    dispatch: Dispatch
    clients: tuple[Client, ...] = ()
    events: tuple[Event, ...] = ()
    lines: Mapping[str, Line] = field(default_factory=dict)
    grid: Grid = field(default_factory=Grid)
    acquisition: Acquisition = field(default_factory=Acquisition)
    workload_limit: WorkloadLimit = field(default_factory=WorkloadLimit)
    storage_factor: float = 1.0
    transfer_limit_s: Seconds = float("inf")
    report_bytes: Bytes = 50_000.0
    warmup_s: Seconds = 0.0
    regime: Regime = "terminating"
    sharing: Sharing = "shared"
    spread: Spread = Spread()
    belief: Belief | None = None
    gate: GateChoice = GateChoice()
    discrepancy: Discrepancy = Discrepancy()
    lookup_factor: float = 1.0
    ontology: Mapping[str, object] | None = None
    codes_folder: str | None = None
    primary: tuple[str, ...] = ()
    groups: tuple[Dimension, ...] = DIMENSIONS
    claims: tuple[Claim, ...] = ()
    precision: Precision | None = None
    sources: tuple[Source, ...] = ()
    swept: tuple[tuple[str, str], ...] = ()
    canonical: str = ""
    inputs: Mapping[str, str] = field(default_factory=dict)
    uncertain: tuple[Uncertain, ...] = ()
    realise: Callable[[int, int], Scenario] | None = field(default=None, compare=False, repr=False)
    draws: tuple[float, ...] = ()
    images: ImagePool | None = None
    administration: Administration | None = None
    targets: tuple[Target, ...] = ()
    costs: tuple[CostItem, ...] = ()
    plan: Planning | None = None
    stress: StressTest = field(default_factory=StressTest)
    start_from: Backlog | None = None

    @property
    def counts_images(self) -> bool:
        """Whether what happens to images is drawn further, counted and measured."""
        asked = self.images, self.administration, self.acquisition.recall
        return bool(self.acquisition.dose_msv) or any(one is not None for one in asked)

    def of(self, replication: int) -> Scenario:
        """The cell as it is in one world: itself, unless values of it are drawn there.

        The one door from a cell and a replication to what is simulated. Of a cell that was drawn already it
        is that cell.
        """
        return self if self.realise is None else self.realise(self.seed, replication)


def throughout(scenario: Scenario, change: Callable[[Scenario], Scenario]) -> Scenario:
    """A change of a cell that is made to it in every world too, after its values were drawn."""
    made = change(scenario)
    if scenario.realise is None:
        return made
    return replace(made, realise=_Changed(scenario.realise, change))


def lowest(scenario: Scenario) -> Scenario | None:
    """The cell with all that its worlds draw at its lower end; None where that is none, or not known."""
    if scenario.realise is None:
        return scenario
    known: Callable[[], Scenario | None] | None = getattr(scenario.realise, "lowest", None)
    return known() if known is not None else None


@dataclass(frozen=True, slots=True)
class _Changed:
    realise: Callable[[int, int], Scenario]
    change: Callable[[Scenario], Scenario]

    def __call__(self, seed: int, replication: int) -> Scenario:
        return self.change(self.realise(seed, replication))

    def lowest(self) -> Scenario | None:
        known: Callable[[], Scenario | None] | None = getattr(self.realise, "lowest", None)
        found = known() if known is not None else None
        return None if found is None else self.change(found)
