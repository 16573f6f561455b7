"""The small picture beside a number: its interval on a line that has the bound marked."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from simgrid.presentation.board.judging import Aim, Figure, Judged
from simgrid.presentation.html.drawing import drawing, mark
from simgrid.presentation.html.elements import Html

WIDTH, HEIGHT, EDGE = 240.0, 26.0, 8.0
_MIDDLE = HEIGHT / 2


@dataclass(frozen=True, slots=True)
class Span:
    """What a strip shows from its left to its right end."""

    low: float
    high: float

    def x(self, value: float) -> int:
        """Where a value stands; values outside stand at the end."""
        part = (value - self.low) / (self.high - self.low)
        return round(EDGE + min(max(part, 0.0), 1.0) * (WIDTH - 2 * EDGE))


def spans(found: Judged) -> tuple[Span, ...]:
    """One an aim, wide enough for every cell's interval and the bound."""
    return tuple(_span(aim, list(_ends(found, place))) for place, aim in enumerate(found.aims))


def places(span: Span, one: Figure) -> tuple[int, int, int]:
    """Where low end, mean and high end stand; the mean's place three times where there is no interval."""
    mean = span.x(one.mean)
    return (mean, mean, mean) if math.isnan(one.low) else (span.x(one.low), mean, span.x(one.high))


def strip(aim: Aim, span: Span, one: Figure, place: int) -> Html:
    """The picture, whose parts the page's script moves; the text beside it says the same."""
    if not one.n or math.isnan(one.mean):
        return Html("")
    low, mean, high = places(span, one)
    parts = [mark("line", x1=EDGE, x2=WIDTH - EDGE, y1=_MIDDLE, y2=_MIDDLE, class_="rail")]
    if aim.bound is not None:
        at = span.x(aim.bound)
        parts.append(mark("line", x1=at, x2=at, y1=2, y2=HEIGHT - 2, class_="bound"))
    parts += [
        mark("line", x1=low, x2=high, y1=_MIDDLE, y2=_MIDDLE, class_="reach", id=f"reach-{place}"),
        mark("circle", cx=mean, cy=_MIDDLE, r=2.5, class_="dot", id=f"dot-{place}"),
    ]
    asked = "" if aim.bound is None else "; the upright line is what is asked"
    return drawing(f"The interval of {aim.name} on a line{asked}", WIDTH, HEIGHT, *parts, class_="strip")


def _ends(found: Judged, place: int) -> Iterator[float]:
    for of_cell in found.figures:
        for figures in of_cell:
            if figures is not None:
                one = figures[place]
                yield from (value for value in (one.low, one.mean, one.high) if math.isfinite(value))


def _span(aim: Aim, values: list[float]) -> Span:
    known = [*values, *([aim.bound] if aim.bound is not None else [])]
    if aim.share:
        known = [min(max(value, 0.0), 1.0) for value in known]
    low, high = min(known, default=0.0), max(known, default=1.0)
    room = (high - low) * 0.04 or abs(high) * 0.1 or 1.0
    return Span(low - room, high + room)
