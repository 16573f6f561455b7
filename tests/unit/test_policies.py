"""The policies that need no solver, on worklists written by hand."""

import numpy as np
import pytest

from simgrid.domain.scenario import PolicyChoice
from simgrid.policies.registry import make
from simgrid.rating import Ontology
from tests.worklists import radiologist, team, worklist

ONTOLOGY = Ontology.default()
CT, MR, MG = 0, 1, 2
TRIO = team(radiologist("a"), radiologist("b"), radiologist("c"))
# a reads MR only, c has a poor monitor for mammography (5 MP wanted)
CHOOSY = team(
    radiologist("a", reads=("MR",)), radiologist("b", reads=("CT", "MG")), radiologist("c", monitor=1.0)
)


def policy(label, of=TRIO, **options):
    return make(PolicyChoice.parse(label, options), of, ONTOLOGY)


def chosen(label, rows, of=TRIO, options=None, **state):
    return policy(label, of, **(options or {})).assign(worklist(of, rows, **state)).radiologist.tolist()


class TestRoundRobin:
    def test_goes_on_where_it_stopped(self):
        turn = policy("round-robin")
        assert turn.assign(worklist(TRIO, [CT] * 4)).radiologist.tolist() == [0, 1, 2, 0]
        assert turn.assign(worklist(TRIO, [CT] * 2)).radiologist.tolist() == [1, 2]

    def test_is_blind_to_credentials_monitor_and_duty(self):
        assert chosen("round-robin", [MG] * 3, CHOOSY, on_duty=[False] * 3) == [0, 1, 2]

    def test_feasible_takes_the_next_who_may(self):
        assert chosen("round-robin@feasible", [CT, CT, CT, MG, MG, MR], CHOOSY) == [1, 2, 1, 1, 1, 2]

    def test_feasible_prefers_those_on_duty_if_any_is(self):
        assert chosen("round-robin@feasible", [CT] * 3, CHOOSY, on_duty=[True, False, True]) == [2, 2, 2]
        assert chosen("round-robin@feasible", [CT] * 3, CHOOSY, on_duty=[True, False, False]) == [1, 2, 1]

    def test_nobody_may_read_it_takes_no_turn(self):
        only_mr = team(radiologist("a", reads=("MR",)), radiologist("b", reads=("MR",)))
        assert chosen("round-robin@feasible", [MR, CT, MR], only_mr) == [0, -1, 1]


class TestShortestQueue:
    def test_counts_studies_and_what_it_gives_away(self):
        assert chosen("shortest-queue", [CT] * 4, queue_count=[2, 0, 1]) == [1, 1, 2, 0]

    def test_ties_go_to_the_lowest_index(self):
        assert chosen("shortest-queue", [CT] * 3, queue_count=[1, 1, 1]) == [0, 1, 2]

    def test_minutes_weigh_the_studies(self):
        state = {"queue_count": [1, 3, 3], "queue_s": [3600.0, 900.0, 1000.0]}
        assert chosen("shortest-queue", [MR] * 2, **state) == [0, 0]
        assert chosen("shortest-queue@minutes", [MR] * 2, **state) == [1, 2]

    def test_minutes_are_those_of_the_pair(self):
        slow = team(radiologist("a", speed=4.0), radiologist("b"))
        assert chosen("shortest-queue@minutes", [CT] * 4, slow) == [0, 1, 1, 1]

    def test_feasible_skips_who_may_not(self):
        assert chosen("shortest-queue", [MG], CHOOSY) == [0]
        assert chosen("shortest-queue@feasible", [MG, MG, MR], CHOOSY, queue_count=[9, 9, 0]) == [1, 1, 2]
        state = {"queue_s": [0.0, 50.0, 60.0]}
        assert chosen("shortest-queue@feasible+minutes", [CT, CT], CHOOSY, **state) == [1, 2]


