"""What must hold of the load metrics whatever the loads are."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simgrid.domain.scenario import Discrepancy
from simgrid.metrics import evaluate, load
from tests.journals import journal, row

efforts = st.lists(st.integers(1, 60), min_size=1, max_size=12)


def of_all(made):
    return {one.metric: one.value for one in evaluate(made, Discrepancy()) if one.group == "all"}


@settings(max_examples=60, deadline=None)
@given(efforts, st.data())
def test_names_do_not_matter_to_load(effort, data):
    R = data.draw(st.integers(1, 5))
    who = data.draw(st.lists(st.integers(0, R - 1), min_size=len(effort), max_size=len(effort)))
    limits = data.draw(st.lists(st.integers(1, 90), min_size=R, max_size=R))
    order = data.draw(st.permutations(range(R)))

    def with_labels(label):
        rows = [row((1, 2, 3), radiologist=label[j], effort_min=e) for j, e in zip(who, effort, strict=True)]
        moved = [limits[list(label).index(j)] for j in range(R)]
        return of_all(journal(rows, limit_min=moved))

    before, after = with_labels(range(R)), with_labels(order)
    for metric in ("workload_distance", "load_gini", "load_cv", "load_max_ratio"):
        assert after[metric] == pytest.approx(before[metric], rel=1e-12, abs=1e-12)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=20).filter(lambda loads: sum(loads) > 1e-3))
def test_gini_is_in_range_and_is_the_mean_absolute_difference(loads):
    array = np.array(loads)
    found = load.gini(array)
    assert 0 <= found < 1
    apart = np.abs(array[:, None] - array[None, :]).mean() / (2 * array.mean())
    assert found == pytest.approx(apart, rel=1e-9, abs=1e-12)


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 8), st.fractions(1, 8).filter(lambda slack: slack > 1), st.data())
def test_under_equal_limits_kept_eq_10_is_a_function_of_the_slack_alone(count, slack, data):
    shares = np.array(data.draw(st.lists(st.integers(0, 100), min_size=count, max_size=count)), dtype=float)
    shares += 1.0
    total, limit = shares.sum(), float(slack) * shares.sum() / count
    if (shares > limit).any():
        shares[:] = total / count
    found = load.success(shares, np.full(count, limit))
    # Near a slack of 1 the distance is a small difference of large numbers: its last digits go.
    assert found == pytest.approx(float(slack / (slack - 1)), rel=1e-9 + 1e-15 / float(slack - 1))
