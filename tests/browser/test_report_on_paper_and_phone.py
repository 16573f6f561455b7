"""The report on paper and on a phone: two pages, every verdict in sight, no broken word."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from simgrid.presentation.board.paper_heights import heights_of
from simgrid.presentation.html.elements import Html
from tests.browser.report_pages import AXE_OPTIONS, BAD, four_inputs, pages, printed_pages, whole

__all__ = ["four_inputs", "pages", "whole"]


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
        first = page.locator("table.stacks:has(th:text-is('Verdict'))").first
        assert first.get_by_role("columnheader", name="Verdict").count() == 1
        rows = first.get_by_role("row")
        assert rows.count() == first.locator("tbody tr").count() + 1
        assert rows.nth(1).get_by_role("rowheader").count() == 1
        page.emulate_media(media="print")
        assert first.evaluate("one => getComputedStyle(one).display") == "table"


def test_every_table_with_verdicts_stacks_on_a_phone_folded_ones_too(
    pages: dict[str, Path], four_inputs: Path, open_page: Callable[..., Any]
) -> None:
    for file in (pages["plan and stress"], four_inputs):
        page = open_page(file, width=390).page
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
        judged = page.locator("table:has(th:text-is('Verdict'))")
        assert judged.count() >= 1
        assert [one.get_attribute("class") for one in judged.all()] == ["stacks"] * judged.count()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_axe_finds_nothing_serious_in_plan_and_stress(
    pages: dict[str, Path], open_page: Callable[..., Any]
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page = open_page(pages["plan and stress"]).page
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    found = axe.Axe().run(page, options=AXE_OPTIONS).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found if one["impact"] in BAD] == []
