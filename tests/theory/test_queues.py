"""The model against queueing theory.

Exact first: on the same draws every waiting time equals the textbook recursion's. Then theory: the mean is
equivalent to the closed form within a band of 10 % fixed beforehand. One replication is one observation; the
check passes when its 90 % interval lies inside the band (two one-sided tests at 5 %), with the replications
that n = (4.22 cv / delta)^2 asks for, cv measured by the recursions on 150 replications of other seeds.
Narrower bands, with the power to find a fault, are in ``tests/statistical/theory.py``.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence

import numpy as np
import pytest
from scipy import stats

from simgrid.domain.inspection import Inspections
from simgrid.domain.journal import InspectionRecords
from simgrid.domain.reporting_unit import ReportingUnit
from simgrid.domain.units import FloatArray
from simgrid.domain.world import World
from simgrid.randomness import stream
from tests.worlds import WIDE, Shortest, inspections, radiologist, simulate, world

BAND = 0.10


def poisson_work(replication: int, per_minute: float, rows: int, urgent_share: float = 0.0) -> Inspections:
    """Poisson requests, exponential reading times of mean one minute, urgent ones at random."""
    gaps = stream(7, replication, "gap").exponential(60.0 / per_minute, rows)
    reading = stream(7, replication, "reading").exponential(1.0, rows)
    urgent = stream(7, replication, "urgent").random(rows) < urgent_share
    return inspections(np.cumsum(gaps).tolist(), reading.tolist(), urgent=urgent)


def pooled(servers: int, readers: int) -> World:
    """c workstations shared by many readers: one queue with c servers, first come first served."""
    unit = ReportingUnit("unit", WIDE, 1e15, servers, 3.0)
    return world([radiologist(f"r{number:02d}") for number in range(readers)], units=(unit,))


def waits_min(row: InspectionRecords, warm_up: int = 0) -> FloatArray:
    waits: FloatArray = (row.opened_s - row.requested_s)[warm_up:] / 60
    return waits


def kiefer_wolfowitz(work: Inspections, servers: int) -> list[float]:
    """Waits in minutes of a FIFO queue with c servers, arrival by arrival."""
    free = [0.0] * servers
    waits = []
    for at_s, reading_min in zip(work.requested_s, work.reading_draw_min, strict=True):
        start = max(float(at_s), heapq.heappop(free))
        waits.append((start - float(at_s)) / 60)
        heapq.heappush(free, start + float(reading_min) * 60)
    return waits


def urgent_first(work: Inspections) -> list[float]:
    """Waits in minutes of one server that takes urgent work first and interrupts nothing."""
    waits = [0.0] * len(work)
    queue: list[tuple[bool, int]] = []
    now, upcoming = 0.0, 0
    while upcoming < len(work) or queue:
        if not queue:
            now = max(now, float(work.requested_s[upcoming]))
        while upcoming < len(work) and work.requested_s[upcoming] <= now:
            heapq.heappush(queue, (not work.urgent[upcoming], upcoming))
            upcoming += 1
        row = heapq.heappop(queue)[1]
        waits[row] = (now - float(work.requested_s[row])) / 60
        now += float(work.reading_draw_min[row]) * 60
    return waits


def assert_equivalent(observed: Sequence[float], exact: float) -> None:
    mean, sem = float(np.mean(observed)), float(stats.sem(observed))
    half = float(stats.t.ppf(0.95, len(observed) - 1)) * sem
    assert exact * (1 - BAND) < mean - half, (mean, half, exact)
    assert mean + half < exact * (1 + BAND), (mean, half, exact)


def erlang_c(servers: int, load: float) -> float:
    """Probability of waiting in M/M/c."""
    terms = [load**k / math.factorial(k) for k in range(servers)]
    last = load**servers / math.factorial(servers) * servers / (servers - load)
    return last / (sum(terms) + last)


@pytest.mark.parametrize(("servers", "load"), [(1, 0.8), (3, 2.4)])
def test_every_wait_equals_the_recursion_of_the_pooled_queue(servers: int, load: float) -> None:
    work = poisson_work(1, load, 1500)
    waits = waits_min(simulate(pooled(servers, 60), work, Shortest()).inspections)
    assert waits.tolist() == pytest.approx(kiefer_wolfowitz(work, servers), rel=1e-9, abs=1e-7)
    assert waits.max() > 1.0


def test_every_wait_equals_the_recursion_of_the_priority_queue() -> None:
    work = poisson_work(2, 0.8, 1500, urgent_share=0.3)
    waits = waits_min(simulate(world(), work).inspections)
    assert waits.tolist() == pytest.approx(urgent_first(work), rel=1e-9, abs=1e-7)
    assert waits.max() > 1.0


def test_share_that_waits_in_m_m_3() -> None:
    # cv .077 at 2000 rows: n >= 11.
    one = pooled(3, 40)
    shares = []
    for replication in range(12):
        row = simulate(one, poisson_work(replication, 2.1, 2000), Shortest()).inspections
        shares.append(float(np.mean(waits_min(row, 100) > 1e-9)))
    assert_equivalent(shares, erlang_c(3, 2.1))


def cobham(load: float, share: float) -> tuple[float, float]:
    """Mean waits (urgent, routine) of the non-pre-emptive queue, exponential readings of mean one minute."""
    residual = load  # lambda E[S^2] / 2
    urgent = residual / (1 - load * share)
    return urgent, urgent / (1 - load)


def assert_cobham(replications: int, rows: int) -> None:
    load, share = 0.4, 0.3
    urgent, routine = [], []
    for replication in range(replications):
        work = poisson_work(replication, load, rows, share)
        waits = waits_min(simulate(world(), work).inspections)
        urgent.append(float(waits[work.urgent].mean()))
        routine.append(float(waits[~work.urgent].mean()))
    exact = cobham(load, share)
    assert_equivalent(urgent, exact[0])
    assert_equivalent(routine, exact[1])


def test_mean_waits_of_the_non_preemptive_priority_queue() -> None:
    # cv .097 and .091 at 3000 rows: n >= 17.
    assert_cobham(replications=18, rows=3000)


def test_number_in_system_is_rate_times_time_in_system() -> None:
    load = 0.5
    ratios = []
    for replication in range(8):
        journal = simulate(world(), poisson_work(replication, load, 2000))
        row = journal.inspections
        spent = float(np.mean(row.reported_s - row.requested_s))
        ratios.append(journal.area_in_system_s / journal.ended_s / (load / 60 * spent))
    assert_equivalent(ratios, 1.0)
