"""Figures of a page as SVG elements: every text in them escaped where all texts are."""

from __future__ import annotations

from simgrid.presentation.html.elements import Html, Part, element, escaped

_TAGS = frozenset({"circle", "g", "line", "path", "polygon", "polyline", "rect", "text", "title", "tspan"})
_ATTRIBUTES = frozenset(
    (
        *("class", "id", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "rx", "width", "height", "d"),
        *("dx", "dy", "points", "text-anchor", "transform", "tabindex", "role"),
    )
)


def mark(tag: str, *parts: Part, **attributes: str | float) -> Html:
    """One element of a drawing; numbers are written with two decimals, texts escaped.

    :raises ValueError: for what our drawings do not have: nothing in them runs, or leads anywhere.
    """
    if tag not in _TAGS:
        raise ValueError(f"'{tag}' is no element of our drawings")
    told = "".join(
        _attribute(name.rstrip("_").replace("_", "-"), value) for name, value in attributes.items()
    )
    inside = "".join(part.source if isinstance(part, Html) else escaped(part) for part in parts)
    return Html(f"<{tag}{told}>{inside}</{tag}>" if inside else f"<{tag}{told}/>")


def drawing(says: str, width: float, height: float, *parts: Html, class_: str = "drawing") -> Html:
    """A figure ``width`` x ``height`` that grows with the page; ``says`` is read out instead of it."""
    box = f"0 0 {_number(width)} {_number(height)}"
    inside = "".join(part.source for part in parts)
    return Html(
        f'<svg class="{escaped(class_)}" viewBox="{box}" width="{_number(width)}" height="{_number(height)}" '
        f'role="img" aria-label="{escaped(says)}">{inside}</svg>'
    )


def figure(drawn: Html, caption: str, behind: Html) -> Html:
    """A drawing, which scrolls where it is too wide, its caption, and the table of its numbers, folded."""
    return element(
        "figure",
        element("div", drawn, class_="wide", role="group", tabindex="0", aria_label="Figure, scrolls"),
        element("figcaption", caption),
        element("details", element("summary", "The numbers of this figure"), behind),
    )


def _attribute(name: str, value: str | float) -> str:
    if name not in _ATTRIBUTES and not name.startswith("data-"):
        raise ValueError(f"'{name}' is no attribute of our drawings")
    return f' {name}="{escaped(value) if isinstance(value, str) else _number(value)}"'


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
