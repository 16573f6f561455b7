"""``simgrid verify``: what a page shows is made again from its runs; whoever edits a figure is found."""

from __future__ import annotations

import json
import re
from html import escape
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from simgrid.cli.main import cli
from simgrid.experiments.sealed import is_as_written, sealed_block, sealed_page, seals_in
from simgrid.presentation.board import contents, making
from simgrid.presentation.board.contents import contents_in, stripped
from simgrid.presentation.board.page_items import differences, items

SCENARIO = """
extends: tiny/one-unit
title: A desk
policies: [shortest-queue]
horizon: 1 h
groups: [urgency, hour, link]
grid: {monitoring: {every: 10 min}}
replications: 6
demand: {count: 6}
targets: {quick: {of: all, within: 60 min, share: 30 %}}
costs: {radiologists: 85 EUR/h}
stress: {load_to: 1.1}
plan: {vary: {radiologists.ada.count: 1..2}, meet: targets, minimise: cost, runs: 20}
"""
SWEPT = "sweep: {sites.clinic.link.bandwidth: [2 Mbit/s, 10 Mbit/s]}\n"


def invoked(*arguments: str) -> Result:
    return CliRunner().invoke(cli, list(arguments))


def reported(place: Path, *commands: list[str], more: str = "") -> Path:
    file = place / "asked.yaml"
    file.write_text(SCENARIO + more, encoding="utf-8")
    folders = []
    for command in commands:
        done = invoked(*command, str(file), "-o", str(place / command[0]), "-j", "1")
        assert done.exit_code in (0, 1), done.output
        folders.append(done.stdout.splitlines()[-1])
    page = place / "report.html"
    assert invoked("report", *folders, "-o", str(page)).exit_code == 0
    return page


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> str:
    return reported(tmp_path_factory.mktemp("run"), ["run"], more=SWEPT).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> str:
    return reported(tmp_path_factory.mktemp("plan"), ["plan"]).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def stress(tmp_path_factory: pytest.TempPathFactory) -> str:
    place = tmp_path_factory.mktemp("stress")
    return reported(place, ["stress", "-r", "8"]).read_text(encoding="utf-8")


def verified(place: Path, text: str, *more: str) -> Result:
    page = place / "sent" / "report.html"
    page.parent.mkdir(exist_ok=True)
    page.write_text(text, encoding="utf-8")
    return invoked("verify", str(page), "-j", "1", "--runs", "1", *more)


def edited(text: str, was: str, now: str) -> str:
    """With a check sum of its own, as somebody makes it who knows how."""
    assert was in text
    forged = sealed_page(text.replace(was, now, 1))
    assert is_as_written(forged)
    return forged


def inside(pattern: str, text: str) -> str:
    (found,) = re.findall(pattern, text)[:1]
    return str(found)


