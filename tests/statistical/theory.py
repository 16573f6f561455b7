"""The simulator against queueing theory: waits at a unit with instant links, as M/M/1 and M/M/3.

One replication is one observation. Bands were declared beforehand; the coefficients of variation come from
the textbook recursions of ``tests/theory/test_queues.py`` on 100 replications of other seeds, at the same
number of requests.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np

from simgrid.domain.units import FloatArray
from simgrid.simulation.reading import Desks
from tests.statistical.measures import Equivalence
from tests.theory.test_queues import erlang_c, poisson_work, pooled, waits_min
from tests.worlds import Shortest, simulate, world

ROWS, WARM_UP = 3000, 100
READERS = 25
"""More than ever have something to read at once: the workstations are the servers."""

PLACE = {1: world(), 3: pooled(3, READERS)}


def waits(servers: int, load: float, of: Callable[[FloatArray], FloatArray]) -> Callable[[int], FloatArray]:
    """A function of the waits in minutes, averaged over the requests of a replication."""

    def replications(count: int) -> FloatArray:
        runs = (_waits_min(servers, load, number, Desks.true_reading_s) for number in range(count))
        return np.array([float(np.mean(of(found))) for found in runs])

    return replications


@cache
def _waits_min(servers: int, load: float, replication: int, _reading_time: object) -> FloatArray:
    """The waits of one replication, run once for all that is measured while reading times come from there."""
    work = poisson_work(replication, load, ROWS)
    return waits_min(simulate(PLACE[servers], work, Shortest()).inspections, WARM_UP)


def waited(found: FloatArray) -> FloatArray:
    """1 for each that had to wait."""
    return np.asarray(found > 1e-9, dtype=np.float64)


def mean_wait(servers: int, load: float, reading_min: float = 1.0) -> float:
    """Mean minutes of waiting in M/M/c, ``load`` requests a minute."""
    offered = load * reading_min
    return erlang_c(servers, offered) * reading_min / (servers - offered)


MEASURES = (
    Equivalence(
        "theory, mean wait in M/M/1 at 0.5", waits(1, 0.5, np.asarray), 72, mean_wait(1, 0.5), 0.05, 0.1
    ),
    Equivalence(
        "theory, mean wait in M/M/3 at 1.8",
        waits(3, 1.8, np.asarray),
        60,
        mean_wait(3, 1.8),
        0.10,
        0.182,
    ),
    Equivalence(
        "theory, share that waits in M/M/3 at 1.8",
        waits(3, 1.8, waited),
        36,
        erlang_c(3, 1.8),
        0.05,
        0.069,
    ),
)


def longer(by: float) -> dict[str, float]:
    """What reading times ``by`` times as long make of each measure, as a multiple of the exact value."""
    return {
        MEASURES[0].name: mean_wait(1, 0.5, by) / mean_wait(1, 0.5),
        MEASURES[1].name: mean_wait(3, 1.8, by) / mean_wait(3, 1.8),
        MEASURES[2].name: erlang_c(3, 1.8 * by) / erlang_c(3, 1.8),
    }
