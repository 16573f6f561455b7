"""Every metric of a run, and for which groups it exists; ``domain.metric`` says what each means.

START HERE for "how well did it go": ``evaluate`` turns a journal into measurements. A group without a
single value (no inspection, no report, nobody rostered) gives no measurement rather than a NaN.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import numpy as np

from simgrid.domain.journal import Journal
from simgrid.domain.metric import METRICS
from simgrid.domain.scenario import Discrepancy
from simgrid.domain.targets import Target
from simgrid.domain.units import HOUR, MINUTE, BoolArray, FloatArray, IntArray
from simgrid.metrics import delivery, grid, imaging, links, load, success, targets, turnaround
from simgrid.metrics.warm_up import measured as measured_part

ALL = "all"


@dataclass(frozen=True, slots=True)
class Measurement:
    """One number of one run: ``group`` is ``all`` or ``dimension=value`` (``urgency=urgent``)."""

    group: str
    metric: str
    unit: str
    value: float


_Column: TypeAlias = tuple[FloatArray, Callable[[FloatArray], float]]
_Groups: TypeAlias = list[tuple[str, IntArray]]


def evaluate(
    journal: Journal, discrepancy: Discrepancy, lookup_factor: float = 1.0, wanted: Sequence[Target] = ()
) -> tuple[Measurement, ...]:
    """Every metric of a run for all inspections, by urgency, label, modality, site, unit, radiologist, link.

    ``lookup_factor`` is phi of the look-up reading of eq. 9. Means and percentiles of times are over the
    reported inspections, successes over all of the group. An inspection counts for the unit and the
    radiologist that it was assigned to; load and ``unassigned`` have no such groups. A warm-up is left out of
    everything about inspections and radiologists; the grid's systems are counted from the beginning.
    ``wanted``: targets, each measured as ``target.NAME`` of all inspections, whatever group it is of.
    """
    part = measured_part(journal)
    columns = _columns(part, discrepancy, lookup_factor)
    columns["continuity"] = (_continuity(journal), _mean)
    columns.update({name: (values, _sum) for name, values in imaging.columns(part).items()})
    whole = _loads(part) | dict(grid.measure(journal)) | dict(imaging.measure(journal))
    measured: list[tuple[str, str, float]] = [(ALL, name, value) for name, value in whole.items()]
    groups = list(_groups(part))
    for name, (values, summarise) in columns.items():
        for group, rows in groups:
            if name == "unassigned" and group.startswith(("unit=", "radiologist=")):
                continue
            taken = values[rows]
            taken = taken[~np.isnan(taken)]
            if len(taken):
                measured.append((group, name, summarise(taken)))
    measured += [(group, "utilisation", value) for group, value in _utilisation(part)]
    if journal.grid.links is not None:
        measured += links.measure(journal.grid.links)
    order = {name: place for place, name in enumerate(METRICS)}
    group_order = {group: place for place, (group, _) in enumerate(groups)}
    measured.sort(key=lambda one: (group_order.get(one[0], len(groups)), one[0], order[one[1]]))
    found = [Measurement(group, name, METRICS[name].unit, value) for group, name, value in measured]
    known = {(one.group, one.metric): one.value for one in found}
    own = targets.measure(part.inspections, part.ended_s, dict(groups), known, wanted)
    return (*found, *(Measurement(ALL, *one) for one in own))


def _columns(journal: Journal, rates: Discrepancy, lookup_factor: float) -> dict[str, _Column]:
    """One value an inspection, NaN where it does not take part, and how a group's values are summarised."""
    inspections = journal.inspections
    reported = ~np.isnan(inspections.reported_s)
    turnaround_min = turnaround.total_s(inspections) / MINUTE
    in_hours_min = turnaround.in_hours_s(journal) / MINUTE
    return {
        "subspecialty_success": (success.subspecialty(inspections), _mean),
        "subspecialty_success_absolute": (success.subspecialty_absolute(inspections), _mean),
        "subspecialty_success_estimated": (success.subspecialty_estimated(inspections), _mean),
        "response_time_success": (success.in_time(inspections), _mean),
        "response_time_success_planned": (success.in_time_planned(inspections), _mean),
        "response_time_success_literal": (success.in_time_literal(inspections, lookup_factor), _mean),
        "response_time_success_in_hours": (success.in_time_in_hours(in_hours_min), _mean),
        "major_discrepancy_rate": (success.discrepancy(inspections, rates), _mean),
        "lookup_total_min": (success.lookup_min(inspections), _sum),
        "response_total_h": (turnaround_min * (MINUTE / HOUR), _sum),
        "tat_mean_min": (turnaround_min, _mean),
        "tat_in_hours_mean_min": (in_hours_min, _mean),
        "tat_p50_min": (turnaround_min, partial(_percentile, 50)),
        "tat_p95_min": (turnaround_min, partial(_percentile, 95)),
        "tat_max_min": (turnaround_min, partial(_percentile, 100)),
        "transfer_mean_min": (delivery.transfer_s(inspections) / MINUTE, _mean),
        "wait_mean_min": (turnaround.waiting_s(inspections) / MINUTE, _mean),
        "reading_mean_min": (turnaround.reading_s(inspections) / MINUTE, _mean),
        "first_image_p95_s": (_first_image_s(journal), partial(_percentile, 95)),
        "stall_share": (inspections.stalled.astype(np.float64), _mean),
        "stall_mean_min": (inspections.stalled_s / MINUTE, _mean),
        "reported": (reported.astype(np.float64), _sum),
        "open_at_end": ((~reported).astype(np.float64), _sum),
        "unassigned": ((inspections.radiologist < 0).astype(np.float64), _sum),
        "relaxed": (inspections.relaxed.astype(np.float64), _sum),
    }


