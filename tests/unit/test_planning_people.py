"""What takes radiologists: a number is told only where fewer are shown to miss."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simgrid.domain.scenario import Scenario
from simgrid.domain.units import FloatArray
from simgrid.planning.people import Needed, people_for
from simgrid.planning.space import plans
from simgrid.scenario import load

GOOD, BAD, DOUBTFUL = 1.0, 0.2, 0.86
RUNS = 200


def needed(as_it_is: dict[int, float], without: dict[int, float]) -> Needed:
    """By the share in time with so many radiologists, as it is and without non-reading time."""
    those = plans(load("tiny/plan", planned=True))
    asked = those[0].cell.plan
    assert asked is not None
    asked = replace(asked, meet=asked.meet[:1])
    winner = max(range(len(those)), key=lambda one: len(those[one].cell.radiologists))

    def values(name: str, cell: Scenario, n: int) -> FloatArray:
        shares = as_it_is if name.startswith("as it is") else without
        share = shares[len(cell.radiologists)]
        late = np.random.default_rng(len(cell.radiologists)).random((n, 1, 1)) < 0.5
        spread = np.where(late, -0.1, 0.1) if share == DOUBTFUL else np.zeros((n, 1, 1))
        return np.concatenate([share + spread, np.full((n, 1, 1), 10.0)], axis=2)

    found = people_for(those, winner, asked, values, RUNS)
    return next(one for one in found if one.what == "non-reading time")


@pytest.fixture(scope="module")
def heads() -> list[int]:
    """The numbers of radiologists in the plans, most first."""
    return sorted({len(one.cell.radiologists) for one in plans(load("tiny/plan", planned=True))})[::-1]


def test_where_fewer_are_shown_to_miss_the_number_is_told(heads: list[int]) -> None:
    rest = dict.fromkeys(heads[2:], BAD)
    found = needed({heads[1]: BAD, **rest}, {heads[1]: GOOD, **rest})
    assert found.radiologists == heads[0] - heads[1] and not found.open
    assert not found.at_least or len(heads) == 2


def test_where_fewer_may_do_as_it_is_no_number_is_told(heads: list[int]) -> None:
    rest = dict.fromkeys(heads[2:], BAD)
    found = needed({heads[1]: DOUBTFUL, **rest}, {heads[1]: GOOD, **rest})
    assert found.open and found.radiologists is None


def test_none_is_no_number_where_fewer_may_do_without_it(heads: list[int]) -> None:
    rest = dict.fromkeys(heads[2:], BAD)
    found = needed({heads[1]: BAD, **rest}, {heads[1]: DOUBTFUL, **rest})
    assert found.open and found.radiologists is None
