"""The assumptions ranked: effects on gains out of the worlds at the points of one analysis."""

from __future__ import annotations

import numpy as np
import pytest

from simgrid.reproduction.assumptions import SENSITIVITY, design, place_word, ranked
from simgrid.reproduction.evidence import Evidence
from simgrid.reproduction.exhibits.rendering import figures
from simgrid.reproduction.exhibits.sensitivity import ASSUMPTIONS
from simgrid.reproduction.gains import gain, parts_of_ratio


def evidence(slopes: dict[str, float], noise: float = 0.0, worlds: int = 3) -> Evidence:
    """Every gain is the sum of slope x share over the places, with the same noise everywhere."""
    analysis, combinations = design()
    rng = np.random.default_rng(5)
    slope = np.array([slopes.get(place, 0.0) for place in analysis.places])
    values: dict[str, dict[str, np.ndarray]] = {metric: {} for metric in ASSUMPTIONS.needs[0].metrics}
    for number in range(len(combinations)):
        for row, point in zip(analysis.shares, analysis.row_points, strict=True):
            place = number * analysis.distinct + point
            for metric, rows in values.items():
                if f"point {place}, rwoa" in rows:
                    continue
                base = 0.4 * (1 + noise * rng.standard_normal(worlds))
                factor = 1.0 + float(slope @ row)
                grows = metric in ("subspecialty_success", "response_time_success")
                rows[f"point {place}, manual"] = base
                rows[f"point {place}, rwoa"] = base * factor if grows else base / factor
    return Evidence(SENSITIVITY.name, worlds, "", "", values)


def test_effects_are_those_that_were_put_in() -> None:
    slopes = {"spread.benefit": 0.3, "policy_options.manual.habit": 0.1}
    analysis, combinations = design()
    found = list(ranked(evidence(slopes)))
    assert len(found) == 4 * len(combinations)
    first = {effect.place: effect for effect in found[0].effects}
    assert first["spread.benefit"].main[0] == pytest.approx(0.3)
    assert first["policy_options.manual.habit"].main[0] == pytest.approx(0.1)
    assert first["demand.scale"].word == "no effect"
    assert (first["spread.benefit"].rank_first, first["spread.benefit"].rank_last) == (1, 1)
    workload = next(one for one in found if one.headline.metric == "workload_distance")
    assert {one.place: one.main[0] for one in workload.effects}["spread.benefit"] == pytest.approx(0.3)
    assert set(analysis.places) == set(first)


def test_noise_has_a_share_and_an_effect_below_it_is_not_told() -> None:
    found = next(ranked(evidence({"spread.benefit": 0.3}, noise=0.0)))
    assert found.noise.all == pytest.approx(0.0, abs=1e-9)
    values = evidence({"spread.benefit": 0.3})
    rng = np.random.default_rng(7)
    loud = {
        metric: {name: row * (1 + 0.2 * rng.standard_normal(len(row))) for name, row in rows.items()}
        for metric, rows in values.values.items()
    }
    noisy = next(ranked(Evidence(values.name, 3, "", "", loud)))
    assert noisy.noise.all > 0.3
    assert sum(one.word == "not told from noise" for one in noisy.effects) >= 5


def test_a_gain_that_is_undefined_at_a_point_has_no_effects() -> None:
    known = evidence({"spread.benefit": 0.3})
    rows = dict(known.values["response_time_success"])
    rows["point 0, manual"] = np.full(3, np.nan)
    broken = Evidence(known.name, 3, "", "", {**known.values, "response_time_success": rows})
    told = {(one.headline.metric, one.crossed): one.effects for one in ranked(broken)}
    first = design()[1][0]
    assert told["response_time_success", first] == ()
    assert told["subspecialty_success", first] != ()
    assert figures([ASSUMPTIONS], {SENSITIVITY.name: broken})


def test_parts_of_a_ratio_have_the_ratio_as_their_mean_and_its_noise() -> None:
    rng = np.random.default_rng(11)
    above, below = 3 + 0.1 * rng.standard_normal(400), 2 + 0.1 * rng.standard_normal(400)
    parts = parts_of_ratio(above, below)
    assert parts.mean() == pytest.approx(above.mean() / below.mean(), rel=1e-12)
    wide = gain(above, below).interval
    half = 1.966 * parts.std(ddof=1) / np.sqrt(400)
    assert half == pytest.approx((wide.high - wide.low) / 2, rel=0.01)


def test_the_table_names_every_assumption_under_every_definition_and_the_picture_is_the_same_twice() -> None:
    analysis, combinations = design()
    found = {SENSITIVITY.name: evidence({"spread.benefit": 0.3, "demand.scale": 0.05})}
    assert ASSUMPTIONS.table is not None
    table = ASSUMPTIONS.table(found)
    assert len(table.rows) == 4 * len(combinations) * len(analysis.places)
    assert all(place_word(place) != place for place in analysis.places)
    drawn = figures([ASSUMPTIONS], found)
    assert drawn["figures/sensitivity.png"].startswith(b"\x89PNG")
    assert drawn == figures([ASSUMPTIONS], found)
