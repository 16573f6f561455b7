"""``demand.triage``: what it means in the domain, what is refused, and that it moves nothing but labels."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from scipy import stats

from simgrid.domain.demand import Arrivals, Triage, Urgency
from simgrid.domain.distribution import constant
from simgrid.domain.inspection import Inspections
from simgrid.domain.units import DAY
from simgrid.experiments.identity import cell_digest
from simgrid.foresight.outlook import outlook, outlook_of
from simgrid.scenario import ScenarioInvalid, load
from simgrid.scenario.json_schema import json_schema
from simgrid.scenario.marks import Source
from simgrid.scenario.yaml_tree import read_tree
from simgrid.workload.errors import WorkloadError
from simgrid.workload.replay.from_log import inspections as replayed
from simgrid.workload.synthetic import draw_inspections
from tests.replay_logs import row
from tests.unit.test_replay_from_log import DEMAND, MIDNIGHT, SITES, log_of, many

FLAG = "triage: {sensitivity: 80 %, false_positives: 10 %}"


def child(tmp_path: Path, demand: str) -> Path:
    file = tmp_path / "s.yaml"
    file.write_text(f"extends: tiny/one-unit.yaml\ndemand: {{{demand}}}\n", encoding="utf-8")
    plain = read_tree(Source("s", file.read_text(encoding="utf-8"))).plain()
    jsonschema.Draft202012Validator(json_schema()).validate(plain)
    return file


def drawn(tmp_path: Path, demand: str) -> Inspections:
    (cell,) = load(child(tmp_path, demand)).cells
    return draw_inspections(cell.demand, [site.name for site in cell.sites], 4, 0, cell.start)


def test_a_flag_moves_nothing_of_the_workload(tmp_path: Path) -> None:
    plain, flagged = drawn(tmp_path, "count: 400"), drawn(tmp_path, f"count: 400, {FLAG}")
    assert plain.label is None and flagged.label is not None
    for name in {one.name for one in fields(Inspections)} - {"label", "logged"}:
        assert np.array_equal(getattr(plain, name), getattr(flagged, name)), name
    shown = flagged.as_labelled()
    assert np.array_equal(shown.urgent, flagged.label.urgent)
    assert np.array_equal(shown.required_s, np.where(shown.urgent, 3600.0, 4 * 3600.0))
    assert shown.label is None and plain.as_labelled() is plain


def test_labels_are_right_as_often_as_declared(tmp_path: Path) -> None:
    of = drawn(tmp_path, f"count: 4000, {FLAG}")
    assert of.label is not None
    for rows, share in ((of.urgent, 0.8), (~of.urgent, 0.1)):
        assert stats.binomtest(int(of.label.urgent[rows].sum()), int(rows.sum()), share).pvalue > 1e-3


def test_a_flow_has_the_times_of_its_own(tmp_path: Path) -> None:
    text = (
        "extends: tiny/one-unit.yaml\n"
        "sites: {clinic: {demand: {CT: {per_day: 900, required: {urgent: 30 min, routine: 2 d}}}}}\n"
        f"demand: {{count: null, {FLAG}}}\n"
    )
    file = tmp_path / "flow.yaml"
    file.write_text(text, encoding="utf-8")
    (cell,) = load(file).cells
    shown = draw_inspections(cell.demand, ["clinic"], 4, 0, cell.start).as_labelled()
    assert set(shown.required_s[shown.urgent]) == {1800.0}
    assert set(shown.required_s[~shown.urgent]) == {2 * 86400.0}


def test_of_a_log_what_it_states_is_the_truth(tmp_path: Path) -> None:
    log = log_of(tmp_path, [*many(800, priority="urgent"), row(901, priority="routine")])
    plain = replayed(log, DEMAND, SITES, 1, 0, MIDNIGHT)
    found = [
        replayed(log, replace(DEMAND, triage=Triage(sensitivity, 1.0)), SITES, 1, 0, MIDNIGHT)
        for sensitivity in (0.5, 0.7)
    ]
    for of in found:
        assert of.label is not None
        assert np.array_equal(of.urgent, plain.urgent) and of.urgent.sum() == 800
        assert np.array_equal(of.reading_draw_min, plain.reading_draw_min)
        assert of.label.urgent[~of.urgent].all()
        assert np.array_equal(of.label.required_s, np.where(of.label.urgent, 3600.0, 4 * 3600.0))
    few, many_more = (of.label.urgent[of.urgent] for of in found if of.label is not None)
    assert np.all(many_more[few])
    assert stats.binomtest(int(few.sum()), 800, 0.5).pvalue > 1e-3


@pytest.mark.parametrize(
    ("given", "code", "place"),
    [
        ("{sensitivity: 80 %}", "E102", "demand.triage.false_positives"),
        ("{sensitivity: 120 %, false_positives: 0 %}", "E107", "demand.triage.sensitivity"),
        ("{sensitivity: 0.8, false_positives: 0 %}", "E104", "demand.triage.sensitivity"),
        ("{sensitivty: 80 %, false_positives: 0 %}", "E101", "demand.triage.sensitivty"),
    ],
)
def test_what_is_no_flag_is_refused(given: str, code: str, place: str, tmp_path: Path) -> None:
    file = tmp_path / "s.yaml"
    file.write_text(f"extends: tiny/one-unit.yaml\ndemand: {{triage: {given}}}\n", encoding="utf-8")
    with pytest.raises(ScenarioInvalid) as caught:
        load(file)
    assert (code, place) in [(one.code, one.place) for one in caught.value.problems], caught.value.problems


def test_whoever_draws_without_a_scenario_is_told_too() -> None:
    mix = replace(
        DEMAND.mix, size_bytes={one: constant(1e6) for one in ("CT", "MR")}, images={"CT": 1, "MR": 1}
    )
    wrong = replace(DEMAND, mix=mix, arrivals=Arrivals(DAY, 5), triage=Triage(1.2, -0.1))
    with pytest.raises(WorkloadError) as caught:
        draw_inspections(wrong, SITES, 1, 0)
    assert "triage.sensitivity is 1.2" in str(caught.value)
    assert "triage.false_positives is -0.1" in str(caught.value)


def test_only_a_flag_is_in_a_runs_key(tmp_path: Path) -> None:
    keys = {cell_digest(load(child(tmp_path, one)).cells[0]) for one in ("count: 12", FLAG)}
    assert len(keys) == 2
    (plain,) = load(child(tmp_path, "count: 12")).cells
    (shipped,) = load("tiny/one-unit").cells
    assert cell_digest(plain) == cell_digest(shipped)
    assert "triage" not in plain.canonical and "triage" in load(child(tmp_path, FLAG)).cells[0].canonical


def test_what_is_looked_ahead_at_are_the_labels(tmp_path: Path) -> None:
    assert Triage(0.8, 0.1).label(Urgency(0.25, 60.0, 120.0)) == Urgency(
        pytest.approx(0.25 * 0.8 + 0.75 * 0.1), 60.0, 120.0
    )
    (cell,) = load(child(tmp_path, FLAG)).cells
    (declared,) = {one.urgency for one in outlook(cell).requests}
    assert declared is not None
    assert declared.urgent_share == pytest.approx(0.275)
    of = drawn(tmp_path, f"count: 200, {FLAG}")
    seen = outlook_of(cell, of)
    first = sum(sum(one.expected) for one in seen.requests if one.urgency and one.urgency.urgent_share == 1)
    assert of.label is not None
    assert first == of.label.urgent.sum() != of.urgent.sum()


@pytest.mark.parametrize(("sensitivity", "warned"), [("5 %", True), ("10 %", False), ("80 %", False)])
def test_a_flag_that_is_worse_than_chance_is_told(tmp_path: Path, sensitivity: str, warned: bool) -> None:
    flag = f"count: 40, triage: {{sensitivity: {sensitivity}, false_positives: 10 %}}"
    told = [one for one in load(child(tmp_path, flag)).warnings if one.code == "W316"]
    assert len(told) == warned
    assert not warned or "the label puts routine studies first" in told[0].message
