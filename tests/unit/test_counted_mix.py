"""A mix by number: every world holds exactly so many of each modality, in an order of its own."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simgrid.experiments.workloads import draw
from simgrid.scenario import ScenarioInvalid, load
from simgrid.workload.case_mix import _parts

TINY = Path(__file__).parents[2] / "scenarios" / "tiny" / "one-unit.yaml"
COUNTED = (
    "demand.count=40",
    "demand.mix={counts: {CT: 36, MR: 3, CR: 1}, body_parts: [Brain, Thorax], icd10: [C39, C71, S02]}",
)


def modalities(*overrides: str, replication: int = 0) -> tuple[str, ...]:
    (cell,) = load(TINY, overrides).cells
    return tuple(draw(cell, replication).labels("modality"))


def test_every_world_has_exactly_the_counts_in_an_order_of_its_own() -> None:
    worlds = [modalities(*COUNTED, replication=replication) for replication in range(5)]
    assert all(Counter(one) == {"CT": 36, "MR": 3, "CR": 1} for one in worlds)
    assert len(set(worlds)) == 5


def test_twice_the_demand_is_twice_of_each() -> None:
    assert Counter(modalities(*COUNTED, "demand.scale=2")) == {"CT": 72, "MR": 6, "CR": 2}


def test_counts_that_do_not_make_up_the_whole_are_refused_with_the_number_that_would() -> None:
    with pytest.raises(ScenarioInvalid) as caught:
        load(TINY, (*COUNTED, "demand.count=41"))
    assert [(one.code, one.help) for one in caught.value.problems] == [("E209", "give demand.count: 40")]


def test_shares_and_counts_exclude_each_other() -> None:
    with pytest.raises(ScenarioInvalid) as caught:
        load(TINY, (*COUNTED, "demand.mix.modalities={CT: 100 %}"))
    assert caught.value.problems[0].code == "E102"


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(0, 9), min_size=1, max_size=6).filter(any), st.integers(0, 300))
def test_parts_are_whole_add_up_and_are_off_by_less_than_one(wanted: list[int], rows: int) -> None:
    import numpy as np

    parts = _parts(np.array(wanted, dtype=np.float64), rows)
    exact = np.array(wanted) * rows / sum(wanted)
    assert parts.sum() == rows
    assert (abs(parts - exact) < 1).all()
