"""Sites, units and their links, each link as dark and as wide as it is used, hour by hour."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from simgrid.experiments.study import Study
from simgrid.presentation.board import saying
from simgrid.presentation.board.places import CENTRE, WIDTH, Layout, Place
from simgrid.presentation.board.sections import section
from simgrid.presentation.html.drawing import drawing, figure, mark
from simgrid.presentation.html.elements import Html, data_block, element, table
from simgrid.statistics.intervals import mean_interval

METRIC = "link_utilisation"
A_DAY = 24
SHADES = 6
MOST_LINKS = 160
_APART = 4.0
_GONE = (math.nan, math.nan, math.nan)


@dataclass(frozen=True, slots=True)
class Use:
    """One link: the mean use over the run and in each hour, each with the ends of its 95 % interval."""

    name: str
    whole: tuple[float, float, float]
    hours: tuple[tuple[float, float, float], ...]

    @property
    def busiest(self) -> int | None:
        """The hour with the highest mean; None without hours."""
        known = [(one[0], -hour) for hour, one in enumerate(self.hours) if not math.isnan(one[0])]
        return -max(known)[1] if known else None


def columns(study: Study) -> list[int]:
    """The columns that it is made of, by number."""
    links = [one.group for one in study.columns if one.group.startswith("link=") and one.metric == METRIC]
    hourly = [f"hour={hour:02d} {link}" for link in links[:MOST_LINKS] for hour in range(A_DAY)]
    found = (study.column(METRIC, group) for group in (*links, *hourly))
    return [place for place in found if place is not None]


def uses(study: Study, cell: int, policy: int) -> tuple[Use, ...]:
    """Every link that was measured, in the study's order; hours only where the scenario asked for them."""
    links = [
        one.group.partition("=")[2]
        for one in study.columns
        if one.group.startswith("link=") and one.metric == METRIC
    ]

    def of(group: str) -> tuple[float, float, float]:
        place = study.column(METRIC, group)
        if place is None:
            return _GONE
        found = mean_interval(study.values[cell, policy, :, place])
        return float(found.mean), float(found.low), float(found.high)

    return tuple(
        Use(link, of(f"link={link}"), tuple(of(f"hour={hour:02d} link={link}") for hour in range(A_DAY)))
        for link in links[:MOST_LINKS]
    )


def map_section(found: Sequence[Use], layout: Layout) -> Iterator[Html]:
    """Nothing where no link was measured."""
    known = [one for one in found if not math.isnan(one.whole[0])]
    if not known:
        return
    hourly = any(one.busiest is not None for one in known)
    by_place = {one.name: one for one in layout.places}
    drawn = drawing(_says(known), WIDTH, layout.height, *_drawn(known, layout, by_place))
    caption = (
        "Lines: the two ways of each link, as dark and as wide as they are used. Numbers: use in % "
        "(± half the 95 % interval) of the busier way. "
        + ("" if layout.true else "The places are not drawn to scale.")
    )
    behind = table(
        "Use of links", ("Link", "Over the whole run", "In its busiest hour"), map(_row, known), "map-table"
    )
    yield section(
        "map", "Where the lines are busy", *_clock(hourly), figure(drawn, caption, behind), printed=False
    )
    if hourly:
        yield data_block("map-data", [[_at(one, hour) for hour in range(-1, A_DAY)] for one in known])


def _clock(hourly: bool) -> Iterator[Html]:
    if hourly:
        yield element(
            "form",
            element("label", "Hour of the day", for_="map-hour"),
            element("output", "the whole run", id="map-at", for_="map-hour"),
            element(
                "input",
                type="range",
                min="-1",
                max=str(A_DAY - 1),
                step="1",
                value="-1",
                id="map-hour",
                aria_valuetext="the whole run",
            ),
            class_="scripted clock control",
            aria_label="Hour shown on the map",
        )


def _drawn(known: Sequence[Use], layout: Layout, by_place: dict[str, Place]) -> Iterator[Html]:
    centre = by_place[CENTRE]
    labels: dict[str, list[int]] = {}
    for k, one in enumerate(known):
        name, _, way = one.name.rpartition("/")
        place = by_place.get(name)
        if place is None:  # the data centre's own link has no line
            continue
        labels.setdefault(name, []).append(k)
        yield _line(place, centre, k, one, -1 if way == "up" else 1)
    for place in layout.places:
        yield from _node(place, labels.get(place.name, []), known)


def _line(place: Place, centre: Place, k: int, one: Use, side: int) -> Html:
    across, down = centre.x - place.x, centre.y - place.y
    length = math.hypot(across, down) or 1.0
    dx, dy = -down / length * _APART * side, across / length * _APART * side
    ends = {"x1": place.x + dx, "y1": place.y + dy, "x2": centre.x + dx, "y2": centre.y + dy}
    return mark(
        "line",
        mark("title", f"{one.name}: {_percent(one.whole)}"),
        **ends,
        id=f"line-{k}",
        class_=f"wire u{_shade(one.whole)}",
    )


def _node(place: Place, links: Sequence[int], known: Sequence[Use]) -> Iterator[Html]:
    if place.kind == "site":
        yield mark("circle", cx=place.x, cy=place.y, r=9, class_="node")
    else:
        side = 11 if place.kind == "unit" else 15
        yield mark(
            "rect",
            x=place.x - side,
            y=place.y - side,
            width=2 * side,
            height=2 * side,
            class_=f"node {place.kind}",
        )
    yield mark("text", place.name, x=place.x, y=place.y - 20, text_anchor="middle", class_="halo")
    if links:
        busier = max(links, key=lambda k: known[k].whole[0])
        said = f"{_way(known[busier].name)} {_percent(known[busier].whole)}"
        told = ",".join(map(str, links))
        yield mark(
            "text",
            said,
            x=place.x,
            y=place.y + 28,
            text_anchor="middle",
            class_="halo small",
            data_links=told,
        )


def _at(one: Use, hour: int) -> list[object]:
    use = one.whole if hour < 0 else one.hours[hour]
    return [_shade(use), -1 if math.isnan(use[0]) else round(use[0], 4), f"{_way(one.name)} {_percent(use)}"]


def _row(one: Use) -> tuple[str, str, str]:
    hour = one.busiest
    peak = "not measured by hour" if hour is None else f"{hour:02d}:00: {_interval(one.hours[hour])}"
    return one.name, _interval(one.whole), peak


def _interval(use: tuple[float, float, float]) -> str:
    mean, low, high = saying.in_words(*use, share=True, bound=None)
    return f"{mean} % (no interval)" if math.isnan(use[1]) else f"{mean} % ({low} to {high} %)"


def _percent(use: tuple[float, float, float]) -> str:
    if math.isnan(use[0]):
        return "nothing sent"
    half = "" if math.isnan(use[2]) else f" ±{saying.rounded(100 * (use[2] - use[0]), 0, 1)}"
    return f"{saying.percent(use[0], digits=0)} %{half}"


def _way(link: str) -> str:
    return {"up": "↑", "down": "↓"}.get(link.rpartition("/")[2], link)


def _shade(use: tuple[float, float, float]) -> int:
    return 0 if math.isnan(use[0]) else min(int(max(use[0], 0.0) * SHADES), SHADES - 1)


def _says(known: Sequence[Use]) -> str:
    busiest = max(known, key=lambda one: one.whole[0])
    said = f"{len(known)} links; the busiest is {busiest.name}, {_percent(busiest.whole)}"
    return f"{said}; the numbers are in the table below"
