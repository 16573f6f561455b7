"""RWOA that sees the queue behind its own assignments, by hand."""

import numpy as np
import pytest

from simgrid.domain.decision import Assignment, Relaxed
from simgrid.domain.scenario import PolicyChoice
from simgrid.policies import mending
from simgrid.policies.queue_plan import QueuePlan
from simgrid.policies.registry import check, make
from simgrid.rating import Ontology
from simgrid.simulation.dispatch import PolicyError, _checked
from tests.worklists import radiologist, team, worklist

ONTOLOGY = Ontology.default()
CT, MR = 0, 1  # 10 and 20 minutes of reading
ONE = team(radiologist("a"))
PAIR = team(radiologist("a", 0.5), radiologist("b", 0.9))


def decide(label, rows, of=PAIR, **state):
    return make(PolicyChoice.parse(label), of, ONTOLOGY).assign(worklist(of, rows, **state))


def planned(rows, of=ONE, **state):
    work = worklist(of, rows, **state)
    return QueuePlan(of, work).response_s(np.zeros(len(work), dtype=np.int64)).tolist()


def test_the_second_waits_for_the_first_and_urgent_comes_first():
    at_once = {"size_bytes": 0.0}
    assert planned([CT, MR], **at_once) == [600.0, 1800.0]
    assert planned([CT, MR], urgent=[False, True], **at_once) == [1800.0, 1200.0]
    assert planned([CT, MR], available_in_s=[100.0], age_s=50.0, **at_once) == [750.0, 1950.0]


def test_a_link_is_shared_and_an_early_desk_opens_what_is_there():
    # 8 and 16 Mbit on 1 Mbit/s: evenly until 16 s, when the small one is there; the other at 24 s
    state = {"size_bytes": [2e6, 1e6], "bandwidth_bps": [1e6]}
    assert planned([CT, MR], **state) == pytest.approx([16 + 1200 + 600, 16 + 1200])


def test_duties_after_a_reading_keep_the_next_one_waiting():
    busy = team(radiologist("a", non_reading=0.25))
    assert planned([CT, CT], busy, size_bytes=0.0) == pytest.approx([600.0, 800.0 + 600.0])


def test_who_is_nobodys_is_never_read():
    work = worklist(ONE, [CT])
    assert QueuePlan(ONE, work).response_s(np.array([-1])).tolist() == [float("inf")]


def test_the_batch_is_spread_as_soon_as_its_own_queue_is_late():
    state = {"required_s": 1300.0, "size_bytes": 0.0}
    assert decide("rwoa", [CT, CT, CT, CT], **state).radiologist.tolist() == [1, 1, 1, 1]
    aware = decide("rwoa@queue-aware", [CT, CT, CT, CT], **state)
    assert sorted(aware.radiologist.tolist()) == [0, 0, 1, 1]
    assert aware.relaxed == ()
    assert sorted(aware.planned_s.tolist()) == [600.0, 600.0, 1200.0, 1200.0]


def test_what_stays_late_says_by_how_much_with_the_queue():
    aware = decide("rwoa@queue-aware", [CT, CT, CT], ONE, required_s=1300.0, size_bytes=0.0)
    assert aware.relaxed == (Relaxed("deadline", 2, 0, 500.0),)


def test_nobody_is_overloaded_for_a_better_rating():
    """Both rows fit b, and mending puts one to a; the third, late anyhow, does not come back to b."""
    state = {"required_s": 700.0, "size_bytes": 0.0, "effort_limit": [1e3, 10.0]}
    assert sorted(decide("rwoa@queue-aware", [CT, CT], **state).radiologist.tolist()) == [0, 1]


def test_mending_ends_after_its_work_and_never_makes_the_plan_later(monkeypatch):
    state = {"required_s": 1300.0, "size_bytes": 0.0}
    monkeypatch.setattr(mending, "WORK", 0)
    assert decide("rwoa@queue-aware", [CT] * 4, **state).radiologist.tolist() == [1, 1, 1, 1]


def test_the_queue_without_the_deadline_is_refused():
    (problem,) = check(PolicyChoice.parse("rwoa@queue-aware+no-deadline"))
    assert "leave one out" in problem


def test_a_plan_of_another_shape_is_refused():
    work = worklist(ONE, [CT, CT])
    with pytest.raises(PolicyError, match="planned_s of shape"):
        _checked(work, Assignment(np.zeros(2, dtype=np.int64), (), np.zeros(3)), 1)
    good = Assignment(np.zeros(2, dtype=np.int64), (), np.array([1.0, 2.0]))
    assert _checked(work, good, 1).planned(work, ONE).tolist() == [1.0, 2.0]
