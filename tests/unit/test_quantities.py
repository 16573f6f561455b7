"""The quantitative leaves by hand: CT (10 min), 1 MB, one hour allowed."""

import numpy as np
import pytest

from simgrid.policies.quantities import quantities
from simgrid.rating import Ontology
from tests.worklists import radiologist, team, worklist

PAIR = team(
    radiologist("a", speed=0.5), radiologist("b", unit="south"), storage_factor=2.0, transfer_limit_s=10.0
)
LEAVES = quantities(
    PAIR,
    worklist(
        PAIR,
        [0],
        required_s=3600.0,
        available_in_s=[900.0, 7200.0],
        effort_done=[10.0, 60.0],
        effort_limit=[40.0, 60.0],
        bandwidth_bps=[1e6, 0.5e6],
        storage_free_bytes=[2e6, 1.9e6],
    ),
)


@pytest.mark.parametrize(
    ("leaf", "expected"),
    [
        ("Delivery", [1 - 8 / 3600, 1 - 16 / 3600]),
        ("Availability", [0.75, 0.0]),
        ("Reading", [1 - 300 / 3600, 1 - 600 / 3600]),
        ("Within limit", [0.5, 0.0]),
        ("Monitor", [1.0, 1.0]),
        ("Storage", [1.0, 0.0]),
        ("Bandwidth", [1.0, 0.0]),
    ],
)
def test_leaf_by_hand(leaf, expected):
    np.testing.assert_allclose(LEAVES[leaf], [expected], rtol=1e-12)


def test_they_are_the_leaves_of_the_ontology():
    assert set(LEAVES) == set(Ontology.default().quantities)


def test_the_monitor_leaf_is_the_pairs_own():
    poor = team(radiologist("a", monitor=1.0), radiologist("b"))
    assert quantities(poor, worklist(poor, [2]))["Monitor"].tolist() == [[0.0, 1.0]]


def test_unlimited_is_1_and_closed_is_0():
    pair = team(radiologist("a"), radiologist("b"))
    never = float("inf")
    work = worklist(pair, [0], effort_limit=[never, 0.0], available_in_s=[never, 0.0], required_s=never)
    found = quantities(pair, work)
    assert found["Within limit"].tolist() == [[1.0, 0.0]]
    assert found["Availability"].tolist() == [[0.0, 1.0]]
