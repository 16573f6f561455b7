"""Times of single inspections in seconds, shape (S,); NaN where there is no report.

A turnaround ends when the report has reached the requesting site. Only reported inspections have times:
how many are missing is told by ``open_at_end``, never hidden in a mean.
"""

import numpy as np

from simgrid.domain.journal import InspectionRecords, Journal
from simgrid.domain.units import FloatArray, Seconds


def total_s(inspections: InspectionRecords) -> FloatArray:
    """From the request to the report at the site, on the wall clock."""
    return inspections.reported_s - inspections.requested_s


def in_hours_s(journal: Journal) -> FloatArray:
    """The part of the turnaround during which at least one radiologist was rostered."""
    inspections = journal.inspections
    until_report = rostered_before(journal.in_hours, inspections.reported_s)
    return until_report - rostered_before(journal.in_hours, inspections.requested_s)


def waiting_s(inspections: InspectionRecords) -> FloatArray:
    """Waiting for the decision (uploaded to assigned) and on the desk (delivered to opened)."""
    dispatch = inspections.assigned_s - inspections.uploaded_s
    return _reported(inspections, dispatch + inspections.opened_s - inspections.delivered_s)


def reading_s(inspections: InspectionRecords) -> FloatArray:
    """From opening the study to the end of reading, a break between two shifts included."""
    return _reported(inspections, inspections.read_s - inspections.opened_s)


def in_system_s(inspections: InspectionRecords, ended_s: Seconds, began_s: Seconds = 0.0) -> FloatArray:
    """Seconds from request, or ``began_s``, to report or to the run's end, whichever is first; never NaN."""
    left = np.where(np.isnan(inspections.reported_s), ended_s, inspections.reported_s)
    inside: FloatArray = np.minimum(left, ended_s) - np.maximum(inspections.requested_s, began_s)
    return np.maximum(inside, 0.0)


def rostered_before(in_hours: FloatArray, at_s: FloatArray) -> FloatArray:
    """Rostered seconds from 0 to each instant; ``in_hours`` (n, 2) ascending and disjoint, NaN stays NaN."""
    if not len(in_hours):
        return np.where(np.isnan(at_s), np.nan, 0.0)
    starts, ends = in_hours[:, 0], in_hours[:, 1]
    done = np.concatenate([[0.0], np.cumsum(ends - starts)])
    index = np.searchsorted(starts, at_s, side="right") - 1
    last = np.maximum(index, 0)
    worked = done[last] + np.minimum(at_s, ends[last]) - starts[last]
    return np.where(index < 0, 0.0, worked)


def _reported(inspections: InspectionRecords, times: FloatArray) -> FloatArray:
    return np.where(np.isnan(inspections.reported_s), np.nan, times)
