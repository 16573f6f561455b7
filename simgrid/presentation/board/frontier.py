"""What more money buys: the plans tried, the cheapest that reach as much, and what each target asks."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simgrid.presentation.amounts import whole
from simgrid.presentation.board import saying
from simgrid.presentation.board.aims import told_aim
from simgrid.presentation.board.chart import Scale, across, scale, upwards, whisker
from simgrid.presentation.board.frontier_caption import caption, fewest_runs
from simgrid.presentation.board.judging import (
    Aim,
    Figure,
    Judged,
    ends,
    interval,
    unfavourable_end,
    with_unit,
)
from simgrid.presentation.board.sections import note, section
from simgrid.presentation.html.drawing import drawing, figure, mark
from simgrid.presentation.html.elements import Html, element, table

WIDTH, HEIGHT = 860.0, 420.0
LEFT, RIGHT, TOP, BOTTOM = 78.0, 765.0, 30.0, 360.0
MOST_LISTED = 60


@dataclass(frozen=True, slots=True)
class Point:
    """One plan: its cost a month, what which runs measured of the aim, and whether it is the answer's."""

    says: str
    cost: float
    one: Figure
    chosen: bool
    runs: str


@dataclass(frozen=True, slots=True)
class Frontier:
    """One aim over the plans that have a cost; ``ends``: what their low and high ends are."""

    aim: Aim
    points: tuple[Point, ...]
    ends: str


def frontier_section(frontiers: Sequence[Frontier], unit: str) -> Iterator[Html]:
    """A figure for each target, one of them shown; nothing where fewer than two plans have a cost."""
    drawn = [one for one in map(_known, frontiers) if len({point.cost for point in one.points}) > 1]
    if not drawn:
        return
    figures = [
        element(
            "div",
            element("h3", f"{one.aim.name}: {one.aim.says}"),
            *_chart(one, unit, k),
            class_="shown" if k == 0 else "",
            id=f"frontier-{k}",
        )
        for k, one in enumerate(drawn)
    ]
    yield section(
        "frontier", "What more money buys", *_choice(drawn), element("div", *figures, class_="choice")
    )


def undominated(aim: Aim, points: Sequence[Point], *, by_bound: bool = False) -> list[Point]:
    """The plans that are better than every plan that costs no more, by the mean or by the unfavourable end.

    Cheapest first.
    """
    sign = 1.0 if aim.better == "higher" else -1.0

    def merit(point: Point) -> float:
        value = unfavourable_end(aim, point.one) if by_bound else point.one.mean
        return -math.inf if math.isnan(value) else sign * value

    found: list[Point] = []
    for point in sorted(points, key=lambda one: (one.cost, -merit(one))):
        if merit(point) > (merit(found[-1]) if found else -math.inf):
            found.append(point)
    return found


def planned_frontier(aim: Aim, plan: Mapping[str, Any]) -> Frontier:
    """The plans that 'simgrid plan' tried, each by its last stage."""
    latest: dict[str, Mapping[str, Any]] = {
        plan_says(tried["plan"]): tried for tried in plan.get("tried") or ()
    }
    answer = plan_says(plan["plan"]) if plan.get("plan") else ""
    sure = float(plan.get("confidence") or 0.95)
    points = tuple(
        Point(says, cost_total(tried["cost"]), _seen(one, int(tried["n"])), says == answer, _runs(tried))
        for says, tried in latest.items()
        for one in tried["targets"]
        if one["name"] == aim.name
    )
    return Frontier(aim, points, f"one-sided {100 * sure:.6g} % bounds")


def swept_frontier(
    found: Judged, place: int, costs: Sequence[float], policy: int, cell: int, names: Sequence[str]
) -> Frontier:
    """Every cell under the answer's policy with its cost; of periods, the share that keeps the target."""
    aim = found.aims[place]
    by_periods = aim.target is not None and aim.target.periods is not None
    points = []
    for k, (of_cell, cost) in enumerate(zip(found.figures, costs, strict=True)):
        figures = of_cell[policy]
        if figures is not None:
            one = figures[place]
            judged = one.judged
            if by_periods and judged is not None:
                one = Figure(judged.mean, judged.low, judged.high, one.n, one.word, judged)
            points.append(Point(names[k], cost, one, k == cell, str(one.n)))
    shown = told_aim(aim.target) if by_periods and aim.target is not None else aim
    return Frontier(shown, tuple(points), ends(aim))


