"""The report in a real browser: it asks for nothing, its console is empty, and everybody can use it."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from simgrid.cli.main import cli
from simgrid.experiments.study import Column
from simgrid.presentation.board.making import report
from simgrid.presentation.board.paper_heights import heights_of
from simgrid.presentation.html.elements import Html
from simgrid.presentation.html.page import LARGEST_BYTES
from tests import planned
from tests.reports import HOSTILE, TAIL, URGENT, given, invented

HOW_TO = (Path(__file__).parents[2] / "docs/how-to/report.md").read_text(encoding="utf-8")
AXE_OPTIONS = {"resultTypes": ["violations"]}
BAD = ("serious", "critical")
HOURS = tuple(Column(f"hour={hour:02d}", "response_time_success", "1") for hour in range(24))
COLUMNS = (Column("all", "target.urgent", "1"), Column("all", "target.tail", "min"), *HOURS)


def a_study(places: list[str], *, levels: int = 5, title: str = "A study in a browser") -> Any:
    def value(at: tuple[int, ...], replication: int) -> list[float]:
        share = 0.95 + 0.002 * sum(at) + (replication % 3 - 1) * 0.004
        return [share, 118.0 - sum(at) + replication % 2, *(share - hour / 100 for hour in range(24))]

    inputs = {place: [f"{2**k} Mbit/s" for k in range(levels)] for place in places}
    return invented(inputs, value, columns=COLUMNS, replications=120, title=title)


@pytest.fixture(scope="module")
def four_inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four inputs of five levels, of which every run but some was made."""
    study = a_study([f"units.{name}.link.bandwidth" for name in "abcd"])
    made = [k for k, point in enumerate(study.design.points) if point[:2] != ("16 Mbit/s", "16 Mbit/s")]
    design = replace(study.design, points=tuple(study.design.points[k] for k in made))
    kept = replace(study, design=design, values=study.values[made], keys=tuple(study.keys[k] for k in made))
    file = tmp_path_factory.mktemp("report") / "report.html"
    file.write_text(report(given(kept, targets=(URGENT, TAIL), stress=STRESS)), encoding="utf-8")
    return file


STRESS = {
    "schema": 1,
    "targets": [{"name": "urgent", "mean": 0.97, "low": 0.96, "high": 0.98, "verdict": "met"}],
    "without": [
        {
            "kind": "link",
            "name": "clinic/up",
            "targets": [{"name": "urgent", "mean": 0.9, "low": 0.89, "high": 0.91, "verdict": "missed"}],
            "breaks": ["urgent"],
        }
    ],
}


