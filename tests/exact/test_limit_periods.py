"""Limits that begin anew with each day or week: what counts, what waits, and how eq. 10 is scored."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from simgrid.domain.limits import WorkloadLimit
from simgrid.domain.scenario import Discrepancy
from simgrid.domain.world import World
from simgrid.experiments.assemble import run_journal, run_once, setting_of
from simgrid.experiments.calendar_times import in_rostered_time, period_starts
from simgrid.metrics import evaluate, load
from simgrid.scenario import load as load_scenario
from simgrid.simulation.ledger import Ledger
from tests.worlds import world

DAY = 86400.0
EFFORT = np.array([10.0, 20.0, 30.0, 40.0])


def books(**rule: object) -> tuple[Ledger, SimpleNamespace]:
    limit = WorkloadLimit(slack=1.0, plus_largest=False, period="day", **rule)  # type: ignore[arg-type]
    made: World = replace(world(), workload_limit=limit, limit_periods_s=(DAY, 2 * DAY))
    clock = SimpleNamespace(now=0.0)
    return Ledger(clock, EFFORT, made, np.full(len(made.radiologists), np.inf)), clock  # type: ignore[arg-type]


def test_a_new_day_forgets_what_was_given_and_keeps_what_waits() -> None:
    ledger, clock = books()
    everybody = len(ledger.done())
    ledger.see(0)
    ledger.see(1)
    ledger.assign(0, 0)
    assert ledger.done()[0] == 10.0
    assert ledger.limits().sum() == pytest.approx(30.0)
    clock.now = DAY
    assert ledger.done().tolist() == [0.0] * everybody
    assert ledger.limits().sum() == pytest.approx(20.0)
    ledger.see(2)
    assert ledger.limits().sum() == pytest.approx(50.0)
    clock.now = 5 * DAY
    assert ledger.limits().sum() == pytest.approx(50.0)


def test_what_comes_back_counts_in_the_day_in_which_it_waits_again() -> None:
    ledger, clock = books()
    ledger.see(3)
    ledger.assign(3, 0)
    ledger.take_back(3, 0)
    assert ledger.done().sum() == 0.0
    assert ledger.limits().sum() == pytest.approx(40.0)
    ledger.assign(3, 0)
    clock.now = DAY + 1
    ledger.take_back(3, 0)
    assert ledger.done().sum() == 0.0
    assert ledger.limits().sum() == pytest.approx(40.0)


@pytest.mark.parametrize(("period", "hours"), [("run", []), ("day", [15.0, 38.0, 62.0]), ("week", [15.0])])
def test_periods_begin_at_local_midnights_whatever_the_clocks_do(period: str, hours: list[float]) -> None:
    """Berlin loses an hour in the night to Sunday 29 March 2026."""
    start = datetime(2026, 3, 28, 9, tzinfo=ZoneInfo("Europe/Berlin"))
    if period == "week":
        start = datetime(2026, 3, 29, 9, tzinfo=ZoneInfo("Europe/Berlin"))
    found = period_starts(start, 63 * 3600.0, period)  # type: ignore[arg-type]
    assert [at_s / 3600 for at_s in found] == hours


STAGE = (
    *("horizon=7 d", "demand.count=60", "demand.mix.counts={CT: 55, MR: 5}"),
    *("policies=[rwoa, manual]", "claims=[]", "primary=[]", "belief=null"),
)


def test_one_period_longer_than_the_run_is_the_run() -> None:
    (whole,) = load_scenario("paper/stage-2", STAGE).cells
    journal = run_journal(whole, whole.policies[0], 0)
    minutes = load.assigned_min(journal)
    expected = load.distance(minutes, journal.radiologists.scored_limit_min)
    later = replace(journal, limit_periods_s=np.array([1e9]))
    assert load.distance_over_periods(later) == pytest.approx(expected, rel=1e-12)


def test_distances_of_days_have_the_weight_of_their_effort() -> None:
    (cell,) = load_scenario("paper/stage-2", (*STAGE, "workload_limit.period=day")).cells
    journal = run_journal(cell, cell.policies[1], 0)
    given = journal.inspections
    expected, whole = 0.0, given.effort_min.sum()
    day = np.searchsorted(journal.limit_periods_s, given.assigned_s, side="right")
    for one in set(day.tolist()):
        minutes = np.array(
            [given.effort_min[(day == one) & (given.radiologist == who)].sum() for who in range(9)]
        )
        share = minutes.sum() / 9
        expected += minutes.sum() / whole * float(np.mean(np.abs(minutes - share) / share))
    found = {one.metric: one.value for one in evaluate(journal, Discrepancy()) if one.group == "all"}
    assert found["workload_distance"] == pytest.approx(expected, rel=1e-9)
    assert found["workload_success"] == pytest.approx(1 / expected, rel=1e-9)


def test_a_daily_limit_makes_the_days_even_and_the_run_s_does_not() -> None:
    tight = "workload_limit={slack: 1.05, plus_largest: false, period: %s}"
    found = {}
    for period in ("run", "day"):
        first_found = "policy_options.rwoa.node_limit=1"
        (cell,) = load_scenario("paper/stage-2", (*STAGE, tight % period, first_found)).cells
        scored_by_day = replace(run_journal(cell, cell.policies[0], 0), limit_periods_s=_midnights())
        found[period] = load.distance_over_periods(scored_by_day)
    assert found["day"] < 0.8 * found["run"]


def _midnights() -> np.ndarray:
    start = datetime(2026, 3, 1, tzinfo=UTC)
    return np.array(period_starts(start, 30 * DAY, "day"))


def test_off_hours_that_do_not_count_are_the_in_hours_reading_of_sixty_minutes() -> None:
    hour = ("demand.required={urgent: 60 min, routine: 60 min}", "demand.off_hours=false")
    (cell,) = load_scenario("paper/stage-2", (*STAGE, *hour)).cells
    for policy in cell.policies:
        measured = run_once(cell, policy, 0)
        found = {one.metric: one.value for one in measured if one.group == "all"}
        assert found["response_time_success"] == found["response_time_success_in_hours"]
    (usual,) = load_scenario("paper/stage-2", (*STAGE, hour[0])).cells
    by_the_clock = {one.metric: one.value for one in run_once(usual, usual.policies[1], 0)}
    assert by_the_clock["response_time_success"] < found["response_time_success"]


def test_what_is_allowed_stands_still_until_the_next_session() -> None:
    (cell,) = load_scenario("paper/stage-2", STAGE).cells
    setting = setting_of(cell, 0)
    inspections, evening = setting.inspections, 17 * 3600.0
    asked = replace(
        inspections,
        requested_s=np.linspace(DAY + 60.0, DAY + 3600.0, len(inspections)),  # Monday, just after midnight
        required_s=np.full(len(inspections), 2 * 3600.0),
    )
    until = asked.requested_s + in_rostered_time(asked, setting.world).required_s
    np.testing.assert_allclose(until, DAY + evening + 2 * 3600.0)
    session = replace(asked, required_s=np.full(len(inspections), 3 * 3600.0))
    until = session.requested_s + in_rostered_time(session, setting.world).required_s
    np.testing.assert_allclose(until, 2 * DAY + evening)  # all night, for no more of it passes
