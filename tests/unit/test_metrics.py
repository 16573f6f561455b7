"""Every metric worked by hand on a journal of four inspections and three radiologists."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from simgrid.domain.grid_records import (
    AgentRecords,
    CopyRecords,
    DeskRecords,
    GridRecords,
    LinkRecords,
    PlatformRecords,
    PriorRecords,
    RetrievalRecords,
    ReviewRecords,
    ViewingRecords,
)
from simgrid.domain.journal import ArchiveRecords, EventRecords, LegTotals, WarmUp
from simgrid.domain.quality_records import BillingRecords, QualityRecords, SentBack, SlotRecords, StockRecords
from simgrid.domain.scenario import Discrepancy
from simgrid.metrics import METRICS, evaluate
from simgrid.metrics.links import by_hour
from simgrid.metrics.turnaround import rostered_before
from tests.journals import NEVER, journal, row

# I0 in time (2400 <= 3600), I1 late (5400 > 3600), I2 assigned and never read, I3 never assigned.
ROWS = [
    row(
        (60, 120, 240, 300, 600, 1200, 2400),
        radiologist=0, urgent=True, effort_min=10, effort_points=30, fit_true=0.6, fit_true_best=0.8,
        fit_estimated=0.5, fit_estimated_best=1.0, planned_s=3600, lookup_min=15.0,
    ),
    row(
        (700, 900, 1500, 1800, 2400, 4200, 6000),
        radiologist=1, requested_s=600, effort_min=30, effort_points=90, fit_true=0.9, fit_true_best=0.9,
        fit_estimated=0.7, fit_estimated_best=0.7, planned_s=3601, lookup_min=15.5, modality="MR",
        site="site-2", relaxed=True, patient=7, defect_missed=True,
    ),
    row(
        (900, 1000, 1100, 1200),
        radiologist=1, requested_s=800, effort_min=20, effort_points=50, fit_true=0.0, fit_true_best=0.0,
        fit_estimated=0.3, fit_estimated_best=0.6, planned_s=100, lookup_min=5.0,
        stalled=True, stalled_s=90.0, patient=7, repeats=2,
    ),
    row((2100,), requested_s=2000, effort_min=40, stalled=True, stalled_s=30.0, patient=0),
]  # fmt: skip
DESKS = DeskRecords(
    ("interrupted", "handed-over", "interrupted"),
    np.array([0, 2, 1]),
    np.array([0, 1, 1]),
    np.array([1300.0, 1400.0, 4300.0]),
    np.array([1400.0, np.nan, 4500.0]),
    np.array([60.0, 0.0, 480.0]),
    np.array([1, 0]),
)
REVIEWS = ReviewRecords(np.array([1.0, 0.0, np.nan, np.nan]), np.zeros(0), np.zeros((3, 1)))
COPIES = CopyRecords(
    caches=("site-1", "unit"),
    peak_share=np.array([0.5, 1.0]),
    references=8,
    hits=2,
    reference_bytes=8e8,
    hit_bytes=1e8,
    stored_max_bytes=3e9,
    copies_mean=1.75,
    deletions=9,
    refused=1,
    ordered=3,
    lookups=10,
    stale_lookups=4,
    stale_requests=2,
    pushes=120,
    blocked=np.array([3, 1]),
    blocked_s=np.array([700.0, 800.0]),
    admitted_s=np.array([900.0, np.nan]),
    uploaded=23,
    archived=23,
)
PLATFORM = PlatformRecords(
    queries=np.array([6, 2, 0, 4]),
    sojourn_s=np.arange(0, 12, dtype=np.float32) / 4,
    unanswered=0,
    filed=10,
    fetched=8,
    recent_hits=3,
    query_hits=1,
)
RETRIEVALS = RetrievalRecords(
    np.array([10.0, 20.0, 30.0]), np.array([11.0, 23.0, np.nan]), np.array([14.0, np.nan, np.nan])
)
# Two nights' hours of use among thirty; of the second link nothing is known.
HOURLY = np.full((30, 2), [0.0, np.nan], dtype=np.float32)
HOURLY[[3, 27], 0] = 0.75, 0.25
LINKS = LinkRecords(("unit/down", "site/up"), np.array([0.04, np.nan]), HOURLY)
GRID = GridRecords(
    True,
    AgentRecords(77, 154_000.0, 6, 4),
    DESKS,
    reviews=REVIEWS,
    copies=COPIES,
    platform=PLATFORM,
    retrievals=RETRIEVALS,
    links=LINKS,
    viewing=ViewingRecords(np.zeros(4), np.array([0.0, 20.0, np.nan, np.nan])),
    priors=PriorRecords(asked=9, fetched=7, wanted=8, ready=2),
)
QUALITY = QualityRecords(
    acquisitions=np.array([1, 2, 3, 1]),
    false_repeats=np.array([0, 0, 1, 0]),
    missed=np.array([0, 2, 0, 0]),
    recalls=np.array([0, 1, 0, 0]),
    referred=np.array([0, 0, 2, 1]),
    scanner_s=np.array([60.0, 120.0, 240.0, 60.0]),
    staff_s=np.array([60.0, 120.0, 180.0, 0.0]),
    dose_msv=np.array([7.0, 0.0, 21.0, 7.0]),
    sent_back=SentBack(np.array([1]), np.array([2]), np.array([1600.0]), np.array([1700.0])),
    slots=SlotRecords(*(np.array([one]) for one in (9, 1, 8, 7, 1)), staff_s=600.0),
    billing=BillingRecords(np.array([30.0, 0, 0, 0]), np.array([0, 90.0, 0, 0]), 0, 300.0),
    stock=StockRecords(*(np.array([one]) for one in (5, 4, 4, 0, 7, 2, 3)), np.array([90.0]), 120.0),
)
# Every system of the grid was on: 20 uploads of 0 to 19 minutes in the archive, 5 inspections not yet there.
JOURNAL = journal(
    ROWS,
    limit_min=(40, 25, 20),
    scheduled=EventRecords(
        kind=("link", "agent", "absence", "link"),
        whom=("site-1", "site-1", "R0", "site-2"),
        started_s=np.array([10.0, 2000.0, 0.0, 9000.0]),
        ended_s=np.array([500.0, 3000.0, 1.0, NEVER]),
        up_bps=np.array([0.0, np.inf, np.inf, 0.0]),
        down_bps=np.array([0.0, np.inf, np.inf, 0.0]),
        recovered_s=np.array([600.0, NEVER, NEVER, NEVER]),
    ),
    archive=ArchiveRecords(25, 20, np.arange(0, 1200, 60, dtype=np.float32), 0.0),
    carried=(LegTotals("delivery", 3, 1.5e9, 60.0, 2), LegTotals("upload", 24, 2.5e9, 100.0, 5)),
    grid=GRID,
    quality=QUALITY,
)

EXPECTED = {
    "subspecialty_success": (0.75 + 1 + 0 + 0) / 4,
    "subspecialty_success_absolute": (0.6 + 0.9) / 4,
    "subspecialty_success_estimated": (0.5 + 1 + 0.5) / 4,
    # I2 after I1 with R1; I3 after I0, with nobody
    "continuity": 1 / 2,
    "response_time_success": 1 / 4,
    "response_time_success_planned": 2 / 4,
    "response_time_success_literal": 2 / 4,
    "response_time_success_in_hours": 1 / 4,
    # W = 10, 50, 0 against 40, 25, 20
    "workload_distance": (30 / 40 + 25 / 25 + 20 / 20) / 3,
    "workload_success": 3 / (0.75 + 1 + 1),
    # mean absolute difference of (10, 50, 0) over all 9 ordered pairs: 2 (40 + 10 + 50) / 9; mean 20
    "load_gini": (200 / 9) / (2 * 20),
    "load_cv": np.sqrt((100 + 900 + 400) / 3) / 20,
    "load_max_ratio": 50 / 25,
    # points of reports: 30, 90, 0
    "income_points_gini": (2 * (60 + 30 + 90) / 9) / (2 * 40),
    "major_discrepancy_rate": ((0.02 + 0.4 * 0.11) + (0.02 + 0.1 * 0.11)) / 2,
    "lookup_total_min": 35.5,
    "response_total_h": (2400 + 5400) / 3600,
    "tat_mean_min": (40 + 90) / 2,
    "tat_in_hours_mean_min": (40 + 90) / 2,
    "tat_p50_min": 65,
    "tat_p95_min": 40 + 0.95 * 50,
    "tat_max_min": 90,
    "transfer_mean_min": ((60 + 60) + (200 + 300)) / 2 / 60,
    "wait_mean_min": ((120 + 300) + (600 + 600)) / 2 / 60,
    "reading_mean_min": (600 + 1800) / 2 / 60,
    "first_image_p95_s": 0.95 * 20,
    "stall_share": 2 / 4,
    "stall_mean_min": (90 + 30) / 60 / 4,
    # 100 s after the first fault; the second never, 7000 s until the run's end; the third is none, the last
    # has not ended.
    "recovery_min": (100 + 7000) / 60 / 2,
    "utilisation": 0.25,
    "reported": 2,
    "open_at_end": 2,
    "unassigned": 1,
    "relaxed": 1,
    "archived": 20,
    "unarchived_at_end": 5,
    "archive_upload_p95_min": 0.95 * 19,
    "transfers": 27,
    "sent_gb": 4.0,
    "retries": 7,
    "messages": 77,
    "peak_waiting_transfers": 6,
    "peak_waiting_imports": 4,
    "cache_hit_ratio": 2 / 8,
    "cache_byte_hit_ratio": 1 / 8,
    "stored_max_gb": 3,
    "copies_mean": 1.75,
    "copies_made": 3,
    "deletions": 9,
    "blocked": 2,
    "index_pushes": 120,
    "index_stale_share": 4 / 10,
    "interruptions": 2,
    "parked": 0,
    "handed_over": 1,
    "desk_wait_share": 540 / 10800,
    "discrepancy_share": 1 / 2,
    "rating_error": (0.1 + 0.2 + 0.3) / 3,
    "shard_queries": 12,
    "shard_p95_ms": 0.95 * 2750,
    "shard_skew": 6 / 3,
    "app_cache_hit_ratio": 4 / 8,
    "retrieval_p95_s": 4,
    "retrieval_first_image_p95_s": 1 + 0.95 * 2,
    "link_utilisation": 0.04,
    "link_utilisation_busy_hour": 0.5,
    "link_utilisation_p95": 0.55 * 0.25,
    "prior_fetches": 7,
    "prior_ready_share": 2 / 8,
    "acquisitions": 7,
    "repeats": 2,
    "false_repeats": 1,
    "missed_defects": 2,
    "recalls": 1,
    "reported_defective": 1,
    "referred": 3,
    "scanner_min": 8,
    "technologist_min": 6,
    "dose_msv": 35,
    "staff_min": 6 + 17,
    "office_min": 17,
    "slots_booked": 8,
    "billed_points": 30,
    "unbilled_points": 90,
    "stock_waits": 3,
    "stock_wait_min": 1.5,
}


def measured(journal, **options):
    found = {(one.group, one.metric): one.value for one in evaluate(journal, Discrepancy(), **options)}
    assert len(found) == len(evaluate(journal, Discrepancy(), **options))
    return found


@pytest.mark.parametrize("metric", METRICS)
def test_metric_by_hand(metric):
    assert measured(JOURNAL)["all", metric] == pytest.approx(EXPECTED[metric], rel=1e-12)


def test_every_metric_is_measured_in_the_listed_order_with_its_unit():
    everything = [one for one in evaluate(JOURNAL, Discrepancy()) if one.group == "all"]
    assert [one.metric for one in everything] == list(METRICS)
    assert all(one.unit == METRICS[one.metric].unit for one in everything)


def test_groups_hold_their_own_rows_only():
    found = measured(JOURNAL)
    assert found["urgency=urgent", "tat_mean_min"] == 40
    assert found["urgency=routine", "response_time_success"] == 0
    assert found["modality=MR", "tat_max_min"] == 90
    assert found["site=site-1", "open_at_end"] == 2
    assert found["unit=U0", "reported"] == 2
    assert found["unit=U0", "subspecialty_success_absolute"] == pytest.approx(0.5)
    assert found["radiologist=R1", "open_at_end"] == 1
    assert found["radiologist=R0", "response_time_success"] == 1


def test_images_are_counted_for_their_group_and_the_office_for_all():
    found = measured(JOURNAL)
    assert found["modality=MR", "recalls"] == 1
    assert found["site=site-1", "repeats"] == 2
    assert found["urgency=urgent", "dose_msv"] == 7
    assert ("modality=MR", "staff_min") not in found


def test_a_warm_up_leaves_its_images_out():
    part = measured(replace(JOURNAL, warm_up=WarmUp(700.0, np.zeros(3), np.zeros(3))))
    assert part["all", "acquisitions"] == 3 + 1
    assert part["all", "office_min"] == 17


def test_nothing_is_said_of_images_that_nobody_counts():
    told = {metric for _, metric in measured(replace(JOURNAL, quality=None))}
    assert not told & {"acquisitions", "repeats", "staff_min", "dose_msv"}


def test_labels_have_groups_of_their_own_and_urgency_stays_the_truth():
    rows = [
        row((0, 0, 0, 0, 0, 0, at_s), radiologist=0, urgent=urgent, labelled_urgent=label)
        for at_s, urgent, label in ((600, True, True), (1200, True, False), (3000, False, False))
    ]
    found = measured(journal(rows))
    assert found["urgency=urgent", "tat_mean_min"] == 15
    assert found["urgency=routine", "tat_mean_min"] == 50
    assert found["label=urgent", "tat_mean_min"] == 10
    assert found["label=routine", "tat_mean_min"] == 35
    assert not [group for group, _ in measured(JOURNAL) if group.startswith("label=")]


def test_the_inspection_before_may_lie_in_the_warm_up():
    rows = [
        row(requested_s=at, radiologist=who, patient=3, assigned_s=at)
        for at, who in ((0.0, 1), (10.0, 1), (20.0, 0), (30.0, 0))
    ]
    assert measured(journal(rows))["all", "continuity"] == pytest.approx(2 / 3)
    warm_up = WarmUp(15.0, np.zeros(2), np.zeros(2))
    assert measured(journal(rows, warm_up=warm_up))["all", "continuity"] == pytest.approx(1 / 2)
    alone = [row(requested_s=float(patient), radiologist=0, patient=patient) for patient in range(3)]
    assert ("all", "continuity") not in measured(journal(alone))


def test_groups_without_a_value_have_no_measurement():
    found = measured(JOURNAL)
    assert ("unit=U1", "tat_mean_min") not in found
    assert ("unit=U1", "utilisation") in found
    assert not [
        group for group, metric in found if metric.startswith(("workload", "load_")) and group != "all"
    ]
    assert not [group for group, metric in found if metric == "unassigned" and "radiologist" in group]
    assert not any(np.isnan(value) for value in found.values())
    assert evaluate(journal([]), Discrepancy()) == tuple(
        one for one in evaluate(journal([]), Discrepancy()) if one.metric == "utilisation"
    )


def test_the_literal_reading_moves_with_its_factor():
    assert measured(JOURNAL, lookup_factor=0.9)["all", "response_time_success_literal"] == 1 / 4
    assert measured(JOURNAL, lookup_factor=1.1)["all", "response_time_success_literal"] == 3 / 4


def test_only_rostered_minutes_count_in_hours():
    # I0 lives 0-2400, of which 0-600 and 1800-2400 are rostered; I1 600-6000: 1800-3000.
    shifts = replace(JOURNAL, in_hours=np.array([[0.0, 600.0], [1800.0, 3000.0]]))
    assert measured(shifts)["all", "tat_in_hours_mean_min"] == (20 + 20) / 2
    assert measured(shifts)["all", "response_time_success_in_hours"] == 2 / 4
    nobody = replace(JOURNAL, in_hours=np.zeros((0, 2)))
    assert measured(nobody)["all", "tat_in_hours_mean_min"] == 0


def test_rostered_time_runs_in_hours_only():
    hours = np.array([[10.0, 20.0], [30.0, 35.0]])
    at = np.array([0.0, 10.0, 15.0, 20.0, 25.0, 30.0, 33.0, 35.0, 99.0])
    assert rostered_before(hours, at).tolist() == [0, 0, 5, 10, 10, 10, 13, 15, 15]


def test_a_load_exactly_at_its_limit_has_no_distance_and_infinite_success():
    rows = [row((1, 2, 3), radiologist=j, effort_min=20.0) for j in (0, 1)]
    found = measured(journal(rows))
    assert found["all", "workload_distance"] == 0
    assert found["all", "workload_success"] == float("inf")


def test_a_limit_of_zero_is_kept_by_nothing_and_broken_by_anything():
    idle = measured(journal([row((1, 2, 3), radiologist=0, effort_min=10.0)], limit_min=(20, 0)))
    assert idle["all", "workload_distance"] == 0.25
    assert idle["all", "load_max_ratio"] == 0.5
    busy = measured(journal([row((1, 2, 3), radiologist=1)], limit_min=(20, 0)))
    assert busy["all", "workload_distance"] == float("inf")


def test_every_metric_says_which_way_is_better():
    assert {info.better for info in METRICS.values()} == {"higher", "lower"}
    assert all(info.meaning for info in METRICS.values())


def test_links_have_groups_of_their_own():
    found = measured(JOURNAL)
    assert found["link=unit/down", "link_utilisation_busy_hour"] == 0.5
    assert not any(group == "link=site/up" for group, _ in found)


def test_use_by_hour_is_told_by_the_clock_of_the_zone():
    start = datetime(2026, 3, 28, 22, tzinfo=ZoneInfo("Europe/Berlin"))
    table = by_hour(LINKS, start)
    # The fourth hour begins at 1:00 of a day without an hour from 2 to 3, the 28th at 2:00 of the next.
    assert table.shape == (24, 2)
    assert (table[1, 0], table[2, 0]) == (0.75 / 2, 0.25)
    assert np.isnan(table[:, 1]).all()
