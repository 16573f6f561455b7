"""Why two runs part where they do, as far as their records show it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from simgrid.domain.units import MINUTE, Seconds
from simgrid.experiments.event_stream import scheduled
from simgrid.experiments.first_difference import Parting, Side
from simgrid.experiments.parting_words import Happening, Picture, about, instant
from simgrid.simulation.recorder import Event

_LEG = {"uploaded": "upload", "delivered": "delivery", "reported": "report"}
_TIMES = ("requested", "acquired", "uploaded", "assigned", "delivered", "opened", "read", "reported")
MEGABYTE = 1e6


def reasons(
    parting: Parting,
    events: tuple[Happening | None, Happening | None],
    pictures: tuple[Picture | None, Picture | None],
) -> tuple[str, ...]:
    """What is visibly behind the first difference, in sentences; empty where nothing is."""
    sides = parting.a, parting.b
    subjects = dict.fromkeys((one.kind, one.inspection) for one in events if one is not None)
    found = [
        line
        for kind, row in subjects
        if row is not None
        for line in _of_inspection(sides, kind, row, in_both=len(subjects) == 1)
    ]
    return tuple(dict.fromkeys([*found, *_of_schedule(sides, events), *_of_decision(pictures)]))


def _of_schedule(
    sides: tuple[Side, Side], events: tuple[Happening | None, Happening | None]
) -> Iterator[str]:
    """What happens on schedule in one of the worlds only, or at another time."""
    for event, other, name in zip(events, reversed(sides), "BA", strict=True):
        if event is None or event.kind not in ("began", "ended"):
            continue
        same = [one for one in other.setting.world.events if scheduled(one) == event.subject]
        times_s = [one.start_s if event.kind == "began" else one.end_s for one in same]
        told = ", ".join(_when(other, one) for one in times_s[:3] if one < np.inf)
        yield f"{event.subject}: in {name} {'it does so ' + told if told else 'there is none'}"


def _of_inspection(sides: tuple[Side, Side], kind: str, row: int, *, in_both: bool) -> Iterator[str]:
    """How one inspection fared in either run up to an event of that kind."""
    if any(row >= len(side.journal.inspections) for side in sides):
        yield f"one of the runs has no inspection number {row + 1}"
        return
    name = f"inspection {sides[0].journal.inspections.identifier[row]}"
    described = [_described(side, row) for side in sides]
    if described[0] != described[1]:
        yield f"{name} is {described[0]} in A, {described[1]} in B"
    if kind not in _TIMES:
        return
    at_s = [float(getattr(side.journal.inspections, f"{kind}_s")[row]) for side in sides]
    if not in_both and at_s[0] != at_s[1]:
        told = [_when(side, one) for side, one in zip(sides, at_s, strict=True)]
        yield f"{name} {Event[kind.upper()].name.lower()}: {told[0]} in A, {told[1]} in B"
    legs = [_leg(side, kind, row) for side in sides]
    if legs[0] != legs[1]:
        yield f"{name}: {legs[0]} in A, {legs[1]} in B"


def _described(side: Side, row: int) -> str:
    of = side.journal.inspections
    required_s = side.setting.inspections.as_labelled().required_s[row]
    allowed = f"{required_s / MINUTE:.4g} min allowed"
    return f"{about(side, row)}, {of.images[row]} images of {of.size_bytes[row] / MEGABYTE:.4g} MB, {allowed}"


def _when(side: Side, at_s: Seconds) -> str:
    return "never" if np.isnan(at_s) else f"{instant(side, at_s):%Y-%m-%d %H:%M:%S}"


def _leg(side: Side, kind: str, row: int) -> str:
    """What the inspection had to go through before an event of that kind."""
    if kind == "read":
        return _reading(side, row)
    if kind not in _LEG:
        return ""
    sent = side.journal.transfers
    rows = np.flatnonzero(sent.inspection == row).tolist()
    own = [number for number in rows if sent.leg[number] == _LEG[kind]]
    if not own:
        return f"no {_LEG[kind]}"
    began_s = float(sent.started_s[own[0]])
    took_s = sent.finished_s[own[-1]] - began_s
    ended = "never finished" if np.isnan(took_s) else f"took {took_s:.4g} s"
    way = f"{_LEG[kind]} over {' to '.join(sent.path[own[0]])}"
    return f"{way} began {_when(side, began_s)}, {sent.size_bytes[own[0]] / MEGABYTE:.4g} MB, {ended}"


def _reading(side: Side, row: int) -> str:
    """Who read it, how long, and what that is made of."""
    of, who = side.journal.inspections, int(side.journal.inspections.radiologist[row])
    if who < 0 or np.isnan(of.opened_s[row]):
        return "never opened"
    took_min = (of.read_s[row] - of.opened_s[row]) / MINUTE
    ended = "not read to its end" if np.isnan(took_min) else f"open for {took_min:.4g} min"
    drawn_min = float(side.setting.inspections.reading_draw_min[row])
    speed = side.setting.world.truth[who].speed
    opened = f"opened {_when(side, float(of.opened_s[row]))}"
    name = side.setting.world.radiologists[who].name
    return f"{opened} by {name} and {ended} ({drawn_min:.4g} min at speed 1, hers is {speed:.4g})"


def _of_decision(pictures: tuple[Picture | None, Picture | None]) -> Iterator[str]:
    a, b = pictures
    if a is None or b is None:
        if a is not b:
            yield f"only {'A' if b is None else 'B'} decided at this moment"
        return
    unlike = list(_unlike(a, b))
    if unlike:
        yield "the policies were shown different pictures: " + "; ".join(unlike)
    elif a.choices != b.choices:
        yield "the policies were shown the same picture and chose otherwise"


def _unlike(a: Picture, b: Picture) -> Iterator[str]:
    """What stood otherwise on the two screens."""
    waiting = [[choice.inspection for choice in one.choices] for one in (a, b)]
    if waiting[0] != waiting[1]:
        only = [[name for name in waiting[i] if name not in waiting[1 - i]] for i in (0, 1)]
        told = [
            f"{', '.join(names[:5])} only in {side}" for names, side in zip(only, "AB", strict=True) if names
        ]
        yield "waiting: " + (", ".join(told) or "the same in another order")
    desks = [{desk.radiologist: desk for desk in one.desks} for one in (a, b)]
    for name in dict.fromkeys([*desks[0], *desks[1]]):
        one, other = desks[0].get(name), desks[1].get(name)
        if one is None or other is None:
            yield f"{name} is there only in {'B' if one is None else 'A'}"
        elif one != other:
            yield f"the desk of {name}"
    links = dict(a.links_bps), dict(b.links_bps)
    for name in dict.fromkeys([*links[0], *links[1]]):
        if links[0].get(name) != links[1].get(name):
            yield f"the link of {name}"
