"""Small worlds built by hand: what the tests of the model change one thing in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np

from simgrid.domain.decision import Assignment, Policy, Team, Worklist
from simgrid.domain.inspection import GATE_ATTEMPTS, POLICY_LUCK, Inspections, Retrievals
from simgrid.domain.journal import Journal
from simgrid.domain.kind import Kind
from simgrid.domain.limits import WorkloadLimit
from simgrid.domain.network import Access, DataCentre
from simgrid.domain.observer import NOBODY, Observer
from simgrid.domain.prior_studies import PriorStudies
from simgrid.domain.radiologist import Profile, Radiologist
from simgrid.domain.reporting_unit import ReportingUnit
from simgrid.domain.scenario import GateChoice
from simgrid.domain.schedule import ROUND_THE_CLOCK
from simgrid.domain.site import Site
from simgrid.domain.study import Studies
from simgrid.domain.world import Acquisition, Dispatch, World
from simgrid.quality import gates
from simgrid.simulation import Deciders, Fit, run

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
CT_BRAIN = Kind("CT", "Brain", "Head", "C71", "Neoplasm", "ct-brain", 10.0, 10.0, 10.0, 0.25)
MR_KNEE = Kind("MR", "Knee", "Extremity", "S83", "Injury", "mr-knee", 14.0, 12.0, 15.0, 0.25)
WIDE = Access(1e12, 1e12)
NO_RETRIEVALS = Retrievals(np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0))


def radiologist(name: str = "r1", unit: str = "unit", **changes: Any) -> Radiologist:
    one = Radiologist(name, unit, frozenset({"CT", "MR"}), {"CT": 0.8, "Brain": 0.6}, ROUND_THE_CLOCK)
    return replace(one, **changes)


def world(radiologists: Sequence[Radiologist] = (radiologist(),), **changes: Any) -> World:
    """One site, one unit with a workstation each, wide links, no gate, a decision at each arrival."""
    team = tuple(radiologists)
    give_up_s = changes.pop("give_up_s", 400 * 86400.0)
    end = datetime.fromtimestamp(MONDAY.timestamp() + give_up_s, tz=UTC)
    plain = World(
        sites=(Site("site", WIDE),),
        units=(ReportingUnit("unit", WIDE, 1e15, len(team), 10.0),),
        radiologists=team,
        rosters=tuple(one.schedule.roster(MONDAY, end) for one in team),
        truth=tuple(Profile(one.ratings, one.speed) for one in team),
        belief=tuple(Profile(one.ratings, one.speed) for one in team),
        data_centre=DataCentre(WIDE),
        clients=(),
        dispatch=Dispatch(0.0, 1000),
        acquisition=Acquisition(),
        workload_limit=WorkloadLimit(),
        storage_factor=1.0,
        report_bytes=0.0,
        sharing="shared",
        horizon_s=give_up_s,
        give_up_s=give_up_s,
    )
    return replace(plain, **changes)


def inspections(requested_s: Sequence[float], reading_min: Sequence[float], **columns: Any) -> Inspections:
    """Inspections of kind 0 at the first site, nothing to transfer, unless columns say otherwise."""
    rows = len(requested_s)
    defaults: dict[str, Any] = {
        "identifier": tuple(f"i{row}" for row in range(rows)),
        "kinds": (CT_BRAIN, MR_KNEE),
        "sites": ("site",),
        "kind": np.zeros(rows, dtype=np.int64),
        "site": np.zeros(rows, dtype=np.int64),
        "requested_s": np.asarray(requested_s, dtype=np.float64),
        "required_s": np.full(rows, 3600.0),
        "urgent": np.zeros(rows, dtype=np.bool_),
        "size_bytes": np.zeros(rows),
        "images": np.ones(rows, dtype=np.int64),
        "reading_draw_min": np.asarray(reading_min, dtype=np.float64),
        "luck": np.full((rows, POLICY_LUCK + GATE_ATTEMPTS), 0.5),
        "defect": np.zeros((rows, GATE_ATTEMPTS), dtype=np.bool_),
    }
    return Inspections(**(defaults | columns))


class Always:
    """Everything to one radiologist."""

    def __init__(self, who: int = 0) -> None:
        self._who = who

    def assign(self, worklist: Worklist) -> Assignment:
        return Assignment(np.full(len(worklist), self._who, dtype=np.int64))


class Shortest:
    """Fewest unfinished studies, counting this batch's own choices; ties to the first."""

    def assign(self, worklist: Worklist) -> Assignment:
        queue = worklist.desks.queue_count.copy()
        chosen = np.empty(len(worklist), dtype=np.int64)
        for row in range(len(worklist)):
            chosen[row] = int(np.argmin(queue))
            queue[chosen[row]] += 1
        return Assignment(chosen)


def team_of(one: World, work: Inspections) -> Team:
    monitors = {unit.name: unit.monitor_megapixels for unit in one.units}
    shared = {unit.name: unit.shared_megapixels for unit in one.units}
    factor = one.storage_factor
    return Team.of(
        one.radiologists, one.belief, monitors, work.kinds, shared_monitors=shared, storage_factor=factor
    )


def simulate(
    one: World,
    work: Inspections,
    policy: Policy | None = None,
    *,
    gate: GateChoice | None = None,
    retrievals: Retrievals = NO_RETRIEVALS,
    timing: Any = "batched",
    studies: Studies | None = None,
    priors: PriorStudies | None = None,
    observer: Observer = NOBODY,
) -> Journal:
    team = team_of(one, work)
    fit = np.ones((len(one.radiologists), len(work.kinds)))
    deciders = Deciders(team, policy or Always(), timing, gates.make(gate or GateChoice()))
    return run(one, work, retrievals, deciders, Fit(fit, fit), studies, priors, observer)
