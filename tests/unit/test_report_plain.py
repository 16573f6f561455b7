"""What a report rests on, in plain words: every value with its unit and where it is from."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import pytest

from simgrid.domain.targets import Target
from simgrid.presentation.board import saying
from simgrid.presentation.board.frontier import RIGHT, WIDTH, Frontier, Point, frontier_section, undominated
from simgrid.presentation.board.judging import Aim, Figure
from simgrid.presentation.board.making import report
from simgrid.presentation.board.paper import on_paper
from simgrid.presentation.board.plain import grouped, summary, values_at, words
from simgrid.presentation.board.planned import plan_sections
from simgrid.presentation.html.elements import Html, element, table
from simgrid.scenario import load
from simgrid.scenario.defaults import unwritten
from simgrid.scenario.files import shipped_folder
from simgrid.scenario.marks import Located
from tests.reports import TAIL, URGENT, given

LOADED = load("tiny/one-unit")
STUDY_UNIT = shipped_folder() / "planning" / "study-unit.yaml"
AIM = Aim("urgent", "95 % in time", -1, True, "", "higher", URGENT)


def rows_of(text: str, identifier: str) -> list[list[str]]:
    """The cells of a table's body, without markup."""
    (found,) = re.findall(rf'<caption id="{identifier}">.*?<tbody[^>]*>(.*?)</tbody>', text, re.DOTALL)
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in found.split("</tr>") if row]
    return [[html.unescape(re.sub(r"<[^>]*>", " ", one)).strip() for one in row] for row in cells]


def test_every_line_of_the_ledger_has_words_values_and_units() -> None:
    text = report(given(loaded=LOADED))
    rows = {row[0]: row[1:] for row in rows_of(text, "ledger")}
    assert rows["requests demand"][0].startswith(
        "count 12; urgent 25 %; required urgent 60 min; required routine 4 h"
    )
    assert rows["how often work is given out dispatch"][:2] == [
        "every 15 min",
        "assumed: nobody has measured it here",
    ]
    assert rows["the hospitals sites"][0] == "link bandwidth 10 Mbit/s"
    defaults = {row[0]: row[1:] for row in rows_of(text, "defaults")}
    assert defaults["differences in speed spread.speed"] == ["0.2", "default of simgrid"]
    assert len(defaults) > 5
    told = LOADED.cells[0].sources
    assumed = sum(one.provenance == "assumed" for one in told)
    assert f"{assumed} of the {len(told)} sources told: nobody has measured these here" in text


