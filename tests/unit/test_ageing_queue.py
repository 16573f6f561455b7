"""Who is served next by a worker pool."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simgrid.network.ageing_queue import AgeingQueue

jobs = st.lists(
    st.tuples(st.sampled_from([0.0, 1.0, 2.0, 5.0, 9.0, 30.0]), st.booleans(), st.booleans()), max_size=20
)


def order(queue: AgeingQueue[str]) -> str:
    return "".join(queue.pop() for _ in range(len(queue)))


def test_urgent_first_until_the_routine_job_is_old() -> None:
    queue: AgeingQueue[str] = AgeingQueue(60.0)
    queue.push("r", 0.0, urgent=False)
    queue.push("u", 59.0, urgent=True)
    queue.push("v", 61.0, urgent=True)
    queue.push("s", 10.0, urgent=False)
    assert order(queue) == "urvs"


@pytest.mark.parametrize(("ageing_s", "expected"), [(0.0, "abcd"), (math.inf, "bdac")])
def test_no_priority_and_strict_priority(ageing_s: float, expected: str) -> None:
    queue: AgeingQueue[str] = AgeingQueue(ageing_s)
    for number, (name, urgent) in enumerate(zip("abcd", (False, True, False, True), strict=True)):
        queue.push(name, float(number), urgent)
    assert order(queue) == expected


def test_a_job_tried_again_keeps_its_place() -> None:
    queue: AgeingQueue[str] = AgeingQueue(math.inf)
    queue.push("later", 8.0, urgent=False)
    queue.push("again", 3.0, urgent=False)
    assert order(queue) == "againlater"


def test_there_is_no_next_job_where_none_waits() -> None:
    with pytest.raises(IndexError):
        AgeingQueue(10.0).pop()


def test_ageing_must_be_a_time() -> None:
    for wrong in (-1.0, math.nan):
        with pytest.raises(ValueError, match="ageing_s is"):
            AgeingQueue(wrong)


@settings(max_examples=150, deadline=None)
@given(jobs=jobs, ageing_s=st.sampled_from([0.0, 4.0, 10.0, math.inf]))
def test_the_order_is_the_rule_word_by_word(jobs: list[tuple[float, bool, bool]], ageing_s: float) -> None:
    """Pops come in between; at each, a job that may not be passed is at the front."""
    queue: AgeingQueue[int] = AgeingQueue(ageing_s)
    waiting: list[tuple[float, bool, int]] = []

    def passes(one: tuple[float, bool, int], other: tuple[float, bool, int]) -> bool:
        if one[1] == other[1]:
            return (one[0], one[2]) < (other[0], other[2])
        urgent, routine = (one, other) if one[1] else (other, one)
        tie = urgent[0] == routine[0] + ageing_s
        routine_first = urgent[0] > routine[0] + ageing_s or (tie and routine[2] < urgent[2])
        return routine_first == (one is routine)

    for number, (at_s, urgent, serve) in enumerate(jobs):
        queue.push(number, at_s, urgent)
        waiting.append((at_s, urgent, number))
        if serve:
            job = queue.pop()
            mine = next(one for one in waiting if one[2] == job)
            assert all(passes(mine, other) for other in waiting if other is not mine)
            waiting.remove(mine)
    assert len(queue) == len(waiting)
