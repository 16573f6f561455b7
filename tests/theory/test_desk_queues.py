"""Desks against queueing theory: interruptions, and workstations as the repairmen of a finite source.

As in ``test_queues``: exact on the same draws first, then the mean within a band of 10 % fixed beforehand,
with the replications that the recursion's coefficient of variation asks for.
"""

from __future__ import annotations

import heapq
import math

import numpy as np
import pytest

from simgrid.domain.decision import Assignment, Worklist
from simgrid.domain.desk_rules import DeskRules
from simgrid.domain.grid import Grid, TransferRules
from simgrid.domain.inspection import Inspections
from simgrid.domain.journal import Journal
from simgrid.domain.reporting_unit import ReportingUnit
from simgrid.domain.world import Dispatch
from simgrid.randomness import stream
from tests.theory.test_queues import assert_equivalent
from tests.worlds import WIDE, inspections, radiologist, simulate, world

INTERRUPTED = world(grid=Grid(reading=DeskRules(interruption=True)))
CV = 0.7


def two_classes(replication: int, per_minute: float, rows: int, urgent_share: float) -> Inspections:
    """Poisson requests, lognormal reading times of mean one minute."""
    gaps = stream(8, replication, "gap").exponential(60.0 / per_minute, rows)
    sd = math.sqrt(math.log(1 + CV**2))
    reading = stream(8, replication, "reading").lognormal(-(sd**2) / 2, sd, rows)
    urgent = stream(8, replication, "urgent").random(rows) < urgent_share
    return inspections(np.cumsum(gaps).tolist(), reading.tolist(), urgent=urgent)


def preemptive_resume(work: Inspections) -> list[float]:
    """Minutes from request to end at one server; urgent work interrupts, what it interrupts resumes."""
    left = [float(minutes) * 60 for minutes in work.reading_draw_min]
    spent = [0.0] * len(work)
    queue: list[tuple[bool, int]] = []
    now, upcoming = 0.0, 0
    while upcoming < len(work) or queue:
        next_s = float(work.requested_s[upcoming]) if upcoming < len(work) else math.inf
        if not queue or now + left[queue[0][1]] > next_s:
            if queue:
                left[queue[0][1]] -= next_s - now
            now = next_s
            heapq.heappush(queue, (not work.urgent[upcoming], upcoming))
            upcoming += 1
        else:
            row = heapq.heappop(queue)[1]
            now += left[row]
            spent[row] = (now - float(work.requested_s[row])) / 60
    return spent


def response_min(journal: Journal) -> np.ndarray:
    return (journal.inspections.read_s - journal.inspections.requested_s) / 60


def test_every_response_equals_the_recursion_of_the_preemptive_queue() -> None:
    work = two_classes(1, 0.8, 1500, urgent_share=0.3)
    journal = simulate(INTERRUPTED, work)
    assert response_min(journal).tolist() == pytest.approx(preemptive_resume(work), rel=1e-9, abs=1e-7)
    assert journal.grid.desks is not None
    assert len(journal.grid.desks.kind) > 100


def preemptive_means(load: float, urgent_share: float) -> tuple[float, float]:
    """Mean minutes from request to end, urgent and routine: M/G/1 preemptive-resume, mean reading 1."""
    second_moment, urgent = 1 + CV**2, load * urgent_share
    first = 1 + urgent * second_moment / 2 / (1 - urgent)
    second = 1 / (1 - urgent) + load * second_moment / 2 / ((1 - urgent) * (1 - load))
    return first, second


def test_mean_responses_of_the_preemptive_priority_queue() -> None:
    # cv of the recursion at 3000 rows: .038 for urgent, .087 for routine: n >= 14.
    urgent, routine = [], []
    for replication in range(15):
        work = two_classes(replication, 0.7, 3000, 0.3)
        spent = response_min(simulate(INTERRUPTED, work))
        urgent.append(float(spent[work.urgent].mean()))
        routine.append(float(spent[~work.urgent].mean()))
    exact = preemptive_means(0.7, 0.3)
    assert_equivalent(urgent, exact[0])
    assert_equivalent(routine, exact[1])


