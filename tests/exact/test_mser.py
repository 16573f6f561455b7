"""MSER-5, Welch's average and the series of a run: by hand, and on a queue whose beginning is known."""

from __future__ import annotations

import numpy as np
import pytest

from simgrid.experiments.pilot import TooShortToJudge, batch_of, pilot
from simgrid.metrics.series import turnaround_min, waiting
from simgrid.presentation.warm_up import proposed_s, verdict, warm_up_block, warm_up_csv, warm_up_files
from simgrid.scenario import load
from simgrid.statistics.warm_up import batch_means, mser, welch
from tests.worlds import inspections, radiologist, simulate, world

DAY = 86400.0


def test_batch_means_by_hand() -> None:
    assert batch_means([1, 2, 3, 4, 5, 10, 10, 10, 10, 10, 99]).tolist() == [3.0, 10.0]
    assert batch_means([1, np.nan, 3, np.nan, np.nan, *[np.nan] * 5])[0] == 2.0
    assert np.isnan(batch_means([np.nan] * 5)[0])


def test_mser_by_hand() -> None:
    """Batches 9, 4, 1, -1, 1, -1, ...: all ten have sum 13 and squares 105, so (105 - 16.9) / 100.

    Without the first: sum 4, squares 24, (24 - 16/9) / 81; without two: mean 0, 8 / 64; without three the
    mean is -1/7, (7 - 1/7) / 49; four: 6 / 36; five: (5 - 1/5) / 25.
    """
    found = mser(np.repeat([9.0, 4.0, *[1.0, -1.0] * 4], 5))
    wanted = [(105 - 16.9) / 100, (24 - 16 / 9) / 81, 8 / 64, (7 - 1 / 7) / 49, 6 / 36, (5 - 1 / 5) / 25]
    np.testing.assert_allclose(found.statistic, wanted)
    assert (found.batches, found.of, found.size, found.observations) == (2, 10, 5, 10)
    assert not found.too_short


def test_a_series_that_never_settles_is_too_short() -> None:
    assert mser(np.arange(100.0)).too_short
    assert mser(np.full(50, 7.0)).batches == 0
    with pytest.raises(ValueError, match="9 batches of 5 are too few"):
        mser(np.zeros(49))
    with pytest.raises(ValueError, match="nothing was observed"):
        mser(np.full(50, np.nan))


def test_welchs_average_by_hand() -> None:
    """Means over two replications are 0 to 5; the window is narrower at first and ends before the end."""
    series = [[0.0, 0.0, 1.0, 3.0, 4.0, 5.0], [0.0, 2.0, 3.0, 3.0, 4.0, 5.0]]
    assert welch(series, 1).tolist() == [0.0, 1.0, 2.0, 3.0, 4.0]
    assert welch(series, 0).tolist() == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    assert welch([[np.nan, 2.0, 4.0]], 0).tolist()[1:] == [2.0, 4.0]


def test_series_of_a_run_by_hand() -> None:
    """One reader: 20 min from 0, 10 min asked for at 15 min: opened at 20 and reported at 30 min."""
    journal = simulate(world([radiologist()]), inspections([0.0, 900.0], [20.0, 10.0]))
    edges = np.array([0.0, 600.0, 1200.0, 1800.0])
    np.testing.assert_allclose(turnaround_min(journal, edges), [20.0, 15.0, np.nan])
    np.testing.assert_allclose(waiting(journal, edges), [0.0, 0.5, 0.0])


def waits(replications: int, seed: int) -> np.ndarray:
    """Waits of the first 600 customers of an M/M/1 queue at a load of .8, by Lindley's recursion."""
    generator = np.random.default_rng(seed)
    gaps = generator.exponential(1.25, (600, replications))
    reading = generator.exponential(1.0, (600, replications))
    found = np.zeros((600, replications))
    for place in range(1, 600):
        found[place] = np.maximum(found[place - 1] + reading[place - 1] - gaps[place], 0.0)
    return found.mean(axis=1)


def test_a_queue_started_empty_loses_its_beginning() -> None:
    """Its expected wait, here of 10 000 other replications, grows towards the long run's 4 from below.

    The cut that MSER-5 finds in 400 replications leaves less than a third of the bias, and most of the run.
    """
    cut = mser(waits(400, seed=1))
    assert not cut.too_short
    expected = waits(10_000, seed=2)
    assert abs(expected[300:].mean() - 4) < 0.1
    bias = 4 - expected.mean()
    assert bias > 0.1
    assert 4 - expected[cut.observations :].mean() < bias / 3


def test_a_batch_is_a_cycle_where_there_are_ten() -> None:
    assert batch_of(70 * DAY) == 7 * DAY
    assert batch_of(69 * DAY) == DAY
    assert batch_of(9 * DAY) == 9 * DAY / 20


def test_a_pilot_is_told_in_a_table_a_csv_and_a_figure() -> None:
    scenario = load("methods/steady-state", ["horizon=12 h", "warmup=2 h"]).cells[0]
    found = pilot(scenario, replications=2)
    assert [(one.policy, one.series) for one in found] == [
        ("shortest-queue@feasible", "turnaround"),
        ("shortest-queue@feasible", "waiting"),
    ]
    assert found[0].values.shape == (2, 100)
    assert found[0].batch_s == 12 * 3600 / 20
    table = warm_up_block(found, 2, scenario.warmup_s)
    assert [row[2] for row in table.rows] == [verdict(one) for one in found]
    assert (proposed_s(found) is None) == ("run too short" in {row[2] for row in table.rows})
    lines = warm_up_csv(found).splitlines()
    assert len(lines) == 1 + 2 * 100
    assert lines[0] == "policy,series,unit,from_h,mean,lo95,hi95,moving_average"
    files = warm_up_files(found, "A pilot")
    assert set(files) == {"warm-up.svg", "warm-up.png"}
    assert warm_up_files(found, "A pilot") == files
    with pytest.raises(TooShortToJudge, match="holds 4 batches"):
        pilot(scenario, replications=1, batch_s=3 * 3600.0)
