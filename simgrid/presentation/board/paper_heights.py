"""How tall a part of a report is on paper, reckoned from its texts: a browser lays it out much the same."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from html.parser import HTMLParser

from simgrid.presentation.html.elements import Html

WIDTH_PX = 700.0
LINE, SMALL_LINE = 13.2, 10.4
_LETTER, _BOLD = 5.3, 5.9
_CELL_PAD, _ROW_PAD, _PARAGRAPH_PAD, _AROUND_TABLE = 10.2, 3.9, 3.2, 8.0
_HEADING, _SUBHEADING, _STRIP, _PICTURE = 27.0, 20.0, 28.0, 235.0
_ANSWER_LETTER, _ANSWER_LINE, _TITLE_LETTER, _TITLE_LINE = 10.0, 21.7, 8.3, 20.0
_NARROW = 640.0
_SKIPPED = frozenset({"details", "form", "script"})
_NO_END = frozenset({"input", "br"})
_TEXTS = frozenset({"p", "figcaption", "caption"})


@dataclass(frozen=True, slots=True)
class Height:
    """In CSS pixels. ``pictures``: where each begins and how tall it is, headings and caption included.

    None of these is broken between two pages.
    """

    whole_px: float
    pictures: tuple[tuple[float, float], ...]


@lru_cache(maxsize=512)
def heights_of(part: Html) -> Height:
    """Of what of a part is printed."""
    reader = _Reader()
    reader.feed(part.source)
    return Height(reader.whole_px, tuple(reader.pictures))


def title_px(title: str) -> float:
    """The page's heading."""
    return math.ceil(len(title) * _TITLE_LETTER / WIDTH_PX) * _TITLE_LINE + 6.0


def entries_px(entries: Mapping[str, str]) -> float:
    """The footer: its heading and an entry a line, or more."""
    lines = sum(max(1, math.ceil(len(text) * 4.7 / (WIDTH_PX - 100.0))) for text in entries.values())
    return 66.0 + lines * 11.5


@dataclass(slots=True)
class _Cell:
    """The letters of a cell: its own, and those of each line that stands below them."""

    main: int = 0
    below: list[int] = field(default_factory=list)
    strips: int = 0


class _Reader(HTMLParser):
    """Adds up blocks as they end; ``hidden`` are the open elements within one that is not printed."""

    def __init__(self) -> None:
        super().__init__()
        self.whole_px = 0.0
        self.pictures: list[tuple[float, float]] = []
        self.hidden: list[str] = []
        self.open: list[str] = []
        self.rows: list[list[_Cell]] = []
        self.letters = 0
        self.said = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        classes = given.get("class", "").split()
        if tag in _NO_END:
            return
        if self.hidden or tag in _SKIPPED or "screen" in classes or _unchosen(given):
            self.hidden.append(tag)
            return
        self.open.append(tag)
        if tag == "svg":
            self._picture(given, classes)
        elif tag == "table":
            self.rows = []
        elif tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append(_Cell())
        elif tag == "span" and self._in_cell() and set(classes) & {"soft", "says", "half"}:
            self.rows[-1][-1].below.append(0)
        elif tag in (*_TEXTS, "h2", "h3"):
            self.letters, self.said = 0, classes[0] if classes else ""

    def handle_endtag(self, tag: str) -> None:
        if self.hidden:
            self.hidden.pop()
            return
        if not self.open or self.open.pop() != tag:
            return
        if tag == "table":
            self.whole_px += _table_px(self.rows) + _AROUND_TABLE
            self.rows = []
        elif tag == "h2":
            self.whole_px += _HEADING
        elif tag == "h3":
            self.whole_px += _SUBHEADING
        elif tag in _TEXTS:
            self.whole_px += _text_px(self.letters, self.said)

    def handle_data(self, data: str) -> None:
        if self.hidden or "svg" in self.open:
            return
        if self._in_cell():
            cell = self.rows[-1][-1]
            if self.open[-1] == "span" and cell.below:
                cell.below[-1] += len(data)
            else:
                cell.main += len(data)
        else:
            self.letters += len(data)

    def _in_cell(self) -> bool:
        return bool(self.rows and self.rows[-1]) and ("td" in self.open or "th" in self.open)

    def _picture(self, given: Mapping[str, str], classes: Sequence[str]) -> None:
        if "strip" in classes and self._in_cell():
            self.rows[-1][-1].strips += 1
            return
        width, height = float(given.get("width", "860")), float(given.get("height", "400"))
        tall = min(_PICTURE, height * min(WIDTH_PX / width, 1.0)) + 8.0
        above = min(_HEADING + _SUBHEADING, self.whole_px)
        self.pictures.append((self.whole_px - above, above + tall + 4 * LINE))
        self.whole_px += tall


def _unchosen(given: Mapping[str, str]) -> bool:
    """A chart that is not the chosen one."""
    return given.get("id", "").startswith("frontier-") and given.get("class") == ""


def _text_px(letters: int, said: str) -> float:
    if said == "answer":
        return math.ceil(letters * _ANSWER_LETTER / _NARROW) * _ANSWER_LINE + 12.0
    return max(1, math.ceil(letters * _LETTER / _NARROW)) * LINE + _PARAGRAPH_PAD


def _table_px(rows: Sequence[Sequence[_Cell]]) -> float:
    """Each row as tall as its tallest cell, in columns as wide as their longest text asks for."""
    count = max((len(row) for row in rows), default=0)
    wide = [
        max((max([one.main, *one.below]) for row in rows for one in row[k : k + 1]), default=0) * _BOLD
        + _CELL_PAD
        for k in range(count)
    ]
    least = [min(one, 70.0) for one in wide]
    spare = max(WIDTH_PX - sum(least), 0.0)
    over = sum(wide) - sum(least)
    given = [
        low + (high - low) * min(spare / over, 1.0) if over > 0 else low
        for low, high in zip(least, wide, strict=True)
    ]
    return sum(_row_px(row, given) for row in rows)


def _row_px(row: Sequence[_Cell], widths: Sequence[float]) -> float:
    tall = [_cell_px(one, width) for one, width in zip(row, widths, strict=False)]
    return max(tall, default=0.0) + _ROW_PAD


def _cell_px(one: _Cell, width: float) -> float:
    room = max(width - _CELL_PAD, 20.0)
    lines = math.ceil(one.main * _LETTER / room - 0.05)
    below = sum(math.ceil(letters * 4.8 / room - 0.05) for letters in one.below)
    return max(lines, 0 if one.below else 1) * (LINE - 1.0) + below * SMALL_LINE + one.strips * _STRIP
