"""What more money buys: each plan tried, the cheapest that reach as much, their band, and what is asked."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simgrid.presentation.board import judging, saying
from simgrid.presentation.board.chart import Scale, across, scale, upwards, whisker
from simgrid.presentation.board.judging import Aim, Figure, Judged, interval
from simgrid.presentation.board.sections import note, section
from simgrid.presentation.html.drawing import drawing, figure, mark
from simgrid.presentation.html.elements import Html, table

WIDTH, HEIGHT = 860.0, 420.0
LEFT, RIGHT, TOP, BOTTOM = 78.0, 765.0, 30.0, 360.0
MOST_LISTED = 60


@dataclass(frozen=True, slots=True)
class Point:
    """One plan: what it costs a month, what was measured of the aim, and whether it is the answer's."""

    says: str
    cost: float
    one: Figure
    chosen: bool


def frontier_section(aim: Aim, points: Sequence[Point], unit: str, ends: str | None = None) -> Iterator[Html]:
    """Nothing where fewer than two plans have a cost. ``ends``: what the points' low and high ends are."""
    known = [point for point in points if math.isfinite(point.cost) and math.isfinite(point.one.mean)]
    if len({point.cost for point in known}) < 2:
        return
    told = ends or judging.ends(aim)
    best = undominated(aim, known)
    says = (
        f"{aim.name} against cost: {len(known)} plans, {len(best)} of which no cheaper one reaches as much; "
        "the numbers are in the table below"
    )
    drawn = drawing(says, WIDTH, HEIGHT, *_drawn(aim, known, best, unit))
    caption = (
        "Drawn by means, which decide nothing: filled are plans whose mean no cheaper one reaches; the band "
        f"joins their {told}. Hollow: the others. Ringed: the answer's plan. Dashed: what is asked."
    )
    shown = [*best, *(point for point in known if point not in best)][:MOST_LISTED]
    listed = sorted(shown, key=lambda point: (point.cost, point.says))
    rows = [(point.says, f"{point.cost:,.0f} {unit}", interval(aim, point.one)) for point in listed]
    behind = table("Plans by cost", ("Plan", "Cost", f"{aim.name} ({told})"), rows, "frontier-table")
    more = (
        [note(f"{len(known) - len(rows)} further plans are in the results folder.")]
        if len(known) > len(rows)
        else []
    )
    yield section("frontier", f"What more money buys: {aim.name}", figure(drawn, caption, behind), *more)


def undominated(aim: Aim, points: Sequence[Point]) -> list[Point]:
    """The plans that are better by the mean than every plan that costs no more, cheapest first."""
    sign = 1.0 if aim.better == "higher" else -1.0
    found: list[Point] = []
    for point in sorted(points, key=lambda one: (one.cost, -sign * one.one.mean)):
        if not found or sign * point.one.mean > sign * found[-1].one.mean:
            found.append(point)
    return found


def planned_points(aim: Aim, plan: Mapping[str, Any]) -> Iterator[Point]:
    """The plans that 'simgrid plan' tried, each by its last stage."""
    latest: dict[str, Mapping[str, Any]] = {_says(tried["plan"]): tried for tried in plan.get("tried") or ()}
    answer = _says(plan["plan"]) if plan.get("plan") else ""
    for says, tried in latest.items():
        for one in tried["targets"]:
            if one["name"] == aim.name:
                low, high = (math.nan if one.get(end) is None else float(one[end]) for end in ("low", "high"))
                seen = Figure(float(one["mean"]), low, high, int(tried["n"]), "")
                yield Point(says, cost_total(tried["cost"]), seen, says == answer)


def swept_points(
    found: Judged, place: int, costs: Sequence[float], policy: int, cell: int, names: Sequence[str]
) -> Iterator[Point]:
    """Every cell under the answer's policy, with what it costs."""
    for k, (of_cell, cost) in enumerate(zip(found.figures, costs, strict=True)):
        figures = of_cell[policy]
        if figures is not None:
            yield Point(names[k], cost, figures[place], k == cell)


def cost_total(cost: object) -> float:
    """The total of a cost that is written as a number or with its parts; NaN where there is none."""
    if isinstance(cost, Mapping):
        cost = cost.get("total")
    return float(cost) if isinstance(cost, int | float) else math.nan


def _says(plan: object) -> str:
    if isinstance(plan, Mapping):
        return "; ".join(f"{saying.place(str(name))}: {value}" for name, value in plan.items())
    return str(plan)


def _drawn(aim: Aim, points: Sequence[Point], best: Sequence[Point], unit: str) -> Iterator[Html]:
    x = scale([point.cost for point in points], LEFT, RIGHT)
    ends = [value for point in points for value in (point.one.low, point.one.mean, point.one.high)]
    y = scale([*ends, *([aim.bound] if aim.bound is not None else [])], BOTTOM, TOP, share=aim.share)
    yield from across(x, TOP, BOTTOM, lambda value: f"{value:,.0f}")
    yield from upwards(y, LEFT, RIGHT, lambda value: _tick(aim, value))
    yield mark("text", f"cost in {unit}", x=RIGHT, y=BOTTOM + 44, text_anchor="end", class_="axis")
    yield mark("text", f"{aim.name}{_in(aim)}", x=LEFT - 60, y=14, class_="axis")
    yield from _band(x, y, best)
    asked = None if aim.bound is None else y.at(aim.bound)
    if asked is not None:
        yield mark("line", x1=LEFT, x2=RIGHT, y1=asked, y2=asked, class_="bound")
    for point in sorted(points, key=lambda one: (one in best, one.chosen)):
        yield from _point(x, y, point, filled=point in best)
    if aim.bound is not None and asked is not None:
        said = f"asked: {saying.bound(aim.bound, share=aim.share)}"
        yield mark("text", said, x=RIGHT + 8, y=asked + 4)


def _band(x: Scale, y: Scale, best: Sequence[Point]) -> Iterator[Html]:
    sure = [point for point in best if math.isfinite(point.one.low)]
    if len(sure) < 2:
        return
    above = [f"{x.at(point.cost):.1f},{y.at(point.one.high):.1f}" for point in sure]
    below = [f"{x.at(point.cost):.1f},{y.at(point.one.low):.1f}" for point in reversed(sure)]
    yield mark("polygon", points=" ".join([*above, *below]), class_="band")
    middle = [f"{x.at(point.cost):.1f},{y.at(point.one.mean):.1f}" for point in best]
    yield mark("polyline", points=" ".join(middle), class_="line")


def _point(x: Scale, y: Scale, point: Point, *, filled: bool) -> Iterator[Html]:
    at, mean = x.at(point.cost), y.at(point.one.mean)
    if math.isfinite(point.one.low):
        class_ = "whisker" if filled else "whisker faint"
        yield whisker(at, y.at(point.one.low), y.at(point.one.high), upright=True, class_=class_)
    yield mark(
        "circle",
        mark("title", point.says),
        cx=at,
        cy=mean,
        r=5 if filled else 4,
        class_="full" if filled else "hollow",
    )
    if point.chosen:
        yield mark("circle", cx=at, cy=mean, r=10, class_="ring")


def _tick(aim: Aim, value: float) -> str:
    return f"{value * 100:.6g} %" if aim.share else f"{value:.6g}"


def _in(aim: Aim) -> str:
    return f" in {aim.unit}" if aim.unit and not aim.share else ""
