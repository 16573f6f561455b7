"""The data platform's queues against queueing theory; the bands were fixed before the first run.

A shard that enters each study in the same time is an M/D/1 queue (Pollaczek and Khinchine: mean sojourn
1/mu + rho / (2 mu (1 - rho))); the file layer under exponential sizes is an M/M/1 queue, whose sojourn is
exponential with the rate mu - lambda. Means within 3 %, the 95th percentile within 5 %.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
import simpy

from simgrid.domain.data_platform import DataPlatform
from simgrid.domain.study import Studies
from simgrid.simulation.clock import Clock
from simgrid.simulation.data_platform import Platform

ROWS = 150_000
MEAN, TAIL = 0.03, 0.05


def arriving(rate: float, sizes: np.ndarray, rng: np.random.Generator, patients: int) -> Studies:
    return Studies(
        to_report=0,
        site=np.zeros(ROWS, dtype=np.int16),
        requested_s=np.cumsum(rng.exponential(1 / rate, ROWS)),
        size_bytes=sizes,
        images=np.ones(ROWS, dtype=np.int32),
        urgent=np.zeros(ROWS, dtype=np.bool_),
        patient=rng.integers(0, patients, ROWS).astype(np.int32),
    )


def filed(rules: DataPlatform, studies: Studies) -> tuple[Platform, np.ndarray]:
    """The platform after all have come, and when each was in the archive."""
    env = Clock()
    platform = Platform(env, rules, studies, 5)
    done = np.full(ROWS, np.nan)

    def there(row: int) -> None:
        done[row] = env.now

    def feed() -> simpy.events.ProcessGenerator:
        for row, at_s in enumerate(studies.requested_s.tolist()):
            yield env.timeout(max(at_s - env.now, 0.0))
            platform.file(there, row)

    env.process(feed())
    env.run()
    return platform, done


@pytest.mark.parametrize("load", [0.5, 0.8])
def test_one_shard_is_m_d_1(load: float) -> None:
    rng, insert_s = np.random.default_rng(11), 0.02
    studies = arriving(load / insert_s, np.ones(ROWS), rng, 1000)
    platform, _ = filed(DataPlatform(shards=1, insert_s=insert_s), studies)
    expected = insert_s + load * insert_s / (2 * (1 - load))
    assert platform.records().sojourn_s.astype(float).mean() == pytest.approx(expected, rel=MEAN)


def test_sixteen_shards_share_the_load_of_many_patients() -> None:
    rng, insert_s, load = np.random.default_rng(12), 0.02, 0.6
    studies = arriving(16 * load / insert_s, np.ones(ROWS), rng, 100_000)
    platform, _ = filed(DataPlatform(insert_s=insert_s), studies)
    records = platform.records()
    # Each shard by its own share of the patients, as drawn.
    own = load * records.queries / records.queries.mean()
    each = insert_s + own * insert_s / (2 * (1 - own))
    expected = np.average(each, weights=records.queries)
    assert records.sojourn_s.astype(float).mean() == pytest.approx(expected, rel=MEAN)


def test_the_file_layer_is_m_m_1() -> None:
    rng, speed, load = np.random.default_rng(13), 1e8, 0.7
    sizes = rng.exponential(48e6, ROWS)
    service_s = 48e6 / speed
    studies = arriving(load / service_s, sizes, rng, 1000)
    _, done = filed(DataPlatform(disk_bps=8 * speed), studies)
    sojourn = done - studies.requested_s
    rate = (1 - load) / service_s
    assert sojourn.mean() == pytest.approx(1 / rate, rel=MEAN)
    assert np.percentile(sojourn, 95) == pytest.approx(math.log(20) / rate, rel=TAIL)
