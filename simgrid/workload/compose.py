"""One workload from its parts: requests, what they are of, and the draws that belong to each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeAlias

import numpy as np

from simgrid.domain.demand import Demand
from simgrid.domain.inspection import Inspections, Labels
from simgrid.domain.kind import Kind
from simgrid.workload.arrivals import Block, Streams, request_blocks
from simgrid.workload.case_mix import (
    Imaged,
    check_readings,
    draw_defects,
    draw_imaged,
    draw_label,
    draw_luck,
    draw_reading,
    draw_urgent,
    of_modality,
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
    imaged = [_imaged(demand, block, pick) for block in blocks]
    urgent, required, reading, luck, defect = [], [], [], [], []
    label, allowed = [], []
    for block, images in zip(blocks, imaged, strict=True):
        rows = len(block.site)
        urgency = demand.urgency if block.flow is None else block.flow.urgency
        urgent.append(draw_urgent(urgency.urgent_share, rows, block.streams))
        allowed_s = float(urgency.urgent_within_s), float(urgency.routine_within_s)
        required.append(np.where(urgent[-1], *allowed_s))
        if demand.triage is not None:
            label.append(draw_label(demand.triage, urgent[-1], block.streams))
            allowed.append(np.where(label[-1], *allowed_s))
        reading.append(draw_reading(demand.mix, kinds, images.kind, block.streams))
        luck.append(draw_luck(rows, block.streams))
        defect.append(draw_defects(demand.defect_share, kinds, images.kind, block.streams))
    requested = np.concatenate([block.requested_s for block in blocks])
    order = np.argsort(requested, kind="stable")
    return Inspections(
        identifier=identifiers(len(order)),
        kinds=tuple(kinds),
        sites=tuple(sites),
        kind=np.concatenate([one.kind for one in imaged])[order],
        site=np.concatenate([block.site for block in blocks])[order],
        requested_s=requested[order],
        required_s=np.concatenate(required)[order],
        urgent=np.concatenate(urgent)[order],
        # Whole bytes: sums of them are exact, so storage that was filled comes back empty.
        size_bytes=np.rint(np.concatenate([one.size_bytes for one in imaged])[order]),
        images=np.concatenate([one.images for one in imaged])[order],
        reading_draw_min=np.concatenate(reading)[order],
        luck=np.concatenate(luck)[order],
        defect=np.concatenate(defect)[order],
        label=Labels(np.concatenate(label)[order], np.concatenate(allowed)[order]) if label else None,
    )


def _imaged(demand: Demand, block: Block, pick: Pick) -> Imaged:
    """As ``pick`` says; of a flow, what the case mix holds of its modality."""
    if block.flow is None:
        return pick(len(block.site), block.streams)
    return draw_imaged(of_modality(demand.mix, block.flow.modality), len(block.site), block.streams)


def identifiers(rows: int) -> tuple[str, ...]:
    """Pseudonyms that say nothing but the order of request: i0001, i0002, and so on."""
    width = max(4, len(str(rows)))
    return tuple(f"i{number:0{width}d}" for number in range(1, rows + 1))
