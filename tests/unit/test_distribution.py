"""Distributions are parametrised by what people state; sampling must agree with it."""

import math

import numpy as np
import pytest

from simgrid.domain import distribution as d
from simgrid.domain.distribution import Distribution

ALL = [
    d.constant(7.0),
    d.exponential(3.0),
    d.lognormal(12.0, 0.5),
    d.lognormal_median_p95(10.0, 30.0),
    d.gamma(5.0, 0.8),
    d.weibull(1.5, 4.0),
    d.triangular(1.0, 2.0, 6.0),
    d.uniform(2.0, 4.0),
    d.empirical((1.0, 2.0, 9.0)),
]


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.family)
def test_sample_mean_agrees_with_the_stated_mean(one: Distribution) -> None:
    draws = one.sample(np.random.default_rng(1), 20_000)
    assert draws.shape == (20_000,)
    five_standard_errors = 5 * float(draws.std()) / math.sqrt(len(draws)) + 1e-12
    assert abs(float(draws.mean()) - one.mean) < five_standard_errors


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.family)
def test_scaling_scales_every_draw(one: Distribution) -> None:
    plain = one.sample(np.random.default_rng(2), 100)
    scaled = one.scaled(3.0).sample(np.random.default_rng(2), 100)
    assert scaled == pytest.approx(3.0 * plain, rel=1e-12)
    assert one.scaled(3.0).mean == pytest.approx(3.0 * one.mean)


def test_lognormal_by_mean_and_variation() -> None:
    mu, sigma = d.lognormal(12.0, 0.5).parameters
    assert math.exp(mu + sigma**2 / 2) == pytest.approx(12.0)
    assert math.sqrt(math.exp(sigma**2) - 1) == pytest.approx(0.5)


def test_lognormal_by_median_and_95th_percentile() -> None:
    draws = d.lognormal_median_p95(10.0, 30.0).sample(np.random.default_rng(3), 200_000)
    assert float(np.median(draws)) == pytest.approx(10.0, rel=0.02)
    assert float(np.quantile(draws, 0.95)) == pytest.approx(30.0, rel=0.03)
