"""Policies from later work, on worklists written by hand."""

import numpy as np
import pytest

from simgrid.domain.decision import Relaxed
from simgrid.domain.scenario import PolicyChoice
from simgrid.policies.registry import PolicyError, check, make
from simgrid.rating import Ontology
from tests.worklists import radiologist, team, worklist

ONTOLOGY = Ontology.default()
CT, MR, MG = 0, 1, 2  # 10, 20 and 4 minutes
TRIO = team(radiologist("a", 0.5), radiologist("b", 0.9), radiologist("c", 0.7))
CHOOSY = team(
    radiologist("a", reads=("MR",)), radiologist("b", reads=("CT", "MG")), radiologist("c", monitor=1.0)
)
ALL = (
    "deadline-insertion",
    "effort-deficit",
    "shortest-completion",
    "shortest-completion@earliest-due-date",
    "shortest-completion@urgent-first",
    "shortest-completion@ageing",
)


def policy(label, of=TRIO, **options):
    return make(PolicyChoice.parse(label, options), of, ONTOLOGY)


def chosen(label, rows, of=TRIO, options=None, **state):
    work = worklist(of, rows, **{"size_bytes": 0.0, **state})
    return policy(label, of, **(options or {})).assign(work).radiologist.tolist()


@pytest.mark.parametrize("label", ALL)
def test_only_who_may_read_it_gets_it_and_who_is_on_duty_first(label):
    assert chosen(label, [MG, CT], CHOOSY, on_duty=[True, True, False]) == [1, 1]
    assert chosen(label, [MR], CHOOSY, on_duty=[True, True, False]) == [0]
    assert chosen(label, [MR], CHOOSY, on_duty=[False, True, True]) == [2]
    only_mr = team(radiologist("a", reads=("MR",)), radiologist("b", reads=("MR",)))
    assert chosen(label, [CT, MR], only_mr)[0] == -1
    never = float("inf")
    assert chosen(label, [MG], CHOOSY, available_in_s=[0.0, never, 0.0], on_duty=[False] * 3) == [1]
    assert chosen(label, []) == []


class TestDeadlineInsertion:
    def test_the_best_rated_as_long_as_nothing_is_late(self):
        assert chosen("deadline-insertion", [CT] * 3, required_s=1900.0) == [1, 1, 1]
        assert chosen("deadline-insertion", [CT] * 5, required_s=1300.0) == [1, 1, 2, 2, 0]

    def test_what_was_given_before_is_not_made_late(self):
        """The urgent row would be in time at b, but before the routine one, which would then be late."""
        state = {"required_s": [1000.0, 1100.0], "urgent": [False, True]}
        assert chosen("deadline-insertion", [CT, CT], **state) == [1, 2]

    def test_rows_are_taken_by_due_time(self):
        assert chosen("deadline-insertion", [CT, CT], required_s=[1100.0, 1000.0]) == [2, 1]

    def test_where_all_are_late_the_fewest_seconds_and_it_says_so(self):
        work = worklist(TRIO, [CT], required_s=100.0, size_bytes=0.0, available_in_s=[50.0, 60.0, 70.0])
        answer = policy("deadline-insertion").assign(work)
        assert answer.radiologist.tolist() == [0]
        assert answer.relaxed == (Relaxed("deadline", 0, 0, 550.0),)
        assert answer.planned_s.tolist() == [650.0]

    def test_blind_to_fit_takes_the_first_in_time(self):
        assert chosen("deadline-insertion@blind-to-fit", [CT] * 3, required_s=1300.0) == [0, 0, 1]


