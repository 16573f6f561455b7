"""A shared link against queueing theory: M/G/1 processor sharing, whatever the sizes are distributed like.

As in ``test_queues``: exact on the same draws first, then the mean within a band of 10 % fixed beforehand,
with the replications that the recursion's coefficient of variation asks for (n = (4.22 cv / .1)^2).
"""

from __future__ import annotations

import heapq
from collections.abc import Callable

import numpy as np
import pytest

from simgrid.domain.distribution import Distribution, exponential, lognormal
from simgrid.domain.network import Access, DataCentre
from simgrid.domain.scenario import GateChoice
from simgrid.domain.site import Site
from simgrid.domain.study import ArchiveLoad, Studies
from simgrid.domain.units import FloatArray
from simgrid.quality import gates
from simgrid.randomness import stream
from simgrid.simulation import Deciders, Fit, run
from tests.theory.test_queues import assert_equivalent
from tests.worlds import NO_RETRIEVALS, WIDE, Always, inspections, team_of, world

LINK_BPS = 8e6
MEAN_BYTES = 1e6
"""One second alone on the link."""
Load = tuple[FloatArray, FloatArray]


def work(sizes: Distribution, load: float, replication: int, rows: int) -> Load:
    """Poisson requests and sizes in whole bytes."""
    gaps = stream(11, replication, "gap").exponential(1 / load, rows)
    size = sizes.sample(stream(11, replication, "size"), rows)
    return np.cumsum(gaps), np.maximum(np.rint(size), 1.0)


def archived_s(given: Load) -> FloatArray:
    """Seconds from request to archive over one site's link, in order of arrival there."""
    requested_s, size_bytes = given
    rows = len(requested_s)
    one = world(sites=(Site("site", Access(LINK_BPS, LINK_BPS)),), data_centre=DataCentre(WIDE))
    nothing = inspections([], [])
    only_archived = ArchiveLoad(
        modalities=("CT",),
        site=np.zeros(rows, dtype=np.int16),
        modality=np.zeros(rows, dtype=np.int8),
        requested_s=requested_s,
        size_bytes=size_bytes,
        images=np.ones(rows, dtype=np.int32),
        urgent=np.zeros(rows, dtype=np.bool_),
    )
    team, fit = team_of(one, nothing), np.ones((1, 2))
    deciders = Deciders(team, Always(), "batched", gates.make(GateChoice()))
    studies = Studies.of(nothing, only_archived)
    journal = run(one, nothing, NO_RETRIEVALS, deciders, Fit(fit, fit), studies)
    assert journal.archive.archived == rows
    return journal.archive.upload_s.astype(np.float64)


def shared_out(given: Load) -> list[float]:
    """The same by the textbook: everybody's share of the link is one over how many there are."""
    requested_s, size_bytes = given
    served, now, ended = 0.0, 0.0, []
    present: list[tuple[float, float]] = []  # (service per study at which it ends, when it came)
    coming = list(zip(requested_s.tolist(), (size_bytes * 8 / LINK_BPS).tolist(), strict=True))[::-1]
    while coming or present:
        next_end = now + (present[0][0] - served) * len(present) if present else np.inf
        if coming and coming[-1][0] <= next_end:
            at_s, needs_s = coming.pop()
            served += (at_s - now) / len(present) if present else 0.0
            now = at_s
            heapq.heappush(present, (served + needs_s, at_s))
        else:
            ends_at, came_s = heapq.heappop(present)
            served, now = ends_at, next_end
            ended.append(now - came_s)
    return ended


SIZES: dict[str, Callable[[], Distribution]] = {
    "exponential": lambda: exponential(MEAN_BYTES),
    "lognormal": lambda: lognormal(MEAN_BYTES, 1.5),
}


@pytest.mark.parametrize("sizes", SIZES)
def test_every_time_equals_the_recursion_of_processor_sharing(sizes: str) -> None:
    given = work(SIZES[sizes](), 0.8, 0, 2000)
    # The journal keeps single precision of these.
    assert archived_s(given) == pytest.approx(shared_out(given), rel=1e-6)


@pytest.mark.parametrize(("sizes", "replications"), [("exponential", 8), ("lognormal", 13)])
def test_mean_time_depends_on_the_load_alone(sizes: str, replications: int) -> None:
    # cv .063 and .083 at 4000 studies: n >= 8 and n >= 13.
    load = 0.6
    found = []
    for replication in range(1, replications + 1):
        found.append(float(archived_s(work(SIZES[sizes](), load, replication, 4000))[200:].mean()))
    assert_equivalent(found, 1 / (1 - load))
