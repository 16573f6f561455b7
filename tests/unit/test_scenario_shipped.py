"""The scenarios that travel with simgrid: each loads, keeps the schema, and accounts for its numbers."""

from __future__ import annotations

from dataclasses import replace

import jsonschema
import pytest

from simgrid.domain.distribution import lognormal
from simgrid.scenario import load, shipped, shipped_names
from simgrid.scenario.files import read_extended, read_file, shipped_folder
from simgrid.scenario.json_schema import FILE, json_schema
from simgrid.scenario.ledger import unaccounted

WARNED = {
    "paper/map-load": {"W306"},  # one of its windows is a whole session, longer than the urgent ones have
    "paper/stage-1": {"W303"},  # the stated 8 Mbit/s do not carry the stated month at its busiest
    "paper/prediction-delivery": {"W303"},  # one delivery is over a slow line
    "grid/transfers-on-off": {"W303"},  # rules of transfers show on a line that is too narrow at times
    "planning/what-if": {"W303"},  # the narrowest line of its sliders under their greatest load
}


def test_table_1_is_the_published_setting() -> None:
    (cell,) = load("paper/table-1").cells
    counts = [len(part) for part in (cell.sites, cell.units, cell.radiologists, cell.clients)]
    assert counts == [4, 3, 6, 2]
    assert cell.demand.arrivals.count == 100
    kinds = cell.demand.mix.kinds
    assert {kind.modality for kind in kinds} == {"MR", "CT", "DX", "MG"}
    assert {kind.body_part for kind in kinds} == {
        "Brain", "Leg", "Thorax", "Upper Abdomen", "Lower Abdomen", "Knee", "Shoulder"
    }  # fmt: skip
    assert {kind.icd10 for kind in kinds} == {
        "C39",
        "C50",
        "C71",
        "C76",
        "C78",
        "D43",
        "S02",
        "S42",
        "S82",
        "S83",
    }
    assert cell.replications >= 60
    assert (cell.horizon_s, cell.dispatch.every_s) == (4 * 3600, 15 * 60)
    urgency = cell.demand.urgency
    assert (urgency.urgent_share, urgency.urgent_within_s, urgency.routine_within_s) == (0.2, 3600, 4 * 3600)
    assert (cell.spread.speed, cell.spread.estimate_error) == (0.2, 0.1)
    assert cell.demand.mix.size_bytes["CT"] == lognormal(179e6, 0.5)
    demanded = {name for kind in kinds for name in kind.conditions()}
    for radiologist in cell.radiologists:
        assert demanded <= set(radiologist.ratings), radiologist.name


def test_table_1_compares_six_policies_and_its_readings_are_the_same_experiment() -> None:
    (cell,), (readings,) = load("paper/table-1").cells, load("paper/table-1-readings").cells
    plain = ["rwoa", "rbsm", "round-robin", "shortest-queue", "random", "manual"]
    assert [policy.label for policy in cell.policies] == plain
    assert [policy.label for policy in readings.policies] == [
        *plain,
        *(f"{name}@online" for name in plain[:-1]),
        *(f"{name}@feasible" for name in ("round-robin", "shortest-queue", "random")),
    ]
    same = {"name": cell.name, "title": cell.title, "policies": cell.policies, "canonical": cell.canonical}
    assert replace(readings, **same) == cell


def test_table_1_has_one_monitor_and_credentials_that_exclude() -> None:
    (cell,) = load("paper/table-1").cells
    at = {unit.name: unit.monitor_megapixels for unit in cell.units}
    excluded = set()
    for one in cell.radiologists:
        monitor = one.monitor_megapixels if one.monitor_megapixels is not None else at[one.unit]
        for kind in cell.demand.mix.kinds:
            if kind.modality in one.reads and kind.image_megapixels > monitor:
                excluded.add((one.name, kind.modality))
    assert excluded == {("thorax", "DX")}
    assert all(len(one.reads) < 4 for one in cell.radiologists if one.name != "general")


def test_the_orderings_sweep_slack_deadlines_and_windows() -> None:
    loaded = load("paper/table-1-orderings")
    assert loaded.sweep_columns == ("workload_limit.slack", "demand.required", "dispatch.every")
    assert len(loaded.cells) == 6 * 3 * 3
    assert [cell.swept[2][1] for cell in loaded.cells[:4]] == ["5 min", "15 min", "30 min", "5 min"]
    assert loaded.cells[0].swept[1] == ("demand.required", "urgent 30 min; routine 120 min")
    for cell in loaded.cells:
        limit = cell.workload_limit
        assert limit.slack == limit.scored_slack == float(dict(cell.swept)["workload_limit.slack"])
        assert (limit.total, limit.plus_largest) == ("run", False)
    assert len({cell.canonical for cell in loaded.cells}) == 54


@pytest.mark.parametrize("name", shipped_names())
def test_every_shipped_scenario_loads_and_follows_the_schema(name: str) -> None:
    path = shipped(name)
    assert path is not None
    loaded = load(name)
    assert {one.code for one in loaded.warnings} == WARNED.get(name, set())
    by_path = load(f"scenarios/{name}.yaml").cells
    assert [cell.canonical for cell in by_path] == [cell.canonical for cell in loaded.cells]
    jsonschema.Draft202012Validator(json_schema()).validate(read_file(path).plain())
    first = path.read_text(encoding="utf-8").splitlines()[0]
    modeline = "# yaml-language-server: $schema="
    assert first.startswith(modeline)
    assert (path.parent / first.removeprefix(modeline)).resolve() == (shipped_folder() / FILE).resolve()


@pytest.mark.parametrize("name", shipped_names())
def test_every_number_of_a_shipped_scenario_stands_in_the_ledger(name: str) -> None:
    path = shipped(name)
    assert path is not None
    assert unaccounted(read_extended(path), load(path).cells[0].sources) == []
