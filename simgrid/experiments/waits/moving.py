"""Time on the way: with agents, held up, sharing the line, or on the line as if it were alone there."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from simgrid.domain.units import BITS_PER_BYTE, Seconds
from simgrid.experiments.waits.course import Course
from simgrid.experiments.waits.spans import Spans, pieces
from simgrid.experiments.waits.stages import Stage
from simgrid.network import agent, down, up
from simgrid.simulation.transfer_log import UPLOAD
from simgrid.simulation.transfers import TO_READERS

_ROUNDING = 1e-9
"""A share of the clock below which two instants are the same."""


def moving(course: Course, row: int, stage: Stage) -> Iterator[tuple[str, Seconds, Seconds]]:
    """The pieces of an upload, a delivery or a report's way; names begin with the stage's.

    Held up by an outage is whatever stands still while a link of the way is dead at some time of it; what
    stands still otherwise waits for room at the unit, or in the site's cache.
    """
    attempts = _attempts(course, row, stage)
    links = {link for number in attempts for link in course.journal.transfers.path[number]}
    links |= _own_links(course, row, stage)
    on_wire = _on_wire(course, attempts)
    still = course.stood_still(row)
    dead = Spans.of(
        (start, end, 0)
        for start, end, _ in still.within(stage.start_s, stage.end_s)
        if any(_was_dead(course.capacity(link), start, end) for link in links)
    )
    labelled = []
    for start_s, end_s, at_s in pieces(stage.start_s, stage.end_s, (on_wire, still)):
        if still.owner(at_s) is not None:
            kind = "room" if dead.owner(at_s) is None and stage.name != "report" else "down"
        else:
            kind = "wire" if on_wire.owner(at_s) is not None else "agent"
        labelled.append((kind, start_s, end_s))
    wire_s = sum(end - start for kind, start, end in labelled if kind == "wire")
    shared_s = max(wire_s - sum(_alone_s(course, number) for number in attempts), 0.0)
    if shared_s <= _ROUNDING * max(stage.end_s, 1.0):
        shared_s = 0.0
    for kind, start_s, end_s in labelled:
        if kind != "wire":
            yield f"{stage.name}-{kind}", start_s, end_s
            continue
        turn_s = min(start_s + shared_s, end_s)
        shared_s = max(shared_s - (end_s - start_s), 0.0)
        yield f"{stage.name}-line", start_s, turn_s
        yield stage.name, turn_s, end_s


def _attempts(course: Course, row: int, stage: Stage) -> list[int]:
    """The transfers that had a part in the stage."""
    of = course.journal.transfers
    legs: Sequence[str] = {"upload": (UPLOAD,), "delivery": TO_READERS, "report": ("report",)}[stage.name]
    found = []
    for number in course.attempts.get(row, ()):
        ended_s = float(of.finished_s[number])
        if of.leg[number] in legs and of.started_s[number] < stage.end_s and not ended_s <= stage.start_s:
            to = of.path[number][1]
            if stage.name != "delivery" or to == down(course.world.radiologists[stage.who].unit):
                found.append(number)
    return found


def _on_wire(course: Course, attempts: list[int]) -> Spans:
    """When at least one of the transfers was under way."""
    of, joined = course.journal.transfers, list[list[Seconds]]()
    for number in attempts:
        start_s, end_s = float(of.started_s[number]), float(of.finished_s[number])
        end_s = course.journal.ended_s if math.isnan(end_s) else end_s
        if joined and start_s <= joined[-1][1]:
            joined[-1][1] = max(joined[-1][1], end_s)
        else:
            joined.append([start_s, end_s])
    return Spans.of((start, end, 0) for start, end in joined)


def _own_links(course: Course, row: int, stage: Stage) -> set[str]:
    """The links and agents that the stage needs whether or not anything was sent."""
    place = course.journal.inspections.site[row]
    if stage.name == "upload":
        return {up(place), agent(place)}
    unit = course.world.radiologists[stage.who].unit
    return {down(unit), agent(unit)}


def _was_dead(steps: list[tuple[Seconds, float]], start_s: Seconds, end_s: Seconds) -> bool:
    """Whether a link with these capacities carried nothing at some time of an interval."""
    first = max(bisect_right(steps, (start_s, math.inf)) - 1, 0)
    return any(bps == 0 for at_s, bps in steps[first:] if at_s < end_s)


def _alone_s(course: Course, number: int) -> Seconds:
    """Seconds that a transfer would have taken with its links for itself, but for when one is dead."""
    of = course.journal.transfers
    left_bits = float(of.size_bytes[number]) * BITS_PER_BYTE
    at_s, cap_bps = float(of.started_s[number]), float(of.cap_bps[number])
    ended_s = float(of.finished_s[number])
    steps = [course.capacity(link) for link in of.path[number]]
    turns = sorted({when for one in steps for when, _ in one[_place(one, at_s) + 1 :] if not when >= ended_s})
    taken_s = 0.0
    for until_s in (*turns, math.inf):
        bps = min(cap_bps, *(_at(one, at_s) for one in steps))
        if bps > 0:
            needs_s = left_bits / bps
            if at_s + needs_s <= until_s:
                return taken_s + needs_s
            taken_s += until_s - at_s
            left_bits -= bps * (until_s - at_s)
        at_s = until_s
    return taken_s


def _at(steps: list[tuple[Seconds, float]], at_s: Seconds) -> float:
    """What a link carries at an instant; of a link that is in no record anything."""
    place = _place(steps, at_s)
    return steps[place][1] if place >= 0 else math.inf


def _place(steps: list[tuple[Seconds, float]], at_s: Seconds) -> int:
    """The number of the step that holds at an instant; -1 for none."""
    return bisect_right(steps, (at_s, math.inf)) - 1
