"""What an inspection waited for at every moment between request and report.

The stages follow each other without a gap, and each is cut into pieces without a gap, so the parts add up to
the turnaround. Of a transfer the part that it would have taken with the line for itself is the transfer, the
rest is for sharing the line: links share by the fluid, so that the two happen at once, and sharing is shown
first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from simgrid.domain.units import Seconds
from simgrid.experiments.waits.course import Course
from simgrid.experiments.waits.moving import moving
from simgrid.experiments.waits.spans import Spans, pieces
from simgrid.experiments.waits.stages import Stage, stages_of

Piece = tuple[str, Seconds, Seconds]


@dataclass(frozen=True, slots=True)
class Wait:
    """From ``start_s`` to ``end_s`` the inspection waited for, or was in, ``kind`` (a name in ``KINDS``).

    ``radiologist``: whose desk or decision it was about, -1 for nobody. ``others``: at a desk, how many other
    inspections were read before it.
    """

    kind: str
    start_s: Seconds
    end_s: Seconds
    radiologist: int = -1
    others: int = 0

    @property
    def seconds(self) -> Seconds:
        """How long it was."""
        return self.end_s - self.start_s


def waits_of(course: Course, inspection: int) -> tuple[Wait, ...]:
    """The parts of one inspection's time from request to report, or to the run's end: in order, without gap.

    ``inspection`` is its row in the journal. Neighbouring parts differ in kind or radiologist; none is empty.
    """
    found: list[Wait] = []
    happened = course.happened.get(inspection, ())
    requested_s = float(course.journal.inspections.requested_s[inspection])
    if course.journal.resumed_s is not None and requested_s < course.journal.resumed_s:
        found.append(Wait("before", requested_s, course.journal.resumed_s))
    for stage in stages_of(happened, course.journal.ended_s):
        for kind, start_s, end_s in _pieces(course, inspection, stage):
            if end_s <= start_s:
                continue
            others = _others(course, stage.who, start_s, end_s) if kind in ("others", "urgent-first") else 0
            last = found[-1] if found else None
            if last is not None and (last.kind, last.radiologist) == (kind, stage.who):
                others = _others(course, stage.who, last.start_s, end_s) if others else 0
                found[-1] = Wait(kind, last.start_s, end_s, stage.who, others)
            else:
                found.append(Wait(kind, start_s, end_s, stage.who, others))
    return tuple(found)


def _pieces(course: Course, row: int, stage: Stage) -> Iterator[Piece]:
    match stage.name:
        case "upload" | "delivery" | "report":
            yield from moving(course, row, stage)
        case "decision":
            yield from _undecided(course, row, stage)
        case "desk" | "aside":
            yield from _at_desk(course, stage)
        case _:
            yield stage.name, stage.start_s, stage.end_s


def _undecided(course: Course, row: int, stage: Stage) -> Iterator[Piece]:
    """Until the first decision that could take it; what comes after was the policy's choice."""
    shown = [at_s for at_s in course.passed_over.get(row, ()) if stage.start_s <= at_s < stage.end_s]
    first_s = shown[0] if shown else stage.end_s
    after = Spans.of([(first_s, stage.end_s, 0)])
    for start_s, end_s, at_s in pieces(stage.start_s, stage.end_s, (course.anybody, after)):
        passed_over = after.owner(at_s) is not None
        waits_for_hours = course.world.dispatch.in_hours or passed_over
        if waits_for_hours and course.anybody.owner(at_s) is None:
            yield "nobody", start_s, end_s
        else:
            yield "undecided" if passed_over else "decision", start_s, end_s


def _at_desk(course: Course, stage: Stage) -> Iterator[Piece]:
    """Behind whatever lay open before her, else within her hours or not."""
    sittings, duty, asks = (of[stage.who] for of in (course.sittings, course.duty, course.queueing))
    for start_s, end_s, at_s in pieces(stage.start_s, stage.end_s, (sittings, duty, asks, course.anybody)):
        if sittings.owner(at_s) is not None:
            kind = "others" if stage.name == "desk" else "urgent-first"
        elif duty.owner(at_s) is None:
            kind = "off-duty" if course.anybody.owner(at_s) is not None else "nobody"
        elif asks.owner(at_s) is not None:
            kind = "seat"
        else:
            kind = "duties"
        yield kind, start_s, end_s


def _others(course: Course, who: int, start_s: Seconds, end_s: Seconds) -> int:
    """How many studies lay open before her meanwhile."""
    return len({row for *_, row in course.sittings[who].within(start_s, end_s)})
