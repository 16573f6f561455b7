"""The log beside the model: what is compared, what it takes for a verdict, and what a log does not tell."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from simgrid.cli.main import cli
from simgrid.domain.scenario import LogSource, PolicyChoice, Scenario
from simgrid.presentation.logs import to_csv_log
from simgrid.reproduction.department.beside import FEWEST, LEVELS, beside
from simgrid.reproduction.department.figure import department_figure
from simgrid.reproduction.department.judging import FEWEST_REPLICATIONS, judged, places
from simgrid.reproduction.department.log_window import shown_by
from simgrid.reproduction.department.own_department import report
from simgrid.scenario import load
from simgrid.statistics.one_among import farness, one_among
from tests import foreign_logs
from tests.foreign_logs import department

SHORT = ("demand.count=150", "horizon=14 d")


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    """A department that replays its own month, as it truly was."""
    folder = tmp_path_factory.mktemp("own")
    foreign_logs.MONTHS["short"] = SHORT
    scenario, journal = department("short", folder)
    del foreign_logs.MONTHS["short"]
    to_csv_log(journal, scenario.start, folder / "own.csv")
    file = folder / "again.yaml"
    counted = foreign_logs.DEPARTMENT.replace("  count: 900\n  by_hour: office\n", "  log: {file: own.csv}\n")
    mix = next(line for line in counted.splitlines() if line.startswith("  mix:"))
    counted = counted.replace(f"{mix}\n", "").replace(", demand: {share: 50 %}", "")
    counted = counted.replace(", demand: {share: 30 %}", "").replace(", demand: {share: 20 %}", "")
    file.write_text(counted.replace("[manual]", "[manual, logged]"), encoding="utf-8")
    return load(file, ("horizon=14 d",)).cells[0]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(3, 12), st.integers(1, 5), st.booleans())
def test_alike_worlds_are_told_apart_as_seldom_as_promised(seed: int, n: int, q: int, ties: bool) -> None:
    """Exactly: whichever of n + 1 alike is called observed, at most a share a of them has p <= a."""
    together = np.random.default_rng(seed).normal(size=(n + 1, q))
    together = np.round(together) if ties else together
    p = np.array([one_among(together[one], np.delete(together, one, axis=0)) for one in range(n + 1)])
    for level in np.unique(p):
        assert np.mean(p <= level) <= level + 1e-12
    assert p.min() >= 1 / (n + 1)


def test_one_far_off_in_a_single_quantity_has_the_smallest_p() -> None:
    worlds = np.random.default_rng(1).normal(size=(39, 6))
    observed = worlds.mean(axis=0) + np.array([0, 0, 9.0, 0, 0, 0])
    assert one_among(observed, worlds) == pytest.approx(1 / 40)
    assert one_among(np.where(np.arange(6) == 2, np.inf, observed), worlds) == pytest.approx(1 / 40)
    assert one_among(worlds.mean(axis=0), worlds) == 1.0


def test_quantities_without_any_spread_tell_nothing() -> None:
    assert farness(np.array([2.0]), np.full((5, 1), 2.0)).tolist() == [0.0] * 6
    assert one_among(np.array([2.0]), np.full((5, 1), 2.0)) == 1.0


def test_a_department_is_known_by_its_own_model(own: Scenario) -> None:
    found = beside(own, FEWEST_REPLICATIONS)
    assert [one.word for one in judged(found)] == ["as in the log"] * 3 + ["possible"]
    assert found.turnaround.worlds.shape == (FEWEST_REPLICATIONS, len(LEVELS))
    assert found.unreported.tolist() == [0.0] * FEWEST_REPLICATIONS


def test_quantiles_and_hours_are_those_of_the_log(own: Scenario) -> None:
    found = beside(own, 1)
    assert own.demand.log is not None
    rows = [line.split(",") for line in Path(own.demand.log.file).read_text("utf-8").strip().splitlines()[1:]]
    at = [[np.datetime64(row[place][:-6]) for place in (2, -2, -1)] for row in rows]
    taken = sorted(float((to - since) / np.timedelta64(1, "us")) / 6e7 for since, _, to in at)
    middle = found.turnaround.log[LEVELS.index(0.5)]
    assert middle == pytest.approx(taken[len(taken) // 2 - 1], rel=1e-6)
    hours = sum(float((to - since) / np.timedelta64(1, "us")) / 3.6e9 for _, since, to in at)
    assert found.load.log.sum() == pytest.approx(hours, rel=1e-6)
    assert judged(found)[0].word == "run more replications"


def changed(scenario: Scenario, folder: Path, *blank: str) -> Scenario:
    """The same with cells of the log blanked."""
    assert scenario.demand.log is not None
    lines = Path(scenario.demand.log.file).read_text("utf-8").strip().splitlines()
    names = lines[0].split(",")
    rows = [
        ",".join("" if name in blank else cell for name, cell in zip(names, line.split(","), strict=True))
        for line in lines[1:]
    ]
    file = folder / "blank.csv"
    file.write_text("\n".join([lines[0], *rows]) + "\n", encoding="utf-8")
    source: LogSource = replace(scenario.demand.log, file=str(file))
    return replace(scenario, demand=replace(scenario.demand, log=source))


def test_what_the_log_lacks_is_said(own: Scenario, tmp_path: Path) -> None:
    found = beside(changed(own, tmp_path, "opened_at"), 2)
    words = {one.name: one.word for one in judged(found)}
    assert words == {
        "turnaround": "run more replications",
        "wait": "the log does not tell",
        "load": "the log does not tell",
        "transfer": "the log does not tell",
    }
    assert found.wait.rows == 0 < FEWEST
    assert found.wait.lacking == found.requests
    assert department_figure(found, judged(found), "One").get_axes()


def again(own: Scenario, *overrides: str) -> Scenario:
    """The same with other values."""
    assert own.demand.log is not None
    return load(Path(own.demand.log.file).with_name("again.yaml"), ("horizon=14 d", *overrides)).cells[0]


def test_a_model_that_reads_too_slowly_is_told(own: Scenario) -> None:
    found = beside(again(own, "radiologists.adler.speed=2.4"), FEWEST_REPLICATIONS)
    verdict = {one.name: one for one in judged(found)}["load"]
    assert verdict.word == "not as in the log"
    assert "farthest at adler" in verdict.sentence
    assert {one.label: one.word for one in places(found.load)}["adler"] == "log is below"


def test_links_that_cannot_have_carried_it_are_told(own: Scenario) -> None:
    verdict = judged(beside(again(own, "sites.valley.link.bandwidth=1 Mbit/s"), 1))[-1]
    assert verdict.word == "too slow"
    assert "the log has no times of transfer" in verdict.sentence


def test_without_logged_only_the_figures_are_made(own: Scenario) -> None:
    made = report(replace(own, policies=(PolicyChoice("manual"),)), 2)
    assert made.found is None
    assert made.remarks == ("nothing is held against the log: put 'logged' among the policies",)
    assert made.shown is not None
    one = made.shown
    assert one.rows == one.used + one.nobodys + one.strangers + one.without_kind
    assert one.rows == 150


def test_rows_of_strangers_and_nobody_are_counted(own: Scenario) -> None:
    fewer = shown_by(replace(own, radiologists=own.radiologists[1:]))
    whole = shown_by(own)
    assert fewer is not None
    assert whole is not None
    assert fewer.strangers == whole.practice.readings[0].sum() > 0
    assert fewer.used + fewer.strangers == whole.used == whole.rows


def test_a_scenario_without_a_log_and_a_sweep_are_told() -> None:
    done = CliRunner().invoke(cli, ["department", "paper/table-1-orderings", "-r", "2"])
    assert done.exit_code == 2
    assert "cells: take sweep out" in done.output
