"""``sensitivity`` in a scenario: its points and cells, what is refused, and that nothing else changes."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import numpy as np
import pytest

from simgrid.domain.scenario import Scenario
from simgrid.scenario import Loaded, ScenarioInvalid, load
from simgrid.scenario.cells import MOST_TRIED, cells
from simgrid.scenario.files import read_resolved
from simgrid.scenario.json_schema import json_schema
from simgrid.scenario.marks import Source
from simgrid.scenario.yaml_tree import read_tree

RATE, DESKS = "sites.clinic.link.bandwidth", "units.desk.workstations"
BLOCK = f"""sensitivity:
  trajectories: 5
  over:
    spread.speed: {{from: 0.1, to: 0.4}}
    {RATE}: {{from: 4 Mbit/s, to: 16000 kbit/s, scale: log}}
    {DESKS}: {{from: 1, to: 3}}
  of: [tat_mean_min]
"""
CROSS = "  cross: {workload_limit.share: [equal, full-time], variant: [base, slow]}\n"
VARIANT = "variants: {slow: {dispatch: {every: 1 h}}, other: {dispatch: {every: 2 h}}}\n"
SCHEMA = jsonschema.Draft202012Validator(json_schema())


def loaded(folder: Path, text: str, *overrides: str, analyse: bool = True) -> Loaded:
    file = folder / "s.yaml"
    file.write_text("extends: tiny/one-unit.yaml\n" + text, encoding="utf-8")
    SCHEMA.validate(read_tree(Source("s", file.read_text(encoding="utf-8"))).plain())
    return load(file, overrides, analyse=analyse)


def values(cell: Scenario) -> tuple[float, float, int]:
    return cell.spread.speed, cell.sites[0].access.up_bps, cell.units[0].workstations


def test_rows_of_a_trajectory_move_one_place_and_cells_have_the_values(tmp_path: Path) -> None:
    found = loaded(tmp_path, BLOCK)
    analysis = found.analysis
    assert analysis is not None
    assert analysis.places == ("spread.speed", RATE, DESKS) == found.sweep_columns
    assert analysis.ends == (("0.1", "0.4"), ("4 Mbit/s", "16 Mbit/s"), ("1", "3"))
    rows = np.array([values(found.cells[point]) for point in analysis.row_points])
    assert rows.shape == (5 * 4, 3)
    changed = np.diff(rows.reshape(5, 4, 3), axis=1) != 0
    assert (changed.sum(axis=2) == 1).all()
    assert (changed.sum(axis=1) == 1).all()
    speed, rate, desks = rows.T
    assert analysis.shares[:, 0] == pytest.approx((speed - 0.1) / 0.3)
    assert analysis.shares[:, 1] == pytest.approx(np.log(rate / 4e6) / np.log(4), abs=1e-9)
    assert analysis.shares[:, 2] == pytest.approx((desks - 1) / 2)
    assert set(speed.round(12)) <= {0.1, 0.2, 0.3, 0.4}
    assert rate.min() >= 4e6
    assert rate.max() <= 16e6
    assert {cell.seed for cell in found.cells} == {1}


def test_points_that_rounding_makes_the_same_are_one_cell(tmp_path: Path) -> None:
    found = loaded(
        tmp_path,
        f"sensitivity: {{trajectories: 40, over: {{{DESKS}: {{from: 1, to: 2}}}}, of: [tat_mean_min]}}\n",
    )
    analysis = found.analysis
    assert analysis is not None
    assert len(found.cells) == analysis.distinct == 2
    assert len(analysis.row_points) == 80
    assert (np.abs(np.diff(analysis.shares.reshape(40, 2), axis=1)) == 1).all()


def test_switches_are_crossed_and_the_design_is_the_same_in_each(tmp_path: Path) -> None:
    found = loaded(tmp_path, VARIANT + BLOCK + CROSS)
    analysis = found.analysis
    assert analysis is not None
    assert analysis.crossed == ("workload_limit.share", "variant") == found.sweep_columns[:2]
    parts = [found.cells[at : at + analysis.distinct] for at in range(0, len(found.cells), analysis.distinct)]
    met = [{(cell.workload_limit.share, cell.dispatch.every_s) for cell in part} for part in parts]
    assert met == [{(share, every)} for share in ("equal", "full-time") for every in (900.0, 3600.0)]
    assert len({tuple(map(values, part)) for part in parts}) == 1


def test_a_sobol_design_has_two_rows_more_than_places_for_each_point(tmp_path: Path) -> None:
    found = loaded(tmp_path, BLOCK, "sensitivity.method=sobol", "sensitivity.points=16")
    analysis = found.analysis
    assert analysis is not None
    assert len(analysis.row_points) == 16 * 5
    rows = np.array([values(found.cells[point]) for point in analysis.row_points]).reshape(16, 5, 3)
    for place in range(3):
        mixed = rows[:, 1 + place]
        assert (mixed[:, place] == rows[:, 4, place]).all()
        others = [one for one in range(3) if one != place]
        assert (mixed[:, others] == rows[:, 0, others]).all()
    assert set(rows[..., 2].ravel()) == {1, 2, 3}
    warned = loaded(tmp_path, BLOCK, "sensitivity.method=sobol", "sensitivity.points=12").warnings
    assert [(one.code, one.place) for one in warned] == [("W313", "sensitivity.points")]


def test_the_block_changes_no_other_command(tmp_path: Path) -> None:
    plain = loaded(tmp_path, VARIANT, analyse=False)
    found = loaded(tmp_path, VARIANT + BLOCK + CROSS, analyse=False)
    assert found.cells == plain.cells
    assert (found.analysis, found.sweep_columns) == (None, plain.sweep_columns)
    again = load(_written(tmp_path, found.resolved), analyse=True)
    assert [cell.swept for cell in again.cells] == [
        cell.swept for cell in loaded(tmp_path, VARIANT + BLOCK + CROSS).cells
    ]


def _written(folder: Path, text: str) -> Path:
    file = folder / "resolved.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_sweep_and_sample_are_left_alone_and_primary_metrics_are_meant(tmp_path: Path) -> None:
    text = (
        "primary: [tat_p95_min]\nsweep: {dispatch.every: [5 min, 15 min]}\n"
        "sensitivity: {over: {dispatch.every: {from: 5 min, to: 30 min}}}\n"
    )
    found = loaded(tmp_path, text)
    assert found.analysis is not None
    assert found.analysis.of == ("tat_p95_min",)
    assert found.sweep_columns == ("dispatch.every",)
    assert len(loaded(tmp_path, text, analyse=False).cells) == 2


OVER = "sensitivity: {{of: [tat_mean_min], over: {{{}}}}}"


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("sensitivity: 4", "E215", "sensitivity"),
        ("sensitivity: {of: [tat_mean_min]}", "E102", "sensitivity.over"),
        ("sensitivity: {over: {spread.speed: {from: 0.1, to: 0.2}}}", "E102", "sensitivity"),
        (OVER.format("spread.speed: [0.1, 0.2]"), "E215", "sensitivity.over.spread.speed"),
        (OVER.format("spread.speed: 0.2"), "E215", "sensitivity.over.spread.speed"),
        (OVER.format("spread.speed: {from: 0.2, to: 0.1}"), "E215", "sensitivity.over.spread.speed"),
        (
            OVER.format("spread.speed: {from: 0.1, to: 0.2, steps: 3}"),
            "E215",
            "sensitivity.over.spread.speed.steps",
        ),
        (OVER.format("replications: {from: 2, to: 9}"), "E215", "sensitivity.over.replications"),
        (OVER.format("seed: {from: 1, to: 9}"), "E215", "sensitivity.over.seed"),
        (OVER.format("spread.sped: {from: 0.1, to: 0.2}"), "E101", "spread.sped"),
        (OVER.format("spread.speed: {from: 0.1, to: 90.5}"), "E107", "spread.speed"),
        (
            "sensitivity: {of: [tat_mean], over: {spread.speed: {from: 0.1, to: 0.2}}}",
            "E201",
            "sensitivity.of",
        ),
        (OVER.format("spread.speed: {from: 0.1, to: 0.2}") + "\nbaseline: x", "E206", ""),
        (
            "sensitivity: {method: mori, of: [tat_mean_min], over: {spread.speed: {from: 0.1, to: 0.2}}}",
            "E108",
            "sensitivity.method",
        ),
        (
            "sensitivity: {points: 1, of: [tat_mean_min], over: {spread.speed: {from: 0.1, to: 0.2}}}",
            "E215",
            "sensitivity.points",
        ),
        (BLOCK + "  cross: {variant: [fast]}", "E201", "sensitivity.cross.variant"),
        (BLOCK + "  cross: {dispatch.every: 5 min}", "E215", "sensitivity.cross.dispatch.every"),
        (BLOCK + "  cross: {spread.speed: [0.1, 0.2]}", "E215", "sensitivity.over.spread.speed"),
        (BLOCK + "  cross: [1]", "E215", "sensitivity.cross"),
        (
            BLOCK.replace("trajectories: 5", "method: sobol\n  points: 1024") + CROSS.replace("slow", "base"),
            "E215",
            "sensitivity.cross.variant",
        ),
        (
            BLOCK.replace("trajectories: 5", "method: sobol\n  points: 1024")
            + "  cross: {workload_limit.share: [equal, full-time, declared]}",
            "E215",
            "sensitivity",
        ),
    ],
)
def test_what_is_wrong_is_told_by_every_command(tmp_path: Path, text: str, code: str, place: str) -> None:
    file = tmp_path / "s.yaml"
    file.write_text("extends: tiny/one-unit.yaml\n" + text + "\n", encoding="utf-8")
    for analyse in (False, True):
        with pytest.raises(ScenarioInvalid) as refused:
            load(file, analyse=analyse)
        told = [(one.code, one.place) for one in refused.value.problems]
        assert any(one == code and (where == place or not place) for one, where in told), told


def test_a_scenario_without_the_block_cannot_be_analysed() -> None:
    with pytest.raises(ScenarioInvalid) as refused:
        load("tiny/one-unit", analyse=True)
    (problem,) = refused.value.problems
    assert (problem.code, problem.place) == ("E215", "sensitivity")
    assert "sensitivity: {over:" in problem.help


def test_many_combinations_are_counted_and_not_all_tried(tmp_path: Path) -> None:
    numbers = [*range(1, 49)]
    over = "over: {spread.speed: {from: 0.1, to: 0.4}}"
    cross = f"cross: {{seed: {numbers}, lookup_factor: {numbers}}}"
    file = tmp_path / "s.yaml"
    block = f"{{trajectories: 2, of: [tat_mean_min], {over}, {cross}}}"
    text = f"extends: tiny/one-unit.yaml\nsensitivity: {block}\n"
    file.write_text(text, encoding="utf-8")
    made = cells(read_resolved(file).tree)
    assert (len(made.points), len(made.trials)) == (1, MOST_TRIED)
    speeds = [float(dict(point)["spread.speed"]) for point, _ in made.trials]
    assert set(speeds) == {0.1, 0.4}
