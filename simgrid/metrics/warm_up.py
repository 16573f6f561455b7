"""What of a run is measured where it has a warm-up: the inspections requested at its end or later."""

from dataclasses import fields, replace
from typing import Any

import numpy as np

from simgrid.domain.journal import InspectionRecords, Journal
from simgrid.domain.quality_records import QualityRecords
from simgrid.domain.units import IntArray


def measured(journal: Journal) -> Journal:
    """The journal with the inspections that are measured, and radiologists' seconds after the warm-up.

    For inspections and radiologists only: transfers and the grid's records stay those of the whole run and
    name rows of it.
    """
    warm_up, staff = journal.warm_up, journal.radiologists
    if warm_up is None:
        return journal
    rows = np.flatnonzero(journal.inspections.requested_s >= warm_up.until_s)
    after = replace(
        staff,
        rostered_s=staff.rostered_s - warm_up.rostered_s,
        reading_s=staff.reading_s - warm_up.reading_s,
    )
    quality = None if journal.quality is None else quality_of(journal.quality, rows)
    inspections = _rows(journal.inspections, rows)
    return replace(journal, inspections=inspections, radiologists=after, quality=quality)


def quality_of(records: QualityRecords, rows: IntArray) -> QualityRecords:
    """The columns of some inspections; the office's books stay those of the whole run."""
    columns = {
        one.name: getattr(records, one.name)[rows]
        for one in fields(records)
        if isinstance(getattr(records, one.name), np.ndarray)
    }
    return replace(records, **columns)


def _rows(inspections: InspectionRecords, rows: IntArray) -> InspectionRecords:
    numbers = rows.tolist()
    kept: dict[str, Any] = {}
    for field in fields(inspections):
        column = getattr(inspections, field.name)
        if isinstance(column, np.ndarray):
            kept[field.name] = column[rows]
        elif column is not None:
            kept[field.name] = tuple(column[row] for row in numbers)
    return InspectionRecords(**kept)
