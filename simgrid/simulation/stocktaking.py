"""What there is in a run at one moment, before anything else happens at it: a backlog for other runs."""

from __future__ import annotations

import math

import numpy as np

from simgrid.domain.backlog import LEGS, Backlog, DeskBooks, Held, State
from simgrid.domain.inspection import Inspections
from simgrid.domain.units import Seconds
from simgrid.domain.world import World
from simgrid.simulation.journey import Journey
from simgrid.simulation.recorder import Event
from simgrid.simulation.transfer_log import DELIVERY, UPLOAD

_EVENTS = (Event.ACQUIRED, Event.UPLOADED, Event.ASSIGNED, Event.DELIVERED, Event.OPENED, Event.READ)
_LEG_OF = {"uploading": UPLOAD, "delivering": DELIVERY, "reporting": "report"}


def stock(journey: Journey, world: World, inspections: Inspections, now_s: Seconds) -> Backlog:
    """Every study that was requested and has no report, with the desks.

    ``inspections`` hold the truth. Queues keep their order; what a radiologist has open comes after what she
    laid aside.
    """
    recorder, desks = journey.recorder, journey.desks
    left, waiting = journey.wires.left(), {row: n for n, row in enumerate(journey.dispatcher.waiting)}
    on_desk, begun = desks.order(), desks.begun()
    found: list[tuple[tuple[float, ...], Held]] = []
    for row in range(len(inspections)):
        asked_s, reported_s = (recorder.time(kind, row) for kind in (Event.REQUESTED, Event.REPORTED))
        if math.isnan(asked_s) or not math.isnan(reported_s):
            continue
        times = [recorder.time(kind, row) for kind in _EVENTS]
        behind = sum(not math.isnan(at_s) for at_s in times)
        state = _state(behind, row in journey.scanners.due_s, begun.get(row, (0.0, 0.0, False))[2])
        amount: float | None = None
        settle_s: Seconds | None = None
        if state == "scanning":
            amount = max(journey.scanners.due_s[row] - now_s, 0.0)
        elif state in ("begun", "reading"):
            amount, settle_s, _ = begun[row]
        elif state in _LEG_OF:
            amount = left.get((_LEG_OF[state], row))
        last_s = times[behind - 1] if behind else float(inspections.requested_s[row])
        place = (waiting.get(row, 1e12), on_desk.get(row, 1e12), last_s, row)
        found.append(
            (place, _held(journey, world, inspections, row, state, (amount, settle_s), times[:behind]))
        )
    found.sort(key=lambda one: one[0])
    books = _books(journey, world, inspections, {int(place[-1]) for place, _ in found}, now_s)
    return Backlog(now_s, tuple(held for _, held in found), tuple(books))


def _state(behind: int, scanned: bool, is_open: bool) -> State:
    if behind == 0:
        return "scanning" if scanned else "requested"
    if behind == 5:
        return "reading" if is_open else "begun"
    states: tuple[State, ...] = ("uploading", "waiting", "delivering", "at-desk", "begun", "reporting")
    return states[behind - 1]


def _held(
    journey: Journey,
    world: World,
    of: Inspections,
    row: int,
    state: State,
    left: tuple[float | None, Seconds | None],
    times: list[Seconds],
) -> Held:
    who = int(journey.radiologist[row])
    return Held(
        identifier=of.identifier[row],
        state=state,
        requested_s=float(of.requested_s[row]),
        site=of.sites[int(of.site[row])],
        kind=of.kinds[int(of.kind[row])],
        urgent=bool(of.urgent[row]),
        required_s=float(of.required_s[row]),
        size_bytes=float(of.size_bytes[row]),
        images=int(of.images[row]),
        radiologist=None if who < 0 else world.radiologists[who].name,
        left=left[0],
        settle_s=left[1],
        reading_min=float(of.reading_draw_min[row]),
        times=tuple(zip(LEGS, times, strict=False)),
    )


def _books(
    journey: Journey, world: World, of: Inspections, held: set[int], now_s: Seconds
) -> list[DeskBooks]:
    """Of each radiologist what she was given in this period, less what is in the backlog."""
    began_s = max((at_s for at_s in world.limit_periods_s if at_s <= now_s), default=0.0)
    given = journey.monitor.given()
    efforts = of.of_kind("effort_min"), of.of_kind("effort_points")
    assigned_s = journey.recorder.times(Event.ASSIGNED)
    books = []
    for who, (one, busy_s) in enumerate(zip(world.radiologists, journey.desks.busy_s(), strict=True)):
        hers = np.flatnonzero((journey.radiologist == who) & (assigned_s >= began_s))
        kept = np.array([row in held for row in hers.tolist()], dtype=np.bool_)
        done = [
            max(float(all_of[who] - effort[hers[kept]].sum()), 0.0)
            for all_of, effort in zip(given, efforts, strict=True)
        ]
        largest = [float(effort[hers[~kept]].max(initial=0.0)) for effort in efforts]
        books.append(DeskBooks(one.name, busy_s, *(round(done_of, 9) for done_of in done), *largest))
    return [one for one in books if one != DeskBooks(one.radiologist)]
