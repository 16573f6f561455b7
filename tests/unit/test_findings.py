"""From what the worlds gave to findings: which pair decides, what is corrected together, what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from simgrid.reproduction.claims import Claim
from simgrid.reproduction.claims_file import read_claims, shipped_claims
from simgrid.reproduction.evidence import Evidence
from simgrid.reproduction.finding import Finding
from simgrid.reproduction.findings import findings
from simgrid.reproduction.parts import parts_of
from simgrid.reproduction.same_journals import SAME_JOURNAL

CLAIMS = {claim.name: claim for claim in read_claims(shipped_claims())}
WOBBLE = np.tile([-0.01, 0.01], 10)
"""20 worlds with a little spread."""


def evidence(name: str, **values: Mapping[str, object]) -> Evidence:
    rows = {
        metric: {arm: np.asarray(row, float) for arm, row in arms.items()} for metric, arms in values.items()
    }
    worlds = len(next(iter(next(iter(rows.values())).values())))
    return Evidence(name, worlds, "folder", "digest", rows)


def found(*claims: Claim | str, by: Evidence | None = None) -> list[Finding]:
    parts = [
        part for claim in claims for part in parts_of(CLAIMS[claim] if isinstance(claim, str) else claim)
    ]
    return findings(parts, {by.name: by} if by else {})


def table_1(rwoa: float, others: float, distance: float) -> Evidence:
    fit = dict.fromkeys(("round-robin", "shortest-queue", "random"), others + WOBBLE)
    return evidence(
        "table-1",
        subspecialty_success={"rbsm": 0.9 + WOBBLE[::-1], "rwoa": rwoa + WOBBLE, **fit},
        response_time_success={"rbsm": 0.5 + WOBBLE, "rwoa": 0.8 - WOBBLE},
        workload_distance={"rbsm": 0.9 + WOBBLE, "rwoa": 0.9 - distance + 2 * WOBBLE},
    )


def test_the_orderings_of_table_1() -> None:
    rbsm, response, workload = found("K1", "K2", "K3", by=table_1(0.8, 0.7, 0.2))
    assert (rbsm.verdict, response.verdict, workload.verdict) == ("within", "within", "within")
    assert rbsm.against == "rwoa"  # the nearest of the four
    assert rbsm.interval is not None
    assert rbsm.interval.mean == pytest.approx(0.1)
    assert workload.interval is not None
    assert workload.interval.mean == pytest.approx(-0.2)
    assert rbsm.worlds == 20


def test_one_pair_that_is_the_other_way_round_decides() -> None:
    (rbsm,) = found("K1", by=table_1(0.95, 0.7, 0.2))
    assert (rbsm.verdict, rbsm.against) == ("differs", "rwoa")


def test_orderings_are_corrected_over_their_experiment() -> None:
    near = 0.0505 + 10 * WOBBLE  # t is 2.2 of 19 degrees of freedom: p is 0.04
    values = dict(table_1(0.8, 0.7, 0.2).values)
    values["response_time_success"] = {"rbsm": 0 * WOBBLE, "rwoa": near}
    values["workload_distance"] = {"rbsm": near, "rwoa": 0 * WOBBLE}
    by = replace(table_1(0.8, 0.7, 0.2), values=values)
    (alone,) = found("K2", by=by)
    assert alone.verdict == "within"
    rbsm, response, workload = found("K1", "K2", "K3", by=by)
    assert response.interval == alone.interval
    assert (rbsm.verdict, response.verdict, workload.verdict) == (
        "within",
        "run more replications",
        "run more replications",
    )


def stage_2(subspecialty: object, literal: object) -> Evidence:
    return evidence(
        "stage-2",
        subspecialty_success=subspecialty,
        workload_distance={"rwoa": 0.5 + WOBBLE, "manual": 0.5 * 1.6376 + WOBBLE},
        response_time_success={"rwoa": 0.6 + WOBBLE, "manual": 0.6 + WOBBLE},
        response_time_success_in_hours={"rwoa": 0.66 + WOBBLE, "manual": 0.3 + WOBBLE},
        response_time_success_literal=literal,
        load_gini={"rwoa": 0.1 + WOBBLE, "manual": 0.3 - WOBBLE},
        tat_mean_min={"rwoa": 776 + WOBBLE, "manual": 1000 + WOBBLE},
        tat_in_hours_mean_min={"rwoa": 110 + WOBBLE, "manual": 100 + WOBBLE},
        lookup_total_min={"rwoa": 90 + WOBBLE, "manual": 100 + WOBBLE},
    )


def test_gains_of_stage_2_under_each_reading() -> None:
    single = np.tile([0.8, 1.0], 10)  # the mean gain is far above the stated, single worlds reach down to it
    by = stage_2(
        {"rwoa": single, "manual": np.full(20, 0.71)}, {"rwoa": 0.9 + WOBBLE, "manual": 0.005 + WOBBLE / 10}
    )
    told = {f"{one.claim.name} {one.part}".strip(): one for one in found("K4", "K5", "K6", "K7", "K8", by=by)}
    practice = told["K4 practice"]
    assert practice.verdict == "compatible"
    assert practice.singles is not None
    assert practice.singles.low < 0.1325 < practice.singles.high
    assert practice.singles.percentile == 50
    assert told["K4 cell"].verdict == "not run"
    assert told["K5 equal"].verdict == "within"
    assert told["K5 equal"].interval is not None
    assert told["K5 equal"].interval.mean == pytest.approx(0.6376)
    assert told["K5 stage-1"].verdict == "not run"
    assert told["K6 wall-clock"].verdict == "differs"
    assert told["K6 in-hours"].verdict == "within"
    assert told["K6 look-up"].verdict == "cannot"  # the chief's lower bound is below 0.02
    assert told["K7 wall-clock"].verdict == "within"
    assert told["K7 in-hours"].verdict == told["K7 look-up"].verdict == "differs"
    assert told["K7 in-hours"].interval is not None
    assert told["K7 in-hours"].interval.mean == pytest.approx(-0.1)
    assert told["K8"].verdict == "within"


def test_variants_of_delivery() -> None:
    rows = {
        f"grid.delivery={how}, variant={distress}, rwoa": share + WOBBLE * (1 if how == "assigned" else -1)
        for distress, shares in {
            "bandwidth": (0.1, 0.4),
            "storage": (0.1, 0.1),
            "hardware": (0.5, 0.2),
        }.items()
        for how, share in zip(("assigned", "broadcast"), shares, strict=True)
    }
    bandwidth, storage, hardware = found("K9", by=evidence("delivery", stall_share=rows))
    assert (bandwidth.verdict, storage.verdict, hardware.verdict) == (
        "within",
        "run more replications",
        "differs",
    )


def test_growth_with_the_pool() -> None:
    def rows(*gains: float) -> dict[str, object]:
        far, near = gains
        return {
            "variant=pool-18, rwoa": 0.5 * far + WOBBLE,
            "variant=pool-18, manual": 0.5 - WOBBLE,
            "variant=pool-3, rwoa": 0.5 * near - WOBBLE,
            "variant=pool-3, manual": 0.5 - WOBBLE,
        }

    by = evidence(
        "pool",
        subspecialty_success=rows(1.5, 1.2),
        workload_distance=rows(0.4, 0.8),  # a smaller distance is the greater gain
        response_time_success=rows(1.1, 1.1),
    )
    fit, workload, response = found("K14", by=by)
    assert (fit.verdict, workload.verdict, response.verdict) == ("within", "within", "run more replications")
    assert fit.interval is not None
    assert fit.interval.mean == pytest.approx(0.3)
    assert workload.interval is not None
    assert workload.interval.mean == pytest.approx(1 / 0.4 - 1 / 0.8)


def test_each_metric_of_storage_has_its_own_band() -> None:
    arms = {"variant=cached, rwoa": 3 + WOBBLE, "variant=central, rwoa": 2 - WOBBLE}
    copies, sent = found("K16", by=evidence("storage", copies_mean=arms, sent_gb=arms))
    assert (copies.part, copies.verdict) == ("copies_mean", "within")
    assert (sent.part, sent.verdict) == ("sent_gb", "differs")


def test_journals_that_are_the_same_prove_nothing_and_others_differ() -> None:
    same = {"rwoa": [1, 1], "manual": [1, 1]}
    (alike,) = found("K13", by=evidence("one-radiologist", **{SAME_JOURNAL: same}))
    assert alike.verdict == "by construction"
    (apart,) = found("K13", by=evidence("one-radiologist", **{SAME_JOURNAL: same | {"manual": [1, 0]}}))
    assert (apart.verdict, apart.why) == ("differs", "events that differ: manual")


def test_counts_of_the_archive() -> None:
    (whole,) = found("K12", by=evidence("archive", archived={"rwoa": [3335784]}, reported={"rwoa": [14216]}))
    assert whole.verdict == "same digits"
    assert dict(whole.counts) == {"sites": 52, "months": 30, "archived": 3350000, "reported": 14216}
    (lost,) = found("K12", by=evidence("archive", archived={"rwoa": [3335784]}, reported={"rwoa": [14215]}))
    assert (lost.verdict, lost.why) == ("differs", "not the same: archived, reported")


def test_what_needs_no_world_and_what_has_none() -> None:
    cannot, summed = found("K17", "K18")
    assert cannot.verdict == "cannot"
    assert (summed.verdict, summed.counts, summed.why) == (
        "differs",
        (("", 6202.0),),
        "stage-1 and stage-2: 4738 + 1464",
    )
    assert {one.verdict for one in found("K1", "K10", "K11", "K12", "K13")} == {"not run"}


def test_expectations_are_held_against_as_many_worlds_as_they_are_about() -> None:
    expecting = replace(CLAIMS["K2"], expect={"": {"quick": "within", "full": "differs"}})
    few = table_1(0.8, 0.7, 0.2)
    (quick,) = found(expecting, by=few)
    assert (quick.expected, quick.changed) == ("within", False)
    many = replace(few, worlds=200)
    (full,) = found(expecting, by=many)
    assert (full.expected, full.changed) == ("differs", True)
    (missing,) = found(expecting)
    assert (missing.verdict, missing.changed) == ("not run", False)
    (silent,) = found(replace(CLAIMS["K2"], expect={}), by=few)
    assert (silent.expected, silent.changed) == (None, False)
