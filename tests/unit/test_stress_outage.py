"""The outage in the worst hour: which is the worst, and every way in which its recovery can end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import inf, nan
from typing import Any

import numpy as np
import pytest

from simgrid.domain.events import Illness, LinkLimit
from simgrid.domain.scenario import PolicyChoice, Scenario
from simgrid.domain.stress import StressTest
from simgrid.domain.units import HOUR
from simgrid.experiments.assemble import run_journal
from simgrid.planning.busiest import Traffic, traffic
from simgrid.planning.observed import Values
from simgrid.planning.outage import Outage, Tried, candidates, felt, worst_outage
from simgrid.planning.recovery import EXTRA_BACKLOG, EXTRA_WAIT, RECOVERY, extra_backlog, recovery_once
from simgrid.presentation.stress_outage import outage_notes, outage_sentence
from simgrid.scenario import load
from tests.exact.test_stress_by_hand import reports

N = 20


def outage(
    hours: Sequence[float], backlog: Sequence[float], extra: Sequence[float], **changed: Any
) -> Outage:
    back = np.array(hours)
    made = Outage(
        kind="link",
        what="clinic",
        at="Mon 2026-01-05 08:00",
        at_s=0.0,
        for_s=4 * HOUR,
        watched_s=30 * HOUR,
        tried=(Tried("link", "clinic", "Mon 2026-01-05 08:00", nan),),
        recovery_h=felt(np.where(np.isinf(back), nan, back), least=0.0),
        never=int(np.isinf(back).sum()),
        extra_backlog=felt(np.array(backlog), least=0.0),
        extra_wait_h=felt(np.array(extra)),
    )
    return replace(made, **changed)


AS_WITHOUT = "no more studies wait than without the outage"
SPREAD = np.linspace(1.0, 2.0, N).tolist()
FAILS = "The worst outage that was tried: link clinic down for 4 h from Mon 2026-01-05 08:00. "


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (
            outage(SPREAD, SPREAD, SPREAD),
            f"On average 1.5 h (95 % interval 1.4 to 1.6 h) after it is over {AS_WITHOUT}.",
        ),
        (
            outage([1.5] * N, SPREAD, SPREAD),
            f"1.5 h (the same in all 20) after it is over {AS_WITHOUT}.",
        ),
        (
            outage([inf] * N, SPREAD, SPREAD),
            "In none of 20 replications is its backlog worked off when the run ends, 30 h after it is over: "
            "more studies wait than without the outage.",
        ),
        (
            outage([inf, inf, inf, *SPREAD[3:]], SPREAD, SPREAD),
            f"In 17 of 20 replications {AS_WITHOUT} on average 1.6 h (95 % interval 1.4 to 1.7 h) after "
            "it is over; in the other 3 more do even when the run ends, 30 h after it.",
        ),
        (
            outage([inf] * (N - 1) + [1.0], SPREAD, SPREAD),
            f"In 1 of 20 replications {AS_WITHOUT} 1.0 h (no interval) after it is over; in the other 19 "
            "more do even when the run ends, 30 h after it.",
        ),
        (
            outage([0.0] * N, SPREAD, SPREAD),
            f"As soon as it is over {AS_WITHOUT}, in all 20 replications.",
        ),
        (outage([0.0] * N, [0.0] * N, [0.0] * N), "No backlog builds up in any of 20 replications."),
        (
            outage([0.0] * N, [0.0] * N, SPREAD, watched_s=-HOUR),
            "The run ends before it is over, so nothing is known of the time after.",
        ),
        (
            outage(SPREAD, SPREAD, np.linspace(-5, 6, N).tolist()),
            f"On average 1.5 h (95 % interval 1.4 to 1.6 h) after it is over {AS_WITHOUT}. "
            "Whether studies wait longer for it at all cannot be told.",
        ),
    ],
)
def test_what_fails_and_how_long_it_is_felt_in_every_case(one: Outage, said: str) -> None:
    assert outage_sentence(one) == FAILS + said


def test_a_unit_fails_with_its_people() -> None:
    one = outage(SPREAD, SPREAD, SPREAD, kind="unit", what="desk")
    assert "unit desk down, with all its radiologists, for 4 h from Mon" in outage_sentence(one)


def test_the_hours_that_were_tried_are_told_with_what_they_cost() -> None:
    tried = (Tried("link", "clinic", "Mon 08:00", 12.34), Tried("unit", "desk", "Mon 09:00", -0.5))
    waits, worst = outage_notes(outage(SPREAD, [3.0] * N, SPREAD, tried=tried))
    assert "1.5 h [1.4, 1.6] longer" in waits
    assert "3.0 (the same in all 20) more studies wait" in waits
    assert "link clinic Mon 08:00 (+12.3 h); unit desk Mon 09:00 (-0.5 h)" in worst


def test_the_backlog_is_the_most_at_one_time() -> None:
    assert extra_backlog(reports(1, 4, 5, 6), reports(1, 2, 3, 4)) == 2.0  # from 3 h on until 4 h
    assert extra_backlog(reports(1, 2, 3, 4), reports(1, 2, 3, 4)) == 0.0
    assert extra_backlog(reports(1, 2, 3, 4), reports(1, 4, 5, 6)) == 0.0
    assert extra_backlog(reports(1), reports(1, 2, 3, 4)) == 3.0


class Costs:
    """Runs in which an outage costs what is said of it."""

    policy = PolicyChoice("rwoa")

    def __init__(self, cost: Any) -> None:
        self.cost, self.seeds = cost, list[int]()

    def recoveries(self, cells: Sequence[Scenario], n: int, events: int) -> list[Values]:
        self.seeds += [one.seed for one in cells]
        waits = [float(self.cost(one.events[-events:])) for one in cells]
        return [
            Values({RECOVERY: np.ones(n), EXTRA_WAIT: np.full(n, w), EXTRA_BACKLOG: np.ones(n)}, n)
            for w in waits
        ]


def long() -> Scenario:
    plain = load("tiny/one-unit").cells[0]
    arrivals = replace(plain.demand.arrivals, within_s=12 * HOUR)
    demand = replace(plain.demand, arrivals=arrivals)
    return replace(plain, horizon_s=12 * HOUR, demand=demand, stress=StressTest(load_to=1.05))


def worst(cost: Any) -> tuple[Outage, list[int]]:
    runs: Any = Costs(cost)
    deployed = long()
    return worst_outage(deployed, traffic(deployed), runs, N, lambda _: None), runs.seeds


def test_the_worst_hour_is_the_one_that_costs_most_in_other_worlds() -> None:
    found, seeds = worst(lambda events: isinstance(events[0], LinkLimit) and events[0].start_s == 8 * HOUR)
    assert (found.kind, found.what, found.at_s) == ("link", "clinic", 8 * HOUR)
    assert len(seeds) == len(found.tried) + 1 == len(candidates(long(), traffic(long()))) + 1
    assert set(seeds[:-1]) != {long().seed}
    assert seeds[-1] == long().seed


def test_a_unit_s_worst_hour_counts_as_a_link_s_does() -> None:
    found, _ = worst(lambda events: isinstance(events[0], Illness))
    assert (found.kind, found.what) == ("unit", "desk")
    assert {one.kind for one in found.tried} == {"link", "unit"}


def test_a_unit_fails_with_everybody_and_nobody_knows_before() -> None:
    deployed = long()
    units = [one for one in candidates(deployed, traffic(deployed)) if one.kind == "unit"]
    assert units
    for one in units:
        assert {each.radiologist for each in one.events if isinstance(each, Illness)} == {"ada", "ben"}
        assert one.cell.events[-2:] == one.events


def test_desks_are_worst_where_most_is_read_then_where_most_waits() -> None:
    ahead = Traffic(
        (0.0, 3600.0, 7200.0, 10800.0),
        {"a": (0.0,) * 4},
        {"a": 0.0},
        {"few": (0.0, 9.0, 9.0, 0.0), "many": (60.0, 60.0, 60.0, 5.0), "none": (0.0,) * 4},
        (0.0, 5.0, 40.0, 0.0),
    )
    assert ahead.units == ("many", "few")
    assert ahead.worst_for_desks("many", 3600.0, 0.0, 2) == (7200.0, 3600.0)
    assert ahead.worst_for_desks("few", 3600.0, 0.0, 9) == (7200.0, 3600.0)
    assert ahead.worst_for_desks("many", 3600.0, 9000.0, 2) == (10800.0,)


def test_what_a_unit_reads_is_its_part_of_what_there_is() -> None:
    region = load("templates/regional-network", ["variants=null"]).cells[0]
    ahead = traffic(region)
    assert set(ahead.units) == {one.name for one in region.units}
    for place, waits in enumerate(ahead.waiting_min[1:]):
        assert waits >= 0
        assert all(minutes[place] >= 0 for minutes in ahead.read_min.values())


def test_without_the_outage_is_without_all_of_its_events() -> None:
    """A unit's outage is one event for each of its people; the other world has none of them."""
    deployed = long()
    one = next(each for each in candidates(deployed, traffic(deployed)) if each.kind == "unit")
    choice = deployed.policies[0]
    measured = {m.metric: m.value for m in recovery_once(one.cell, choice, 0, events=len(one.events))}
    spared = run_journal(deployed, choice, 0).inspections.reported_s
    struck = run_journal(one.cell, choice, 0).inspections.reported_s
    assert measured[EXTRA_WAIT] == pytest.approx((struck - spared).sum() / HOUR)
    assert measured[EXTRA_WAIT] > 0
