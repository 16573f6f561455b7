"""Which scenario, in how many worlds, answers which claim under which reading.

What has no line here is not run, and the table says so.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, TypeAlias

from simgrid.assignment.lp_solve import PROGRAM
from simgrid.experiments.study import POLICY
from simgrid.reproduction import solver_behaviour
from simgrid.reproduction.claims import Mode

Kind: TypeAlias = Literal["measured", "journals", "ratings", "batches", "analysis"]
"""``measured``: the metrics of runs; ``journals``: whether journals are the same, event by event;
``ratings``: what is mined of the log, beside the declared marks; ``batches``: how solvers fare on them;
``analysis``: the metrics at the points of the scenario's ``sensitivity``, whose arms are numbered
(``numbered_arm``)."""


@dataclass(frozen=True, slots=True)
class Worlds:
    """Runs of a scenario: so many worlds with --quick and with --full.

    0 with --quick: too large for it; what is stored is shown. ``cpu_s``: CPU seconds of one world, about.
    ``kind``: what becomes evidence, see ``Kind``; ``settings``: what it depends on beside the runs' keys.
    ``program``: what must be installed; where it is not, what is stored is shown.
    """

    name: str
    scenario: str
    quick: int
    full: int
    cpu_s: float
    overrides: tuple[str, ...] = ()
    kind: Kind = "measured"
    settings: str = ""
    program: str = ""

    def count(self, mode: Mode) -> int:
        """The worlds of a mode; none where a program is missing."""
        if self.program and shutil.which(self.program) is None:
            return 0
        return self.quick if mode == "quick" else self.full


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of a claim: other worlds, other metrics by the claim's own, or a point of the sweep."""

    worlds: Worlds | None = None
    metrics: Mapping[str, str] = field(default_factory=dict)
    point: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Experiment:
    """Worlds, and those readings that change them or what is measured; other readings are missing.

    ``axis``: the column whose values a claim compares, the policies unless it is another; ``policy``: under
    which, then. ``trend``: the points at the far and at the near end of one.
    """

    worlds: Worlds
    readings: Mapping[str, Reading] = field(default_factory=dict)
    axis: str = POLICY
    policy: str = "rwoa"
    trend: tuple[Mapping[str, str], Mapping[str, str]] = field(default=({}, {}))


_DEFAULT = Reading()
_STAGE_2 = Worlds("stage-2", "paper/stage-2", quick=12, full=200, cpu_s=5.0)
_CELL = Worlds(
    "stage-2-cell",
    "paper/stage-2",
    quick=8,
    full=200,
    cpu_s=4.2,
    overrides=("belief.frequency=cell", "policies=[rwoa, manual]", "claims=null"),
)
_SHARES = Worlds(
    "stage-2-shares",
    "paper/stage-2",
    quick=0,
    full=200,
    cpu_s=4.2,
    overrides=("workload_limit.share=mined", "policies=[rwoa, manual]", "claims=null"),
)

TABLE_1_FULL = Worlds("table-1-full", "paper/table-1-full", quick=0, full=60, cpu_s=2.3)
FRONTIER = Worlds("frontier", "paper/frontier", quick=0, full=60, cpu_s=10.5)
"""What exhibits show beyond the claims."""

EXPERIMENTS: Mapping[str, Experiment] = MappingProxyType(
    {
        "table-1": Experiment(Worlds("table-1", "paper/table-1", quick=60, full=200, cpu_s=0.5)),
        "stage-2": Experiment(
            _STAGE_2,
            {
                "practice": _DEFAULT,
                "cell": Reading(_CELL),
                "equal": _DEFAULT,
                "stage-1": Reading(_SHARES),
                "wall-clock": _DEFAULT,
                "in-hours": Reading(
                    metrics={
                        "response_time_success": "response_time_success_in_hours",
                        "tat_mean_min": "tat_in_hours_mean_min",
                    }
                ),
                "look-up": Reading(
                    metrics={
                        "response_time_success": "response_time_success_literal",
                        "tat_mean_min": "lookup_total_min",
                    }
                ),
            },
        ),
        "stage-1": Experiment(
            Worlds("stage-1", "paper/stage-1", quick=2, full=20, cpu_s=1.0, kind="ratings")
        ),
        "solver-behaviour": Experiment(
            Worlds(
                "solver-behaviour",
                "paper/stage-2",
                quick=0,
                full=4,
                cpu_s=90.0,
                overrides=("policies=[rwoa]", "baseline=rwoa", "claims=null"),
                kind="batches",
                settings=solver_behaviour.SETTINGS,
                program=PROGRAM,
            )
        ),
        "archive": Experiment(Worlds("archive", "paper/archive-52-sites", quick=0, full=1, cpu_s=270.0)),
        "prediction-one-radiologist": Experiment(
            Worlds(
                "one-radiologist",
                "paper/prediction-one-radiologist",
                quick=2,
                full=20,
                cpu_s=1.0,
                kind="journals",
            )
        ),
        "prediction-pool": Experiment(
            Worlds("pool", "paper/prediction-pool", quick=8, full=60, cpu_s=2.5),
            trend=({"variant": "pool-18"}, {"variant": "pool-3"}),
        ),
        "prediction-constraints": Experiment(
            Worlds("constraints", "paper/prediction-constraints", quick=8, full=60, cpu_s=2.0),
            trend=({"variant": "constrained"}, {"variant": "free"}),
        ),
        "prediction-delivery": Experiment(
            Worlds("delivery", "paper/prediction-delivery", quick=4, full=30, cpu_s=5.0),
            {one: Reading(point={"variant": one}) for one in ("bandwidth", "storage", "hardware")},
            axis="grid.delivery",
        ),
        "prediction-storage": Experiment(
            Worlds("storage", "paper/prediction-storage", quick=4, full=20, cpu_s=3.5), axis="variant"
        ),
    }
)
"""By the name that claims.yaml gives an experiment."""

SCENARIOS_OF_SUMS: Mapping[str, str] = MappingProxyType(
    {"stage-1": "paper/stage-1", "stage-2": "paper/stage-2"}
)
"""The scenarios whose inspections are added up."""


def reading_of(experiment: Experiment, name: str) -> Reading | None:
    """The reading of that name, the default one where a claim has none; None where nobody has built it."""
    return experiment.readings.get(name) if name else _DEFAULT


def arm(point: Mapping[str, str], policy: str) -> str:
    """The name of one policy at one point of a sweep: ``variant=free, rwoa``."""
    return ", ".join([*(f"{column}={value}" for column, value in sorted(point.items())), policy])


def numbered_arm(point: int, policy: str) -> str:
    """The name of one policy at one point of an analysis, whose places would fill a line."""
    return f"point {point}, {policy}"