def cost_total(cost: object) -> float:
    """The total of a cost that is written as a number or with its parts; NaN where there is none."""
    if isinstance(cost, Mapping):
        cost = cost.get("total")
    return float(cost) if isinstance(cost, int | float) else math.nan


def plan_says(plan: object) -> str:
    """A plan's places and values in one line."""
    if isinstance(plan, Mapping):
        return "; ".join(f"{saying.place(str(name))}: {value}" for name, value in plan.items())
    return "" if plan is None else str(plan)


def _seen(one: Mapping[str, Any], n: int) -> Figure:
    mean, low, high = (
        math.nan if one.get(end) is None else float(one[end]) for end in ("mean", "low", "high")
    )
    return Figure(mean, low, high, n, "")


def _runs(tried: Mapping[str, Any]) -> str:
    return f"{tried['n']} of the {tried['stage']}" if tried.get("stage") else str(tried["n"])


def _known(given: Frontier) -> Frontier:
    """Those plans that have a cost and a mean."""
    points = (point for point in given.points if math.isfinite(point.cost) and math.isfinite(point.one.mean))
    return Frontier(given.aim, tuple(points), given.ends)


def _choice(drawn: Sequence[Frontier]) -> Iterator[Html]:
    """Which target is shown, where there are several."""
    if len(drawn) > 1:
        options = [element("option", one.aim.name, value=str(k)) for k, one in enumerate(drawn)]
        chosen = element("select", *options, id="frontier-target")
        label = element("label", "Target", for_="frontier-target")
        yield element(
            "form",
            element("div", label, chosen, class_="control"),
            class_="scripted clock screen",
            aria_label="Target shown against cost",
        )


def _chart(given: Frontier, unit: str, number: int) -> Iterator[Html]:
    aim, points = given.aim, given.points
    enough = [point for point in points if point.one.n >= fewest_runs(aim)]
    best, sure = undominated(aim, enough), undominated(aim, points, by_bound=True)
    says = (
        f"{aim.name} against cost: {len(points)} plans, {len(best)} of which no cheaper one reaches as much; "
        "the numbers are in the table below"
    )
    shown = list(dict.fromkeys([*best, *sure, *points]))[:MOST_LISTED]
    listed = sorted(shown, key=lambda point: (point.cost, point.says))
    rows = [
        (point.says, f"{whole(point.cost)} {unit}", interval(aim, point.one), _bound(aim, point), point.runs)
        for point in listed
    ]
    headings = ("Plan", "Cost", f"{aim.name} ({given.ends})", "Bound that decides", "Replications")
    behind = table(f"Plans by cost: {aim.name}", headings, rows, f"frontier-table-{number}")
    told = caption(
        aim,
        given.ends,
        [point.one.n for point in points],
        searched=any("search" in point.runs for point in points),
    )
    yield figure(drawing(says, WIDTH, HEIGHT, *_drawn(aim, points, best, sure, unit)), told, behind)
    if len(points) > len(rows):
        yield note(f"{len(points) - len(rows)} further plans are in the results folder.")


def _bound(aim: Aim, point: Point) -> str:
    end = unfavourable_end(aim, point.one)
    if math.isnan(end):
        return "too few replications"
    _, low, high = saying.in_words(
        point.one.mean, point.one.low, point.one.high, share=aim.share, bound=aim.bound
    )
    return f"at least {with_unit(aim, low)}" if aim.better == "higher" else f"at most {with_unit(aim, high)}"