def test_what_is_declared_without_a_source_says_so(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text("extends: tiny/one-unit\ngrid: {monitoring: {every: 5 min}}\n")
    text = report(given(loaded=load(file)))
    (row,) = [row for row in rows_of(text, "ledger") if "monitoring" in row[0]]
    assert row[1:3] == ["5 min", "declared, and no source is given"]


NIGHT = """
extends: planning/study-unit
radiologists:
  oncall: {unit: unit, reads: [CT], hours: "daily 20:00-24:00", ratings: {CT: 0.7, Brain: 0.7, Thorax: 0.7}}
costs: {radiologists.oncall: 120 EUR/h, units.unit.storage: 2 EUR/GB/month}
sources: {costs.radiologists.oncall: {stated: the night's contract}}
"""


def ledger_of(text: str, folder: Path, **parts: object) -> dict[str, list[str]]:
    """The ledger's rows by their places."""
    file = folder / "own.yaml"
    file.write_text(text.replace("extends: planning/study-unit", f"extends: {STUDY_UNIT.name}"))
    (folder / STUDY_UNIT.name).write_bytes(STUDY_UNIT.read_bytes())
    made = report(given(loaded=load(file), **parts))
    return {row[0].split()[-1]: [" ".join(one.split()) for one in row] for row in rows_of(made, "ledger")}


def test_prices_stand_in_the_ledger_whoever_speaks_of_them(tmp_path: Path) -> None:
    rows = ledger_of(NIGHT, tmp_path)
    assert rows["costs.radiologists.oncall"] == [
        "price: the oncall roster costs.radiologists.oncall", "120 EUR/h", "stated by a source",
        "the night's contract",
    ]  # fmt: skip
    assert rows["costs.units.unit.link.bandwidth"][1] == "3 EUR/Mbit/s/month"
    assert rows["costs.units.unit.storage"][1:3] == ["2 EUR/GB/month", "declared, and no source is given"]


def test_an_uncertain_value_stands_with_what_it_is_drawn_from(tmp_path: Path) -> None:
    rows = ledger_of(NIGHT, tmp_path)
    says = "uncertain: each replication draws it anew, 0.95 to 1.05, in which 95 % of the draws lie"
    assert rows["demand.scale"][1] == f"1 {says}"
    own = "uncertain: {reading_time.CT.lognormal.cv: {normal: {mean: 0.8, sd: 0.1}, within: [0.6, 1]}}\n"
    rows = ledger_of(NIGHT + own, tmp_path)
    says = "each replication draws it anew, normal, mean 0.8, sd 0.1; never below 0.6 or above 1"
    assert says in rows["reading_time.CT.lognormal.cv"][1]


def test_what_the_plan_changes_is_told_beside_what_is_written(tmp_path: Path) -> None:
    places = ("radiologists.evening.count", "radiologists.evening.hours", "units.unit.link.bandwidth")
    now = dict(zip(places, ("9", "Mon-Fri 17:00-20:00", "8 Mbit/s"), strict=True))
    plan = a_plan() | {"plan": now | {places[0]: "3"}, "now": {"plan": now}}
    rows = ledger_of(NIGHT, tmp_path, plan=plan)
    assert rows["radiologists.evening"][1].endswith(
        "radiologists on the evening roster: as written 9; the plan: 3"
    )
    assert rows["units.unit.link"][1] == "bandwidth 8 Mbit/s"
    elsewhere = plan | {"now": {"plan": now | {places[0]: "8"}}}
    assert "the plan:" not in str(ledger_of(NIGHT, tmp_path, plan=elsewhere))


def test_a_reason_is_not_told_of_a_value_that_came_after_it(tmp_path: Path) -> None:
    rows = ledger_of(NIGHT + "dispatch: {every: 5 min}\n", tmp_path)
    assert rows["dispatch"][1] == "in hours yes"
    assert rows["dispatch.every"][1:] == [
        "5 min", "changed, and no source is given", "was 15 min in study-unit.yaml",
    ]  # fmt: skip
    assert rows["radiologists.oncall.ratings"][2:] == [
        "declared, and no source is given", "not in study-unit.yaml",
    ]  # fmt: skip
    assert "oncall" not in rows["radiologists.*.ratings"][1]


def test_defaults_are_what_the_file_does_not_say() -> None:
    found = dict(unwritten(LOADED.tree))
    assert found["spread.speed"] == "0.2"
    assert found["network.sharing"] == "shared"
    assert "horizon" not in found
    assert "dispatch.every" not in found
    assert not any(place.startswith(("targets", "plan", "groups", "seed")) for place in found)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (["8 Mbit/s"], "8 Mbit/s"),
        (["CT", "DX"], "CT, DX"),
        (["5 min", "5 min", "1 h"], "5 min, 1 h (3 values)"),
        (["90 min", "1 h", "2 h", "5 min", "3 h"], "5 min to 3 h (5 values)"),
        (["a", "b", "c", "d", "e"], "a, b, c, d and 1 more"),
    ],
)
def test_many_values_are_told_in_short(values: list[str], said: str) -> None:
    assert summary(values) == said


def test_places_that_differ_only_in_whose_they_are_stand_together() -> None:
    places = ["radiologists.ada.ratings.CT", "radiologists.ben.ratings.CT"]
    assert dict(grouped(LOADED.tree, places)) == {"radiologists.*.ratings.CT": "0.9, 0.6"}
    assert values_at(LOADED.tree, "units.desk.link") == "bandwidth 20 Mbit/s"
    assert words("units.desk.link.bandwidth") == "bandwidth, desk"
    assert saying.place("radiologists.evening.count") == "radiologists on the evening roster"
    assert saying.place("radiologists.evening") == "the evening roster"


def a_plan() -> dict[str, object]:
    open_ = {"name": "urgent", "mean": 0.951, "low": 0.941, "high": 0.96, "verdict": "cannot be told apart"}
    parts, rival = {"radiologists.day": 100.0}, {"says": "cheaper"}
    met = {**open_, "verdict": "met"}
    return {
        "status": "found", "answer": "It.", "plan": {"units.main.link.bandwidth": "4 Mbit/s"},
        "cost": {"total": 120.0, "unit": "EUR/month", "parts": parts | {"bandwidth": 20.0}},
        "now": {"plan": {"units.main.link.bandwidth": "9 Mbit/s"},
                "cost": {"total": 145.0, "unit": "EUR/month", "parts": parts | {"bandwidth": 45.0}}},
        "rivals": [
            {"plan": {"units.main.link.bandwidth": "3 Mbit/s"}, "cost": 115.0, "stage": "test", "n": 60,
             "targets": [open_, {**met, "name": "tail"}], **rival},
            {"plan": {"units.main.link.bandwidth": "2 Mbit/s"}, "cost": 110.0, "stage": "search", "n": 40,
             "targets": [met], **rival},
        ],
    }  # fmt: skip


