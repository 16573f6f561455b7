"""Inspections that end as archived, drawn by the million: narrow columns, a stream for each attribute."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

import numpy as np

from simgrid.domain.demand import ArchiveDemand, Arrivals
from simgrid.domain.study import ArchiveLoad
from simgrid.randomness import stream
from simgrid.workload.arrivals import choose, request_blocks


def draw_archive(
    demand: ArchiveDemand, sites: Sequence[str], seed: int, replication: int, start: datetime | None = None
) -> ArchiveLoad:
    """The load of one replication, in order of request; ``start`` as for inspections.

    Raises:
        WorkloadError: the shares contradict themselves or the sites.
    """
    streams = partial(stream, seed, replication, "archive")
    arrivals = Arrivals(demand.within_s, demand.count, demand.site_share, hourly=demand.hourly)
    (block,) = request_blocks(arrivals, sites, seed, replication, start, "archive")
    site, requested_s = block.site.astype(np.int16), block.requested_s
    del block
    names = tuple(demand.modality_share)
    shares = np.array([demand.modality_share[name] for name in names])
    modality = choose(shares, streams("modality").random(demand.count)).astype(np.int8)
    size_bytes = np.empty(demand.count)
    for code, name in enumerate(names):
        own = modality == code
        size_bytes[own] = demand.size_bytes[name].sample(streams("size", name), int(own.sum()))
    images = np.array([demand.images[name] for name in names], dtype=np.int32)
    return ArchiveLoad(
        modalities=names,
        site=site,
        modality=modality,
        requested_s=requested_s,
        size_bytes=np.rint(size_bytes, out=size_bytes),
        images=images[modality],
        urgent=streams("urgency").random(demand.count) < demand.urgent_share,
    )
