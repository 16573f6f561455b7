"""What takes radiologists: a number where fewer are shown to miss, else the range that is left open."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simgrid.domain.planning import Planning
from simgrid.domain.scenario import Scenario
from simgrid.domain.units import FloatArray
from simgrid.planning.findings import Found, Rival, Runs
from simgrid.planning.later import with_later
from simgrid.planning.looks import Looked, looked_at, looks
from simgrid.planning.people import MOST_A_LEVEL, Needed, _smallest, people_for
from simgrid.planning.space import Plan, plans
from simgrid.presentation.plan_people import person_says
from simgrid.scenario import load
from simgrid.statistics.bounds import Bound

GOOD, BAD, DOUBTFUL = 1.0, 0.2, 0.86
RUNS = 200


def asked_of() -> tuple[tuple[Plan, ...], Planning]:
    """The tiny plans, and what is asked of them: the first target alone."""
    those = plans(load("tiny/plan", planned=True))
    asked = those[0].cell.plan
    assert asked is not None
    return those, replace(asked, meet=asked.meet[:1])


def shares(share: float, seed: int, n: int) -> FloatArray:
    """Shares in time of n replications with their counts, (n, 1, 2); of a doubtful plan they vary."""
    late = np.random.default_rng(seed).random((n, 1, 1)) < 0.5
    spread = np.where(late, -0.1, 0.1) if share == DOUBTFUL else np.zeros((n, 1, 1))
    return np.concatenate([share + spread, np.full((n, 1, 1), 10.0)], axis=2)


def needed(as_it_is: dict[int, float], without: dict[int, float]) -> Needed:
    """By the share in time with so many radiologists, as it is and without non-reading time."""
    those, asked = asked_of()
    winner = max(range(len(those)), key=lambda one: len(those[one].cell.radiologists))

    def values(name: str, cell: Scenario, n: int) -> FloatArray:
        given = as_it_is if name.startswith("as it is") else without
        return shares(given[len(cell.radiologists)], len(cell.radiologists), n)

    asked = replace(asked, runs=RUNS)
    found = people_for(those, winner, asked, values)
    return next(one for one in found.needed if one.what == "non-reading time")


@pytest.fixture(scope="module")
def heads() -> list[int]:
    """The numbers of radiologists in the plans, most first."""
    return sorted({len(one.cell.radiologists) for one in plans(load("tiny/plan", planned=True))})[::-1]


def test_where_fewer_are_shown_to_miss_the_number_is_told(heads: list[int]) -> None:
    rest = dict.fromkeys(heads[2:], BAD)
    found = needed({heads[1]: BAD, **rest}, {heads[1]: GOOD, **rest})
    assert found.radiologists == found.least == found.most == heads[0] - heads[1]
    assert person_says(found).startswith("1 radiologist: ")


def test_where_fewer_may_do_as_it_is_no_number_is_told(heads: list[int]) -> None:
    rest = dict.fromkeys(heads[2:], BAD)
    found = needed({heads[1]: DOUBTFUL, **rest}, {heads[1]: GOOD, **rest})
    assert found.radiologists is None and (found.least, found.most) == (0, heads[0] - heads[1])
    assert person_says(found).startswith("between 0 and 1 radiologist: ")


def test_none_is_no_number_where_fewer_may_do_without_it(heads: list[int]) -> None:
    rest = dict.fromkeys(heads[2:], BAD)
    found = needed({heads[1]: BAD, **rest}, {heads[1]: DOUBTFUL, **rest})
    assert found.radiologists is None and (found.least, found.most) == (0, heads[0] - heads[1])


def test_the_plan_that_is_open_is_looked_at_again_and_clear_ones_are_not() -> None:
    those, asked = asked_of()
    counts: dict[float, list[int]] = {}
    for share in (BAD, DOUBTFUL):

        def values(_: str, __: Scenario, n: int, share: float = share) -> FloatArray:
            counts.setdefault(share, []).append(n)
            return shares(share, 1, n)

        looked_at("as it is", 0, those[0].cell, asked, values, looks(RUNS, 0.95))
    assert counts == {BAD: [50], DOUBTFUL: [50, 100, 200]}


def test_the_risks_of_all_looks_are_that_of_one() -> None:
    for most in (20, 60, 100, 400, 2000):
        for confidence in (0.9, 0.95, 0.999):
            at = looks(most, confidence)
            assert at[-1][0] == most and len(at) <= 4
            assert sum(1 - one for _, one in at) == pytest.approx(1 - confidence)
            assert at[-1][1] == max(confidence, min(one for _, one in at))


def test_a_rival_that_later_replications_show_to_miss_is_none_and_its_target_binds() -> None:
    costs, open_ = [1.0, 2.0, 3.0, 4.0], [Rival(one, "cheaper, not decided") for one in range(3)]
    found = Found("found", 3, (), 60, (), (), tuple(open_), (), (), (0.01,), Runs(280, 60, 720))
    missed, met = Bound(0.8, 0.7, 0.84, "missed", 50), Bound(0.97, 0.93, 0.99, "met", 50)
    looked = [
        Looked("as it is", 0, 1, (missed,), 50, 0.995),
        Looked("absence", 1, 1, (missed,), 50, 0.995),
        Looked("as it is", 2, 2, (met,), 50, 0.995),
    ]
    then, gone = with_later(found, costs, looked)
    assert gone == (0,) and then.binds == (0,)
    assert [(one.plan, one.later) for one in then.rivals] == [(1, 0), (2, 50)]


def test_a_plan_at_its_targets_is_not_oftener_called_missed_the_more_of_them_there_are() -> None:
    """Each target has its part of the risk: what one shows to miss, two of the kind need more to show."""
    those, asked = asked_of()
    target = asked.meet[0]
    luck = np.random.default_rng(3).uniform(-0.05, 0.05, (200, 1, 1))
    words: set[tuple[str, ...]] = set()
    for much in np.linspace(0.0, 0.02, 81):
        found = []
        for count in (1, 2, 6):
            values = np.tile(target.bound - much + luck - luck.mean(), (1, count, 2))
            values[:, :, 1] = 10.0
            wanted = replace(asked, meet=(target,) * count)

            def given(_: str, __: Scenario, n: int, values: FloatArray = values) -> FloatArray:
                return values[:n]

            found.append(looked_at("as it is", 0, those[0].cell, wanted, given, [(200, 0.95)]).verdict)
        words.add(tuple(found))
    missed, open_ = "missed", "cannot be told apart"
    assert words == {(open_,) * 3, (missed, open_, open_), (missed, missed, open_), (missed,) * 3}


def test_a_number_of_which_some_plans_were_not_looked_at_is_not_excluded(heads: list[int]) -> None:
    """Three plans that miss say nothing of the fourth."""
    those, asked = asked_of()
    most = heads[0]
    winner = next(place for place, one in enumerate(those) if len(one.cell.radiologists) == most)
    fewer = next(place for place, one in enumerate(those) if len(one.cell.radiologists) == heads[1])
    levels = [(most, (winner,)), (heads[1], (fewer,) * (MOST_A_LEVEL + 1))]
    asked = replace(asked, runs=RUNS)

    def smallest(numbers: int) -> tuple[int, int, bool]:
        looked: list[Looked] = []
        cut = [levels[0], (heads[1], levels[1][1][:numbers]), (heads[2], (fewer,))]
        found = _smallest(
            cut, those, asked, lambda _, __, n: shares(BAD, 1, n), "as it is", lambda one: one, looked
        )
        assert len(looked) == MOST_A_LEVEL
        return found.shown, found.open, found.ends

    assert smallest(MOST_A_LEVEL) == (most, most, False)
    assert smallest(MOST_A_LEVEL + 1) == (most, heads[2], True)