def test_the_parts_of_the_cost_stand_beside_those_of_today() -> None:
    text = "".join(part.source for part in plan_sections(a_plan(), ()))
    rows = {row[0]: row[1:] for row in rows_of(text, "plan-table")}
    assert rows["cost"] == ["120 EUR/month", "145 EUR/month"]
    assert rows["of it bandwidth"] == ["20 EUR/month", "45 EUR/month"]
    assert rows["of it the day roster"] == ["100 EUR/month", "100 EUR/month"]


def test_where_no_plan_meets_the_nearest_is_told_with_the_bound_that_shows_the_miss() -> None:
    missed = {"name": "urgent", "mean": 0.446, "low": 0.411, "verdict": "missed"}
    tried = {"plan": {"a": "1"}, "stage": "test", "n": 60, "targets": [{**missed, "high": 0.484}]}
    none = {"plan": None, "status": "none meets", "targets": [missed], "tried": [tried],
            "in_the_way": [{"target": "urgent", "plan": {"a": "1"}, "says": "x"}]}  # fmt: skip
    text = "".join(part.source for part in plan_sections(none, (AIM,)))
    assert ">The plan that comes nearest</h2>" in text
    assert rows_of(text, "plan-targets")[0][2:] == ["44.6 % (41.1 to 48.4 %)", "✗ missed"]


def test_a_rival_shows_the_target_in_doubt_with_its_bounds() -> None:
    text = "".join(part.source for part in plan_sections(a_plan(), (AIM,)))
    first, second = rows_of(text, "rivals")
    assert first[1] == "115 EUR/month"
    assert re.sub(r"\s+", " ", first[2]) == "urgent: 95.1 % (94.1 to 96.0 %) by 60 replications of the test"
    assert "tail" not in first[2]
    assert "each looks met by 40 replications of the search, whose runs decide nothing" in second[2]


def test_the_frontier_of_bounds_is_another_than_that_of_means() -> None:
    def point(cost: float, mean: float, low: float) -> Point:
        return Point(f"plan {cost}", cost, Figure(mean, low, mean + 0.01, 50, ""), False, "50")

    cheap, sure, dear = point(1.0, 0.97, 0.90), point(2.0, 0.96, 0.955), point(3.0, 0.98, 0.95)
    assert undominated(AIM, [dear, sure, cheap]) == [cheap, dear]
    assert undominated(AIM, [dear, sure, cheap], by_bound=True) == [cheap, sure]
    late = Aim("tail", "at most 120 min", -1, False, "min", "lower", TAIL)
    charts = [Frontier(aim, (cheap, sure, dear), "bounds") for aim in (AIM, late)]
    (drawn,) = frontier_section(charts, "EUR/month")
    promised = re.findall(r'<rect[^>]*class="full"', drawn.source)
    assert len(promised) == 2 * 2  # of each aim the cheap one and the sure one
    assert rows_of(drawn.source, "frontier-table-0")[1][3] == "at least 95.5\N{NO-BREAK SPACE}%"
    assert [html.unescape(one) for one in re.findall(r"<option[^>]*>(.*?)</option>", drawn.source)] == [
        "urgent",
        "tail",
    ]


@pytest.mark.parametrize(("n", "steps"), [((5, 15, 50), 0), ((60, 15, 60), 2), ((60, 60, 60), 3)])
def test_plans_with_few_runs_are_no_step_of_what_money_buys(n: tuple[int, ...], steps: int) -> None:
    """95 % cannot be shown by fewer than 59 runs: the best of many short looks is luck."""
    points = tuple(
        Point(f"plan {k}", 100.0 * k, Figure(0.9 + k / 100, 0.5, 1.0, many, ""), False, str(many))
        for k, many in enumerate(n)
    )
    (drawn,) = frontier_section([Frontier(AIM, points, "one-sided 95 % bounds")], "EUR/month")
    assert (drawn.source.count('class="band"'), drawn.source.count('class="line"')) == (steps > 0, steps > 0)
    assert len(re.findall(r'<circle[^>]*class="full"', drawn.source)) == steps
    said = html.unescape(drawn.source)
    if not steps:
        assert (
            "They stand on 5 to 50 replications each: too few to say what more money buys, which takes 59"
            in said
        )
        assert "grey band" not in said
    else:
        few = "They stand on 15 to 60 replications each; small ones on fewer than 59, too few for the steps."
        assert (few if steps < 3 else "Each stands on 60 replications.") in said


