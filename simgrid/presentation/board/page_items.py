"""The texts, numbers and attributes of a page one by one, each with its place in a reader's words."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from html.parser import HTMLParser

_VOID = frozenset({"br", "input", "meta", "link", "hr", "img"})
_WHOLE = frozenset({"script", "style"})
_LONGEST = 160
_MOST_MATCHED = 3000
NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Item:
    """``text`` at a ``place``; ``ids``: of the elements that it stands in, the outermost first."""

    place: str
    text: str
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """What a page shows at a place, and what it should."""

    place: str
    shown: str
    expected: str


@dataclass(slots=True)
class _Table:
    caption: str = ""
    heads: list[str] = field(default_factory=list)
    row: str = ""
    column: int = -1


def items(html: str) -> list[Item]:
    """Everything that a page shows or hides, in its order; data of its script leaf by leaf."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.found


def differences(shown: Sequence[Item], expected: Sequence[Item]) -> list[Difference]:
    """Where two pages differ, in their order."""
    ours, theirs = [one.text for one in shown], [one.text for one in expected]
    first = _same_start(ours, theirs)
    last = _same_start(ours[first:][::-1], theirs[first:][::-1])
    left, right = shown[first : len(ours) - last], expected[first : len(theirs) - last]
    if max(len(left), len(right)) > _MOST_MATCHED:
        return list(_paired(left, right))
    matcher = SequenceMatcher(None, [one.text for one in left], [one.text for one in right], autojunk=False)
    return [
        one
        for kind, a, b, c, d in matcher.get_opcodes()
        if kind != "equal"
        for one in _paired(left[a:b], right[c:d])
    ]


def _same_start(one: Sequence[str], other: Sequence[str]) -> int:
    for place, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return place
    return min(len(one), len(other))


def _paired(left: Sequence[Item], right: Sequence[Item]) -> Iterator[Difference]:
    for place in range(max(len(left), len(right))):
        shown = left[place] if place < len(left) else None
        expected = right[place] if place < len(right) else None
        if shown is None or expected is None or shown.text != expected.text:
            there = expected or shown
            apart = _same_start(shown.text, expected.text) if shown and expected else 0
            yield Difference(there.place if there else "", _short(shown, apart), _short(expected, apart))


def _short(one: Item | None, apart: int) -> str:
    """The text, cut so that the character at which two texts part company stays in it."""
    if one is None:
        return NOTHING
    text = one.text.replace("\N{NO-BREAK SPACE}", " ")
    start = 0 if apart < _LONGEST // 2 else apart - _LONGEST // 4
    start = max(0, min(start, len(text) - _LONGEST + 2))
    end = len(text) if len(text) - start <= _LONGEST else start + _LONGEST - 2
    return f"“{'…' if start else ''}{text[start:end]}{'…' if end < len(text) else ''}”"


class _Reader(HTMLParser):
    """Collects items; which table, row, column or element they stand in is their place."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Item] = []
        self._open: list[tuple[str, str]] = []
        self._tables: list[_Table] = []
        self._heading = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        identifier = dict(attrs).get("id") or ""
        named = identifier or ("answer" if dict(attrs).get("class") == "answer" else "")
        self._open.append((tag, named))
        self._enter(tag)
        for name, value in attrs:
            self._add(f"{self._place()}, {name} of <{tag}>", f"{name}={value}")
        if tag in _VOID:
            self._open.pop()

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag == "table" and self._tables:
            self._tables.pop()
        while self._open and any(name == tag for name, _ in self._open):
            if self._open.pop()[0] == tag:
                break

    def handle_data(self, data: str) -> None:
        tag, identifier = self._open[-1] if self._open else ("", "")
        if tag in _WHOLE:
            self._data(tag, identifier, data)
            return
        text = data.strip()
        if not text:
            return
        self._note(tag, text)
        self._add(self._place(), text)

    def handle_comment(self, data: str) -> None:
        self._add("a comment", data)

    def _data(self, tag: str, identifier: str, data: str) -> None:
        try:
            stored = json.loads(data) if identifier else None
        except ValueError:
            stored = None
        if stored is None:
            self._add(f"the page's {tag}", data)
            return
        for where, value in _leaves(stored, ""):
            self._add(f"the data '{identifier}'{where}", value)

    def _enter(self, tag: str) -> None:
        if tag == "table":
            self._tables.append(_Table())
        elif self._tables and tag == "tr":
            self._tables[-1].column, self._tables[-1].row = -1, ""
        elif self._tables and tag in ("td", "th"):
            self._tables[-1].column += 1

    def _note(self, tag: str, text: str) -> None:
        within = [name for name, _ in self._open]
        if tag in ("h1", "h2", "h3"):
            self._heading = text
        if not self._tables:
            return
        table = self._tables[-1]
        if tag == "caption":
            table.caption = text
        elif "thead" in within:
            table.heads.append(text)
        elif table.column == 0 and not table.row:
            table.row = text

    def _place(self) -> str:
        within = [name for name, _ in self._open]
        if self._tables and "table" in within:
            table = self._tables[-1]
            column = table.heads[table.column] if 0 <= table.column < len(table.heads) else ""
            parts = [f"table '{table.caption}'"]
            parts += [f"row '{table.row}'"] if table.row else []
            return ", ".join([*parts, *([f"column '{column}'"] if column and "thead" not in within else [])])
        named = [identifier for _, identifier in self._open if identifier and identifier != "content"]
        if named and named[-1] in _NAMES:
            return _NAMES[named[-1]]
        what = "drawing" if "svg" in within else "text"
        return f"{what} under '{self._heading}'" if self._heading else what

    def _add(self, place: str, text: str) -> None:
        self.found.append(Item(place, text, tuple(name for _, name in self._open if name)))


_NAMES = {"answer": "the headline", "where": "the line under the headline"}


def _leaves(value: object, where: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, one in value.items():
            yield from _leaves(one, f"{where}, {name}")
    elif isinstance(value, list):
        for place, one in enumerate(value):
            yield from _leaves(one, f"{where}, {place + 1}")
    else:
        yield where, json.dumps(value, ensure_ascii=False)
