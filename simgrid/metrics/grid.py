"""What the grid's systems did, in numbers: each that was on has its own, one that was off has none."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from simgrid.domain.grid_records import AgentRecords, CopyRecords, DeskRecords, PriorRecords, ReviewRecords
from simgrid.domain.journal import Journal
from simgrid.domain.units import MINUTE, Seconds
from simgrid.metrics import platform

GIGABYTE = 1e9


def measure(journal: Journal) -> Iterator[tuple[str, float]]:
    """Metric and value of the whole run."""
    yield from _archive(journal)
    yield from _recovery(journal)
    records = journal.grid
    if records.transfers or records.agents is not None or records.viewing is not None:
        yield from _carried(journal)
    if records.agents is not None:
        yield from _agents(records.agents)
    if records.reviews is not None:
        yield from _reviews(journal, records.reviews)
    if records.copies is not None:
        yield from _copies(records.copies)
    if records.priors is not None:
        yield from _priors(records.priors)
    if records.platform is not None:
        yield from platform.asked(records.platform)
    if records.retrievals is not None:
        yield from platform.retrieved(records.retrievals)
    if records.desks is not None:
        yield from _desks(records.desks, float(journal.radiologists.rostered_s.sum()))


def _archive(journal: Journal) -> Iterator[tuple[str, float]]:
    archive = journal.archive
    if archive.arrived:
        yield "archived", float(archive.archived)
        yield "unarchived_at_end", float(archive.arrived - archive.archived)
    if archive.archived:
        yield "archive_upload_p95_min", float(np.percentile(archive.upload_s, 95)) / MINUTE


def _recovery(journal: Journal) -> Iterator[tuple[str, float]]:
    """Over the faults of links and agents that have ended; who never recovers has until the run's end."""
    events = journal.scheduled
    faults = np.array([kind in ("link", "agent") for kind in events.kind], dtype=np.bool_)
    ended_s, recovered_s = events.ended_s[faults], events.recovered_s[faults]
    over = ~np.isnan(ended_s) & ~np.isposinf(recovered_s)
    if over.any():
        until_s = np.where(np.isnan(recovered_s), journal.ended_s, recovered_s)
        yield "recovery_min", float((until_s[over] - ended_s[over]).mean()) / MINUTE


def _carried(journal: Journal) -> Iterator[tuple[str, float]]:
    yield "transfers", float(sum(leg.transfers for leg in journal.carried))
    yield "sent_gb", sum(leg.carried_bytes for leg in journal.carried) / GIGABYTE
    yield "retries", float(sum(leg.failures for leg in journal.carried))


def _agents(records: AgentRecords) -> Iterator[tuple[str, float]]:
    yield "messages", float(records.messages)
    yield "peak_waiting_transfers", float(records.peak_waiting_transfers)
    yield "peak_waiting_imports", float(records.peak_waiting_imports)


def _copies(records: CopyRecords) -> Iterator[tuple[str, float]]:
    if records.caches and records.references:
        yield "cache_hit_ratio", records.hits / records.references
    if records.caches and records.reference_bytes:
        yield "cache_byte_hit_ratio", records.hit_bytes / records.reference_bytes
    yield "stored_max_gb", records.stored_max_bytes / GIGABYTE
    if not math.isnan(records.copies_mean):
        yield "copies_mean", records.copies_mean
    yield "copies_made", float(records.ordered)
    yield "deletions", float(records.deletions)
    yield "blocked", float(len(records.blocked))
    if records.pushes or records.lookups:
        yield "index_pushes", float(records.pushes)
    if records.lookups:
        yield "index_stale_share", records.stale_lookups / records.lookups


def _priors(records: PriorRecords) -> Iterator[tuple[str, float]]:
    yield "prior_fetches", float(records.fetched)
    if records.wanted:
        yield "prior_ready_share", records.ready / records.wanted


def _desks(records: DeskRecords, rostered_s: Seconds) -> Iterator[tuple[str, float]]:
    for kind, name in (
        ("interrupted", "interruptions"),
        ("parked", "parked"),
        ("handed-over", "handed_over"),
    ):
        yield name, float(records.kind.count(kind))
    if rostered_s > 0:
        yield "desk_wait_share", float(records.seat_wait_s.sum()) / rostered_s


def _reviews(journal: Journal, records: ReviewRecords) -> Iterator[tuple[str, float]]:
    found = records.discrepant[~np.isnan(records.discrepant)]
    if len(found):
        yield "discrepancy_share", float(found.mean())
    inspections = journal.inspections
    error = np.abs(inspections.fit_estimated - inspections.fit_true)[inspections.radiologist >= 0]
    if len(error):
        yield "rating_error", float(error.mean())
