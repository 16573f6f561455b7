"""Uncertain values by hand, and the one door: every command simulates the cell of the replication."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest
from click.testing import CliRunner, Result

import simgrid as package
from simgrid.cli.main import cli
from simgrid.experiments import cluster as on_dask
from simgrid.experiments.assemble import run_journal, run_once, setting_of
from simgrid.experiments.campaign import campaign
from simgrid.experiments.expectation import expectation
from simgrid.experiments.first_difference import first_difference
from simgrid.experiments.identity import RunKeys, cell_digest
from simgrid.experiments.installed import installed, load_stored
from simgrid.experiments.pilot import pilot
from simgrid.experiments.resimulation import evaluate_all
from simgrid.experiments.run_names import run_name
from simgrid.experiments.smoke import cut_short
from simgrid.experiments.study import read_study
from simgrid.experiments.views import across
from simgrid.randomness import stream
from simgrid.scenario import load

TEXT = """extends: tiny/one-unit.yaml
policies: [manual, random]
baseline: random
uncertain:
  demand.count: {uniform: {low: 8, high: 40}}
  reading_time.any.lognormal.cv: {interval: [0.4, 0.6]}
  units.desk.link.bandwidth: {triangular: {low: 10 Mbit/s, mode: 20 Mbit/s, high: 40 Mbit/s}}
