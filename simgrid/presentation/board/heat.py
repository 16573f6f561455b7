"""When it goes wrong: the hour of the request across, radiologists or another input down."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from simgrid.experiments.study import Study
from simgrid.presentation.board import saying
from simgrid.presentation.board.inputs import Input, star
from simgrid.presentation.board.sections import note, section
from simgrid.presentation.html.elements import Html, element
from simgrid.statistics.intervals import mean_interval

METRIC = "response_time_success"
A_DAY = 24
_SHADES = 8
MOST_ROWS = 8


@dataclass(frozen=True, slots=True)
class Heat:
    """``mean`` and ``half`` (rows, 24): the share in time by hour of request and half its 95 % interval.

    The mean is that of the replications' shares: a run does not say how many requests an hour had, so that
    of all inspections, by which targets are judged, cannot be had.
    ``n`` (rows, 24): the replications that had requests in that hour.
    """

    label: str
    rows: tuple[str, ...]
    mean: tuple[tuple[float, ...], ...]
    half: tuple[tuple[float, ...], ...]
    base: int
    n: tuple[tuple[int, ...], ...]


def columns(study: Study) -> list[int]:
    """The columns that it is made of, by number."""
    found = (study.column(METRIC, f"hour={hour:02d}") for hour in range(A_DAY))
    return [place for place in found if place is not None]


def arms(study: Study, inputs: Sequence[Input], cell: int, policy: int) -> list[tuple[int, int]]:
    """Cell and policy of each of its rows."""
    return [(at, by) for _, at, by in _rows(study, inputs, cell, policy)[1]]


def heat_of(study: Study, inputs: Sequence[Input], cell: int, policy: int) -> Heat | None:
    """None where the runs have no hours: the scenario did not ask for the group ``hour``."""
    columns = {hour: study.column(METRIC, f"hour={hour:02d}") for hour in range(A_DAY)}
    if all(place is None for place in columns.values()):
        return None
    label, found = _rows(study, inputs, cell, policy)
    mean, half, n = [], [], []
    for _, at, by in found:
        values = [
            mean_interval(study.values[at, by, :, place]) if place is not None else None
            for place in columns.values()
        ]
        n.append(tuple(0 if one is None else int(one.n) for one in values))
        mean.append(tuple(math.nan if one is None else float(one.mean) for one in values))
        half.append(tuple(math.nan if one is None else float(one.high - one.mean) for one in values))
    base = next(k for k, (_, at, by) in enumerate(found) if (at, by) == (cell, policy))
    return Heat(label, tuple(name for name, _, _ in found), tuple(mean), tuple(half), base, tuple(n))


def heat_section(heat: Heat | None) -> Iterator[Html]:
    """A table whose cells are shaded: it is read as it is seen."""
    if heat is None:
        return
    head = element(
        "tr",
        element("th", heat.label, scope="col"),
        *(element("th", f"{hour:02d}", scope="col") for hour in range(A_DAY)),
    )
    body = [
        element(
            "tr",
            element("th", _named(heat, k), scope="row"),
            *map(_cell, heat.mean[k], heat.half[k], heat.n[k]),
        )
        for k in range(len(heat.rows))
    ]
    identifier = "heat-table"
    drawn = element(
        "table",
        element(
            "caption",
            "Share reported within the time allowed, in %, by hour of the request: "
            "the mean of the replications’ shares",
            id=identifier,
        ),
        element("thead", head),
        element("tbody", *body),
        class_="heat",
    )
    scrolls = element("div", drawn, class_="wide", role="region", tabindex="0", aria_labelledby=identifier)
    said = (
        "The darker, the more are late. Small: half the 95 % interval, in percentage points. "
        "“±0 (5)”: the same in all 5 replications that had such requests, which is no certainty. "
        "Empty: nothing was requested. Each replication counts alike, however many requests it had in that "
        "hour; a target counts inspections."
    )
    yield section(
        "heat",
        f"When it is late: hour of request and {heat.label}",
        *(note(one) for one in _worst(heat)),
        scrolls,
        note(said),
    )


def _rows(
    study: Study, inputs: Sequence[Input], cell: int, policy: int
) -> tuple[str, list[tuple[str, int, int]]]:
    """What stands down the side, with each row's cell and policy: the roster where it was varied."""
    ranked = sorted(
        inputs, key=lambda one: (not one.column.endswith(".count"), not one.column.startswith("radiologists"))
    )
    for one in ranked:
        cells = star(tuple(inputs), cell, one)
        if len(cells) > 1:
            near = sorted(cells, key=lambda level: (abs(level - one.of_cell[cell]), level))[:MOST_ROWS]
            return one.label, [(one.levels[level], cells[level], policy) for level in sorted(near)]
    measured = ~np.isnan(study.values[cell]).all(axis=(1, 2))
    names = study.design.policies
    return "way to assign work", [(names[k], cell, k) for k in np.flatnonzero(measured).tolist()]


def _named(heat: Heat, row: int) -> str:
    return f"{heat.rows[row]} (as it is)" if row == heat.base and len(heat.rows) > 1 else heat.rows[row]


def _cell(mean: float, half: float, n: int) -> Html:
    if math.isnan(mean):
        return element("td", "", class_="none")
    shade = min(int((1 - mean) * _SHADES * 2), _SHADES - 1)  # half of all late is as dark as it gets
    said = saying.percent(mean, -1, 0)
    sure = "no interval" if math.isnan(half) else f"±0 ({n})" if half == 0 else _half(half)
    return element("td", said, element("span", sure, class_="half"), class_=f"h{shade}")


def _half(half: float) -> str:
    return f"±{saying.rounded(100 * half, 0, 1)}"


def _worst(heat: Heat) -> Iterator[str]:
    """The hour that is worst as it is, in words; nothing where none is late, or that is not sure."""
    row = [(value, hour) for hour, value in enumerate(heat.mean[heat.base]) if not math.isnan(value)]
    if not row:
        return
    value, hour = min(row)
    half = heat.half[heat.base][hour]
    if value < 1 and not math.isnan(half):
        when = f"between {hour:02d}:00 and {(hour + 1) % A_DAY:02d}:00"
        sure = f"± {saying.rounded(100 * half, 1, 1)} points"
        if half == 0:
            sure = f"the same in all {heat.n[heat.base][hour]} replications"
        share = f"{saying.percent(value)} % in time on average"
        yield f"As it is, what is requested {when} fares worst: {share} ({sure})."
