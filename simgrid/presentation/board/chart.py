"""A plane with two axes: where a value stands, round ticks, gridlines and the line of a target."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from simgrid.presentation.html.drawing import mark
from simgrid.presentation.html.elements import Html

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Scale:
    """Values from ``low`` to ``high`` drawn from ``start`` to ``end``; values outside stand at the ends."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Where a value stands."""
        part = (value - self.low) / (self.high - self.low)
        return self.start + min(max(part, 0.0), 1.0) * (self.end - self.start)

    def ticks(self, about: int = 8) -> list[float]:
        """Round values within, about so many."""
        step = _round_step((self.high - self.low) / about)
        first = math.ceil(self.low / step - 1e-9)
        last = math.floor(self.high / step + 1e-9)
        return [k * step for k in range(first, last + 1)]


def scale(values: Sequence[float], start: float, end: float, *, share: bool = False) -> Scale:
    """A scale with a little room at both ends; a share's ends within 0 and 1."""
    known = [value for value in values if math.isfinite(value)]
    low, high = min(known, default=0.0), max(known, default=1.0)
    room = (high - low) * 0.06 or abs(high) * 0.1 or 1.0
    low, high = low - room, high + room
    if share:
        low, high = max(low, 0.0), min(high, 1.0)
        low = low if low < high else 0.0
    return Scale(low, high, start, end)


def across(x: Scale, top: float, bottom: float, say: Callable[[float], str]) -> Iterator[Html]:
    """Ticks below and faint upright lines."""
    for value in x.ticks():
        at = x.at(value)
        yield mark("line", x1=at, x2=at, y1=top, y2=bottom, class_="grid")
        yield mark("text", say(value), x=at, y=bottom + 18, text_anchor="middle", class_="tick")


def upwards(y: Scale, left: float, right: float, say: Callable[[float], str]) -> Iterator[Html]:
    """Ticks to the left and faint level lines."""
    for value in y.ticks():
        at = y.at(value)
        yield mark("line", x1=left, x2=right, y1=at, y2=at, class_="grid")
        yield mark("text", say(value), x=left - 8, y=at + 4, text_anchor="end", class_="tick")


def whisker(x: float, low: float, high: float, *, upright: bool, class_: str) -> Html:
    """An interval as a line between two short ends."""
    ends = [(low, x - 4, x + 4), (high, x - 4, x + 4)]
    if upright:
        path = f"M{x:.1f} {low:.1f}V{high:.1f}" + "".join(f"M{a:.1f} {at:.1f}H{b:.1f}" for at, a, b in ends)
    else:
        path = f"M{low:.1f} {x:.1f}H{high:.1f}" + "".join(f"M{at:.1f} {a:.1f}V{b:.1f}" for at, a, b in ends)
    return mark("path", d=path, class_=class_)


def _round_step(least: float) -> float:
    if not least > 0:
        return 1.0
    tenth = 10.0 ** math.floor(math.log10(least))
    return next(step * tenth for step in _STEPS if step * tenth >= least * (1 - 1e-9))