# A finite source: the unit's storage holds N studies. Each is first under way for as long as its images take,
# then wants one of c workstations; when it has been read the next sets out. Readers are more than enough.
SOURCES, STATIONS, READERS = 5, 2, 100
THINK_S, SPACING_S = 60.0, 1800.0


class InTurn:
    """The readers one after the other."""

    def assign(self, worklist: Worklist) -> Assignment:
        return Assignment(worklist.inspection % READERS)


def sources(replication: int, rows: int) -> Inspections:
    """Under way for exponential times, a millisecond an image, and read for exponential times."""
    images = np.rint(stream(9, replication, "images").exponential(THINK_S * 1e3, rows)).astype(np.int64)
    reading = stream(9, replication, "reading").exponential(1.0, rows)
    at_s = np.arange(rows) * SPACING_S
    return inspections(at_s.tolist(), reading.tolist(), images=images, size_bytes=np.ones(rows))


def finite_source(work: Inspections) -> Journal:
    """All studies are uploaded in order before the first is assigned; then N at a time."""
    one = world(
        [radiologist(f"r{number:03d}") for number in range(READERS)],
        units=(ReportingUnit("unit", WIDE, float(SOURCES), STATIONS, 10.0),),
        grid=Grid(transfers=TransferRules(image_latency_s=1e-3), reading=DeskRules()),
        dispatch=Dispatch(SPACING_S * len(work), len(work) + 1),
    )
    return simulate(one, work, InTurn())


def machine_repair(work: Inspections) -> tuple[list[float], float]:
    """When each study is opened, in seconds after the first sets out, and the share of time spent waiting."""
    think = [float(images) * 1e-3 for images in work.images]
    arriving = [(think[row], row) for row in range(SOURCES)]
    heapq.heapify(arriving)
    free, opened, waited, upcoming, now = [0.0] * STATIONS, [0.0] * len(work), 0.0, SOURCES, 0.0
    reading: list[float] = []
    while arriving or reading:
        if reading and (not arriving or reading[0] <= arriving[0][0]):
            now = heapq.heappop(reading)
            if upcoming < len(work):
                heapq.heappush(arriving, (now + think[upcoming], upcoming))
                upcoming += 1
            continue
        at_s, row = heapq.heappop(arriving)
        opened[row] = max(at_s, heapq.heappop(free))
        waited += opened[row] - at_s
        heapq.heappush(free, opened[row] + float(work.reading_draw_min[row]) * 60)
        heapq.heappush(reading, opened[row] + float(work.reading_draw_min[row]) * 60)
    return opened, waited / (SOURCES * now)


def waiting_share() -> float:
    """Share of N sources that wait on average in M/M/c//N."""
    weight = [1.0]
    for busy in range(SOURCES):
        weight.append(weight[-1] * (SOURCES - busy) * (60.0 / THINK_S) / min(busy + 1, STATIONS))
    waiting = sum(max(number - STATIONS, 0) * one for number, one in enumerate(weight))
    return waiting / sum(weight) / SOURCES


def test_every_opening_equals_the_recursion_of_the_finite_source() -> None:
    work = sources(1, 1500)
    journal = finite_source(work)
    began_s = SPACING_S * len(work)
    opened, share = machine_repair(work)
    assert (journal.inspections.opened_s - began_s).tolist() == pytest.approx(opened, abs=1e-6)
    assert journal.grid.desks is not None
    lasted_s = journal.ended_s - began_s
    assert journal.grid.desks.seat_wait_s.sum() / (SOURCES * lasted_s) == pytest.approx(share, rel=1e-6)
    assert journal.peak_desks_busy.tolist() == [STATIONS]


def test_share_of_time_spent_waiting_for_a_workstation() -> None:
    # cv of the recursion at 1500 rows: .040: n >= 3; six keep Student's t small.
    shares = []
    for replication in range(6):
        work = sources(replication, 1500)
        journal = finite_source(work)
        assert journal.grid.desks is not None
        waited_s = float(journal.grid.desks.seat_wait_s.sum())
        shares.append(waited_s / (SOURCES * (journal.ended_s - SPACING_S * len(work))))
    assert_equivalent(shares, waiting_share())
