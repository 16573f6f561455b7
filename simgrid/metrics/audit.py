"""Whether a journal can be true at all: conservation, causality, Little's identity, capacities.

Run on every journal, whatever made it; the findings are sentences, and a sound journal has none.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from simgrid.domain.journal import InspectionRecords, Journal
from simgrid.domain.units import BoolArray
from simgrid.metrics import imaging
from simgrid.metrics.sittings import sittings
from simgrid.metrics.turnaround import in_system_s

STAGES = (
    "requested_s",
    "acquired_s",
    "uploaded_s",
    "assigned_s",
    "delivered_s",
    "opened_s",
    "read_s",
    "reported_s",
)
_TOLERANCE = 1e-9
_SHOWN = 5


def problems(
    journal: Journal, workstations: Sequence[int] | None = None, monitors: Sequence[int] | None = None
) -> tuple[str, ...]:
    """Everything that contradicts itself in a run, as sentences; empty when nothing does.

    ``workstations``, ``monitors`` (U,): desks and shared monitors of each unit, where known; the journal
    holds only their peak use.
    """
    return (
        *_conservation(journal),
        *_causality(journal),
        *_little(journal),
        *_capacities(journal, workstations, monitors or ()),
        *_one_at_a_time(journal),
        *_copies(journal),
        *imaging.problems(journal),
    )


def _conservation(journal: Journal) -> Iterator[str]:
    inspections = journal.inspections
    if len(set(inspections.identifier)) != len(inspections):
        yield "an identifier occurs twice: every inspection has one row"
    reached = ~np.isnan(inspections.assigned_s)
    orphan = reached != (inspections.radiologist >= 0)
    yield from _named(inspections, orphan, "has a time of assignment without a radiologist, or the reverse")
    reports = [
        row
        for leg, row, broken in zip(
            journal.transfers.leg, journal.transfers.inspection, journal.transfers.broken, strict=True
        )
        if leg == "report" and not broken
    ]
    times = np.bincount(np.array(reports, dtype=np.int64), minlength=len(inspections))
    yield from _named(inspections, times > 1, "was reported more than once")
    unknown = inspections.radiologist >= len(journal.radiologists.name)
    yield from _named(inspections, unknown, "is assigned to a radiologist whom the journal does not have")


def _causality(journal: Journal) -> Iterator[str]:
    inspections = journal.inspections
    for stage in STAGES:
        times = getattr(inspections, stage)
        yield from _named(inspections, times > journal.ended_s, f"{stage} is after the run's end")
    if journal.resumed_s is None:
        yield from _named(inspections, ~(inspections.requested_s >= 0), "requested_s is missing or below 0")
    for before, after in pairwise(STAGES):
        first, second = getattr(inspections, before), getattr(inspections, after)
        skipped = np.isnan(first) & ~np.isnan(second)
        yield from _named(inspections, skipped, f"has {after} without {before}")
        yield from _named(inspections, second < first, f"{after} is before {before}")
    transfers = journal.transfers
    backwards = int(np.count_nonzero(transfers.finished_s < transfers.started_s))
    if backwards:
        yield f"{backwards} transfers finish before they start"


def _little(journal: Journal) -> Iterator[str]:
    inside = float(in_system_s(journal.inspections, journal.ended_s, journal.began_s).sum())
    inside += journal.archive.in_system_s
    area = journal.area_in_system_s
    if not abs(area - inside) <= _TOLERANCE * max(abs(area), abs(inside)):
        yield (
            f"Little's identity: the number in the system integrates to {area!r} s, "
            f"the inspections' own times sum to {inside!r} s"
        )


def _capacities(
    journal: Journal, workstations: Sequence[int] | None, monitors: Sequence[int]
) -> Iterator[str]:
    for unit, share in enumerate(journal.peak_storage_share.tolist()):
        if not share <= 1.0 + _TOLERANCE:
            yield f"unit {unit}: storage was filled to {share:.6g} of its capacity"
    if journal.grid.desks is not None:
        peaks = journal.grid.desks.peak_monitors.tolist()
        for unit, (busy, there) in enumerate(zip(peaks, monitors, strict=False)):
            if busy > there:
                yield f"unit {unit}: {busy} shared monitors in use at once, it has {there}"
    if workstations is None:
        return
    for unit, (busy, desks) in enumerate(zip(journal.peak_desks_busy.tolist(), workstations, strict=True)):
        if busy > desks:
            yield f"unit {unit}: {busy} desks busy at once, it has {desks}"


def _one_at_a_time(journal: Journal) -> Iterator[str]:
    who, began, ended = sittings(journal)
    both = (who[1:] == who[:-1]) & (began[1:] < ended[:-1])
    for place in np.flatnonzero(both).tolist()[:_SHOWN]:
        name = journal.radiologists.name[int(who[place])]
        yield f"{name} has two studies open at {began[place + 1]!r} s"
    if np.any(ended < began):
        yield "a study is laid aside or read before it was taken up"


def _copies(journal: Journal) -> Iterator[str]:
    """What is in the data centre stays archived, caches keep within their room, who waits is let in later."""
    copies = journal.grid.copies
    if copies is None:
        return
    for place, share in zip(copies.caches, copies.peak_share.tolist(), strict=True):
        if not share <= 1.0:
            yield f"{place}: its cache was filled to {share:.6g} of its capacity"
    uploaded = int(np.count_nonzero(~np.isnan(journal.inspections.uploaded_s))) + journal.archive.archived
    if uploaded != copies.uploaded:
        yield f"{uploaded} studies were uploaded, but the copies of {copies.uploaded} came to the data centre"
    if copies.archived < copies.uploaded:
        yield f"{copies.uploaded} studies were uploaded, only {copies.archived} are in an archive at the end"
    if not copies.hits <= copies.references:
        yield f"caches served {copies.hits} requests of {copies.references}"
    if np.any(copies.admitted_s < copies.blocked_s) or np.any(copies.admitted_s > journal.ended_s):
        yield "a study that waited for room at its site was let in before it came, or after the run's end"


def _named(inspections: InspectionRecords, wrong: BoolArray, what: str) -> Iterator[str]:
    rows = np.flatnonzero(wrong).tolist()
    if rows:
        names = ", ".join(inspections.identifier[row] for row in rows[:_SHOWN])
        more = f" and {len(rows) - _SHOWN} more" if len(rows) > _SHOWN else ""
        yield f"{names}{more}: {what}"