sweep: {dispatch.every: [5 min, 15 min]}
replications: 3
"""
PLACES = ("demand.count", "reading_time.any.lognormal.cv", "units.desk.link.bandwidth")


def by_hand(replication: int, seed: int = 1) -> tuple[int, float, float]:
    """The three draws from their shares: inversion, written out."""
    count, cv, rate = (float(stream(seed, replication, "uncertain", place).random()) for place in PLACES)
    law, sd = NormalDist(), 0.1 / NormalDist().inv_cdf(0.975)
    inside = law.cdf(-4) + cv * (law.cdf(4) - law.cdf(-4))
    below = (rate * 30 * 10) ** 0.5 + 10  # the rising third: from 10 to 20
    above = 40 - ((1 - rate) * 30 * 20) ** 0.5
    return 8 + int(33 * count), 0.5 + sd * law.inv_cdf(inside), below if rate < 1 / 3 else above


def simgrid(*arguments: str | Path) -> Result:
    result = CliRunner().invoke(cli, [str(one) for one in arguments])
    assert result.exit_code == 0, result.output
    return result


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("given") / "guessed.yaml"
    found.write_text(TEXT, encoding="utf-8")
    return found


@pytest.fixture(scope="module")
def folder(file: Path) -> Path:
    """A finished study, its runs computed one after the other."""
    result = simgrid("run", file, "-j", "1", "-o", file.parent / "one")
    return Path(result.stdout.splitlines()[-1])


def reported(folder: Path) -> dict[tuple[str, str, int], float]:
    rows = csv.DictReader((folder / "replications.csv").open(encoding="utf-8"))
    return {
        (row["policy"], row["dispatch.every"], int(row["replication"])): float(row["value"])
        for row in rows
        if row["metric"] == "reported" and row["group"] == "all"
    }


def test_draws_are_those_by_hand_for_all_cells_and_policies(file: Path) -> None:
    cells = load(file, (), installed()).cells
    assert {len({cell.of(replication).draws for cell in cells}) for replication in range(3)} == {1}
    for replication in range(3):
        count, cv, rate = by_hand(replication)
        for cell in cells:
            world = cell.of(replication)
            assert world.draws == pytest.approx((count, cv, rate), rel=1e-9)
            assert world.units[0].access.up_bps == pytest.approx(1e6 * rate)
            assert world.demand.arrivals.count == count
            assert len(setting_of(cell, replication).inspections) == count


def test_the_runs_are_of_the_drawn_cells_and_the_table_tells_the_draws(folder: Path) -> None:
    found = reported(folder)
    assert len(found) == 12
    assert {one: by_hand(one[2])[0] for one in found} == found
    for row in csv.DictReader((folder / "replications.csv").open(encoding="utf-8")):
        drawn = [float(row[place]) for place in PLACES]
        assert drawn == pytest.approx(by_hand(int(row["replication"])), rel=1e-9)


def test_two_workers_and_a_resumed_study_give_the_same_bytes(file: Path, folder: Path) -> None:
    parallel = Path(simgrid("run", file, "-j", "2", "-o", file.parent / "two").stdout.splitlines()[-1])
    removed = sorted((parallel / "runs").iterdir())[::3]
    contents = {path: path.read_bytes() for path in sorted((folder / "runs").iterdir())}
    for path in removed:
        path.unlink()
    simgrid("run", file, "-j", "1", "-o", file.parent / "two")
    assert {path.name: path.read_bytes() for path in (parallel / "runs").iterdir()} == {
        path.name: content for path, content in contents.items()
    }
    for name in ("replications.csv", "summary.csv", "comparisons.csv", "study.json", "datapackage.json"):
        assert (parallel / name).read_bytes() == (folder / name).read_bytes(), name


def test_more_replications_keep_what_is_stored(file: Path, folder: Path) -> None:
    result = simgrid("run", file, "-r", "4", "--dry-run", "-o", folder.parent)
    assert "16 runs, 12 of them stored" in result.stdout
    assert "demand.count: drawn in each world, from 8 to 40" in result.stdout


def test_the_door_is_passed_by_whatever_simulates(file: Path) -> None:
    cell = load(file, (), installed()).cells[0]
    policy = cell.policies[0]
    for replication in range(2):
        world = cell.of(replication)
        journal = run_journal(cell, policy, replication)
        assert journal.fingerprint == run_journal(world, policy, replication).fingerprint
        assert len(journal.inspections) == by_hand(replication)[0]
        once = {(one.group, one.metric): one.value for one in run_once(cell, policy, replication)}
        whole = {(one.group, one.metric): one.value for one in evaluate_all(world, journal)}
        assert once == {key: whole[key] for key in once}


def test_a_cell_is_cut_short_after_its_draws(file: Path) -> None:
    short = cut_short(load(file, (), installed()).cells[0])
    assert [short.of(replication).demand.arrivals.count for replication in range(3)] == [
        min(12, by_hand(replication)[0]) for replication in range(3)
    ]


def test_export_and_the_journal_are_of_the_drawn_cell(folder: Path, tmp_path: Path) -> None:
    at = ("--at", "dispatch.every=15 min", "--policy", "manual", "--replication", "2")
    simgrid("export", folder, "--format", "csv", *at, "-o", tmp_path / "log.csv")
    rows = list(csv.DictReader((tmp_path / "log.csv").open(encoding="utf-8")))
    assert len(rows) == by_hand(2)[0]
    journal = package.results(folder).journal("manual", 2, **{"dispatch.every": "15 min"})
    assert len(journal["inspections"]) == by_hand(2)[0]


def test_the_first_difference_is_sought_between_drawn_cells(folder: Path) -> None:
    names = [run_name(f"{folder}:manual:{number}:dispatch.every=5 min") for number in (0, 1)]
    found = first_difference(*names, load_stored)
    counts = [len(side.journal.inspections) for side in (found.a, found.b)]
    assert counts == [by_hand(0)[0], by_hand(1)[0]]


def test_a_selection_finds_the_runs_of_the_study(file: Path, tmp_path: Path) -> None:
    over = ("--set", "sweep=null", "-o", tmp_path)
    first = simgrid("run", file, "-r", "12", "-j", "1", *over)
    place = Path(first.stdout.splitlines()[-1])
    before = sorted(path.name for path in (place / "runs").iterdir())
    done = simgrid("select", file, "--metric", "tat_mean_min", "--indifference", "1 h", "-j", "1", *over)
    assert "drawn anew in each world: demand.count, " in " ".join(done.stdout.split())
    assert Path(done.stdout.splitlines()[-1]) == place
    after = {path.name for path in (place / "runs").iterdir()}
    assert {*before} <= after
    stored = json.loads((place / "selection-tat_mean_min.json").read_text(encoding="utf-8"))
    assert stored["standings"]
    assert len(after) == 2 * max(12, *(one["replications"] for one in stored["standings"]))


def test_pilots_of_a_warm_up_are_of_the_drawn_cells(file: Path) -> None:
    cell = load(file, ["sweep=null", "policies=[random]"], installed()).cells[0]
    (found,) = pilot(cell, ("turnaround",), replications=2)
    for replication in range(2):
        (alone,) = pilot(cell.of(replication), ("turnaround",), replications=replication + 1)
        np.testing.assert_array_equal(found.values[replication], alone.values[replication])
    as_written = load(file, ["sweep=null", "policies=[random]", "uncertain=null"]).cells[0]
    (plain,) = pilot(as_written, ("turnaround",), 1)
    assert not np.array_equal(plain.values[0], found.values[0], equal_nan=True)


def test_a_cluster_is_sent_the_drawn_cells_which_need_no_scenario_language(file: Path) -> None:
    asked = campaign(load(file, (), installed()).cells)
    sent = on_dask._Travelling(asked.cells)
    for task in asked.tasks():
        cell = sent.of(task)
        assert (cell.realise, cell.demand.arrivals.count) == (None, by_hand(task.replication)[0])
        assert dict(cell.swept) == dict(asked.cells[task.cell].swept)
        assert (
            RunKeys(cell_digest(cell), task.policy, dict(asked.sources)[task.policy.name]).of(
                task.replication
            )
            == task.key
        )


def test_an_estimate_says_by_which_values_it_goes(file: Path) -> None:
    notes = " ".join(expectation(load(file, (), installed()).cells[0]).notes)
    assert "those that the scenario has: demand.count, reading_time.any.lognormal.cv" in notes


def test_views_keep_the_draws_where_all_compared_share_them(folder: Path) -> None:
    study = read_study(folder)
    assert [one.place for one in study.design.drawn] == list(PLACES)
    turned = across(study, "dispatch.every")
    assert [one.values for one in turned.design.drawn] == [one.values for one in study.design.drawn]


def test_replications_until_precise_go_by_the_drawn_worlds(file: Path, tmp_path: Path) -> None:
    """The rule looks at the runs that a plain study of as many replications has."""
    over = ("--set", "sweep=null", "--set", "policies=[random]", "--set", "primary=[tat_mean_min]")
    precise = simgrid("run", file, "--precision", "60%", "-r", "40", "-j", "1", *over, "-o", tmp_path / "a")
    first = Path(precise.stdout.splitlines()[-1])
    design = read_study(first).design
    assert design.stopping is not None
    assert design.stopping.last.replications == design.replications >= 30
    assert [len(one.values[0]) for one in design.drawn] == [design.replications] * 3
    plain = simgrid("run", file, "-r", str(design.replications), "-j", "1", *over, "-o", tmp_path / "b")
    second = Path(plain.stdout.splitlines()[-1])
    assert (first / "replications.csv").read_bytes() == (second / "replications.csv").read_bytes()
