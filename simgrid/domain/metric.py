"""The names of what is measured: what each metric means, its unit, and which way is better.

``simgrid.metrics`` computes them; scenarios, tables and pages name them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeAlias

Better: TypeAlias = Literal["higher", "lower"]


@dataclass(frozen=True, slots=True)
class MetricInfo:
    """Unit, meaning in one line, and whether more or less of it is better."""

    unit: str
    meaning: str
    better: Better


_INFO: dict[str, tuple[str, str, Better]] = {
    "subspecialty_success": (
        "1",
        "true fit of the chosen radiologist over the best rostered one's",
        "higher",
    ),
    "subspecialty_success_absolute": ("1", "true fit of the chosen radiologist, 1 = all met", "higher"),
    "subspecialty_success_estimated": ("1", "as subspecialty_success, on the ratings believed", "higher"),
    "continuity": ("1", "share read by who had the same patient's inspection before", "higher"),
    "response_time_success": ("1", "share reported within the required time (eq. 9, realised)", "higher"),
    "response_time_success_planned": ("1", "share for which eq. 8 held at the decision", "higher"),
    "response_time_success_literal": ("1", "share with expected reading within the required one", "higher"),
    "response_time_success_in_hours": ("1", "share reported within 60 rostered minutes", "higher"),
    "workload_distance": ("1", "mean relative distance of load and limit, D", "lower"),
    "workload_success": (
        "1",
        "1 / workload_distance (eq. 10); inf when every load is at its limit",
        "higher",
    ),
    "load_gini": ("1", "Gini coefficient of the assigned minutes", "lower"),
    "load_cv": ("1", "coefficient of variation of the assigned minutes", "lower"),
    "load_max_ratio": ("1", "largest load over its limit", "lower"),
    "income_points_gini": ("1", "Gini coefficient of the effort points earned by reports", "lower"),
    "major_discrepancy_rate": ("1", "expected share of reports with a major discrepancy", "lower"),
    "lookup_total_min": ("min", "expected reading minutes of all assigned pairs", "lower"),
    "response_total_h": ("h", "sum of all turnarounds", "lower"),
    "tat_mean_min": ("min", "mean turnaround, request to report at the site", "lower"),
    "tat_in_hours_mean_min": ("min", "mean turnaround, rostered minutes only", "lower"),
    "tat_p50_min": ("min", "median turnaround", "lower"),
    "tat_p95_min": ("min", "95th percentile of the turnaround", "lower"),
    "tat_max_min": ("min", "longest turnaround", "lower"),
    "transfer_mean_min": ("min", "mean upload plus delivery time", "lower"),
    "wait_mean_min": ("min", "mean wait for the decision plus wait on the desk", "lower"),
    "reading_mean_min": ("min", "mean time from opening to end of reading", "lower"),
    "first_image_p95_s": ("s", "95th percentile from a study's opening to its first image", "lower"),
    "stall_share": ("1", "share that stood still: outage, full storage, or open before the images", "lower"),
    "stall_mean_min": ("min", "mean time for which an inspection stood still, most of them 0", "lower"),
    "recovery_min": ("min", "mean time from a fault's end until the place's backlog is as before", "lower"),
    "utilisation": ("1", "reading time over rostered time; less for the same work is better", "lower"),
    "reported": ("inspections", "inspections reported", "higher"),
    "open_at_end": ("inspections", "inspections not reported at the end of the run", "lower"),
    "unassigned": ("inspections", "inspections without a radiologist at the end of the run", "lower"),
    "relaxed": ("inspections", "inspections for which a condition was relaxed", "lower"),
    "archived": ("inspections", "inspections only archived that reached the archive", "higher"),
    "unarchived_at_end": ("inspections", "inspections only archived that did not reach it", "lower"),
    "archive_upload_p95_min": ("min", "95th percentile from acquisition to archive", "lower"),
    "transfers": ("transfers", "transfers completed, of any leg", "lower"),
    "sent_gb": ("GB", "bytes on the wire, broken attempts and protocol included", "lower"),
    "retries": ("attempts", "times a transfer found its link down or was broken by it", "lower"),
    "messages": ("messages", "messages between agents and the Grid Manager", "lower"),
    "peak_waiting_transfers": (
        "studies",
        "most studies that waited for a transfer worker at one site",
        "lower",
    ),
    "peak_waiting_imports": ("studies", "most studies that waited for an import worker at one unit", "lower"),
    "cache_hit_ratio": ("1", "share of deliveries and imports that a cache served", "higher"),
    "cache_byte_hit_ratio": ("1", "as cache_hit_ratio, of the bytes", "higher"),
    "stored_max_gb": ("GB", "most bytes of all copies at once", "lower"),
    "copies_mean": ("copies", "copies of a stored study, mean over time", "lower"),
    "copies_made": ("copies", "copies ordered so that another could be deleted", "lower"),
    "deletions": ("deletions", "copies deleted", "lower"),
    "blocked": ("studies", "studies that waited at the modality for room at their site", "lower"),
    "index_pushes": ("messages", "changes of the Grid Index told to agents, one message each", "lower"),
    "index_stale_share": ("1", "share of the index entries looked up that were out of date", "lower"),
    "interruptions": ("times", "times an urgent study interrupted a routine one", "lower"),
    "parked": ("times", "times a study was laid aside at the end of a shift", "lower"),
    "handed_over": ("times", "times an unopened study was given back at the end of a shift", "lower"),
    "desk_wait_share": ("1", "time spent waiting for a workstation or monitor, over rostered time", "lower"),
    "discrepancy_share": ("1", "share of reports in which a review found a major discrepancy", "lower"),
    "rating_error": ("1", "mean distance of believed and true fit of the chosen, at the decision", "lower"),
    "shard_queries": ("queries", "entries and look-ups of the data centre's database", "lower"),
    "shard_p95_ms": ("ms", "95th percentile of queue and service at a shard", "lower"),
    "shard_skew": ("1", "queries of the hottest shard over the mean, 1 = even", "lower"),
    "app_cache_hit_ratio": ("1", "share of studies looked up that needed no shard", "higher"),
    "retrieval_p95_s": ("s", "95th percentile of a client's retrieval, whole study", "lower"),
    "retrieval_first_image_p95_s": ("s", "95th percentile until a client shows the first image", "lower"),
    "link_utilisation": ("1", "bytes carried over what the link could carry; all: the busiest", "lower"),
    "link_utilisation_busy_hour": ("1", "as link_utilisation, in its busiest hour of the day", "lower"),
    "link_utilisation_p95": ("1", "95th percentile over hours of link_utilisation", "lower"),
    "prior_fetches": ("priors", "priors that had to be imported and came", "lower"),
    "prior_ready_share": ("1", "share of the priors wanted at an opening that were at the unit", "higher"),
    "acquisitions": ("acquisitions", "images taken, repeats and recalls included", "lower"),
    "repeats": (
        "acquisitions",
        "acquisitions that the gate had taken again at once",
        "lower",
    ),
    "false_repeats": ("acquisitions", "of the repeats, those of images without a relevant defect", "lower"),
    "missed_defects": ("acquisitions", "images with a relevant defect that left the site", "lower"),
    "recalls": ("visits", "patients who had to come again because the desk sent the study back", "lower"),
    "reported_defective": ("inspections", "inspections reported on images with a relevant defect", "lower"),
    "referred": ("acquisitions", "images that the gate left to the technologist", "lower"),
    "scanner_min": ("min", "scanner time, repeats, checks and recalls included", "lower"),
    "technologist_min": ("min", "technologists' time at the scanner and at the gate", "lower"),
    "dose_msv": ("mSv", "dose proxy: acquisitions times the usual effective dose of the modality", "lower"),
    "staff_min": ("min", "technologists' and the office's time, of the whole run", "lower"),
    "office_min": ("min", "staff time for appointments, billing and consumables, of the whole run", "lower"),
    "slots_booked": ("slots", "slots at scanners that were booked", "lower"),
    "billed_points": ("points", "effort points of the billing records filed", "higher"),
    "unbilled_points": ("points", "effort points of records that wait for a correction at the end", "lower"),
    "stock_waits": ("acquisitions", "acquisitions that found no set on the shelf", "lower"),
    "stock_wait_min": ("min", "time for which these waited, together", "lower"),
}

METRICS: Mapping[str, MetricInfo] = MappingProxyType({name: MetricInfo(*_INFO[name]) for name in _INFO})
"""All metrics in the order in which tables show them."""

_SHARES = ("_share", "_rate", "hit_ratio", "utilisation", "_success", "continuity", "_busy_hour")
_RATIOS = frozenset({"workload_success"})
_OVER_HOURS = frozenset({"utilisation", "desk_wait_share"})


def is_share(metric: str) -> bool:
    """Whether a metric without unit is a part of a whole, told in per cent."""
    named = metric.removesuffix("_p95").removesuffix("_planned").removesuffix("_literal")
    named = named.removesuffix("_in_hours").removesuffix("_absolute").removesuffix("_estimated")
    return named.endswith(_SHARES) and metric not in _RATIOS


def at_most_all(metric: str) -> bool:
    """Whether a metric is a share that cannot be more than 1, as time over rostered time can by overtime."""
    return is_share(metric) and metric not in _OVER_HOURS
