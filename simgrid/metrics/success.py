"""Scores of single inspections, from which eq. 9 and the subspecialty success are means.

Every function gives one score an inspection, shape (S,), 0 to 1. The divisor of a success is always *all*
inspections of the group: one that nobody was given, or that was never reported, is a failure and not a
missing value.
"""

import numpy as np

from simgrid.domain.journal import InspectionRecords
from simgrid.domain.scenario import Discrepancy
from simgrid.domain.units import FloatArray

IN_HOURS_MIN = 60.0
"""Rostered minutes allowed to every inspection by the in-hours reading of eq. 9, whatever its deadline."""


def subspecialty(inspections: InspectionRecords) -> FloatArray:
    """True rating of the chosen radiologist over the best rostered one's; 0/0 and unassigned are 0."""
    return _relative(inspections, inspections.fit_true, inspections.fit_true_best)


def subspecialty_estimated(inspections: InspectionRecords) -> FloatArray:
    """As ``subspecialty``, on the ratings that the policy saw."""
    return _relative(inspections, inspections.fit_estimated, inspections.fit_estimated_best)


def subspecialty_absolute(inspections: InspectionRecords) -> FloatArray:
    """True rating of the chosen radiologist; 1 is every condition met in full. Unassigned is 0."""
    assigned = inspections.radiologist >= 0
    return np.where(assigned, inspections.fit_true, 0.0)


def continuity(inspections: InspectionRecords) -> FloatArray:
    """1 where the patient's inspection before went to the same radiologist; NaN where there is none before.

    Before: in order of request, among those to be reported. Unassigned is 0.
    """
    order = np.argsort(inspections.patient, kind="stable")
    follows = np.diff(inspections.patient[order]) == 0
    who = inspections.radiologist[order]
    scores = np.full(len(inspections), np.nan)
    scores[order[1:][follows]] = ((who[1:] == who[:-1]) & (who[1:] >= 0))[follows]
    return scores


def in_time(inspections: InspectionRecords) -> FloatArray:
    """1 where the report reached the site within t_req of the request (eq. 9, realised)."""
    took = inspections.reported_s - inspections.requested_s
    return (took <= inspections.required_s).astype(np.float64)


def in_time_in_hours(in_hours_min: FloatArray) -> FloatArray:
    """1 where the report came within ``IN_HOURS_MIN`` rostered minutes; NaN, never reported, is a failure."""
    return (in_hours_min <= IN_HOURS_MIN).astype(np.float64)


def in_time_planned(inspections: InspectionRecords) -> FloatArray:
    """1 where eq. 8 held at the decision; 1 everywhere by construction when a policy makes eq. 8 hard."""
    assigned = inspections.radiologist >= 0
    return (assigned & (inspections.planned_s <= inspections.required_s)).astype(np.float64)


def in_time_literal(inspections: InspectionRecords, lookup_factor: float = 1.0) -> FloatArray:
    """1 where the pair's expected reading time is within ``lookup_factor`` x the kind's required one.

    The look-up reading of eq. 9: no queue, no transfer, no clock.
    """
    allowed = lookup_factor * inspections.required_reading_min
    assigned = inspections.radiologist >= 0
    return (assigned & (inspections.lookup_min <= allowed)).astype(np.float64)


def lookup_min(inspections: InspectionRecords) -> FloatArray:
    """Expected reading minutes of the assigned pair, NaN while unassigned."""
    return np.where(inspections.radiologist >= 0, inspections.lookup_min, np.nan)


def discrepancy(inspections: InspectionRecords, rates: Discrepancy) -> FloatArray:
    """Expected major discrepancies of each report, linear in the reader's true fit; NaN without a report."""
    expected = rates.best + (1.0 - inspections.fit_true) * (rates.worst - rates.best)
    return np.where(np.isnan(inspections.reported_s), np.nan, expected)


def _relative(inspections: InspectionRecords, chosen: FloatArray, best: FloatArray) -> FloatArray:
    counts = (inspections.radiologist >= 0) & (best > 0)
    return np.divide(chosen, best, out=np.zeros(len(inspections)), where=counts)
