"""Effects, indices and noise shares against functions whose answers are known, and against SALib's own."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest

from simgrid.domain.analysis import Method
from simgrid.domain.units import FloatArray
from simgrid.scenario.sensitivity_design import design
from simgrid.statistics.effects import elementary_effects, morris, noise_of, ranks, sobol

# Ishigami with a = 7, b = 0.1: V = a^2/8 + b pi^4/5 + b^2 pi^8/18 + 1/2.
A, B = 7.0, 0.1
V1, V2 = 0.5 * (1 + B * math.pi**4 / 5) ** 2, A**2 / 8
V13 = B**2 * math.pi**8 * (1 / 18 - 1 / 50)
V = V1 + V2 + V13
FIRST, TOTAL = (V1 / V, V2 / V, 0.0), ((V1 + V13) / V, V2 / V, V13 / V)


def ishigami(shares: FloatArray) -> FloatArray:
    x = (2 * shares - 1) * math.pi
    return (np.sin(x[:, 0]) + A * np.sin(x[:, 1]) ** 2 + B * x[:, 2] ** 4 * np.sin(x[:, 0]))[:, None]


def problem(places: int) -> dict[str, object]:
    return {
        "num_vars": places,
        "names": [f"x{one}" for one in range(places)],
        "bounds": [[0.0, 1.0]] * places,
    }


def test_morris_of_a_linear_function_is_coefficient_times_range() -> None:
    """f = 2 + 6 x - 3 y + 0 z over ranges of length 1, 4 and 2."""
    shares = design("morris", 8, 3, seed=3)
    low, range_ = np.array([0.0, -1.0, 5.0]), np.array([1.0, 4.0, 2.0])
    real = low + shares * range_
    found = morris(shares, 2 + real @ np.array([[6.0], [-3.0], [0.0]]), seed=1)
    assert found.main.value == pytest.approx([6.0, 12.0, 0.0], abs=1e-12)
    assert found.signed == pytest.approx([6.0, -12.0, 0.0], abs=1e-12)
    assert found.other.value.tolist() == [0.0, 0.0, 0.0]
    assert found.other.high.tolist() == [0.0, 0.0, 0.0]
    assert found.main.low == pytest.approx(found.main.high, abs=1e-12)
    assert found.main.value[2] == found.main.high[2] == 0.0
    assert np.isnan(found.noise).all()  # one replication says nothing of its noise
    assert [one.tolist() for one in ranks(found.main.low, found.main.high)] == [[2, 1, 3]] * 2


def test_elementary_effects_by_hand() -> None:
    """f = x y: from (0, 1/2) x rises to 1, then y falls to 0; from (1, 1) y falls to 1/2, then x to 0."""
    shares = np.array([[0, 0.5], [1, 0.5], [1, 0], [1, 1], [1, 0.5], [0, 0.5]])
    values = np.stack([shares.prod(axis=1), 10 * shares.prod(axis=1)], axis=1)
    assert elementary_effects(shares, values).tolist() == [
        [[0.5, 5.0], [1.0, 10.0]],
        [[0.5, 5.0], [1.0, 10.0]],
    ]


@pytest.mark.parametrize("seed", [1, 2])
def test_morris_has_the_numbers_of_salib(seed: int) -> None:
    from SALib.analyze import morris as oracle

    shares = design("morris", 20, 3, seed)
    values = ishigami(shares)
    told = oracle.analyze(problem(3), shares, values[:, 0], num_levels=4, seed=1)
    found = morris(shares, values, seed=1)
    assert found.main.value == pytest.approx(np.asarray(told["mu_star"]), rel=1e-10)
    assert found.signed == pytest.approx(np.asarray(told["mu"]), rel=1e-9, abs=1e-10)
    assert found.other.value == pytest.approx(np.asarray(told["sigma"]), rel=1e-9, abs=1e-10)
    half = (found.main.high - found.main.low) / 2
    assert half == pytest.approx(np.asarray(told["mu_star_conf"]), rel=0.35, abs=1e-9)


def test_sobol_has_the_numbers_of_salib() -> None:
    from SALib.analyze import sobol as oracle

    values = ishigami(design("sobol", 64, 3, seed=5))
    told = oracle.analyze(problem(3), values[:, 0], calc_second_order=False, seed=1)
    found = sobol(values, 3, seed=1)
    assert found.other.value == pytest.approx(told["S1"], rel=1e-10, abs=1e-12)
    assert found.main.value == pytest.approx(told["ST"], rel=1e-10, abs=1e-12)
    assert (found.main.high - found.main.low) / 2 == pytest.approx(told["ST_conf"], rel=0.35)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_sobol_of_ishigami_is_near_its_analytical_indices(seed: int) -> None:
    found = sobol(ishigami(design("sobol", 1024, 3, seed)), 3, seed=1)
    assert found.other.value == pytest.approx(FIRST, abs=0.04)
    assert found.main.value == pytest.approx(TOTAL, abs=0.03)
    assert all(
        low <= true <= high for low, true, high in zip(found.main.low, TOTAL, found.main.high, strict=True)
    )
    assert ranks(found.main.low, found.main.high)[0][2] == 3  # z is the least


def test_a_place_without_effect_has_exactly_none_where_replications_are_common() -> None:
    """Noise that moves all points alike cancels in every effect."""
    noise = np.random.default_rng(1).normal(0, 5, 6)
    shares = design("morris", 6, 2, seed=1)
    found = morris(shares, 3 * shares[:, :1] + noise, seed=1)
    assert found.main.value[1] == found.main.high[1] == found.noise[1] == 0.0
    assert found.main.value[0] == pytest.approx(3.0, abs=1e-9)
    rows = design("sobol", 32, 2, seed=1)
    of_variance = sobol(3 * rows[:, :1] + noise, 2, seed=1)
    assert of_variance.main.value[1] == of_variance.noise[1] == 0.0
    assert of_variance.main.value[0] == pytest.approx(1.0, abs=0.1)


def test_noise_alone_gives_what_is_said_that_it_gives() -> None:
    """No effect at all, noise of sd 1 of its own at each row: mu* is near its expectation, 2/sqrt(pi r)/d."""
    rng = np.random.default_rng(7)
    shares = design("morris", 400, 2, seed=1)
    values = rng.normal(0, 1, (len(shares), 5))
    found = morris(shares, values, seed=1)
    expected = math.sqrt(2 / math.pi) * math.sqrt(2 / 5) / (2 / 3)
    assert found.main.value == pytest.approx([expected] * 2, rel=0.08)
    # The mean of standard errors of 5 is 0.94 of the true one: the tick stands a little low.
    assert found.noise == pytest.approx([0.94 * expected] * 2, rel=0.08)
    rows = design("sobol", 512, 2, seed=1)
    single = rng.normal(0, 1, (len(rows), 4)) + 2 * rows[:, :1]
    of_variance = sobol(single, 2, seed=1)
    true = (1 / 4) / (4 / 12 + 1 / 4)
    assert of_variance.noise[1] == pytest.approx(true, rel=0.1)
    assert of_variance.main.value[1] == pytest.approx(true, rel=0.15)


def test_six_trajectories_give_no_interval_too_narrow() -> None:
    """Plain percentiles would keep 85 %; 1200 intervals that keep 92 % do not come below 89 %."""

    def bent(x: FloatArray) -> FloatArray:
        y = np.sin(5 * x[:, 0]) + 4 * x[:, 1] * x[:, 2] + np.exp(2 * x[:, 3]) * x[:, 0] + x[:, 1] ** 2
        return y[:, None]

    many = design("morris", 4000, 4, seed=99)
    true = np.abs(elementary_effects(many, bent(many))).mean(axis=(0, 2))
    rows = design("morris", 6 * 300, 4, seed=6).reshape(300, 6 * 5, 4)
    found = [morris(one, bent(one), seed=number).main for number, one in enumerate(rows)]
    kept = np.mean([(one.low <= true) & (true <= one.high) for one in found])
    assert 0.89 < kept < 0.97


def test_noise_shares_by_hand() -> None:
    """Points 0 and 2, replications 0 and 1 above them, nothing left over: between 2, common 1/2, own 0."""
    found = noise_of(np.array([[0.0, 1.0], [2.0, 3.0]]))
    assert (found.all, found.own) == pytest.approx((0.2, 0.0))
    # Now 1 is added and taken crosswise: rest 4 x (1/2)^2 on 1 degree of freedom.
    found = noise_of(np.array([[0.5, 0.5], [1.5, 3.5]]))
    assert (found.all, found.own) == pytest.approx((1.0 / 2.5, 1.0 / 2.5))


@pytest.mark.parametrize(
    ("common", "own"), [(0.0, 1.0), (2.0, 0.5), (1.0, 0.0)], ids=["independent", "both", "common only"]
)
def test_noise_shares_of_known_variances(common: float, own: float) -> None:
    rng = np.random.default_rng(11)
    points, runs = 300, 200
    of_points, of_runs = rng.normal(0, 1, (points, 1)), rng.normal(0, 1, (1, runs))
    values = (  # the sample has the variances that the function is said to have
        2 * of_points / of_points.std(ddof=1)
        + math.sqrt(common) * of_runs / of_runs.std(ddof=1)
        + math.sqrt(own) * rng.normal(0, 1, (points, runs))
    )
    found, total = noise_of(values), 4 + common + own
    assert found.all == pytest.approx((common + own) / total, abs=0.005)
    assert found.own == pytest.approx(own / total, abs=0.005)
    if not common:  # the textbook's one-way analysis: within points over within and between
        within = values.var(axis=1, ddof=1).mean()
        between = values.mean(axis=1).var(ddof=1) - within / runs
        assert found.all == pytest.approx(within / (within + between), abs=0.005)


def test_what_never_varies_has_no_index() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = sobol(np.full((4 * 8, 2), 0.1), 2, seed=1)
        assert np.isnan(found.main.value).all()
        assert np.isnan(found.noise).all()
        assert math.isnan(noise_of(np.full((4, 3), 0.1)).all)
        assert math.isnan(noise_of(np.array([[1.0], [2.0]])).all)
        flat = morris(design("morris", 3, 2, seed=1), np.full((9, 2), 0.1), seed=1)
    assert flat.main.value.tolist() == flat.main.high.tolist() == [0.0, 0.0]


def test_overlapping_intervals_share_their_ranks() -> None:
    low, high = np.array([5.0, 4.0, 1.0, 0.0]), np.array([9.0, 6.0, 4.5, 0.5])
    first, last = ranks(low, high)
    assert list(zip(first.tolist(), last.tolist(), strict=True)) == [(1, 2), (1, 3), (2, 3), (4, 4)]
    unknown = np.full(3, np.nan)
    assert [one.tolist() for one in ranks(unknown, unknown)] == [[1, 1, 1], [3, 3, 3]]


@pytest.mark.parametrize("method", ["morris", "sobol"])
def test_a_longer_design_begins_with_the_shorter_one(method: Method) -> None:
    rows, more = design(method, 8, 3, 9), design(method, 16, 3, 9)
    assert (more[: len(rows)] == rows).all()
    assert (design(method, 8, 3, 10) != rows).any()
    assert rows.min() >= 0.0
    assert rows.max() <= 1.0
