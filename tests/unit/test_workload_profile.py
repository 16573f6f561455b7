"""The hourly profile, the case mix and the readings have the shape that was declared."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from scipy import stats

from simgrid.domain.demand import Arrivals, Demand, Urgency
from simgrid.domain.distribution import constant
from simgrid.domain.units import DAY, HOUR, FloatArray
from simgrid.workload.arrivals import Profile
from simgrid.workload.errors import WorkloadError
from simgrid.workload.synthetic import draw_inspections
from tests.properties.test_workload import BASE, KINDS, MIX, SITES

# Each check below compares one fixed draw with its law; a correct law would fail one seed in 100,000.
BELOW = 1e-5


def chi_square(observed: FloatArray, share: FloatArray) -> float:
    """The p-value of the counts under the shares."""
    expected = share / share.sum() * observed.sum()
    return float(stats.chisquare(observed[share > 0], expected[share > 0]).pvalue)


def big(**changes: object) -> Demand:
    return replace(BASE, arrivals=replace(BASE.arrivals, count=20_000, **changes))  # type: ignore[arg-type]


def test_kinds_and_sites_follow_their_weights() -> None:
    drawn = draw_inspections(big(site_share={"north": 5.0, "south": 1.0}), SITES, 3, 0)
    kinds = np.bincount(drawn.kind, minlength=3).astype(float)
    assert chi_square(kinds, np.array(MIX.weights)) > BELOW
    sites = np.bincount(drawn.site, minlength=3).astype(float)
    assert sites[2] == 0
    assert chi_square(sites, np.array([5.0, 1.0, 0.0])) > BELOW
    assert abs(drawn.urgent.mean() - 0.2) < 0.015
    assert abs(drawn.defect[drawn.kind == 0].mean() - 0.3) < 0.015
    assert not drawn.defect[drawn.kind != 0].any()


@pytest.mark.parametrize("poisson", [False, True])
def test_arrivals_follow_the_local_hours_of_the_start(poisson: bool) -> None:
    weights = np.array([1, 0, 0, 0, 0, 1, 2, 4, 8, 9, 9, 8, 6, 7, 8, 7, 5, 4, 3, 3, 2, 2, 1, 1], dtype=float)
    start = datetime(2015, 6, 3, 9, 30, tzinfo=ZoneInfo("Europe/Istanbul"))
    arrivals = Arrivals(7 * DAY, count=20_000, hourly=tuple(weights))
    if poisson:
        arrivals = Arrivals(7 * DAY, per_day={"north": 2900.0}, hourly=tuple(weights))
    drawn = draw_inspections(replace(BASE, arrivals=arrivals), SITES, 5, 0, start)
    local = ((drawn.requested_s / HOUR + 9.5) % 24).astype(int)
    observed = np.bincount(local, minlength=24).astype(float)
    assert observed[1:5].sum() == 0
    assert chi_square(observed, weights) > BELOW
    if poisson:
        assert stats.poisson(7 * 2900).sf(len(drawn)) > BELOW
        assert stats.poisson(7 * 2900).cdf(len(drawn)) > BELOW


def test_a_week_of_weights_counts_from_monday() -> None:
    weights = np.zeros(168)
    weights[5 * 24 + 10] = 1.0  # Saturday, ten to eleven
    friday = datetime(2024, 3, 8, 22, 15, tzinfo=UTC)
    profile = Profile.of(tuple(weights), 3 * DAY, friday)
    inside = profile.total * np.array([1e-9, 0.5, 1 - 1e-9])
    assert profile.when(inside) / HOUR == pytest.approx([11.75, 12.25, 12.75], abs=1e-6)


def test_the_clock_change_repeats_one_hour_and_skips_another() -> None:
    weights = tuple(1.0 if hour == 2 else 0.0 for hour in range(24))
    zone = ZoneInfo("Europe/Berlin")
    ordinary, spring, autumn = (
        Profile.of(weights, DAY, datetime(2024, month, day, 0, 0, tzinfo=zone)).total
        for month, day in ((5, 1), (3, 31), (10, 27))
    )
    assert (spring, autumn) == (0.0, pytest.approx(2 * ordinary))


def test_mean_rate_does_not_depend_on_the_scale_of_the_weights() -> None:
    one = Profile.of(tuple(range(24)), 10 * DAY, None)
    ten = Profile.of(tuple(10 * hour for hour in range(24)), 10 * DAY, None)
    assert one.total == pytest.approx(10 * DAY)
    assert np.allclose(one.mass, ten.mass)


def test_readings_have_the_declared_mean_and_spread() -> None:
    drawn = draw_inspections(big(), SITES, 9, 0)
    for index, kind in enumerate(KINDS):
        minutes = drawn.reading_draw_min[drawn.kind == index]
        cv = MIX.reading_cv[kind.modality]
        error = 4.5 * kind.effort_min * cv / np.sqrt(len(minutes))
        assert abs(minutes.mean() - kind.effort_min) < error
        assert np.log(minutes).std() == pytest.approx(np.sqrt(np.log1p(cv**2)), rel=0.05)


def test_two_spreads_stretch_the_same_draw_and_a_distribution_overrides() -> None:
    narrow = replace(BASE, mix=replace(MIX, reading_cv={"CT": 0.1, "MR": 0.1, "DX": 0.1}))
    one, other = (draw_inspections(demand, SITES, 2, 0) for demand in (BASE, narrow))
    ct = one.kind == 0
    assert stats.spearmanr(one.reading_draw_min[ct], other.reading_draw_min[ct]).statistic == pytest.approx(1)
    own = replace(BASE, mix=replace(MIX, reading_min={"CT": constant(7.5)}))
    drawn = draw_inspections(own, SITES, 2, 0)
    assert set(drawn.reading_draw_min[ct]) == {7.5}
    assert np.array_equal(drawn.reading_draw_min[~ct], one.reading_draw_min[~ct])


def test_every_problem_is_named_at_once() -> None:
    broken = Demand(
        Arrivals(-1.0, count=5, site_share={"east": 1.0}, per_day={"north": 1.0}, hourly=(1.0,)),
        replace(MIX, reading_cv={}),
        Urgency(1.5, 1.0, 2.0),
        defect_share={"CT": -0.1},
    )
    with pytest.raises(WorkloadError) as caught:
        draw_inspections(broken, SITES, 1, 0)
    assert [word in str(caught.value) for word in ("CT", "MR", "DX", "1.5", "-0.1")] == [True] * 5
    with pytest.raises(WorkloadError) as caught:
        draw_inspections(replace(BASE, arrivals=broken.arrivals), SITES, 1, 0)
    assert [word in str(caught.value) for word in ("not both", "-1.0", "east", "1 weights")] == [True] * 4
    with pytest.raises(WorkloadError, match="no study size"):
        draw_inspections(replace(BASE, mix=replace(MIX, size_bytes={})), SITES, 1, 0)
    silent = Arrivals(HOUR, count=5, hourly=(0.0,) * 12 + (1.0,) * 12)
    with pytest.raises(WorkloadError, match="weight 0"):
        draw_inspections(replace(BASE, arrivals=silent), SITES, 1, 0)
