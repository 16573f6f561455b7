"""What breaks first: every thing missing in turn, the load in steps, and the outage in the worst hour.

START HERE with ``stress``. All states are in the worlds of the deployed one, so that what differs is what is
missing. Each verdict is at 95 % for itself, however early it fell: of twenty close ones one may be wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, inf

import numpy as np

from simgrid.domain.scenario import Scenario
from simgrid.domain.stress import StressTest
from simgrid.domain.targets import Target
from simgrid.experiments.campaign import Keys
from simgrid.planning.busiest import Traffic
from simgrid.planning.judging import CONFIDENCE, Change, Judged, fewest, judged
from simgrid.planning.loading import Loads, raised
from simgrid.planning.looking import Seen, looked_at, looks
from simgrid.planning.observed import Runs, Values
from simgrid.planning.outage import Outage, worst_outage
from simgrid.planning.sizing import telling
from simgrid.planning.states import Kind, State, states

FEWEST_WITH_TARGETS = 60
MOST_NAMED = 10_000
"""More replications are named to nobody: a target so near to its bound is in doubt for good."""
BUSIEST = 1.5
"""Inspections of the busiest replication over those of the mean one, as replications are chosen for."""


@dataclass(frozen=True, slots=True)
class Without:
    """One thing missing, and what that does in ``n`` worlds; ``says`` from when and for how long."""

    kind: Kind
    name: str
    says: str
    alike: tuple[str, ...]
    n: int
    targets: tuple[Judged, ...]
    changes: tuple[Change, ...]

    def named(self, verdict: str) -> tuple[str, ...]:
        """The targets with this verdict."""
        return tuple(one.name for one in self.targets if one.verdict == verdict)


@dataclass(frozen=True, slots=True)
class Stressed:
    """A finished stress test. ``loads`` is None for a replayed log, whose requests cannot be scaled.

    ``telling``: about as many replications as would show the targets in doubt as deployed to be met; None
    where none is in doubt, or no number can be told. ``usual``: as many as the test takes of itself.
    ``first_run``: the key of the deployed state's first
    run. ``sites``: whose links are among those missing.
    """

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
    first_run: str = ""
    sites: tuple[str, ...] = ()
    telling: int | None = None
    usual: int = FEWEST_WITH_TARGETS


def replications_for(cell: Scenario, given: int | None) -> int:
    """As given, else the scenario's, and with targets so many that these can be shown to hold.

    Shares of replications that are not equally busy take more than those that are: half as many again.
    """
    if given is not None:
        return given
    declared = cell.replications if cell.precision is None else min(cell.replications, FEWEST_WITH_TARGETS)
    if not cell.targets:
        return declared
    shown = (ceil(BUSIEST * fewest(one)) if one.pooled else fewest(one) for one in cell.targets)
    return max(declared, FEWEST_WITH_TARGETS, *shown)


def stress(
    deployed: Scenario, ahead: Traffic, runs: Runs, replications: int, tell: Callable[[str], None]
) -> Stressed:
    """Test one cell; ``tell`` hears what is computed next. The answer does not depend on what is stored.

    Raises as ``parallel.compute``.
    """
    missing = states(deployed, ahead, deployed.stress)
    tell(f"as deployed, {replications} replications")
    (as_deployed,) = runs.of([deployed], replications)
    plan = looks(deployed.targets, replications)
    tell(f"without each of {len(missing)} things, {' then '.join(map(str, plan))} replications each")

    def told(n: int, found: Sequence[Seen | None]) -> None:
        if n < replications:
            tell(_so_far(n, missing, found))

    seen = looked_at(runs, [one.cell for one in missing], deployed.targets, as_deployed, told)
    return Stressed(
        title=deployed.title,
        scenario=deployed.name,
        policy=runs.policy.label,
        replications=replications,
        test=deployed.stress,
        asked=deployed.targets,
        deployed=judged(deployed.targets, as_deployed),
        without=_by_harm(missing, seen),
        loads=raised(deployed, runs, as_deployed, tell),
        outage=worst_outage(deployed, ahead, runs, replications, tell),
        first_run=Keys(deployed, {runs.policy.name: runs.source}).of(runs.policy, 0),
        sites=tuple(one.name for one in deployed.sites),
        telling=_telling(deployed.targets, as_deployed),
        usual=replications_for(deployed, None),
    )


def _telling(targets: Sequence[Target], seen: Values) -> int | None:
    """Of fewer than could show a flawless share nothing is reckoned: how they spread is not known."""
    doubtful = [
        target
        for target, one in zip(targets, judged(targets, seen), strict=True)
        if one.verdict == "cannot be told apart"
    ]
    if any(seen.replications < fewest(one) for one in doubtful):
        return None
    each = [telling(seen.of_target(one), one, CONFIDENCE, MOST_NAMED) for one in doubtful]
    told = [one for one in each if one is not None]
    return max(told) if told and len(told) == len(each) else None


def _so_far(n: int, missing: Sequence[State], found: Sequence[Seen | None]) -> str:
    """What is decided already: of use to whoever ends the test here."""
    sure = [(state, one) for state, one in zip(missing, found, strict=True) if one is not None]
    broken = [
        f"{state.kind} {state.name}"
        for state, one in sure
        if any(each.verdict == "missed" for each in one.targets)
    ]
    words = f"; a target is missed without {', '.join(broken)}" if broken else ""
    return f"after {n} replications {len(sure)} of {len(missing)} are decided{words}"


def _by_harm(missing: Sequence[State], seen: Sequence[Seen]) -> tuple[Without, ...]:
    found = [
        Without(state.kind, state.name, state.says, state.alike, one.n, one.targets, one.changes)
        for state, one in zip(missing, seen, strict=True)
    ]
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
