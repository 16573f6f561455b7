"""Where the time goes: minutes of a study in each kind of wait and work, and why the latest were late."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from simgrid.domain.units import MINUTE, Seconds
from simgrid.experiments.installed import load_stored
from simgrid.experiments.resimulation import Wanted, find
from simgrid.experiments.waits import KINDS, Explained, Part, WhereTimeGoes, table_of, waits_of
from simgrid.experiments.waits.kinds import BY_NAME
from simgrid.experiments.waits.table import follow
from simgrid.presentation.board import saying
from simgrid.presentation.board.chart import across, scale, whisker
from simgrid.presentation.board.sections import note, section
from simgrid.presentation.html.drawing import drawing, figure, mark
from simgrid.presentation.html.elements import Html, element, table
from simgrid.presentation.waits import duration, sentences
from simgrid.statistics.intervals import mean_interval

WIDTH, LEFT, RIGHT, TOP, ROW = 860.0, 300.0, 790.0, 12.0, 24.0
LATEST = 5
REPLICATIONS, FEWEST = 5, 2
MOST_INSPECTIONS = 5_000
"""Runs of more are simulated again only where somebody asks for it."""
_SMALLEST_MIN = 0.05
"""A kind of time below it in every replication has no bar."""


@dataclass(frozen=True, slots=True)
class Waits:
    """Mean minutes by kind across replications, and the latest studies of replication 0."""

    where: WhereTimeGoes
    latest: tuple[Explained, ...]


def waits_of_answer(folder: Path, cell: Mapping[str, str], policy: str, keys: Sequence[str]) -> Waits:
    """Simulate the answer's first runs again, whose stored keys are given by replication.

    :raises CodeHasChanged: they no longer come out as they were stored.
    """
    first = find(folder, Wanted(policy, 0, cell), load_stored)
    drawn = next(one for one in first.asked.cells if dict(one.swept) == dict(first.scenario.swept))
    means: list[list[float]] = []
    latest: tuple[Explained, ...] = ()
    for replication, key in enumerate(keys):
        one = replace(first, scenario=drawn.of(replication), replication=replication, key=key)
        course = follow(one)
        found = table_of(course, policy, replication)
        means.append(list(found.mean().values()))
        if replication == 0:
            rows = found.latest(LATEST).tolist()
            latest = tuple(Explained(one, course, row, waits_of(course, row)) for row in rows)
    over = mean_interval(np.array(means).T)
    return Waits(WhereTimeGoes(policy, KINDS, over.mean, over.low, over.high, int(over.n.max())), latest)


def waits_section(waits: Waits | None) -> Iterator[Html]:
    """Nothing where no run was followed; of one run no bars, which would have no interval."""
    if waits is None or not waits.where.n:
        return
    if waits.where.n < FEWEST:
        yield from _late(waits.latest)
        return
    found = [row for row in _kinds(waits.where) if row[3] >= _SMALLEST_MIN]
    if not found:
        return
    caption = (
        "Minutes of a study in each kind of time, mean and 95 % interval over "
        f"{waits.where.n} replications. Filled: work. Hollow: waiting."
    )
    rows = [(part.title, "work" if part.work else "waiting", _minutes(*of)) for part, *of in found]
    behind = table("Where the time goes", ("What", "Kind", "Minutes (95 % interval)"), rows, "waits-table")
    drawn = drawing(_says(found), WIDTH, TOP + ROW * len(found) + 44, *_bars(found))
    yield section("waits", "Where the time goes", figure(drawn, caption, behind))
    yield from _late(waits.latest)


def _kinds(where: WhereTimeGoes) -> list[tuple[Part, float, float, float]]:
    """Of each kind mean and ends; no time is below 0, so neither is an end of its interval."""
    low, mean, high = where.low_min.tolist(), where.mean_min.tolist(), where.high_min.tolist()
    return [
        (part, one, np.maximum(least, 0.0).item(), max(one, most) if math.isfinite(most) else one)
        for part, one, least, most in zip(where.kinds, mean, low, high, strict=True)
    ]


def _minutes(mean: float, low: float, high: float) -> str:
    said, least, most = saying.in_words(mean, low, high, share=False, bound=None)
    return f"{said} min (no interval)" if math.isnan(low) else f"{said} min ({least} to {most} min)"


def _bars(found: Sequence[tuple[Part, float, float, float]]) -> Iterator[Html]:
    x = scale([0.0, *(high for *_, high in found)], LEFT, RIGHT)
    zero, bottom = x.at(0.0), TOP + ROW * len(found)
    yield from across(x, TOP, bottom, lambda value: f"{value:.6g}")
    for k, (part, mean, low, high) in enumerate(found):
        y = TOP + ROW * (k + 0.5)
        yield mark("text", part.title, x=LEFT - 12, y=y + 4, text_anchor="end")
        yield mark("rect", x=zero, y=y - 8, width=max(x.at(mean) - zero, 1), height=16, class_=_class(part))
        if math.isfinite(low):
            yield whisker(y, x.at(max(low, 0.0)), x.at(high), upright=False, class_="whisker over")
            yield whisker(y, x.at(max(low, 0.0)), x.at(high), upright=False, class_="whisker")
    yield mark("text", "minutes", x=RIGHT, y=bottom + 40, text_anchor="end", class_="axis")


def _late(latest: Sequence[Explained]) -> Iterator[Html]:
    if not latest:
        return
    rows = [
        (
            one.identifier,
            one.about,
            duration(one.required_s),
            duration(one.turnaround_s - one.required_s),
            element("a", f"why {one.identifier} was late", href=f"#late-{k}"),
        )
        for k, one in enumerate(latest)
    ]
    headings = ("Study", "What", "Allowed", "Late by", "Its waits")
    listed = table("The latest studies of one run", headings, rows, "latest-table")
    why = [_why(k, one) for k, one in enumerate(latest)]
    said = note("Of replication 0: single studies are examples, no measure of how often this happens.")
    yield section("latest", "Why the latest were late", said, listed, *why, printed=False)


def _why(k: int, one: Explained) -> Html:
    """One study's waterfall with its sentences."""
    steps = _steps(one)
    drawn = drawing(
        f"The waits of {one.identifier} in order", WIDTH, TOP + ROW * len(steps) + 44, *_fall(one, steps)
    )
    rows = [(BY_NAME[kind].title, duration(start_s), duration(length_s)) for kind, start_s, length_s in steps]
    headings = ("What", "After", "Took")
    behind = table(f"The waits of {one.identifier}", headings, rows, f"late-table-{k}")
    told = [element("p", said) for said in sentences(one)]
    caption = "Hours since the request. Filled: work. Hollow: waiting."
    return element(
        "div",
        element("h3", f"{one.identifier}: {one.about}"),
        *told,
        figure(drawn, caption, behind),
        id=f"late-{k}",
        tabindex="-1",
    )


