"""The benefit of subspecialty: true ratings drawn towards the mean of who has one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simgrid.domain.scenario import Scenario
from simgrid.experiments.assemble import setting_of
from simgrid.experiments.draw import draw_world
from simgrid.scenario import load

CONDITIONS = ("CT", "MR", "Brain", "Thorax")


def stage_1(benefit: float) -> Scenario:
    (cell,) = load("paper/stage-1", (f"spread.benefit={benefit}", "spread.speed=0.0")).cells
    return cell


@pytest.mark.parametrize("benefit", [0.0, 0.25, 1.0, 1.2])
def test_ratings_lie_between_the_mean_and_the_declared(benefit: float) -> None:
    cell = stage_1(benefit)
    truth = draw_world(cell, 0, CONDITIONS).truth
    for name in CONDITIONS:
        declared = np.array([one.ratings[name] for one in cell.radiologists])
        found = np.array([one.ratings[name] for one in truth])
        wanted = np.clip(declared.mean() + benefit * (declared - declared.mean()), 0.0, 1.0)
        np.testing.assert_allclose(found, wanted, rtol=1e-12)


def test_as_declared_is_as_declared_to_the_last_bit() -> None:
    cell = stage_1(1.0)
    truth = draw_world(cell, 0, CONDITIONS).truth
    assert [one.ratings["CT"] for one in truth] == [one.ratings["CT"] for one in cell.radiologists]


def test_without_any_benefit_whoever_may_read_fits_as_well_as_the_best() -> None:
    small = replace(stage_1(0.0), canonical="")
    fit = setting_of(small, 0).fit.true
    best = fit.max(axis=0)
    assert np.all((fit == 0) | np.isclose(fit, best))


def test_who_has_no_rating_is_given_none() -> None:
    cell = stage_1(0.5)
    first, *others = cell.radiologists
    fewer = {name: value for name, value in first.ratings.items() if name != "CT"}
    cell = replace(cell, radiologists=(replace(first, ratings=fewer), *others))
    truth = draw_world(cell, 0, CONDITIONS).truth
    declared = np.array([one.ratings["CT"] for one in others])
    assert "CT" not in truth[0].ratings
    np.testing.assert_allclose(
        [one.ratings["CT"] for one in truth[1:]], (declared + declared.mean()) / 2, rtol=1e-12
    )
