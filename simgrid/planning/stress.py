"""What breaks first: every thing missing in turn, the load in steps, and the outage in the worst hour.

START HERE with ``stress``. All states are in the worlds of the deployed one, so that what differs is what is
missing. Each verdict is at 95 % for itself: of twenty that were close one may be wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf

import numpy as np

from simgrid.domain.scenario import Scenario
from simgrid.domain.stress import StressTest
from simgrid.domain.targets import Target
from simgrid.planning.busiest import Traffic
from simgrid.planning.judging import Change, Judged, compared, fewest, judged
from simgrid.planning.loading import Loads, raised
from simgrid.planning.observed import Runs, Values
from simgrid.planning.outage import Outage, worst_outage
from simgrid.planning.states import Kind, State, states

FEWEST_WITH_TARGETS = 60


@dataclass(frozen=True, slots=True)
class Without:
    """One thing missing, and what that does; ``says`` from when and for how long."""

    kind: Kind
    name: str
    says: str
    alike: tuple[str, ...]
    targets: tuple[Judged, ...]
    changes: tuple[Change, ...]

    def named(self, verdict: str) -> tuple[str, ...]:
        """The targets with this verdict."""
        return tuple(one.name for one in self.targets if one.verdict == verdict)


@dataclass(frozen=True, slots=True)
class Stressed:
    """A finished stress test. ``loads`` is None for a replayed log, whose requests cannot be scaled."""

    title: str
    scenario: str
    policy: str
    replications: int
    test: StressTest
    asked: tuple[Target, ...]
    deployed: tuple[Judged, ...]
    without: tuple[Without, ...]
    loads: Loads | None
    outage: Outage


def replications_for(cell: Scenario, given: int | None) -> int:
    """As given, else the scenario's, and with targets so many that these can be shown to hold."""
    if given is not None:
        return given
    declared = cell.replications if cell.precision is None else min(cell.replications, FEWEST_WITH_TARGETS)
    if not cell.targets:
        return declared
    return max(declared, FEWEST_WITH_TARGETS, *(fewest(one) for one in cell.targets))


def stress(
    deployed: Scenario, ahead: Traffic, runs: Runs, replications: int, tell: Callable[[str], None]
) -> Stressed:
    """Test one cell; ``tell`` hears what is computed next. The answer does not depend on what is stored.

    Raises as ``parallel.compute``.
    """
    missing = states(deployed, ahead, deployed.stress)
    cells = [deployed, *(one.cell for one in missing)]
    tell(f"as deployed and without each of {len(missing)} things, {replications} replications each")
    as_deployed, *seen = runs.of(cells, replications)
    return Stressed(
        title=deployed.title,
        scenario=deployed.name,
        policy=runs.policy.label,
        replications=replications,
        test=deployed.stress,
        asked=deployed.targets,
        deployed=judged(deployed.targets, as_deployed),
        without=_by_harm(deployed.targets, as_deployed, missing, seen),
        loads=raised(deployed, runs, as_deployed, replications, tell),
        outage=worst_outage(deployed, ahead, runs, replications, tell),
    )


def _by_harm(
    targets: Sequence[Target], as_deployed: Values, missing: Sequence[State], seen: Sequence[Values]
) -> tuple[Without, ...]:
    found = []
    for one, values in zip(missing, seen, strict=True):
        found.append(
            Without(one.kind, one.name, one.says, one.alike, *compared(targets, values, as_deployed))
        )
    return tuple(sorted(found, key=_harmless))


def _harmless(one: Without) -> tuple[float, float, float, float, str, str]:
    """Most targets missed first, then most in doubt, then the largest loss of studies in time, or of time."""
    lost, later = one.changes[0].difference, one.changes[1].difference
    return (
        -len(one.named("missed")),
        -len(one.named("cannot be told apart")),
        lost if np.isfinite(lost) else -inf,
        -later if np.isfinite(later) else -inf,
        one.kind,
        one.name,
    )
