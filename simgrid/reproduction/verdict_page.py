"""The findings as a page that opens anywhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from simgrid.presentation.html.elements import Html, Part, element, table
from simgrid.presentation.html.page import page
from simgrid.presentation.wording import UNDEFINED
from simgrid.reproduction import verdict_table
from simgrid.reproduction.finding import Finding

TITLE = "The study's claims, and ours"
_LEGEND = (
    ("same digits", "a count, or a figure that is computed and not estimated, is the stated one"),
    ("within", "the whole 95 % interval lies in the band that was declared before the first result"),
    ("compatible", "not within; the stated value lies in the 2.5 to 97.5 % range of single worlds"),
    ("by construction", "follows from the definitions; it is shown, and proves nothing"),
    ("run more replications", "the interval reaches over the edge of the band"),
    ("differs", "the interval lies outside the band, the stated value outside the single worlds"),
    ("cannot", "there is nothing that could be compared"),
    ("not run", "no experiment of ours, or no stored result of it"),
)


def verdict_page(found: Sequence[Finding], asked: str, provenance: Mapping[str, str]) -> str:
    """The whole page; ``asked`` says by which command."""
    rows = [_row(one) for one in found]
    legend = [(word, meaning) for word, meaning in _LEGEND if any(one.verdict == word for one in found)]
    return page(
        TITLE,
        element("p", verdict_table.summed_up(found), class_="answer"),
        element("p", f"{asked}. A star marks a verdict that is another than the expected one."),
        table("Claims and verdicts", (*verdict_table.HEADINGS, "worlds"), rows, "claims"),
        element("h2", "What the verdicts mean"),
        table("Verdicts", ("verdict", "when"), legend, "legend"),
        provenance=provenance,
    )


def _row(one: Finding) -> tuple[Part, ...]:
    label, stated, ours, verdict, expected, singles, place = verdict_table.cells(one)
    meant = [
        element("span", text, class_="soft")
        for reading, text in one.claim.readings.items()
        if reading == one.part
    ]
    claim = _lines(element("span", label), element("span", one.claim.says, class_="says"), *meant)
    word = element("span", verdict, class_="changed" if one.changed else "word")
    why = [element("span", one.why, class_="soft")] if one.why else []
    worlds = str(one.worlds) if one.worlds else UNDEFINED
    return (claim, stated, ours, _lines(word, *why), expected, singles, place, worlds)


def _lines(*parts: Html) -> Html:
    return element("div", *parts)