def _continuity(journal: Journal) -> FloatArray:
    """Of those that are measured; the inspection before may lie in the warm-up."""
    scores = success.continuity(journal.inspections)
    if journal.warm_up is None:
        return scores
    return scores[journal.inspections.requested_s >= journal.warm_up.until_s]


def _first_image_s(journal: Journal) -> FloatArray:
    seen = journal.grid.viewing
    return np.full(len(journal.inspections), np.nan) if seen is None else seen.first_image_s


def _loads(journal: Journal) -> dict[str, float]:
    """The metrics over radiologists; none when nothing was assigned."""
    minutes, limit = load.assigned_min(journal), journal.radiologists.scored_limit_min
    points = load.earned_points(journal)
    values: dict[str, float] = {}
    if minutes.sum() > 0:
        values["workload_distance"] = load.distance_over_periods(journal)
        values["workload_success"] = load.reciprocal(values["workload_distance"])
        values["load_gini"] = load.gini(minutes)
        values["load_cv"] = load.variation(minutes)
        values["load_max_ratio"] = load.max_ratio(minutes, limit)
    if points.sum() > 0:
        values["income_points_gini"] = load.gini(points)
    return values


def _groups(journal: Journal) -> Iterator[tuple[str, IntArray]]:
    """Each group's name and rows; within a dimension by name, radiologists and units in journal order."""
    inspections, staff = journal.inspections, journal.radiologists
    yield ALL, np.arange(len(inspections))
    yield from _by_label("urgency", _words(inspections.urgent))
    if inspections.labelled_urgent is not None:
        yield from _by_label("label", _words(inspections.labelled_urgent))
    yield from _by_label("modality", inspections.modality)
    yield from _by_label("site", inspections.site)
    units = list(dict.fromkeys(staff.unit))
    unit_of = np.array([*(units.index(unit) for unit in staff.unit), -1], dtype=np.int64)
    yield from _by_code("unit", units, unit_of[inspections.radiologist])
    yield from _by_code("radiologist", staff.name, inspections.radiologist)


def _words(urgent: BoolArray) -> list[str]:
    return ["urgent" if one else "routine" for one in urgent.tolist()]


def _by_label(dimension: str, labels: Sequence[str]) -> _Groups:
    names = sorted(set(labels))
    place = {name: code for code, name in enumerate(names)}
    return _by_code(dimension, names, np.array([place[label] for label in labels], dtype=np.int64))


def _by_code(dimension: str, names: Sequence[str], code: IntArray) -> _Groups:
    """One sort for all groups of a dimension; rows with code -1 belong to none."""
    order = np.argsort(code, kind="stable")
    edges = np.searchsorted(code[order], np.arange(len(names) + 1))
    return [(f"{dimension}={name}", order[edges[k] : edges[k + 1]]) for k, name in enumerate(names)]


def _utilisation(journal: Journal) -> Iterator[tuple[str, float]]:
    staff = journal.radiologists
    members: list[tuple[str, list[int]]] = [(ALL, list(range(len(staff.name))))]
    for unit in dict.fromkeys(staff.unit):
        members.append((f"unit={unit}", [j for j, own in enumerate(staff.unit) if own == unit]))
    members += [(f"radiologist={name}", [j]) for j, name in enumerate(staff.name)]
    for group, who in members:
        rostered = float(staff.rostered_s[who].sum())
        if rostered > 0:
            yield group, float(staff.reading_s[who].sum()) / rostered


def _mean(values: FloatArray) -> float:
    return float(values.mean())


def _sum(values: FloatArray) -> float:
    return float(values.sum())


def _percentile(percent: float, values: FloatArray) -> float:
    return float(np.percentile(values, percent))
