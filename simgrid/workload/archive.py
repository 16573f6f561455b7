"""Inspections that end as archived, drawn by the million: narrow columns, a stream for each attribute."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

import numpy as np

from simgrid.domain.demand import ArchiveDemand, Arrivals
from simgrid.domain.distribution import Distribution
from simgrid.domain.inspection import Inspections
from simgrid.domain.study import Studies, Whole, narrow
from simgrid.domain.units import FloatArray
from simgrid.randomness import stream
from simgrid.workload.arrivals import choose, fill_requests
from simgrid.workload.stretches import stretches


def with_archive(
    inspections: Inspections,
    demand: ArchiveDemand,
    sites: Sequence[str],
    seed: int,
    replication: int,
    start: datetime | None = None,
) -> Studies:
    """The inspections followed by one replication's load of the archive, a patient each.

    ``start`` as for inspections. What is drawn goes straight into the columns.

    Raises:
        WorkloadError: the shares contradict themselves or the sites.
    """
    streams = partial(stream, seed, replication, "archive")
    asked = len(inspections)
    rows = asked + demand.count
    arrivals = Arrivals(demand.within_s, demand.count, demand.site_share, hourly=demand.hourly)
    requested_s = np.empty(rows)
    requested_s[:asked] = inspections.requested_s
    site = np.empty(rows, dtype=narrow(len(sites)))
    site[:asked] = inspections.site
    fill_requests(arrivals, sites, streams, start, site[asked:], requested_s[asked:])
    names = tuple(demand.modality_share)
    modality = np.empty(demand.count, dtype=narrow(len(names)))
    shares, luck = np.array([demand.modality_share[name] for name in names]), streams("modality")
    for part in stretches(demand.count):
        modality[part] = choose(shares, luck.random(part.stop - part.start))
    of_modality = np.array([demand.images[name] for name in names], dtype=np.int64)
    most = max(int(of_modality.max(initial=0)), int(inspections.images.max(initial=0)))
    images = np.empty(rows, dtype=narrow(most))
    images[:asked] = inspections.images
    np.take(of_modality.astype(images.dtype), modality, out=images[asked:], mode="clip")
    urgent = np.empty(rows, dtype=np.bool_)
    urgent[:asked] = inspections.urgent
    luck = streams("urgency")
    for part in stretches(demand.count):
        urgent[asked:][part] = luck.random(part.stop - part.start) < demand.urgent_share
    sizes = [(demand.size_bytes[name], streams("size", name)) for name in names]
    return Studies(
        to_report=asked,
        site=site,
        requested_s=requested_s,
        size_bytes=_sizes(inspections.size_bytes, modality, sizes),
        images=images,
        urgent=urgent,
        patient=np.arange(rows, dtype=np.int32),
    )


def _sizes(
    first: FloatArray, modality: Whole, sizes: Sequence[tuple[Distribution, np.random.Generator]]
) -> Whole | FloatArray:
    """Whole bytes behind those that come ``first``, in 32 bits for as long as they fit."""
    asked = len(first)
    found: Whole | FloatArray = np.empty(asked + len(modality), dtype=np.uint32)
    if np.any(first % 1) or first.max(initial=0.0) >= 1 << 32:
        found = found.astype(np.float64)
    found[:asked] = first
    for part in stretches(len(modality)):
        drawn = np.empty(part.stop - part.start)
        for code, (size, rng) in enumerate(sizes):
            own = modality[part] == code
            drawn[own] = size.sample(rng, int(own.sum()))
        np.rint(drawn, out=drawn)
        if found.dtype == np.uint32 and drawn.max() >= 1 << 32:
            found = found.astype(np.float64)
        found[asked:][part] = drawn
    return found