class TestShortestCompletion:
    def test_backlog_transfer_and_speed_count(self):
        quick = team(radiologist("a", speed=2.0), radiologist("b", unit="south"), radiologist("c"))
        assert chosen("shortest-completion", [CT], quick) == [1]
        assert chosen("shortest-completion", [CT], quick, available_in_s=[0.0, 700.0, 100.0]) == [2]
        slow_line = {"size_bytes": 1e9, "bandwidth_bps": [1e9, 1e6]}
        assert chosen("shortest-completion", [CT], quick, **slow_line) == [2]

    def test_what_it_gives_away_counts_with_the_duties_that_follow(self):
        pair = team(radiologist("a", non_reading=0.5), radiologist("b", speed=1.9))
        # a is free again after 20 minutes, and would end the second at 30; b ends it at 19
        assert chosen("shortest-completion", [CT, CT, CT], pair) == [0, 1, 0]

    def test_the_order_decides_who_gets_the_early_desk(self):
        state = {
            "available_in_s": [0.0, 3000.0, 6000.0],
            "required_s": [9000.0, 5000.0, 7000.0],
            "urgent": [False, False, True],
        }
        rows = [MR, MR, MR]
        assert chosen("shortest-completion", rows, **state) == [0, 0, 0]
        tight = {**state, "available_in_s": [0.0, 1100.0, 2300.0]}
        assert chosen("shortest-completion", rows, **tight) == [0, 1, 0]
        assert chosen("shortest-completion@earliest-due-date", rows, **tight) == [0, 0, 1]
        assert chosen("shortest-completion@urgent-first", rows, **tight) == [1, 0, 0]

    def test_ageing_lifts_what_has_waited_beyond_its_maximum_above_the_urgent(self):
        state = {
            "available_in_s": [0.0, 1100.0, 1150.0],
            "urgent": [False, False, True],
            "required_s": 1000.0,
        }
        rows, waited = [MR, MR, MR], [600.0, 700.0, 0.0]
        assert chosen("shortest-completion@ageing", rows, age_s=[100.0, 200.0, 0.0], **state) == [1, 2, 0]
        assert chosen("shortest-completion@ageing", rows, age_s=waited, **state) == [1, 0, 2]
        patient = {"max_wait": 0.65}
        assert chosen("shortest-completion@ageing", rows, options=patient, age_s=waited, **state) == [2, 0, 1]

    def test_an_unknown_order_is_refused(self):
        (problem,) = check(PolicyChoice.parse("shortest-completion", {"order": "alphabet"}))
        assert "arrival" in problem


class TestEffortDeficit:
    def test_routine_goes_to_the_largest_deficit(self):
        assert chosen("effort-deficit", [CT] * 4, effort_done=[30.0, 5.0, 12.0]) == [1, 2, 1, 2]

    def test_the_share_follows_the_limits(self):
        state = {"effort_limit": [60.0, 30.0, 10.0], "effort_done": [30.0, 20.0, 10.0]}
        assert chosen("effort-deficit", [CT], **state) == [0]

    def test_without_limits_it_follows_full_time_equivalents(self):
        part = team(radiologist("a", full_time=0.2), radiologist("b"), radiologist("c"))
        assert chosen("effort-deficit", [CT] * 5, part) == [1, 2, 1, 2, 0]

    def test_a_relative_deficit_asks_part_timers_earlier(self):
        part = team(radiologist("a", full_time=0.5), radiologist("b", full_time=1.0))
        done = {"effort_done": [0.0, 5.0]}
        assert chosen("effort-deficit", [MR], part, **done) == [1]
        assert chosen("effort-deficit@relative", [MR], part, **done) == [0]

    def test_urgent_goes_to_the_least_urgent_load_whatever_the_deficit(self):
        state = {"effort_done": [0.0, 90.0, 95.0], "urgent": [True, True, True, False]}
        assert chosen("effort-deficit", [MR, CT, CT, CT], **state) == [0, 1, 2, 0]

    def test_the_urgent_load_shrinks_with_time_on_duty_and_with_the_queue(self):
        deficit = policy("effort-deficit")
        busy = {"urgent": [True], "queue_s": [3000.0] * 3, "size_bytes": 0.0}
        for who in (0, 1, 2):
            assert deficit.assign(worklist(TRIO, [MR], **busy)).radiologist.tolist() == [who]
        on_duty = [False, True, False]
        later = worklist(TRIO, [MR], **busy)
        object.__setattr__(later, "now_s", 600.0)
        object.__setattr__(later.desks, "on_duty", np.array(on_duty))
        assert deficit.assign(later).radiologist.tolist() == [1]
        emptied = worklist(TRIO, [MR], urgent=[True], queue_s=[3000.0, 3000.0, 1.0], size_bytes=0.0)
        object.__setattr__(emptied, "now_s", 600.0)
        assert deficit.updated(TRIO).assign(emptied).radiologist.tolist() == [2]


class TestLogged:
    def test_does_as_the_log_says_and_leaves_the_rest(self):
        assert chosen("logged", [MG, CT, MR], CHOOSY, logged=[2, -1, 0], on_duty=[False] * 3) == [2, -1, 0]

    def test_is_refused_where_no_log_is(self):
        with pytest.raises(ValueError, match="come from no log"):
            chosen("logged", [CT])

    def test_knows_when_the_log_is_of_another_team(self):
        with pytest.raises(ValueError, match="radiologist 3 of a team of 3"):
            chosen("logged", [CT], logged=[3])

    def test_takes_no_options(self):
        with pytest.raises(PolicyError, match="no option"):
            policy("logged", habit=1)
