"""The exhibit of the predictions: its declared rows are the verdicts', whatever the worlds gave."""

from __future__ import annotations

import math

import numpy as np
import pytest

from simgrid.reproduction.claims_file import read_claims, shipped_claims
from simgrid.reproduction.evidence import Evidence, asked_for
from simgrid.reproduction.exhibits.predictions import MEASURED, PREDICTIONS, Row, predicted, rows_told, table
from simgrid.reproduction.experiments import EXPERIMENTS, arm
from simgrid.reproduction.findings import findings
from simgrid.reproduction.parts import parts_of
from simgrid.reproduction.same_journals import SAME_JOURNAL

WORLDS = 6


def invented(name: str, metrics: tuple[str, ...]) -> Evidence:
    """Numbers of no meaning for every arm of an experiment, never near 0."""
    worlds = EXPERIMENTS[name].worlds
    _, asked = asked_for(worlds, 1)
    rng = np.random.default_rng(len(name))
    arms = [arm(dict(cell.swept), policy.label) for cell in asked.cells for policy in cell.policies]
    values = {metric: {one: 0.5 + 0.3 * rng.random(WORLDS) for one in arms} for metric in metrics}
    return Evidence(worlds.name, WORLDS, "folder", "digest", values)


@pytest.fixture(scope="module")
def found() -> dict[str, Evidence]:
    made = [
        invented(one.experiment, one.quantity.metrics)
        for one in predicted()
        if one.quantity is not None and one.quantity.measure != "differences"
    ]
    same = {policy: np.ones(WORLDS) for policy in ("rwoa", "rbsm", "manual")}
    same["manual"] = np.array([1.0, 1.0, 0.0, 1.0, 1.0, 0.0])
    alone = Evidence("one-radiologist", WORLDS, "folder", "digest", {SAME_JOURNAL: same})
    return {one.name: one for one in (*made, alone)}


def declared(found: dict[str, Evidence], name: str) -> list[Row]:
    claim = next(one for one in predicted() if one.name == name)
    told = rows_told(claim, found[EXPERIMENTS[claim.experiment].worlds.name])
    return [one for one in told if one.declared]


@pytest.mark.parametrize("name", ["K9", "K14", "K15", "K16"])
def test_the_declared_rows_are_those_of_the_verdicts(found: dict[str, Evidence], name: str) -> None:
    claims = [one for one in read_claims(shipped_claims()) if one.name == name]
    verdicts = findings([part for claim in claims for part in parts_of(claim)], found)
    scale = 100 if name in ("K14", "K15") else 1
    shown = declared(found, name)
    assert len(shown) == len(verdicts)
    by_mean = sorted(verdicts, key=lambda one: one.interval.mean if one.interval else math.nan)
    for row, verdict in zip(sorted(shown, key=lambda one: one.estimate.mean), by_mean, strict=True):
        assert verdict.interval is not None
        interval = (verdict.interval.mean, verdict.interval.low, verdict.interval.high)
        estimate = (row.estimate.mean, row.estimate.low, row.estimate.high)
        assert estimate == pytest.approx([scale * one for one in interval])
        assert row.metric in verdict.part or row.metric == "stall_share"


def test_what_is_measured_is_what_the_claims_declare() -> None:
    declared = {
        one.experiment: one.quantity.metrics if one.quantity.measure != "differences" else (SAME_JOURNAL,)
        for one in predicted()
        if one.quantity is not None
    }
    assert declared == {f"prediction-{name}": metrics for name, metrics in MEASURED.items()}


def test_every_point_and_policy_is_told_once(found: dict[str, Evidence]) -> None:
    rows = [row for claim in predicted() for row in rows_told(claim, found[_worlds(claim.experiment)])]
    names = [(one.claim, one.metric, one.point, one.quantity) for one in rows]
    assert len(set(names)) == len(names)
    for experiment in (one.experiment for one in predicted() if one.name != "K13"):
        _, asked = asked_for(EXPERIMENTS[experiment].worlds, 1)
        swept = [value for cell in asked.cells for value in dict(cell.swept).values()]
        told = " ".join(one.point for one in rows if _worlds(experiment) == _worlds_of(one))
        assert all(value in told for value in swept)


def test_one_radiologist_is_a_share_of_worlds(found: dict[str, Evidence]) -> None:
    told = {one.point: one.estimate.mean for one in declared(found, "K13")}
    assert told == {"rbsm": 1.0, "manual": pytest.approx(4 / 6)}


def test_what_is_not_there_is_left_out(found: dict[str, Evidence]) -> None:
    assert PREDICTIONS.ready(found)
    some = {"pool": found["pool"]}
    assert not PREDICTIONS.ready(some)
    assert {row[0] for row in table(some).rows} == {"K14"}
    assert PREDICTIONS.figure is not None
    drawn = PREDICTIONS.figure(some)
    titles = [panel.get_title(loc="left") for panel in drawn.axes]
    assert [title.partition(":")[0] for title in titles] == ["K14, pool"] * 3


def test_a_gain_over_next_to_nothing_is_not_told(found: dict[str, Evidence]) -> None:
    pool = found["pool"]
    name = arm({"variant": "pool-3"}, "manual")
    low = {**pool.values["response_time_success"], name: np.zeros(WORLDS)}
    values = {**pool.values, "response_time_success": low}
    claim = next(one for one in predicted() if one.name == "K14")
    told = rows_told(claim, Evidence("pool", WORLDS, "folder", "digest", values))
    (smallest,) = (one for one in told if one.metric == "response_time_success" and one.point == "pool-3")
    assert math.isnan(smallest.estimate.mean)
    assert not [one for one in told if one.metric == "response_time_success" and one.declared]


def _worlds(experiment: str) -> str:
    return EXPERIMENTS[experiment].worlds.name


def _worlds_of(row: Row) -> str:
    return next(_worlds(one.experiment) for one in predicted() if one.name == row.claim)
