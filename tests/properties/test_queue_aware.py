"""Eq. 8 with the batch's own queue against a planner that knows no heaps, and what mending may never do."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simgrid.domain.scenario import PolicyChoice
from simgrid.policies.queue_plan import QueuePlan
from simgrid.policies.registry import make
from simgrid.rating import Ontology
from tests.worklists import KINDS, radiologist, team, worklist

ONTOLOGY = Ontology.default()
CONDITIONS = sorted({condition for kind in KINDS for condition in kind.conditions()})
tenths = st.integers(0, 10).map(lambda n: n / 10)


@st.composite
def batches(draw, required=(1500.0, 3600.0, 7200.0), most_rows=8):
    """Up to three radiologists in two units and a batch that they cannot always read in time."""
    R, S = draw(st.integers(1, 3)), draw(st.integers(1, most_rows))
    people = [
        radiologist(
            f"r{j}",
            {name: draw(tenths) for name in CONDITIONS},
            unit=draw(st.sampled_from(["north", "south"])),
            reads=draw(st.sampled_from([("CT", "MR", "MG"), ("CT", "MR")])),
            speed=draw(st.sampled_from([0.5, 1.0, 1.5])),
            non_reading=draw(st.sampled_from([0.0, 0.25])),
        )
        for j in range(R)
    ]
    made = team(*people)

    def some(size, *values):
        return draw(st.lists(st.sampled_from(values), min_size=size, max_size=size))

    U = len(made.units)
    state = {
        "urgent": some(S, False, True),
        "required_s": some(S, *required),
        "size_bytes": some(S, 1e6, 2e6, 7e6),
        "age_s": draw(st.sampled_from([0.0, 300.0])),
        "available_in_s": some(R, 0.0, 900.0, float("inf")),
        "effort_limit": some(R, 10.0, 60.0, 1e6),
        "bandwidth_bps": some(U, 0.0, 1e5, 1e9),
        "storage_free_bytes": some(U, 5e6, 1e15),
    }
    return made, worklist(made, some(S, 0, 1, 2), **state)


def arrivals(work, unit, rows):
    """Even shares of a link, moved on from one end of a transfer to the next."""
    left = {row: 8 * work.size_bytes[row] for row in rows}
    now, there = 0.0, {}
    bandwidth = work.units.bandwidth_bps[unit]
    while left:
        if bandwidth == 0:
            return {**there, **dict.fromkeys(left, float("inf"))}
        step = min(left.values()) * len(left) / bandwidth
        now += step
        left = {row: bits - step * bandwidth / len(left) for row, bits in left.items()}
        ended = [row for row, bits in left.items() if bits <= 1e-3]
        there |= dict.fromkeys(ended, now)
        left = {row: bits for row, bits in left.items() if row not in ended}
    return there


def response(made, work, chosen):
    """Seconds from request to the end of reading, desk by desk, looking over all that lies there."""
    planned = [float("inf")] * len(work)
    for unit in range(len(made.units)):
        here = [i for i, who in enumerate(chosen) if who >= 0 and made.unit_of[who] == unit]
        there = arrivals(work, unit, here)
        for j in range(len(made.radiologists)):
            rows = [i for i in here if chosen[i] == j]
            now = work.desks.available_in_s[j]
            while rows:
                now = max(now, min(there[i] for i in rows))
                lying = [i for i in rows if there[i] <= now]
                one = min(lying, key=lambda i: (not work.urgent[i], round(there[i], 6), i))
                rows.remove(one)
                reading = made.reading_s[j, work.kind[one]]
                planned[one] = work.age_s[one] + now + reading
                now += reading / (1 - made.radiologists[j].non_reading)
    return planned


def lateness(made, work, chosen):
    """Rows late and seconds missing, a thousand million at most for each."""
    late = [
        min(seconds - work.required_s[i], 1e9)
        for i, seconds in enumerate(response(made, work, chosen))
        if chosen[i] >= 0 and seconds > work.required_s[i] + 1e-6
    ]
    return len(late), sum(late)


def decide(label, made, work):
    return make(PolicyChoice.parse(label), made, ONTOLOGY).assign(work)


@settings(max_examples=150, deadline=None)
@given(batches(), st.data())
def test_the_plan_is_what_a_slow_planner_finds(case, data):
    made, work = case
    people = st.integers(-1, len(made.radiologists) - 1)
    chosen = np.array(data.draw(st.lists(people, min_size=len(work), max_size=len(work))), dtype=np.int64)
    found = QueuePlan(made, work).response_s(chosen)
    assert found == pytest.approx(response(made, work, chosen.tolist()), rel=1e-9)


@settings(max_examples=60, deadline=None)
@given(batches(required=(1e7, float("inf"))))
def test_without_a_deadline_in_danger_it_is_rwoa(case):
    made, work = case
    plain, aware = decide("rwoa", made, work), decide("rwoa@queue-aware", made, work)
    if lateness(made, work, plain.radiologist.tolist())[0] == 0:
        assert aware.radiologist.tolist() == plain.radiologist.tolist()
        assert aware.relaxed == plain.relaxed


@settings(max_examples=60, deadline=None)
@given(batches(most_rows=1))
def test_one_row_alone_waits_for_its_images_and_for_the_backlog_at_once(case):
    made, work = case
    aware = decide("rwoa@queue-aware", made, work)
    for i, who in enumerate(aware.radiologist.tolist()):
        if who >= 0:
            begins_s = max(float(work.transfer_s(made)[i, who]), float(work.desks.available_in_s[who]))
            ends_s = begins_s + float(made.reading_s[who, work.kind[i]])
            assert aware.planned_s[i] == pytest.approx(float(work.age_s[i]) + ends_s)


@settings(max_examples=120, deadline=None)
@given(batches())
def test_it_is_never_later_than_rwoa_and_says_what_is_late(case):
    made, work = case
    plain, aware = decide("rwoa", made, work), decide("rwoa@queue-aware", made, work)
    before = lateness(made, work, plain.radiologist.tolist())
    after = lateness(made, work, aware.radiologist.tolist())
    assert after[0] <= before[0]
    assert after[0] < before[0] or after[1] <= before[1] + 1e-3
    read = np.flatnonzero(aware.radiologist >= 0)
    eligible = made.eligible(work.kind)
    assert ((aware.radiologist >= 0) == eligible.any(axis=1)).all()
    assert eligible[read, aware.radiologist[read]].all()
    told = {one.inspection for one in aware.relaxed if one.condition == "deadline"}
    assert told == {int(i) for i in read if aware.planned_s[i] > work.required_s[i]}


@settings(max_examples=60, deadline=None)
@given(batches())
def test_no_row_that_alone_could_make_fewer_late_is_left_where_it_is(case):
    made, work = case
    chosen = decide("rwoa@queue-aware", made, work).radiologist.tolist()
    rows, seconds = lateness(made, work, chosen)
    if not rows:
        return
    for i, eligible in enumerate(made.eligible(work.kind)):
        for j in np.flatnonzero(eligible).tolist():
            other = lateness(made, work, [*chosen[:i], j, *chosen[i + 1 :]])
            assert other[0] > rows or (other[0] == rows and other[1] >= seconds - 1e-3)


@settings(max_examples=60, deadline=None)
@given(batches())
def test_insertion_plans_what_the_slow_planner_finds_and_says_what_is_late(case):
    made, work = case
    answer = decide("deadline-insertion", made, work)
    planned = response(made, work, answer.radiologist.tolist())
    assert answer.planned_s == pytest.approx(planned, rel=1e-9)
    read = np.flatnonzero(answer.radiologist >= 0).tolist()
    told = {one.inspection for one in answer.relaxed}
    assert told == {i for i in read if answer.planned_s[i] > work.required_s[i]}
