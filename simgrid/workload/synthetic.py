"""A synthetic workload: inspections drawn from a case mix, and the retrievals that load the network."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

import numpy as np

from simgrid.domain.demand import Demand
from simgrid.domain.inspection import Inspections, Retrievals
from simgrid.domain.network import Client
from simgrid.domain.units import HOUR, Seconds
from simgrid.randomness import stream
from simgrid.workload.arrivals import poisson_sums
from simgrid.workload.case_mix import check_mix, draw_imaged, require
from simgrid.workload.compose import compose


def draw_inspections(
    demand: Demand,
    sites: Sequence[str],
    seed: int,
    replication: int,
    start: datetime | None = None,
) -> Inspections:
    """The inspections of one replication, ascending in time of request (seconds since ``start``).

    ``start`` gives the hourly weights their local hours (its zone's); None is a Monday at midnight. The
    same arguments give the same inspections, whoever asks; each attribute has its own stream.

    Raises:
        WorkloadError: the demand cannot be drawn; it lists every problem.
    """
    require(check_mix(demand.mix))
    return compose(
        demand, demand.mix.kinds, sites, seed, replication, start, partial(draw_imaged, demand.mix)
    )


def draw_retrievals(clients: Sequence[Client], within_s: Seconds, seed: int, replication: int) -> Retrievals:
    """Poisson retrievals of each client within [0, within_s), merged in time, ties by the client's index.

    The streams carry the client's name: a further client moves nobody's retrievals.
    """
    index, instants, sizes, luck = [], [], [], []
    for number, client in enumerate(clients):
        per_second = client.retrievals_per_hour / HOUR
        sums = poisson_sums(per_second * within_s, stream(seed, replication, "retrieval", client.name))
        at_s = np.minimum(sums / (per_second or 1.0), np.nextafter(within_s, 0.0))
        index.append(np.full(len(at_s), number, dtype=np.int64))
        instants.append(at_s)
        rng = stream(seed, replication, "retrieval-size", client.name)
        sizes.append(client.retrieval_bytes.sample(rng, len(at_s)))
        luck.append(stream(seed, replication, "retrieval-study", client.name).random(len(at_s)))
    if not index:
        return Retrievals(np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0))
    at_s = np.concatenate(instants)
    order = np.argsort(at_s, kind="stable")
    return Retrievals(
        np.concatenate(index)[order],
        at_s[order],
        np.concatenate(sizes)[order],
        np.concatenate(luck)[order],
    )
