"""Two pages of paper: what of a report is printed, and what is in the file alone where it would be more.

First tables are cut to fewer rows; where that is not enough, parts are printed by their importance as long as
there is room. What is left out is said on paper. ``paper_heights`` reckons how tall things are.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from simgrid.presentation.board.paper_heights import LINE, entries_px, heights_of, title_px
from simgrid.presentation.html.elements import Html, element

PAGES, PAGE_PX = 2, 1035.0
"""An A4 page by the margins of ``report.css``, in CSS pixels, 96 an inch."""
ROWS = (14, 9, 6, 4)
"""Most rows of a table on paper: as few as needed."""
GOES_FIRST = (
    *("map", "latest", "policies", "heat", "waits", "ledger-part", "sturdy", "rivals-part", "tornado"),
    *("frontier", "stress"),
)
"""The least important part first; what is not listed is always printed."""
SURE = (0.97, 1.0, 1.03, 1.06)
"""So many times as tall as reckoned things may be."""
_PLAN = '<section id="plan"'
_SECTION = re.compile(r'<section id="([\w-]+)" class="part"[^>]*><h2[^>]*>(.*?)</h2>', re.DOTALL)
_BODY = re.compile(r"(<tbody[^>]*>)(.*?)</tbody>", re.DOTALL)
_ROW = re.compile(r"<tr(?=[ >])")
_CELL = re.compile(r"<t[hd][ >]")
_ON_SCREEN = ' class="screen"'
_FOLDED = re.compile(r"(<details>.*?</details>)", re.DOTALL)


def on_paper(parts: Sequence[Html], provenance: Mapping[str, str], title: str) -> list[Html]:
    """The same parts, so many of them marked as not printed that the rest fits, and a line that says so."""
    head, foot = title_px(title), entries_px(provenance) + 3 * LINE
    for most in ROWS:
        shown = [_cut(one, most) for one in parts]
        if _fits(shown, head, foot):
            return [*shown, *_said(shown != list(parts), [])]
    every = {found[1]: place for place, one in enumerate(shown) if (found := _SECTION.match(one.source))}
    removable = [every[identifier] for identifier in GOES_FIRST if identifier in every]
    out = set(removable)
    for place in reversed(removable):
        if _fits(_without(shown, out - {place}), head, foot):
            out.remove(place)
    headings = [found[2] for place in sorted(out) if (found := _SECTION.match(shown[place].source))]
    return [*_without(shown, out), *_said(shown != list(parts), headings)]


def _without(parts: Sequence[Html], out: Collection[int]) -> list[Html]:
    return [
        Html(one.source.replace('class="part"', 'class="part screen"', 1)) if place in out else one
        for place, one in enumerate(parts)
    ]


def _fits(parts: Sequence[Html], head: float, foot: float) -> bool:
    """With the room that is lost where a picture does not fit on the first page any more, if it may be so."""
    found = [heights_of(one) for one in parts]
    for much in SURE:
        at, lost = head, 0.0
        for one in found:
            for begins, tall in one.pictures:
                start = at + begins * much
                if start < PAGE_PX < start + tall * much:
                    lost = max(lost, PAGE_PX - start)
            at += one.whole_px * much
        if at + lost + foot > PAGES * PAGE_PX:
            return False
    return True


def _cut(part: Html, most: int) -> Html:
    """Rows after the first so many are marked as not printed."""
    pieces = _FOLDED.split(part.source)
    most = ROWS[0] if part.source.startswith(_PLAN) else most
    return Html("".join(one if place % 2 else _BODY.sub(lambda found: _body(found[1], found[2], most), one)
                        for place, one in enumerate(pieces)))  # fmt: skip


def _body(begin: str, rows: str, most: int) -> str:
    """Where the table ends early, a line on paper says by how many rows."""
    first, *each = _ROW.split(rows)
    left = len(each) - most
    if left < 2:  # the line would be as tall as the row
        return f"{begin}{rows}</tbody>"
    marked = [f"<tr{'' if place < most else _ON_SCREEN}{one}" for place, one in enumerate(each)]
    told = element("td", f"and {left} more rows, in the file", colspan=str(len(_CELL.findall(each[0]))))
    return f"{begin}{first}{''.join(marked)}{element('tr', told, class_='onpaper').source}</tbody>"


def _said(shortened: bool, left_out: Sequence[str]) -> Iterator[Html]:
    """What is not on paper; nothing where all of it is. ``left_out``: headings, escaped already.

    ``shortened``: some tables end early, which each of them says of itself.
    """
    said = ["long tables end early, and say so"] if shortened else []
    if left_out:
        said.append(f"not printed: {', '.join(f'“{name}”' for name in left_out)}")
    if said:
        told = Html(f"On paper, {'; '.join(said)}. All of it is in the file.")
        yield element("p", told, class_="note onpaper")
