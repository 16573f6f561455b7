"""Continuity, on worklists written by hand: who goes on with a patient, who must not, and what is left."""

import numpy as np
import pytest

from simgrid.domain.scenario import PolicyChoice
from simgrid.policies.registry import PolicyError, make
from simgrid.rating import Ontology
from tests.worklists import radiologist, team, worklist

ONTOLOGY = Ontology.default()
CT, MR = 0, 1  # 10 and 20 minutes
TRIO = team(radiologist("a", 0.5), radiologist("b", 0.9), radiologist("c", 0.7))


def policy(label="continuity", of=TRIO, **options):
    return make(PolicyChoice.parse(label, options), of, ONTOLOGY)


def ask(one, rows, patient, of=TRIO, **state):
    number = len(rows)
    state = {"inspection": list(range(number)), **state}
    return one.assign(worklist(of, rows, patient=patient, size_bytes=0.0, **state))


def after_b(label="continuity", of=TRIO, **options):
    """A policy that has given patient 7 to b, whose desk was the only one free."""
    one = policy(label, of, **options)
    answer = ask(one, [CT], [7], of, available_in_s=[900.0, 0.0, 900.0])
    assert answer.radiologist.tolist() == [1]
    return one


NEXT = {"inspection": [10], "available_in_s": [0.0, 300.0, 0.0]}


def test_the_earlier_radiologist_goes_on_though_others_are_free():
    assert ask(after_b(), [MR], [7], **NEXT).radiologist.tolist() == [1]
    assert ask(after_b(), [MR], [8], **NEXT).radiologist.tolist() == [0]


@pytest.mark.parametrize(
    "state",
    [
        {"on_duty": [True, False, True]},
        {"effort_limit": [99.0, 30.0, 99.0], "effort_done": [0.0, 20.0, 0.0]},
        {"required_s": 1400.0},
    ],
)
def test_but_not_off_duty_beyond_her_limit_or_late(state):
    limits = {"effort_limit": [99.0, 30.0, 99.0], "effort_done": [0.0, 10.0, 0.0], "required_s": 1500.0}
    assert ask(after_b(), [MR], [7], **NEXT, **limits).radiologist.tolist() == [1]
    assert ask(after_b(), [MR], [7], **NEXT, **(limits | state)).radiologist.tolist() == [0]


def test_nor_what_she_may_not_read():
    only_ct = team(radiologist("a"), radiologist("b", reads=("CT",)), radiologist("c"))
    assert ask(after_b(of=only_ct), [MR], [7], only_ct, **NEXT).radiologist.tolist() == [0]
    assert ask(after_b(of=only_ct), [CT], [7], only_ct, **NEXT).radiologist.tolist() == [1]


def test_whatever_the_time_leaves_the_time_out():
    one = after_b("continuity@whatever-the-time")
    assert ask(one, [MR], [7], **NEXT, required_s=60.0).radiologist.tolist() == [1]


def test_the_other_policy_sees_the_desks_as_they_are_after_those_who_go_on():
    """b is first free, but has the 20 minutes of patient 7 by then: the new patient goes to c."""
    state = {"inspection": [10, 11], "available_in_s": [1500.0, 0.0, 600.0]}
    answer = ask(after_b(), [MR, CT], [7, 8], **state)
    assert answer.radiologist.tolist() == [1, 2]
    assert answer.planned_s.tolist() == [1200.0, 1200.0]
    assert ask(after_b(), [MR, CT], [9, 8], **state).radiologist.tolist() == [1, 2]
    alone = ask(after_b(), [CT], [8], inspection=[11], available_in_s=[1500.0, 0.0, 600.0])
    assert alone.radiologist.tolist() == [1]


def test_her_own_rows_of_the_batch_stand_before_her_and_count_for_her_limit():
    state = {"available_in_s": [900.0, 0.0, 900.0], "required_s": 1300.0, "inspection": [10, 11]}
    assert ask(after_b(), [CT, CT], [7, 7], **state).radiologist.tolist() == [1, 1]
    assert ask(after_b(), [MR, CT], [7, 7], **(state | {"required_s": 1700.0})).radiologist.tolist() == [1, 0]
    limit = {"effort_limit": [99.0, 15.0, 99.0], "effort_done": [0.0, 0.0, 0.0]}
    state = {"available_in_s": [0.0, 0.0, 900.0], "inspection": [10, 11]}
    assert ask(after_b(), [CT, CT], [7, 7], **state, **limit).radiologist.tolist() == [1, 0]
    limit["effort_limit"][1] = 20.0
    assert ask(after_b(), [CT, CT], [7, 7], **state, **limit).radiologist.tolist() == [1, 1]


def test_the_last_of_several_counts_and_an_inspection_does_not_follow_itself():
    one = after_b()
    assert ask(one, [CT], [7], inspection=[1], on_duty=[False, False, True]).radiologist.tolist() == [2]
    assert ask(one, [CT], [7], inspection=[2]).radiologist.tolist() == [2]
    handed_over = policy()
    ask(handed_over, [CT], [7], inspection=[5], available_in_s=[900.0, 0.0, 900.0])
    assert ask(handed_over, [CT], [7], inspection=[5]).radiologist.tolist() == [0]
    assert ask(handed_over, [CT], [7], inspection=[6]).radiologist.tolist() == [0]


def test_it_remembers_who_had_whom_when_more_is_believed():
    one = after_b().updated(team(radiologist("a", 0.9), radiologist("b", 0.1), radiologist("c", 0.9)))
    assert ask(one, [MR], [7], **NEXT).radiologist.tolist() == [1]


@pytest.mark.parametrize("label", ["shortest-completion", "rbsm", "rwoa"])
def test_without_patients_it_is_the_other_policy(label):
    mine = policy() if label == "shortest-completion" else policy(f"continuity@{label}")
    for kinds in ([CT, MR, CT, CT], [], [MR]):
        work = worklist(TRIO, kinds, size_bytes=0.0, effort_limit=[50.0, 15.0, 50.0])
        theirs, ours = make(PolicyChoice.parse(label), TRIO, ONTOLOGY).assign(work), mine.assign(work)
        assert np.array_equal(theirs.radiologist, ours.radiologist)
        assert theirs.relaxed == ours.relaxed
        assert np.allclose(ours.planned_s, theirs.planned(work, TRIO))


def test_another_policy_is_refused_by_name():
    with pytest.raises(PolicyError, match="give one of shortest-completion, rbsm, rwoa"):
        policy(otherwise="manual")