class TestRandom:
    def test_follows_the_inspections_luck(self):
        luck = [[0.0, 0, 0], [0.34, 0, 0], [0.99999, 0, 0], [0.33, 0, 0]]
        assert chosen("random", [CT] * 4, luck=luck) == [0, 1, 2, 0]

    def test_feasible_draws_among_candidates(self):
        luck = [[0.49, 0, 0], [0.51, 0, 0], [0.99, 0, 0]]
        assert chosen("random@feasible", [CT, CT, MG], CHOOSY, luck=luck) == [1, 2, 1]

    def test_the_largest_luck_is_still_a_candidate(self):
        luck = [[np.nextafter(1.0, 0.0), 0, 0]]
        assert chosen("random", [CT], luck=luck) == [2]

    def test_nobody_may_read_it(self):
        only_mr = team(radiologist("a", reads=("MR",)))
        assert chosen("random@feasible", [CT, MR], only_mr) == [-1, 0]


class TestRbsm:
    def test_takes_the_best_rated_whatever_the_load(self):
        graded = team(radiologist("a", 0.5), radiologist("b", 0.9), radiologist("c", 0.7))
        assert (
            chosen("rbsm", [CT] * 3, graded, queue_s=[0.0, 9e9, 0.0], on_duty=[True, False, True]) == [1] * 3
        )

    def test_credentials_and_monitor_are_conditions(self):
        people = [
            radiologist("a", 0.5),
            radiologist("b", 0.9, reads=("MR",)),
            radiologist("c", 0.7, monitor=1.0),
        ]
        assert chosen("rbsm", [CT, MR, MG], team(*people)) == [2, 1, 0]

    def test_ties_go_to_the_lowest_index_and_nobody_waits(self):
        assert chosen("rbsm", [CT, MG]) == [0, 0]
        assert chosen("rbsm", [CT, MR], team(radiologist("a", 0.0, reads=("MR",)))) == [-1, 0]

    def test_who_may_not_read_it_loses_to_who_fits_not_at_all(self):
        assert chosen("rbsm", [CT], team(radiologist("a", reads=("MR",)), radiologist("b", 0.0))) == [1]

    def test_the_whole_tree_sees_the_backlog(self):
        graded = team(radiologist("a", 0.8), radiologist("b", 0.9))
        state = {"available_in_s": [0.0, 3600.0], "required_s": 3600.0}
        assert chosen("rbsm", [CT], graded, **state) == [1]
        assert chosen("rbsm@whole-tree", [CT], graded, **state) == [0]

    def test_urgent_weights_move_the_whole_tree(self):
        graded = team(radiologist("a", 0.5), radiologist("b", 0.9))
        state = {"available_in_s": [0.0, 3000.0], "required_s": 3600.0, "urgent": [False, True]}
        assert chosen("rbsm@whole-tree", [CT, CT], graded, **state) == [1, 0]
        assert chosen("rbsm@whole-tree+normal-weights", [CT, CT], graded, **state) == [1, 1]

    def test_share_and_relative_leave_the_argmax_and_the_literal_root_rates_everybody_alike(self):
        graded = team(radiologist("a", 0.5), radiologist("b", 0.9))
        for reading in ("share", "relative"):
            assert chosen(f"rbsm@{reading}", [CT, MR, MG], graded) == [1, 1, 1]
        assert chosen("rbsm@whole-tree+literal", [CT, MR, MG], graded) == [0, 0, 0]


