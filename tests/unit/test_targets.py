"""Targets in runs: what is measured, how it is judged and said, and which plans theory excludes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from simgrid.cli.main import cli
from simgrid.domain.scenario import PolicyChoice, Scenario
from simgrid.domain.targets import Target
from simgrid.experiments.assemble import run_journal, run_once
from simgrid.planning.screening import Theory
from simgrid.presentation.target_words import bound, found, says, share
from simgrid.scenario import load
from tests.planned import written

SHARE = Target("t", "all", "response_time_success", 0.95, "higher")
TIME = Target("t", "all", "tat_p95_min", 120.0, "lower", "metric")
OFTEN = Target("t", "all", "response_time_success", 0.95, "higher", "share", 3600.0, (19, 20))
PEOPLE = "count: 1\n"


def cell(folder: Path, *changes: tuple[str, str]) -> Scenario:
    return load(written(folder, *changes)).cells[0]


def test_a_target_counts_who_is_reported_in_time_and_who_never_is(tmp_path: Path) -> None:
    """Thirty studies within a minute for two radiologists, until the run gives up."""
    scenario = cell(
        tmp_path,
        (PEOPLE, "count: 30\n"),
        ("horizon: 1 h", "horizon: 1 min"),
        ("give_up_after: 1 d", "give_up_after: 2 h"),
        ("  quick:", "  soon: {of: urgency=urgent, within: 1 h, share: 5 %}\n  quick:"),
        ("  quick:", "  own: {of: all, within: required, share: 5 %}\n  quick:"),
        ("  quick:", "  tail: {metric: tat_p95_min, at_most: 1 h, of: urgency=urgent}\n  quick:"),
    )
    policy = PolicyChoice("shortest-queue")
    journal = run_journal(scenario, policy, 0)
    rows = journal.inspections
    took = rows.reported_s - rows.requested_s
    assert np.isnan(took).any()
    assert (~np.isnan(took)).any()
    measured = {one.metric: one for one in run_once(scenario, policy, 0)}
    assert measured["target.quick"].value == np.mean(took <= 14.5 * 60)
    assert measured["target.soon"].value == np.mean(took[rows.urgent] <= 3600)
    assert measured["target.own"].value == np.mean(took <= rows.required_s)
    late = took[rows.urgent & ~np.isnan(took)] / 60
    assert measured["target.tail"].value == pytest.approx(np.percentile(late, 95))
    assert {one.group for name, one in measured.items() if name.startswith("target.")} == {"all"}


def test_where_nothing_is_reported_a_time_is_the_length_of_the_run(tmp_path: Path) -> None:
    scenario = cell(
        tmp_path,
        ("give_up_after: 1 d", "give_up_after: 5 min"),
        ("horizon: 1 h", "horizon: 1 min"),
        ("quick: {of: all, within: 14.5 min, share: 90 %}", "quick: {metric: tat_p95_min, at_most: 1 h}"),
    )
    measured = {one.metric: one.value for one in run_once(scenario, PolicyChoice("shortest-queue"), 0)}
    assert "tat_p95_min" not in measured
    assert measured["target.quick"] == pytest.approx(6)


def run(file: Path, folder: Path, *options: str) -> Result:
    return CliRunner().invoke(cli, ["run", str(file), "-j", "1", "-o", str(folder), *options])


def test_run_judges_by_the_bound_and_ends_with_1_where_a_target_is_missed(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    open_ = run(written(tmp_path / "a"), tmp_path / "out")
    assert open_.exit_code == 0
    assert re.search(
        r"cannot be told$", open_.stdout, re.MULTILINE
    )  # five of five are no proof of nine in ten
    assert "100 %" not in open_.stdout
    (tmp_path / "b").mkdir()
    slow = written(tmp_path / "b", ("{bandwidth: 8 Mbit/s}, storage", "{bandwidth: 1 Mbit/s}, storage"))
    missed = run(slow, tmp_path / "out", "--json")
    assert missed.exit_code == 1
    (line,) = [one for one in map(json.loads, missed.stdout.splitlines()) if one.get("table") == "targets"]
    assert (line["target"], line["verdict"], line["mean"], line["n"]) == ("quick", "missed", 0.0, 5)
    assert line["low"] == line["bound"] == 0.0
    assert line["high"] < 0.9
    (folder,) = [Path(json.loads(missed.stdout.splitlines()[-1])["folder"])]
    assert f",all,target.quick,1,0,0,{line['high']:.10g},5" in (folder / "summary.csv").read_text()
    assert "target.quick" not in (folder / "comparisons.csv").read_text()
    compared = CliRunner().invoke(cli, ["compare", str(folder)])
    assert "missed" in compared.stdout


@given(value=st.floats(0.0, 1.0), side=st.sampled_from((-1, 0, 1)))
@settings(deadline=None, max_examples=200)
def test_no_share_is_said_to_be_all_and_none_is_rounded_to_its_better_side(value: float, side: int) -> None:
    said = share(value, side=side)
    assert said != "100 %"
    if 0.001 <= value <= 0.999:
        number = float(said.removesuffix(" %")) / 100
        assert number == pytest.approx(value, abs=0.0011)
        assert (number - value) * side >= -1e-8


def test_targets_and_bounds_are_said_in_words() -> None:
    asked = "95 % of all inspections reported within the time allowed"
    assert says(SHARE) == f"{asked}, in the long run"
    assert says(OFTEN).endswith("within 60 min, in at least 19 of 20 periods as long as the horizon")
    assert says(TIME) == "turnaround, 95th percentile of all inspections at most 120 min, in the long run"
    assert bound(0.94999, SHARE) == "94.9 %"
    assert bound(119.2, TIME) == "120 min"
    assert found(0.94999, SHARE) == "95 %"
    assert found(0.9, OFTEN) == "90 % of periods"
    assert bound(float("nan"), SHARE) == "-"


def theory(scenario: Scenario) -> Theory:
    return Theory(scenario.targets, 0.01)


def test_nobody_on_duty_in_time_excludes_by_the_calendar(tmp_path: Path) -> None:
    """Requests come evenly over 24 hours, somebody is there for six of them, and 14.5 minutes before."""
    changes = (
        ("horizon: 1 h", "horizon: 1 d"),
        ("hours: always", 'hours: "daily 12:00-18:00"'),
        ("count: 1\n", "count: 1000\n"),
    )
    scenario = cell(tmp_path, *changes)
    ((number, within_reach),) = theory(scenario).reachable(scenario)
    assert number == 0
    assert within_reach == pytest.approx(7 / 24)  # whole hours, on the safe side of 6.24
    excluded = theory(scenario).excluded(scenario)
    assert excluded is not None
    assert excluded.why == "calendar"


def test_more_reading_than_the_hours_hold_excludes_by_capacity(tmp_path: Path) -> None:
    """1,000 readings of ten minutes in a day against two radiologists, who can do 288."""
    many = cell(tmp_path, ("horizon: 1 h", "horizon: 1 d"), ("count: 1\n", "count: 1000\n"))
    excluded = theory(many).excluded(many)
    assert excluded is not None
    assert excluded.why == "capacity"
    assert 0.28 < excluded.share < 0.40
    few = cell(tmp_path, ("horizon: 1 h", "horizon: 1 d"), ("count: 1\n", "count: 280\n"))
    assert theory(few).excluded(few) is None


def test_of_what_is_uncertain_the_lightest_world_decides(tmp_path: Path) -> None:
    """288 readings of ten minutes fit into a day of two radiologists; how long they take is drawn."""
    many = (("horizon: 1 h", "horizon: 1 d"), ("count: 1\n", "count: 600\n"))

    def drawn(low: int, place: str = "reading_time.CT.constant", unit: str = " min") -> Scenario:
        interval = f"{{uniform: {{low: {low}{unit}, high: {low + 10}{unit}}}}}"
        return cell(tmp_path, *many, ("spread:", f"uncertain: {{{place}: {interval}}}\nspread:"))

    heavy, light = drawn(9), drawn(2)
    assert theory(heavy).excluded(heavy) is not None
    assert theory(light).excluded(light) is None
    other = drawn(20, "units.desk.storage", " GB")
    assert theory(other).excluded(other) is None  # of storage nobody knows which way is lighter


@given(count=st.integers(1, 40), hour=st.integers(8, 14), length=st.integers(1, 4), people=st.integers(1, 3))
@settings(deadline=None, max_examples=12)
def test_no_run_does_better_than_theory_says_is_possible(
    count: int, hour: int, length: int, people: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    scenario = cell(
        tmp_path_factory.mktemp("theory"),
        ("horizon: 1 h", "horizon: 8 h"),
        (PEOPLE, f"count: {20 * count}\n"),
        ("hours: always", f'hours: "daily {hour:02d}:00-{hour + length:02d}:00"'),
        ("reader: {count: 2", f"reader: {{count: {people}"),
    )
    excluded = theory(scenario).excluded(scenario)
    if excluded is not None:
        measured = {one.metric: one.value for one in run_once(scenario, PolicyChoice("shortest-queue"), 0)}
        assert measured["target.quick"] < 0.9
