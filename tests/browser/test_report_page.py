"""The report in a real browser: it asks for nothing, its console is empty, and everybody can use it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from simgrid.cli.main import cli
from simgrid.experiments.study import Column
from simgrid.presentation.board.making import report
from simgrid.presentation.html.page import LARGEST_BYTES
from tests.browser.report_pages import AXE_OPTIONS, BAD, four_inputs, pages, printed_pages, whole
from tests.reports import HOSTILE, URGENT, given, invented

__all__ = ["four_inputs", "pages", "whole"]
HOW_TO = (Path(__file__).parents[2] / "docs/how-to/report.md").read_text(encoding="utf-8")


def test_it_asks_for_nothing_but_itself_and_its_console_is_empty(
    four_inputs: Path, open_page: Callable[..., Any]
) -> None:
    opened = open_page(four_inputs)
    opened.page.locator("#input-0").press("ArrowRight")
    opened.page.locator("summary").first.click()
    assert opened.requests == [four_inputs.as_uri()]
    assert opened.console == []
    assert four_inputs.stat().st_size < LARGEST_BYTES


def test_a_slider_changes_the_headline_and_the_table_and_goes_back(
    four_inputs: Path, open_page: Callable[..., Any]
) -> None:
    page = open_page(four_inputs).page
    first, measured = page.inner_text("#answer"), page.inner_text("#measured-0")
    dot = page.get_attribute("#dot-0", "cx")
    for _ in range(2):
        page.locator("#input-0").press("ArrowLeft")
    assert page.inner_text("#answer") != first
    assert page.inner_text("#measured-0") != measured
    assert page.get_attribute("#dot-0", "cx") != dot
    assert page.inner_text("#nearest") == "A run with exactly these inputs."
    assert "bandwidth, a: 1 Mbit/s;" in page.inner_text("#where")
    page.click("#back")
    assert page.inner_text("#answer") == first
    assert page.locator("#input-0").input_value() == "2"


def test_where_no_run_was_made_the_nearest_is_shown_and_named(
    four_inputs: Path, open_page: Callable[..., Any]
) -> None:
    page = open_page(four_inputs).page
    page.locator("#input-0").press("End")
    page.locator("#input-1").press("End")
    nearest = page.inner_text("#nearest")
    assert nearest.startswith("Nearest run: none was made with exactly these inputs.")
    assert "(the nearest run has 8 Mbit/s)" in page.inner_text("#at-0") + page.inner_text("#at-1")
    rows = json.loads(page.inner_text("#runs") or page.locator("#runs").text_content())["rows"]
    shown = page.inner_text("#measured-0")
    assert shown in {row[4][0][0] for row in rows}  # of a run, and nothing between two


CONTROLS = """[...document.querySelectorAll("input, select, button, summary, a[href], [tabindex='0']")]
    .filter(one => one.checkVisibility())"""


def test_the_keyboard_reaches_every_control(four_inputs: Path, open_page: Callable[..., Any]) -> None:
    page = open_page(four_inputs).page
    wanted = page.evaluate(f"{CONTROLS}.length")
    assert wanted > 10
    seen = set()
    for _ in range(wanted + 5):
        page.keyboard.press("Tab")
        seen.add(page.evaluate(f"{CONTROLS}.indexOf(document.activeElement)"))
    assert set(range(wanted)) <= seen


@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_serious(four_inputs: Path, open_page: Callable[..., Any], width: int) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page = open_page(four_inputs, width=width).page
    if width > 1000:
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    found = axe.Axe().run(page, options=AXE_OPTIONS).response["violations"]
    bad = [(one["id"], one["nodes"][0]["html"][:200]) for one in found if one["impact"] in BAD]
    assert bad == []


@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_itself_never_scrolls_sideways(
    four_inputs: Path, open_page: Callable[..., Any], width: int
) -> None:
    page = open_page(four_inputs, width=width).page
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_long_name_without_a_break_does_not_widen_a_phone_s_page(
    tmp_path: Path, open_page: Callable[..., Any]
) -> None:
    long = "Donaudampfschifffahrt" * 8
    columns = (Column("all", f"target.{long}", "1"),)
    study = invented(
        {long: [long, "2"]},
        lambda at, r: (0.9 + at[0] / 20 + (r % 3) / 100,),
        columns=columns,
        policies=(long, "other"),
        title=long,
    )
    file = tmp_path / "long.html"
    file.write_text(report(given(study, targets=(replace(URGENT, name=long),))), encoding="utf-8")
    page = open_page(file, width=390).page
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_hostile_names_are_shown_and_do_nothing(tmp_path: Path, open_page: Callable[..., Any]) -> None:
    name = "".join(HOSTILE).replace("\u202e", "")
    columns = (Column("all", f"target.{name}", "1"),)
    study = invented(
        {name: [name, "2"]},
        lambda at, r: (0.9 + at[0] / 20 + (r % 3) / 100,),
        columns=columns,
        policies=(name, "other"),
        title=name + HOSTILE[3],
    )
    file = tmp_path / "hostile.html"
    file.write_text(report(given(study, targets=(replace(URGENT, name=name),))), encoding="utf-8")
    opened = open_page(file)
    page = opened.page
    for one in ("#input-0", "#input-1"):
        page.locator(one).select_option(index=1)
    assert "other" in page.inner_text("#answer")
    page.locator("#input-1").select_option(index=0)
    assert name in page.inner_text("#answer")
    assert "[U+202E]gnp.exe" in page.inner_text("h1")
    assert page.locator("img").count() == 0
    data = "['application/json', 'text/plain']"  # nothing of these types is ever executed
    assert page.evaluate(f"[...document.scripts].filter(one => !{data}.includes(one.type)).length") == 1
    assert (opened.requests, opened.console) == ([file.as_uri()], [])


def test_without_its_script_it_is_read_all_the_same(
    four_inputs: Path, tmp_path: Path, open_page: Callable[..., Any]
) -> None:
    text = re.sub(r"<script>.*?</script>", "", four_inputs.read_text(encoding="utf-8"), flags=re.S)
    file = tmp_path / "bare.html"
    file.write_text(text, encoding="utf-8")
    page = open_page(file).page
    assert page.inner_text("#answer").startswith(("Yes", "No", "It cannot be told"))
    assert not page.locator("form").first.is_visible()
    assert page.locator("#targets").is_visible()


def test_the_hour_of_the_day_moves_the_map(whole: Path, open_page: Callable[..., Any]) -> None:
    opened = open_page(whole)
    page = opened.page
    label = page.locator("[data-links]").first
    first = label.text_content()
    for _ in range(9):
        page.locator("#map-hour").press("ArrowRight")
    assert page.inner_text("#map-at") == "08:00 to 09:00"
    assert page.get_attribute("#map-hour", "aria-valuetext") == "08:00 to 09:00"
    assert label.text_content() != first
    assert (opened.requests, opened.console) == ([whole.as_uri()], [])


def test_axe_finds_nothing_serious_in_map_and_waits(whole: Path, open_page: Callable[..., Any]) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    found = axe.Axe().run(open_page(whole).page, options=AXE_OPTIONS).response["violations"]
    assert [one["id"] for one in found if one["impact"] in BAD] == []


def test_each_target_has_its_own_frontier_chosen_by_keyboard(
    pages: dict[str, Path], open_page: Callable[..., Any]
) -> None:
    opened = open_page(pages["plan"])
    page = opened.page
    choice = page.locator("#frontier-target")
    names = choice.locator("option").all_text_contents()
    assert sorted(names) == ["quick", "tail"]
    shown = [page.locator(f"#frontier-{k}") for k in range(2)]
    assert [one.is_visible() for one in shown] == [True, False]
    choice.focus()
    page.keyboard.press("ArrowDown")
    assert [one.is_visible() for one in shown] == [False, True]
    page.emulate_media(media="print")
    assert [one.is_visible() for one in shown] == [False, True]
    assert all(one.locator("polygon.band").count() + one.locator("rect.full").count() for one in shown)
    assert "Bound that decides" in shown[1].text_content()
    assert (opened.requests, opened.console) == ([pages["plan"].as_uri()], [])


@pytest.fixture(scope="module")
def what_if(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the how-to's second scenario, with one replication of a quiet evening."""
    place = tmp_path_factory.mktemp("what-if")
    few = ["-r", "1", "--set", "demand.count=3", "-j", "1", "-o", str(place)]
    commands = re.findall(r"^simgrid (run|report) .*what-if.*$", HOW_TO, re.M)
    assert commands == ["run", "report"]
    ran = CliRunner().invoke(cli, ["run", "planning/what-if", *few])
    assert ran.exit_code in (0, 1), ran.output
    made = CliRunner().invoke(cli, ["report", ran.stdout.splitlines()[-1], "-o", str(place / "what-if.html")])
    assert made.exit_code == 0, made.output
    return place / "what-if.html"


def test_a_shipped_scenario_has_four_sliders_of_five_levels(
    what_if: Path, open_page: Callable[..., Any]
) -> None:
    assert what_if.stat().st_size < LARGEST_BYTES
    opened = open_page(what_if)
    page = opened.page
    sliders = page.locator("#sliders input[type=range]")
    assert [one.get_attribute("max") for one in sliders.all()] == ["4"] * 4
    rows = json.loads(page.locator("#runs").text_content())["rows"]
    assert len({tuple(row[0]) for row in rows}) == 5**4
    first = page.inner_text("#where")
    for one in sliders.all():
        one.press("End")
    assert page.inner_text("#nearest") == "A run with exactly these inputs."
    assert page.inner_text("#where") != first
    for value in ("radiologists on the evening roster: 5", "bandwidth, desk: 32 Mbit/s", "demand scale: 1.4"):
        assert value in page.inner_text("#where")
    assert printed_pages(page) <= 2
    assert (opened.requests, opened.console) == ([what_if.as_uri()], [])