def _drawn(
    aim: Aim, points: Sequence[Point], best: Sequence[Point], sure: Sequence[Point], unit: str
) -> Iterator[Html]:
    x = scale([point.cost for point in points], LEFT, RIGHT)
    values = [value for point in points for value in (point.one.low, point.one.mean, point.one.high)]
    y = scale([*values, *([aim.bound] if aim.bound is not None else [])], BOTTOM, TOP, share=aim.share)
    yield from across(x, TOP, BOTTOM, whole)
    yield from upwards(y, LEFT, RIGHT, lambda value: _tick(aim, value))
    yield mark("text", f"cost in {unit}", x=RIGHT, y=BOTTOM + 44, text_anchor="end", class_="axis")
    yield mark("text", f"{aim.name}{_in(aim)}", x=LEFT - 60, y=14, class_="axis")
    yield from _band(x, y, best, max(point.cost for point in points))
    asked = None if aim.bound is None else y.at(aim.bound)
    if asked is not None:
        yield mark("line", x1=LEFT, x2=RIGHT, y1=asked, y2=asked, class_="bound")
    for point in sorted(points, key=lambda one: (one in best, one.chosen)):
        yield from _point(x, y, point, filled=point in best, short=point.one.n < fewest_runs(aim))
    yield from _promised(x, y, aim, sure)
    if aim.bound is not None and asked is not None:
        unit_ = f" {aim.unit}" if aim.unit and not aim.share else ""
        said = f"asked: {saying.bound(aim.bound, share=aim.share)}{unit_}"
        beside = 16 if asked < (TOP + BOTTOM) / 2 else -6  # good plans of a share crowd at the top
        yield mark("text", said, x=RIGHT, y=asked + beside, text_anchor="end", class_="halo")


def _promised(x: Scale, y: Scale, aim: Aim, sure: Sequence[Point]) -> Iterator[Html]:
    """The unfavourable bounds that no cheaper plan reaches."""
    for point in sure:
        end = unfavourable_end(aim, point.one)
        if math.isfinite(end):
            at, down = x.at(point.cost), y.at(end)
            yield mark("rect", x=at - 3.5, y=down - 3.5, width=7, height=7, class_="full")


def _band(x: Scale, y: Scale, best: Sequence[Point], dearest: float) -> Iterator[Html]:
    """Steps, for between two plans nothing was run: each level holds until a plan that does better."""
    sure = [point for point in best if math.isfinite(point.one.low)]
    if not sure:
        return
    ends = [*(x.at(point.cost) for point in sure[1:]), x.at(dearest)]
    spans = [(x.at(point.cost), end, point.one) for point, end in zip(sure, ends, strict=True)]
    above = [f"{at:.1f},{y.at(one.high):.1f}" for begin, end, one in spans for at in (begin, end)]
    below = [f"{at:.1f},{y.at(one.low):.1f}" for begin, end, one in reversed(spans) for at in (end, begin)]
    middle = [f"{at:.1f},{y.at(one.mean):.1f}" for begin, end, one in spans for at in (begin, end)]
    yield mark("polygon", points=" ".join([*above, *below]), class_="band")
    yield mark("polyline", points=" ".join(middle), class_="line")


def _point(x: Scale, y: Scale, point: Point, *, filled: bool, short: bool) -> Iterator[Html]:
    at, mean = x.at(point.cost), y.at(point.one.mean)
    if math.isfinite(point.one.low):
        class_ = "whisker" if filled else "whisker faint"
        yield whisker(at, y.at(point.one.low), y.at(point.one.high), upright=True, class_=class_)
    yield mark(
        "circle",
        mark("title", f"{point.says}; replications: {point.runs}"),
        cx=at,
        cy=mean,
        r=5 if filled else 2.5 if short else 4,
        class_="full" if filled else "hollow",
    )
    if point.chosen:
        yield mark("circle", cx=at, cy=mean, r=10, class_="ring")


def _tick(aim: Aim, value: float) -> str:
    return f"{value * 100:.6g} %" if aim.share else f"{value:.6g}"


def _in(aim: Aim) -> str:
    return f" in {aim.unit}" if aim.unit and not aim.share else ""
