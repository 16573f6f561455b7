"""One workload from its parts: requests, what they are of, and the draws that belong to each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeAlias

import numpy as np

from simgrid.domain.demand import Demand
from simgrid.domain.inspection import Inspections
from simgrid.domain.kind import Kind
from simgrid.workload.arrivals import Streams, request_blocks
from simgrid.workload.case_mix import (
    Imaged,
    check_readings,
    draw_defects,
    draw_luck,
    draw_reading,
    draw_urgent,
    require,
)

Pick: TypeAlias = Callable[[int, Streams], Imaged]
"""Says what so many requests are of, from the streams of their block."""


def compose(
    demand: Demand,
    kinds: Sequence[Kind],
    sites: Sequence[str],
    seed: int,
    replication: int,
    start: datetime | None,
    pick: Pick,
) -> Inspections:
    """Draw the requests, ask ``pick`` what they are of, and give each the draws of its own.

    Simultaneous requests are in the order of their sites.

    Raises:
        WorkloadError: arrivals, urgency or readings cannot be drawn.
    """
    require(check_readings(demand, kinds))
    blocks = request_blocks(demand.arrivals, sites, seed, replication, start)
    imaged = [pick(len(block.site), block.streams) for block in blocks]
    urgent, reading, luck, defect = [], [], [], []
    for block, images in zip(blocks, imaged, strict=True):
        rows = len(block.site)
        urgent.append(draw_urgent(demand.urgency.urgent_share, rows, block.streams))
        reading.append(draw_reading(demand.mix, kinds, images.kind, block.streams))
        luck.append(draw_luck(rows, block.streams))
        defect.append(draw_defects(demand.defect_share, kinds, images.kind, block.streams))
    requested = np.concatenate([block.requested_s for block in blocks])
    order = np.argsort(requested, kind="stable")
    is_urgent = np.concatenate(urgent)[order]
    urgency = demand.urgency
    return Inspections(
        identifier=identifiers(len(order)),
        kinds=tuple(kinds),
        sites=tuple(sites),
        kind=np.concatenate([one.kind for one in imaged])[order],
        site=np.concatenate([block.site for block in blocks])[order],
        requested_s=requested[order],
        required_s=np.where(is_urgent, float(urgency.urgent_within_s), float(urgency.routine_within_s)),
        urgent=is_urgent,
        # Whole bytes: sums of them are exact, so storage that was filled comes back empty.
        size_bytes=np.rint(np.concatenate([one.size_bytes for one in imaged])[order]),
        images=np.concatenate([one.images for one in imaged])[order],
        reading_draw_min=np.concatenate(reading)[order],
        luck=np.concatenate(luck)[order],
        defect=np.concatenate(defect)[order],
    )


def identifiers(rows: int) -> tuple[str, ...]:
    """Pseudonyms that say nothing but the order of request: i0001, i0002, and so on."""
    width = max(4, len(str(rows)))
    return tuple(f"i{number:0{width}d}" for number in range(1, rows + 1))