def test_the_label_of_what_is_asked_ends_within_the_drawing() -> None:
    points = tuple(Point(f"{k}", 1.0 + k, Figure(100.0, 90.0, 110.0, 90, ""), False, "90") for k in range(2))
    late = Aim("tail", "at most 120 min", -1, False, "min", "lower", TAIL)
    (drawn,) = frontier_section([Frontier(late, points, "bounds")], "EUR/month")
    (asked,) = re.findall(r"<text([^>]*)>asked: 120 min</text>", html.unescape(drawn.source))
    assert 'text-anchor="end"' in asked
    assert float(re.findall(r' x="([\d.]+)"', asked)[0]) <= RIGHT < WIDTH


def section(identifier: str, rows: int) -> Html:
    """A part with a table of so many rows, as ``sections.section`` makes it."""
    drawn = table("T", ("a", "b"), [(f"row {k}", "value " * 20) for k in range(rows)], f"{identifier}-table")
    return element("section", element("h2", f"About {identifier}"), drawn, id=identifier, class_="part")


def test_a_report_that_fits_is_printed_whole() -> None:
    parts = [section("plan", 6), section("stress", 10)]
    assert on_paper(parts, {"a": "b"}, "Title") == parts


def test_too_much_for_two_pages_loses_rows_first_and_then_the_least_important_parts() -> None:
    cut = on_paper([section("plan", 6), section("stress", 200)], {"a": "b"}, "Title")
    assert cut[1].source.count('<tr class="screen">') == 200 - 14
    assert '<tr class="onpaper"><td colspan="2">and 186 more rows, in the file</td></tr>' in cut[1].source
    assert "onpaper" not in cut[0].source  # what is whole says nothing
    assert "On paper, long tables end early, and say so. All of it is in the file." in cut[-1].source
    just = on_paper([section("plan", 15), section("stress", 200)], {"a": "b"}, "Title")
    assert "screen" not in just[0].source  # a line that says that one is missing is as tall as that one
    names = ("plan", "frontier", "stress", "waits", "ledger-part", "policies", "sturdy", "tornado")
    picture = '<svg width="860" height="420"></svg></section>'
    tall = [Html(section(name, 4).source.replace("</section>", picture)) for name in names]
    made = on_paper(tall, {"a": "b"}, "Title")
    off = [name for name, one in zip(names, made, strict=False) if 'class="part screen"' in one.source]
    assert "policies" in off
    assert "plan" not in off
    assert "stress" not in off
    assert all(f"“About {name}”" in made[-1].source for name in off)


def test_the_json_of_a_plan_has_what_its_rivals_are_in_doubt_of(tmp_path: Path) -> None:
    """By the same names as the tables above read."""
    from click.testing import CliRunner

    from simgrid.cli.main import cli
    from tests import planned

    file = planned.written(tmp_path, ("share: 90 %", "share: 80 %"), ("runs: 60", "runs: 30"))
    done = CliRunner().invoke(cli, ["plan", str(file), "-j", "1", "-o", str(tmp_path / "results"), "--json"])
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout.splitlines()[0])
    for rival in found["rivals"]:
        assert {"stage", "n", "targets"} <= set(rival)
        assert {"name", "mean", "low", "high", "verdict"} <= set(rival["targets"][0])


def test_a_target_named_in_two_ways_is_one(tmp_path: Path) -> None:
    """A share of periods is told as a share, with the share of periods that is asked for."""
    from simgrid.presentation.board.aims import told_aim

    monthly = Target("m", "all", "tat_p95_min", 90.0, "lower", "metric", periods=(19, 20))
    aim = told_aim(monthly)
    assert (aim.share, aim.unit, aim.better, aim.bound) == (True, "", "higher", 0.95)


@pytest.mark.parametrize("folder", ["", "../../hers/", "/srv/data/", "C:\\logs\\"])
def test_a_file_is_told_by_its_name_wherever_it_lies(folder: str) -> None:
    assert told(f"{folder}log.csv") == "log.csv"


@pytest.mark.parametrize("text", ["8 Mbit/s", "Europe/Dublin", "1.5 EUR/Mbit/s/month", "0.25/h"])
def test_what_has_a_stroke_and_is_no_file_stays(text: str) -> None:
    assert told(text) == text


def told(value: str) -> str:
    mark = LOADED.tree.mark
    tree = Located({"demand": Located({"file": Located(value, mark)}, mark)}, mark)
    return values_at(tree, "demand.file")
