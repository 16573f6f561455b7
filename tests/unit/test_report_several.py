"""Several plans and stress tests in one report: what is told, what is not, and what they have otherwise."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from simgrid.cli.main import cli
from simgrid.presentation.board.given import read_given
from simgrid.presentation.board.making import report
from simgrid.presentation.board.unvaried import rosters
from simgrid.scenario.files import read_resolved
from tests import planned
from tests.unit.test_report_plain import rows_of

NIGHT = """\
  night: {count: 1, unit: desk, reads: [CT], hours: "daily 00:00-06:00", ratings: {CT: 4, brain: 4}}
  spare: {count: 0, unit: desk, reads: [CT], hours: "daily 00:00-06:00", ratings: {CT: 4, brain: 4}}
  other: {count: 0, unit: desk, reads: [CT], hours: "daily 00:00-06:00", ratings: {CT: 4, brain: 4}}
demand:
"""
FEWER = ("share: 90 %", "share: 80 %"), ("runs: 60", "runs: 30")


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two plans, of which the first has rosters that it does not vary; a stress test with another line."""
    place = tmp_path_factory.mktemp("several")
    file = planned.written(place, ("demand:\n", NIGHT), *FEWER)
    file.rename(place / "first.yaml")
    planned.written(place, *FEWER).rename(place / "second.yaml")
    (place / "chosen.yaml").write_text(
        "extends: first.yaml\nradiologists: {reader: {count: 1}}\nseed: 5\n"
        "units: {desk: {link: {bandwidth: 3 Mbit/s}}}\ntargets: {quick: {share: 85 %}}\n"
    )
    for command in (["plan", "first.yaml"], ["plan", "second.yaml"], ["stress", "chosen.yaml", "-r", "4"]):
        arguments = [
            command[0],
            str(place / command[1]),
            *command[2:],
            "-j",
            "1",
            "-o",
            str(place / "results"),
        ]
        done = CliRunner().invoke(cli, arguments)
        assert done.exit_code == 0, done.output
    return {name: next((place / "results").glob(f"{name}-*")) for name in ("first", "second", "chosen")}


def plain(text: str) -> str:
    """The page's text without markup."""
    bare = re.sub(r"<(script|style).*?</\\1>", " ", text, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", bare)).split())


def test_rosters_and_lines_that_are_not_varied_stand_in_the_plan(results: dict[str, Path]) -> None:
    said = rows_of(report(read_given([results["first"]])), "plan-table")
    rows = [row for row in said if len(row) > 1]  # without "and 3 more rows, in the file"
    kept = {row[0]: row[1:] for row in rows if "(not varied)" in row[1]}
    assert kept["the night roster"] == [
        "1 radiologist, daily 00:00-06:00 (not varied)", "1 radiologist, daily 00:00-06:00",
    ]  # fmt: skip
    assert kept["the rosters spare, other"][0] == "0 radiologists, daily 00:00-06:00, each (not varied)"
    assert kept["hours on the reader roster"][1] == "always"
    assert kept["workstations, desk"][1] == "3"
    assert kept["bandwidth, data centre"][1] == "1 Gbit/s"
    assert kept["who deals out the work"][1] == "shortest-queue"
    assert not {"bandwidth, desk", "radiologists on the reader roster"} & set(kept)
    assert [row[0] for row in rows].index("the night roster") < [row[0] for row in rows].index("cost")


def test_rosters_of_which_all_counts_vary_have_their_hours_in_one_line(results: dict[str, Path]) -> None:
    tree = read_resolved(results["first"] / "scenario-resolved.yaml").tree
    rows = list(rosters(tree, {"radiologists.*.count": "2", "policy": "rwoa"}))
    assert rows == [
        ("hours on the reader roster", "always"),
        ("hours on the rosters night, spare, other", "daily 00:00-06:00"),
    ]
    assert not list(rosters(tree, {"radiologists.*.count": "2", "radiologists.*.hours": "always"}))


def test_of_several_plans_the_page_says_which_it_tells_and_what_the_others_say(
    results: dict[str, Path],
) -> None:
    text = report(read_given([results["first"], results["second"]]))
    assert f"2 plans were given, and this page tells that of {results['first'].name}." in plain(text)
    answer = json.loads((results["second"] / "plan.json").read_text())["answer"]
    (row,) = rows_of(text, "further-plans")
    assert row[0].endswith(results["second"].name)
    assert row[1:] == [answer, "✓ met"]
    assert "plans were given" not in plain(report(read_given([results["first"]])))


def test_a_stress_test_of_other_values_than_the_plan_says_which(results: dict[str, Path]) -> None:
    text = plain(report(read_given([results["first"], results["chosen"]])))
    assert (
        "Other than in the plan that is named above: seed: 1 in the plan, 5 here; bandwidth, desk: 4 Mbit/s "
        "in the plan, 3 Mbit/s here; targets quick share: 80 % in the plan, 85 % here." in text
    )


def test_every_figure_of_such_a_page_is_made_again(results: dict[str, Path], tmp_path: Path) -> None:
    """Of what each folder keeps: the further plan's answer and the values that differ, too."""
    page = tmp_path / "report.html"
    page.write_text(report(read_given([results[name] for name in ("first", "second", "chosen")])))
    done = CliRunner().invoke(cli, ["verify", str(page)])
    assert done.exit_code == 0, done.output
    assert "made again, all as shown" in done.output
    page.write_text(page.read_text().replace("3 Mbit/s here", "5 Mbit/s here"))
    assert CliRunner().invoke(cli, ["verify", str(page)]).exit_code != 0


def test_lines_of_more_load_say_what_chance_means_there(results: dict[str, Path]) -> None:
    plan = json.loads((results["first"] / "plan.json").read_text())
    text = plain(report(read_given([results["first"], results["chosen"]])))
    n = plan["load"][0]["n"]
    assert f"Each line rests on {n} replications and is judged for itself" in text
    assert "is called met in up to 5 % of such tests" in text
    assert "Each line rests on 4 replications" in text
