"""Elements of a page. Text becomes HTML in one place only, and there it is escaped."""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

_TAGS = frozenset(
    (
        *(
            "a",
            "br",
            "button",
            "caption",
            "code",
            "dd",
            "details",
            "div",
            "dl",
            "dt",
            "fieldset",
            "figcaption",
            "figure",
            "footer",
            "form",
            "h1",
            "h2",
            "h3",
            "header",
            "input",
            "label",
            "legend",
        ),
        *(
            "li",
            "main",
            "nav",
            "ol",
            "option",
            "output",
            "p",
            "section",
            "select",
            "span",
            "strong",
            "summary",
        ),
        *("table", "tbody", "td", "th", "thead", "tr", "ul"),
    )
)
_ATTRIBUTES = frozenset(
    (
        *(
            "class",
            "id",
            "href",
            "scope",
            "lang",
            "role",
            "tabindex",
            "title",
            "colspan",
            "headers",
            "hidden",
        ),
        *("for", "type", "min", "max", "step", "value", "name", "selected"),
    )
)
_CONTROLS = frozenset({"range", "button"})
"""The types of controls: none of them takes text or a file."""
_VOID = frozenset({"br", "input"})
_LINK = re.compile(r"#[\w-]+|([\w-]+/)*[\w-]+\.html", re.ASCII)
_LINE_ENDS = "\n\t"


@dataclass(frozen=True, slots=True)
class Html:
    """Markup that ``element`` has made; any other text is data."""

    source: str


Part: TypeAlias = "Html | str"


def element(tag: str, *parts: Part, **attributes: str) -> Html:
    """An element with its parts; texts are escaped. ``class_`` means ``class``, ``_`` in names means ``-``.

    :raises ValueError: for a tag or an attribute that a page of ours does not have. Styles and event
        handlers are none: the policy of the page refuses them. Links lead within the page or to one
        below its folder.
    """
    if tag not in _TAGS:
        raise ValueError(f"'{tag}' is no element of our pages")
    told = "".join(_attribute(name.rstrip("_").replace("_", "-"), text) for name, text in attributes.items())
    inside = "".join(part.source if isinstance(part, Html) else escaped(part) for part in parts)
    return Html(f"<{tag}{told}>" if tag in _VOID else f"<{tag}{told}>{inside}</{tag}>")


def escaped(text: str) -> str:
    """Text that nobody takes for markup; characters that are not seen, or turn others round, are named."""
    return html.escape(visible(text), quote=True)


def visible(text: str) -> str:
    """Text in which characters that are not seen, or turn others round, are named by their numbers."""
    return "".join(_seen(char) for char in text)


def joined(parts: Iterable[Html]) -> Html:
    """Several elements after each other."""
    return Html("".join(part.source for part in parts))


def data_block(identifier: str, value: object) -> Html:
    """Data for the page's script, which is no script itself: JSON in which nothing ends the element."""
    told = json.dumps(_told(value), ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    for sign in "<>&":
        told = told.replace(sign, f"\\u{ord(sign):04x}")
    return Html(f'<script type="application/json" id="{escaped(identifier)}">{told}</script>')


def _told(value: object) -> object:
    """The same with every text as ``visible`` tells it."""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, Mapping):
        return {visible(str(name)): _told(one) for name, one in value.items()}
    return [_told(one) for one in value] if isinstance(value, list | tuple) else value


def table(caption: str, headings: Sequence[str], rows: Iterable[Sequence[Part]], identifier: str) -> Html:
    """A table whose first column names its rows; it scrolls, by keyboard too, where it is too wide."""
    head = element("tr", *(element("th", one, scope="col") for one in headings))
    body = [
        element("tr", element("th", row[0], scope="row"), *(element("td", one) for one in row[1:]))
        for row in rows
    ]
    drawn = element(
        "table",
        element("caption", caption, id=identifier),
        element("thead", head),
        element("tbody", *body),
    )
    return element("div", drawn, class_="wide", role="region", tabindex="0", aria_labelledby=identifier)


def stacking_table(
    caption: str, headings: Sequence[str], rows: Iterable[Sequence[Part]], identifier: str
) -> Html:
    """A table that a narrow screen shows as one block a row, each cell under its column's name.

    Cells laid out so are a table to a screen reader only where their roles are named, so all of them are.
    """
    head = element("tr", *(_headed(one, "col", "columnheader") for one in headings), role="row")
    body = [
        element(
            "tr",
            _headed(row[0], "row", "rowheader"),
            *(
                element("td", one, role="cell", data_column=name)
                for name, one in zip(headings[1:], row[1:], strict=True)
            ),
            role="row",
        )
        for row in rows
    ]
    drawn = element(
        "table",
        element("caption", caption, id=identifier),
        element("thead", head, role="rowgroup"),
        element("tbody", *body, role="rowgroup"),
        class_="stacks",
        role="table",
    )
    return element("div", drawn, class_="wide", role="region", tabindex="0", aria_labelledby=identifier)


def _headed(part: Part, scope: str, role: str) -> Html:
    return element("th", part, scope=scope, role=role)


def _attribute(name: str, text: str) -> str:
    if name not in _ATTRIBUTES and not name.startswith(("aria-", "data-")):
        raise ValueError(f"'{name}' is no attribute of our pages")
    if name == "type" and text not in _CONTROLS:
        raise ValueError(f"'{text}' is no control of our pages")
    if name == "href" and not _LINK.fullmatch(text):
        raise ValueError(f"'{text}' leads out of the page and its folder")
    return f' {name}="{escaped(text)}"'


def _seen(char: str) -> str:
    """The character, or its number where it has no look of its own."""
    if char in _LINE_ENDS or unicodedata.category(char) not in ("Cc", "Cf", "Cs"):
        return char
    return f"[U+{ord(char):04X}]"
