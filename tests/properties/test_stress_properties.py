"""What holds of any stress test: who stands for whom, when it is busiest, which side an interval is on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from simgrid.domain.targets import Target
from simgrid.planning.busiest import Traffic
from simgrid.planning.judging import judged
from simgrid.planning.loading import load_steps
from simgrid.planning.observed import Values
from simgrid.planning.states import alike
from tests.worlds import radiologist

SHARE = Target("in-time", "all", "response_time_success", 0.8, "higher")
names = st.lists(
    st.sampled_from(["a", "b", "a-1", "a-2", "a-3", "b-1", "b-1-2", "b-1-3", "on-call", "on-call-1"]),
    unique=True,
)
quick = settings(deadline=None, max_examples=60)


@quick
@given(names, st.data())
def test_everybody_is_stood_for_once_by_one_who_is_like_her(those: list[str], data: st.DataObject) -> None:
    people = {
        name: replace(radiologist(name), speed=data.draw(st.sampled_from([1.0, 1.5]), name)) for name in those
    }
    groups = alike(tuple(people.values()))
    assert sorted(name for group in groups.values() for name in group) == sorted(those)
    for name, group in groups.items():
        assert len({replace(people[one], name="").speed for one in group}) == 1
        assert name == group[0] or all(one.startswith(f"{name}-") for one in group)


@quick
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12), st.integers(1, 12))
def test_the_busiest_hour_is_as_busy_as_any(bits: list[float], later: int) -> None:
    starts = tuple(3600.0 * hour for hour in range(len(bits)))
    ahead = Traffic(starts, {"a": tuple(bits)}, {"a": 1.0})
    found = ahead.busiest("a", 0.0)
    assert bits[starts.index(found)] >= max(bits) * (1 - 1e-8)
    windows = ahead.worst_windows("a", later * 3600.0, 0.0, 3)
    assert all(abs(one - other) >= later * 3600 for one in windows for other in windows if one != other)
    assert len(set(windows)) == len(windows) >= 1


@quick
@given(st.lists(st.fractions(0, 1, max_denominator=5000).map(float), min_size=2, max_size=40))
def test_a_verdict_has_its_whole_interval_on_its_side(values: list[float]) -> None:
    """A world's share is one of its studies."""
    (one,) = judged([SHARE], Values({SHARE.column: np.array(values)}, len(values)))
    assert np.isnan(one.low) or one.low - 1e-9 <= one.mean <= one.high + 1e-9
    assert (one.verdict == "met") == (one.low >= one.goal)
    assert (one.verdict == "missed") == (one.high < one.goal)


@quick
@given(st.integers(1, 180))
def test_loads_rise_by_a_twentieth(steps: int) -> None:
    found = load_steps(1 + steps / 20)
    assert len(found) == steps
    assert found[0] == 1.05
    assert np.allclose(np.diff(found), 0.05)