WHOLE = """
extends: tiny/one-unit
title: "A report with every part"
policies: [shortest-queue]
replications: 12
groups: [urgency, link, hour]
grid: {monitoring: {every: 1 min}}
targets: {in time: {of: all, within: 60 min, share: 40 %}}
costs: {units.desk.link.bandwidth: 3 EUR/Mbit/s/month}
sweep: {units.desk.link.bandwidth: [5 Mbit/s, 20 Mbit/s]}
sites: {clinic: {at: {x: -6.2, y: 53.3}}}
"""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of real runs that meet their target, with its map and its waits."""
    place = tmp_path_factory.mktemp("whole")
    (place / "whole.yaml").write_text(WHOLE, encoding="utf-8")
    ran = CliRunner().invoke(cli, ["run", str(place / "whole.yaml"), "-j", "1", "-o", str(place / "results")])
    assert ran.exit_code == 0, ran.output
    folder = Path(ran.stdout.splitlines()[-1])
    made = CliRunner().invoke(cli, ["report", str(folder), "--waits", "2"])
    assert made.exit_code == 0, made.output
    return folder / "report.html"


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


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory, whole: Path, four_inputs: Path) -> dict[str, Path]:
    """Reports of a run, a plan and a stress test with a map and hours, alone and together."""
    place = tmp_path_factory.mktemp("pages")
    file = planned.written(
        place,
        ("groups: []", "groups: [urgency, link, hour]\ngrid: {monitoring: {every: 5 min}}"),
        ("targets:\n", "targets:\n  tail: {metric: tat_p95_min, at_most: 60 min, of: all}\n"),
    )
    for command in (["plan"], ["run"], ["stress", "-r", "8"]):
        done = CliRunner().invoke(cli, [*command, str(file), "-j", "1", "-o", str(place / "results")])
        assert done.exit_code in (0, 1), done.output
    (folder,) = (place / "results").iterdir()
    parts = {"plan": ["plan"], "stress": ["stress"], "run": ["study"]}
    parts |= {"plan and stress": ["plan", "stress"], "all": ["plan", "stress", "study"]}
    made = {"map and waits": whole, "sliders and stress": four_inputs}
    for name, kept in parts.items():
        own = place / name
        shutil.copytree(folder, own)
        for one in {"plan", "stress", "study"} - set(kept):
            (own / f"{one}.json").unlink()
        told = CliRunner().invoke(cli, ["report", str(own), "--waits", "2"])
        assert told.exit_code == 0, told.output
        made[name] = own / "report.html"
    return made


def printed_pages(page: Any) -> int:
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", page.pdf(prefer_css_page_size=True)))


def test_every_kind_of_report_prints_on_two_pages(
    pages: dict[str, Path], open_page: Callable[..., Any]
) -> None:
    assert {name: printed_pages(open_page(file).page) <= 2 for name, file in pages.items()} == dict.fromkeys(
        pages, True
    )
    assert open_page(pages["map and waits"]).page.inner_text("#answer").startswith("Yes: ")


def test_what_is_not_on_paper_is_said_on_paper_and_only_there(
    pages: dict[str, Path], open_page: Callable[..., Any]
) -> None:
    page = open_page(pages["all"]).page
    said = page.locator("p.onpaper")
    assert not said.is_visible()
    hidden = page.locator("section.part.screen:not(#missing) > h2").all_text_contents()
    page.emulate_media(media="print")
    assert said.is_visible()
    assert "not printed: " in said.inner_text()
    named = re.findall("“(.*?)”", said.inner_text())
    assert named
    assert set(named) <= set(hidden)
    assert page.locator("#plan").is_visible()
    assert page.locator("#stress").is_visible()


def test_reckoned_heights_are_near_those_of_the_browser(
    pages: dict[str, Path], open_page: Callable[..., Any]
) -> None:
    page = open_page(pages["plan and stress"], width=703).page
    page.emulate_media(media="print")
    parts = page.evaluate(
        "[...document.querySelectorAll('main > .answered, main > section')]"
        ".map(one => [one.outerHTML, one.getBoundingClientRect().height]).filter(one => one[1] > 60)"
    )
    assert len(parts) >= 4
    reckoned, real = sum(heights_of(Html(text)).whole_px for text, _ in parts), sum(tall for _, tall in parts)
    assert 0.97 <= reckoned / real <= 1.2


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


@pytest.mark.parametrize("width", [1280, 390])
def test_no_word_of_a_table_is_broken_and_the_page_stays_as_wide_as_the_screen(
    pages: dict[str, Path], open_page: Callable[..., Any], width: int
) -> None:
    """A cell that is as narrow as its longest word overflows its own scrolling box, not the page."""
    page = open_page(pages["plan and stress"], width=width).page
    broken = page.evaluate(
        """[...document.querySelectorAll('.part tbody th')].filter(one => one.checkVisibility())
            .filter(one => {
            const words = one.innerText.split(/[\\s-]+/)
                .filter(word => !word.includes('.')), probe = document.createElement('span');
            probe.style.cssText = 'white-space:nowrap;position:absolute;visibility:hidden';
            one.append(probe);
            const room = one.clientWidth - parseFloat(getComputedStyle(one).paddingLeft) * 2;
            const wide = words.some(word => {
                probe.textContent = word;
                return probe.getBoundingClientRect().width > room + 1;
            });
            probe.remove();
            return wide;
        }).map(one => one.textContent)"""
    )
    assert broken == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_phone_shows_every_verdict_without_moving_sideways(
    pages: dict[str, Path], four_inputs: Path, open_page: Callable[..., Any]
) -> None:
    """Rows are stacked there, and stay rows of a table with named columns for whoever hears them."""
    for file in (pages["plan and stress"], four_inputs):
        page = open_page(file, width=390).page
        ends = page.evaluate(
            "[...document.querySelectorAll('table .word')].map(one => one.getBoundingClientRect().right)"
        )
        assert len(ends) > 3
        assert max(ends) <= 390
        assert page.evaluate(
            "[...document.querySelectorAll('.wide:has(.stacks)')]"
            ".every(one => one.scrollWidth <= one.clientWidth)"
        )
        first = page.locator("table.stacks").first
        assert first.get_by_role("columnheader", name="Verdict").count() == 1
        rows = first.get_by_role("row")
        assert rows.count() == first.locator("tbody tr").count() + 1
        assert rows.nth(1).get_by_role("rowheader").count() == 1
        page.emulate_media(media="print")
        assert first.evaluate("one => getComputedStyle(one).display") == "table"


def test_axe_finds_nothing_serious_in_plan_and_stress(
    pages: dict[str, Path], open_page: Callable[..., Any]
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page = open_page(pages["plan and stress"]).page
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    found = axe.Axe().run(page, options=AXE_OPTIONS).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found if one["impact"] in BAD] == []


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
