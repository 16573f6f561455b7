"""What became of images and patients at the sites, and what the office's work cost; where it is counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from simgrid.domain.journal import Journal
from simgrid.domain.quality_records import QualityRecords
from simgrid.domain.units import MINUTE, FloatArray

_TOLERANCE = 1e-9


def columns(journal: Journal) -> Mapping[str, FloatArray]:
    """One value an inspection, to be summed over a group; none where nobody counts."""
    records, inspections = journal.quality, journal.inspections
    if records is None:
        return {}
    reported = ~np.isnan(inspections.reported_s)
    return {
        "acquisitions": records.acquisitions.astype(np.float64),
        "repeats": inspections.repeats.astype(np.float64),
        "false_repeats": records.false_repeats.astype(np.float64),
        "missed_defects": records.missed.astype(np.float64),
        "recalls": records.recalls.astype(np.float64),
        "reported_defective": (inspections.defect_missed & reported).astype(np.float64),
        "referred": records.referred.astype(np.float64),
        "scanner_min": records.scanner_s / MINUTE,
        "technologist_min": records.staff_s / MINUTE,
        "dose_msv": records.dose_msv,
    }


def measure(journal: Journal) -> Iterator[tuple[str, float]]:
    """Metric and value of the whole run: the office's, and all minutes of staff at the sites."""
    records = journal.quality
    if records is None:
        return
    office = records.slots, records.billing, records.stock
    clerks_s = sum(one.staff_s for one in office if one is not None)
    yield "staff_min", (float(records.staff_s.sum()) + clerks_s) / MINUTE
    if any(one is not None for one in office):
        yield "office_min", clerks_s / MINUTE
    if records.slots is not None:
        yield "slots_booked", float(records.slots.booked.sum())
    if records.billing is not None:
        yield "billed_points", float(records.billing.filed.sum())
        yield "unbilled_points", float(records.billing.pending.sum())
    if records.stock is not None:
        yield "stock_waits", float(records.stock.waits.sum())
        yield "stock_wait_min", float(records.stock.waited_s.sum()) / MINUTE


def problems(journal: Journal) -> Iterator[str]:
    """What contradicts itself in these books, as sentences."""
    records = journal.quality
    if records is None:
        return
    yield from _acquisitions(journal, records)
    if records.slots is not None:
        slots = records.slots
        if np.any(slots.offered != slots.booked + slots.free) or np.any(slots.free < 0):
            yield "slots that were offered are not those booked and those free"
        if np.any(slots.booked != slots.used + slots.ahead) or np.any(slots.ahead < 0):
            yield "slots that were booked are not those used and those ahead"
        if int(slots.used.sum()) != int(records.acquisitions.sum()):
            yield f"{slots.used.sum()} slots were used for {records.acquisitions.sum()} acquisitions"
    if records.billing is not None:
        reported = ~np.isnan(journal.inspections.reported_s)
        earned = np.where(reported, journal.inspections.effort_points, 0.0)
        if np.any(np.abs(records.billing.filed + records.billing.pending - earned) > _TOLERANCE):
            yield "the points filed and pending are not those of the reports"
    if records.stock is not None:
        stock = records.stock
        if np.any(stock.initial + stock.delivered != stock.used + stock.left) or np.any(stock.left < 0):
            yield "the sets on the shelf are not those of the beginning and the deliveries less those used"
        if np.any(stock.ordered != stock.delivered + stock.under_way):
            yield "the sets ordered are not those delivered and those under way"


def _acquisitions(journal: Journal, records: QualityRecords) -> Iterator[str]:
    """Every visit ends with one acquisition that passes, and begins with the request or a recall."""
    inspections = journal.inspections
    visits = records.acquisitions - inspections.repeats
    came = 1 + records.recalls
    there = ~np.isnan(inspections.acquired_s)
    if np.any(visits[there] != came[there]) or np.any(visits > came) or np.any(visits < 0):
        yield "acquisitions are not the visits and their repeats"
    if np.any(records.false_repeats > inspections.repeats):
        yield "more repeats were false than there were"
    if np.any(records.recalls > records.missed):
        yield "a patient was called back although no defect was missed"
    if len(records.sent_back.inspection) != int(records.recalls.sum()):
        yield "studies that were sent back are not those called back for"
