"""A warm-up by hand: the same run, of which only what is requested at its end or later is measured."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simgrid.domain.limits import WorkloadLimit
from simgrid.domain.scenario import Discrepancy, PolicyChoice
from simgrid.domain.schedule import WeeklySchedule, WeeklySpan
from simgrid.experiments.assemble import run_journal, run_once
from simgrid.experiments.identity import cell_digest
from simgrid.experiments.smoke import cut_short
from simgrid.metrics import audit, evaluate
from simgrid.scenario import load
from tests.worlds import Always, inspections, radiologist, simulate, world

MORNING = WeeklySchedule(tuple(WeeklySpan(day, 0, 60) for day in range(7)))
"""Everybody is on duty from 0:00 to 1:00, each day."""
REQUESTED = [0.0, 900.0, 1500.0, 2400.0]
MINUTES = [20.0, 10.0, 5.0, 5.0]
"""The one reader opens them at 0, 1200, 1800 and 2400 s and is done at 1200, 1800, 2100 and 2700 s."""


def measured(journal, group="all"):  # type: ignore[no-untyped-def]
    return {one.metric: one.value for one in evaluate(journal, Discrepancy()) if one.group == group}


def reader(warmup_s: float, **changes):  # type: ignore[no-untyped-def]
    return simulate(world([radiologist(schedule=MORNING)], warmup_s=warmup_s, **changes), work())


def work():  # type: ignore[no-untyped-def]
    return inspections(REQUESTED, MINUTES)


def test_what_is_requested_before_its_end_is_lived_through_and_not_measured() -> None:
    """At 1500 s the second is open, with 5 of its 10 min read; the third is requested, and so is measured."""
    plain, warm = reader(0.0), reader(1500.0)
    assert warm.fingerprint == plain.fingerprint
    assert len(warm.inspections) == 4
    np.testing.assert_array_equal(warm.inspections.reported_s, plain.inspections.reported_s)
    assert audit.problems(warm) == ()
    assert plain.warm_up is None
    assert warm.warm_up is not None
    assert warm.warm_up.reading_s.tolist() == [1500.0]
    assert warm.warm_up.rostered_s.tolist() == [1500.0]
    assert warm.radiologists.reading_s.tolist() == plain.radiologists.reading_s.tolist() == [2400.0]
    found = measured(warm)
    assert found["reported"] == 2
    # 1500 to 2100 s and 2400 to 2700 s; the wall clock runs through the shift.
    assert found["tat_mean_min"] == pytest.approx((10 + 5) / 2)
    assert found["tat_max_min"] == pytest.approx(10)
    assert found["wait_mean_min"] == pytest.approx(5 / 2)
    # After the warm-up she reads from 1500 to 2100 and from 2400 to 2700 s, until the end at 2700 s.
    assert found["utilisation"] == pytest.approx(900 / 1200)
    assert measured(plain)["utilisation"] == pytest.approx(2400 / 2700)
    assert found["response_total_h"] == pytest.approx(15 / 60)


def test_load_and_its_limit_are_of_what_is_measured() -> None:
    """10 expected minutes each: a gets the first two, b the others; measured are the last three."""

    class Halves(Always):
        def assign(self, worklist):  # type: ignore[no-untyped-def]
            answer = super().assign(worklist)
            return replace(answer, radiologist=(worklist.inspection >= 2).astype(np.int64))

    team = [radiologist("a"), radiologist("b")]
    rule = WorkloadLimit(scored_slack=1.2)
    journal = simulate(world(team, warmup_s=900.0, workload_limit=rule), work(), Halves())
    assert journal.radiologists.scored_limit_min.tolist() == pytest.approx([18.0, 18.0])
    found = measured(journal)
    assert found["workload_distance"] == pytest.approx((8 / 18 + 2 / 18) / 2)
    assert found["load_max_ratio"] == pytest.approx(20 / 18)
    assert found["load_gini"] == pytest.approx(1 / 6)
    assert measured(journal, "radiologist=a")["reported"] == 1
    assert measured(journal, "radiologist=b")["reported"] == 2


def test_a_run_that_ends_within_its_warm_up_measures_no_inspection() -> None:
    journal = reader(3000.0)
    assert journal.ended_s == 2700.0
    assert journal.warm_up is not None
    assert journal.warm_up.reading_s.tolist() == [2400.0]
    assert journal.warm_up.rostered_s.tolist() == [2700.0]
    assert {"reported", "tat_mean_min", "utilisation", "workload_distance"}.isdisjoint(measured(journal))


def test_the_grid_is_counted_from_the_beginning() -> None:
    plain = load("tiny/one-unit", ["grid={agents: {}}"]).cells[0]
    warm = replace(plain, warmup_s=plain.horizon_s / 2, canonical="")
    both = [
        {one.metric: one.value for one in run_once(each, PolicyChoice("rbsm"), 0) if one.group == "all"}
        for each in (plain, warm)
    ]
    for metric in ("transfers", "sent_gb", "retries", "messages", "peak_waiting_transfers"):
        assert both[0][metric] == both[1][metric]
    assert both[1]["reported"] < both[0]["reported"] == 12


def test_a_warm_up_of_nothing_is_none() -> None:
    scenario = load("tiny/one-unit").cells[0]
    spelt = load("tiny/one-unit", ["warmup=0 s"]).cells[0]
    assert spelt == scenario
    assert cell_digest(spelt) == cell_digest(scenario) != cell_digest(replace(scenario, warmup_s=1.0))


@settings(max_examples=15, deadline=None)
@given(st.sampled_from(("tiny/one-unit", "tiny/evening-shift")), st.floats(0, 0.99), st.integers(0, 5))
def test_any_warm_up_leaves_the_run_as_it_is_and_measures_the_rest(
    name: str, part: float, replication: int
) -> None:
    plain = load(name).cells[0]
    warm = replace(plain, warmup_s=part * plain.horizon_s, canonical="")
    policy = PolicyChoice("round-robin")
    journal = run_journal(warm, policy, replication)
    assert journal.fingerprint == run_journal(plain, policy, replication).fingerprint
    after = journal.inspections.requested_s >= warm.warmup_s
    count = {one.metric: one.value for one in run_once(warm, policy, replication) if one.group == "all"}
    assert count.get("reported", 0) + count.get("open_at_end", 0) == np.count_nonzero(after)
    if part == 0:
        assert run_once(warm, policy, replication) == run_once(plain, policy, replication)
    if journal.warm_up is not None:
        for before, whole in (
            (journal.warm_up.reading_s, journal.radiologists.reading_s),
            (journal.warm_up.rostered_s, journal.radiologists.rostered_s),
        ):
            assert np.all(before >= 0)
            assert np.all(before <= whole + 1e-9)


def test_a_quick_trial_keeps_the_warm_up_s_part_of_the_horizon() -> None:
    scenario = load("templates/regional-network", ["warmup=25 h", "horizon=100 h"]).cells[0]
    short = cut_short(scenario)
    assert short.horizon_s < scenario.horizon_s
    assert short.warmup_s / short.horizon_s == pytest.approx(0.25)