class TestManual:
    def test_chooses_by_habit_at_the_inspections_luck(self):
        # fits 0.75 and 0.25: the first takes luck below 0.75
        pair = team(radiologist("a", 0.75), radiologist("b", 0.25))
        luck = [[0, 0.74, 1.0], [0, 0.76, 1.0]]
        assert chosen("manual", [CT, CT], pair, luck=luck) == [0, 1]

    def test_favour_and_habit_shift_the_odds(self):
        pair = team(radiologist("a", 0.75), radiologist("b", 0.25, favour=9.0))
        assert chosen("manual", [CT], pair, luck=[[0, 0.26, 1.0]]) == [1]
        assert chosen("manual", [CT], pair, luck=[[0, 0.24, 1.0]]) == [0]
        plain = team(radiologist("a", 0.75), radiologist("b", 0.25))
        strong = {"habit": 2.0}
        assert chosen("manual", [CT], plain, strong, luck=[[0, 0.89, 1.0]]) == [0]
        assert chosen("manual", [CT], plain, strong, luck=[[0, 0.91, 1.0]]) == [1]
        assert chosen("manual", [CT], plain, {"habit": 0.0}, luck=[[0, 0.51, 1.0]]) == [1]

    def test_speed_counts_only_when_preferred(self):
        pair = team(radiologist("a", speed=3.0), radiologist("b"))
        assert chosen("manual", [CT], pair, luck=[[0, 0.4, 1.0]]) == [0]
        assert chosen("manual", [CT], pair, {"speed_preference": 1.0}, luck=[[0, 0.26, 1.0]]) == [1]

    def test_what_is_remembered_weighs_within_the_session_only(self):
        pair = team(radiologist("a"), radiologist("b"))
        mean = sum(kind.effort_min for kind in pair.kinds) / 3
        after_one = 1 / (1 + 20 / mean) / (1 + 1 / (1 + 20 / mean))
        assert after_one < 0.4
        remembers = [[0, 0.1, 0.0], [0, 0.4, 1.0]]
        forgets = [[0, 0.1, 0.5], [0, 0.4, 1.0]]
        assert chosen("manual", [MR, CT], pair, luck=remembers) == [0, 1]
        assert chosen("manual", [MR, CT], pair, luck=forgets) == [0, 0]
        chief = policy("manual", pair)
        chief.assign(worklist(pair, [MR], luck=remembers[:1]))
        same = worklist(pair, [CT], luck=remembers[1:], session=1)
        assert chief.assign(same).radiologist.tolist() == [1]
        later = worklist(pair, [CT], luck=remembers[1:], session=2)
        assert chief.assign(later).radiologist.tolist() == [0]

    def test_only_those_who_may_and_are_on_duty(self):
        luck = [[0, 0.999, 0.0]] * 2
        assert chosen("manual", [MG, MR], CHOOSY, luck=luck) == [1, 2]
        assert chosen("manual", [MG, MR], CHOOSY, luck=luck, on_duty=[True, False, False]) == [1, 0]

    def test_no_fit_at_all_is_a_fair_draw_and_nobody_waits(self):
        hopeless = team(radiologist("a", 0.0), radiologist("b", 0.0), radiologist("c", 0.0, reads=()))
        assert chosen("manual", [CT, CT], hopeless, luck=[[0, 0.4, 1.0], [0, 0.6, 1.0]]) == [0, 1]
        assert chosen("manual", [CT], team(radiologist("a", reads=()))) == [-1]


BLIND = ("round-robin", "shortest-queue", "shortest-queue@minutes", "random")
FEASIBLE = ("round-robin@feasible", "shortest-queue@feasible", "random@feasible", "manual")
RATED = ("rbsm", "rbsm@whole-tree", "rwoa", "rwoa@whole-tree", "rwoa@chunks")
EVERY_KIND_OF_POLICY = (*BLIND, *FEASIBLE, *RATED)


@pytest.mark.parametrize("label", EVERY_KIND_OF_POLICY)
def test_a_single_radiologist_gets_everything_from_everybody(label):
    alone = team(radiologist("only", 0.3))
    state = {
        "effort_limit": [5.0],
        "available_in_s": [7200.0],
        "required_s": 60.0,
        "storage_free_bytes": [0.0],
    }
    assert chosen(label, [CT, MR, MG, CT], alone, on_duty=[False], **state) == [0, 0, 0, 0]


@pytest.mark.parametrize("label", EVERY_KIND_OF_POLICY)
def test_an_empty_worklist_is_no_work(label):
    assert chosen(label, []) == []