def _steps(one: Explained) -> list[tuple[str, Seconds, Seconds]]:
    """Kind, start since the request and length of each part; equal kinds in a row are one."""
    steps: list[tuple[str, Seconds, Seconds]] = []
    for wait in one.waits:
        start_s = wait.start_s - one.requested_s
        if steps and steps[-1][0] == wait.kind:
            kind, first_s, length_s = steps[-1]
            steps[-1] = (kind, first_s, length_s + wait.seconds)
        elif wait.seconds > 0:
            steps.append((wait.kind, start_s, wait.seconds))
    return steps


def _fall(one: Explained, steps: Sequence[tuple[str, Seconds, Seconds]]) -> Iterator[Html]:
    hour = 60 * MINUTE
    x = scale([0.0, one.turnaround_s / hour, one.required_s / hour], LEFT, RIGHT)
    bottom = TOP + ROW * len(steps)
    yield from across(x, TOP, bottom, lambda value: f"{value:.6g} h")
    allowed = x.at(one.required_s / hour)
    yield mark("line", x1=allowed, x2=allowed, y1=TOP - 6, y2=bottom, class_="bound")
    yield mark("text", "allowed", x=allowed, y=bottom + 36, text_anchor="middle", class_="axis")
    for k, (kind, start_s, length_s) in enumerate(steps):
        y, start = TOP + ROW * (k + 0.5), x.at(start_s / hour)
        wide = max(x.at((start_s + length_s) / hour) - start, 2)
        yield mark("text", BY_NAME[kind].title, x=LEFT - 12, y=y + 4, text_anchor="end")
        yield mark("rect", x=start, y=y - 8, width=wide, height=16, class_=_class(BY_NAME[kind]))
        if start + wide < RIGHT - 60:
            yield mark("text", duration(length_s), x=start + wide + 6, y=y + 4, class_="tick")


def _class(part: Part) -> str:
    return "bar work" if part.work else "bar"


def _says(found: Sequence[tuple[Part, float, float, float]]) -> str:
    longest = max(found, key=lambda row: row[1])[0].title
    return f"Minutes of a study by kind of time, most of it {longest}; the numbers are in the table below"