@pytest.mark.parametrize("kind", ["run", "plan", "stress"])
def test_a_page_that_nobody_changed_comes_out_again(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    text = request.getfixturevalue(kind)
    assert len(text) < 1_000_000
    done = verified(tmp_path, text)
    assert done.exit_code == 0, done.output
    assert re.search(r"its figures: \d{3,} texts, numbers and marks made again, all as shown", done.stdout)
    assert "NOT" not in done.stdout
    found = contents_in(text)
    assert found is not None
    assert not found.without


@pytest.mark.parametrize("kind", ["run", "plan", "stress"])
def test_another_headline_is_found_though_the_check_sum_was_made_anew(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    text = request.getfixturevalue(kind)
    said = inside(r'<p class="answer"[^>]*>(.*?)</p>', text)
    done = verified(tmp_path, edited(text, f">{said}<", ">Yes: all is well, at least 99 %.<"))
    assert done.exit_code == 1
    assert "the headline: shown “Yes: all is well, at least 99 %.”, expected “" in done.stdout
    assert said[:12] in done.stdout.partition("expected")[2]


@pytest.mark.parametrize(
    ("kind", "table", "column"),
    [
        ("run", "Targets", "Measured (one-sided 95 % bounds)"),
        ("plan", "Targets", "Mean (one-sided bound) in replications the search had not seen"),
        ("stress", "More work: mean (one-sided 95 % bounds)", "quick"),
    ],
)
def test_another_cell_of_a_table_is_found_with_place_value_and_what_it_should_be(
    kind: str, table: str, column: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    text = request.getfixturevalue(kind)
    cell = next(
        one
        for one in items(text)
        if f"table '{table}'" in one.place and one.place.endswith(f"column '{column}'") and "%" in one.text
    )
    shown = escape(cell.text)
    start = text.index(f">{table}</caption>")
    assert f">{shown}" in text[start:]
    done = verified(tmp_path, sealed_page(text[:start] + text[start:].replace(f">{shown}", ">12.3 %", 1)))
    assert done.exit_code == 1, done.output
    assert f"{cell.place}: shown “12.3 %”, expected “{cell.text[:4]}" in done.stdout


def test_the_sliders_data_a_drawing_a_style_and_the_footer_are_compared(run: str, tmp_path: Path) -> None:
    row = inside(r'"rows":\[\[\[0\],\d,\["shortest-queue","quick","([^"]*)"', run)
    done = verified(tmp_path, edited(run, f'"quick","{row}"', '"quick","at least 99 % promised"'))
    assert done.exit_code == 1
    assert "the data 'runs', rows, 1, 3, 3: shown “\"at least 99 % promised\"”" in done.stdout
    for was, now in (
        (inside(r'<circle cx="([\d.]+)"', run), "200"),
        ("display: none", "display: block"),
        ("no medical device", "a medical device"),
    ):
        assert verified(tmp_path, edited(run, was, now)).exit_code == 1, was


def test_values_that_the_page_is_made_of_are_held_against_the_sealed_runs(run: str, tmp_path: Path) -> None:
    """Whoever changes a value and makes the page anew from it contradicts the run's seal, or the model."""
    found = contents_in(run)
    assert found is not None
    study = found.folders[0].study
    assert study is not None
    sealed = {column.metric for column in seals_in(run)[0].columns}
    value = next(
        value
        for column, value in study.of(0, 0, 0)
        if column.metric in sealed and isinstance(value, float) and len(repr(value)) > 8
    )
    done = verified(tmp_path, forged(run, repr(value), repr(value)[:-2] + "01"))
    assert done.exit_code == 1
    assert "in its seal" in done.stdout
    done = verified(tmp_path, forged(run, '"bound":0.3', '"bound":0.2'))
    assert done.exit_code == 1
    assert "targets of its study: shown" in done.stdout
    assert "in its scenario" in done.stdout


def test_a_plan_s_values_are_held_against_its_seal(plan: str, tmp_path: Path) -> None:
    done = verified(tmp_path, forged(plan, '"rows":[[1.0,', '"rows":[[0.5,'))
    assert done.exit_code == 1
    assert re.search(
        r"target.quick of replication \d of the plan: shown 0.5, expected 1.0 in its seal", done.stdout
    )


def forged(text: str, was: str, now: str) -> str:
    """The page with something else in what it is made of, and a check sum of its own."""
    import base64
    import zlib

    packed = inside(r'class="simgrid-contents">([^<]*)<', text)
    told = zlib.decompress(base64.b64decode(packed)).decode()
    assert was in told
    other = base64.b64encode(zlib.compress(told.replace(was, now, 1).encode())).decode()
    return sealed_page(text.replace(packed, other))


@pytest.mark.parametrize("kind", ["run", "plan", "stress"])
def test_a_page_that_lost_what_it_is_made_of_is_refused(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    done = verified(tmp_path, sealed_page(stripped(request.getfixturevalue(kind))), "--json")
    assert done.exit_code == 1
    facts = json.loads(done.stdout.splitlines()[1])
    assert facts["headline_proven"] is False
    assert "does not carry the values" in facts["not_compared"][0]


@pytest.mark.parametrize(("was", "now"), [('"schema":1', '"schema":7'), ('"arms"', '"legs"'), ("[[", "[")])
def test_damaged_contents_are_said_to_be_so(run: str, tmp_path: Path, was: str, now: str) -> None:
    done = verified(tmp_path, forged(run, was, now))
    assert done.exit_code == 2
    assert "what it is made of is" in done.stderr


def test_what_does_not_fit_is_left_out_and_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page is below 1 MB: the links go first, then the hours, then all inputs but the answer's."""
    reported(tmp_path, ["run"], more=SWEPT)
    (folder,) = (tmp_path / "run").iterdir()
    whole = invoked("report", str(folder), "-o", str(tmp_path / "whole.html"))
    assert whole.exit_code == 0
    largest = len((tmp_path / "whole.html").read_bytes())
    monkeypatch.setattr("simgrid.presentation.board.making.LARGEST_BYTES", largest - 20)
    monkeypatch.setattr(
        contents,
        "_ever_less",
        lambda: iter([(frozenset(), False), (frozenset({"cells", "hours", "links"}), True)]),
    )
    assert invoked("report", str(folder), "-o", str(tmp_path / "less.html")).exit_code == 0
    text = (tmp_path / "less.html").read_text(encoding="utf-8")
    done = verified(tmp_path, text)
    assert done.exit_code == 0, done.output
    assert "NOT compared: the table of hours; the map of links; all inputs but the answer's" in done.stdout
    said = inside(r'<p class="answer"[^>]*>(.*?)</p>', text)
    done = verified(tmp_path, edited(text, f">{said}<", ">Yes.<"))
    assert done.exit_code == 1
    assert "the headline: shown “Yes.”" in done.stdout


def test_items_of_a_page_have_places_that_a_reader_finds() -> None:
    head = "<thead><tr><th>What</th><th>EUR</th></tr></thead>"
    table = f"<table><caption>Costs</caption>{head}<tbody>{{}}</tbody></table>"
    one = items(
        "<h2>Money</h2>" + table.format("<tr><th>desk</th><td>5</td></tr><tr><th>line</th><td>7</td></tr>")
    )
    other = items(
        "<h2>Money</h2>" + table.format("<tr><th>desk</th><td>5</td></tr><tr><th>line</th><td>9</td></tr>")
    )
    (found,) = differences(one, other)
    assert found.place == "table 'Costs', row 'line', column 'EUR'"
    assert (found.shown, found.expected) == ("“7”", "“9”")
    (gone,) = differences(items("<h2>Money</h2>"), items("<h2>Money</h2><p>more</p>"))
    assert (gone.place, gone.shown, gone.expected) == ("text under 'Money'", "nothing", "“more”")


def test_a_study_of_which_a_sample_is_sealed_is_known_as_that_of_the_plan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page tells them as one deployment by keys of runs, which need not be among the sealed ones."""
    monkeypatch.setattr(making, "sealed_block", lambda folder: sealed_block(folder, 300))
    text = reported(tmp_path, ["plan"], ["run"]).read_text(encoding="utf-8")
    (of_study,) = (one for one in seals_in(text) if one.kind == "study")
    assert len(of_study.runs) < of_study.total
    assert "This is of the " in text
    done = verified(tmp_path, text)
    assert done.exit_code == 0, done.output
    assert "all as shown" in done.stdout
