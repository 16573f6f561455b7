"""An event, a decision and what differs beforehand, with names instead of numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from simgrid.domain.decision import UNASSIGNED
from simgrid.domain.units import MINUTE, BitsPerSecond, Minutes, Seconds
from simgrid.experiments.event_stream import CAPACITIES, ON_SCHEDULE, WITH_WHOM, Lines, scheduled
from simgrid.experiments.first_difference import Parting, Side
from simgrid.experiments.resimulation import Found
from simgrid.scenario.axes import COLUMN
from simgrid.scenario.cells import cells
from simgrid.scenario.differences import BESIDE, differences
from simgrid.scenario.marks import Located
from simgrid.simulation.recorder import Event

_DONE = {
    Event.REQUESTED: "is requested",
    Event.REPEATED: "is to be scanned again",
    Event.ACQUIRED: "has its images",
    Event.UPLOADED: "is at the data centre",
    Event.ASSIGNED: "is assigned",
    Event.DELIVERED: "lies on the desk",
    Event.OPENED: "is opened",
    Event.READ: "has been read",
    Event.REPORTED: "has its report at the site",
    Event.RETRIEVED: "of a client is done",
    Event.BEGAN: "begins",
    Event.ENDED: "ends",
    Event.UP_CAPACITY: "carries from now on",
    Event.DOWN_CAPACITY: "carries from now on",
    Event.ARCHIVED: "is archived",
    Event.INTERRUPTED: "is interrupted",
    Event.PARKED: "is laid aside",
    Event.RESUMED: "is taken up again",
    Event.HANDED_OVER: "is handed back",
    Event.SENT_BACK: "is sent back for its images",
    Event.BLOCKED: "finds no room in the cache of its site",
    Event.STALLED: "stalls on the open desk",
    Event.WENT_ON: "goes on",
    Event.FETCHED: "has come as a prior",
}
_OTHERS = (*CAPACITIES, *ON_SCHEDULE, Event.RETRIEVED)
"""Events that befall no study."""
_MEGABIT = 1e6


@dataclass(frozen=True, slots=True)
class Happening:
    """One event: its number from 1, its instant, the subject (``inspection i0004``), what it did, with whom.

    ``inspection``: the row in the journal, None for other subjects; ``about`` what is requested, in words.
    """

    number: int
    at_s: Seconds
    at: datetime
    kind: str
    subject: str
    about: str
    said: str
    whom: str
    inspection: int | None

    @property
    def sentence(self) -> str:
        """``inspection i0004 (DX Thorax C39 of clinic) is assigned to ada``."""
        about = f" ({self.about})" if self.about else ""
        return f"{self.subject}{about} {self.said}" + (f" {self.whom}" if self.whom else "")


@dataclass(frozen=True, slots=True)
class Desk:
    """One radiologist as the policy was shown her."""

    radiologist: str
    on_duty: bool
    queue: int
    queue_min: Minutes
    free_in_min: Minutes
    effort_min: Minutes
    limit_min: Minutes


@dataclass(frozen=True, slots=True)
class Choice:
    """One inspection that waited: who got it (None: nobody yet), and the minutes from request of eq. 8."""

    inspection: str
    radiologist: str | None
    planned_min: Minutes | None


@dataclass(frozen=True, slots=True)
class Picture:
    """What a policy was shown at a decision, and what it answered. ``links_bps`` by reporting unit."""

    choices: tuple[Choice, ...]
    desks: tuple[Desk, ...]
    links_bps: tuple[tuple[str, BitsPerSecond], ...]


def happening(side: Side, line: Lines, number: int) -> Happening:
    """The event of one line of ``side``; ``number`` from 1."""
    kind, row, at_s, detail = line.tolist()
    event = Event(kind)
    inspection = row if event not in _OTHERS and row < len(side.journal.inspections) else None
    return Happening(
        number=number,
        at_s=at_s,
        at=instant(side, at_s),
        kind=event.name.lower(),
        subject=_subject(side, event, row, inspection),
        about="" if inspection is None else about(side, inspection),
        said=_DONE[event],
        whom=_whom(side, event, detail),
        inspection=inspection,
    )


def instant(side: Side, at_s: Seconds) -> datetime:
    """The scenario's local time at a simulated second."""
    start = side.found.scenario.start
    return datetime.fromtimestamp(start.timestamp() + at_s, start.tzinfo)


def about(side: Side, row: int) -> str:
    """What an inspection is: ``urgent CT Brain C71 of clinic``."""
    of = side.journal.inspections
    words = ("urgent" if of.shown_urgent[row] else "", of.modality[row], of.body_part[row], of.icd10[row])
    return f"{' '.join(word for word in words if word)} of {of.site[row]}"


def _subject(side: Side, event: Event, row: int, inspection: int | None) -> str:
    world = side.setting.world
    if inspection is not None:
        return f"inspection {side.journal.inspections.identifier[inspection]}"
    if event in ON_SCHEDULE:
        return scheduled(world.events[row])
    if event in CAPACITIES:
        way = "up from" if event is Event.UP_CAPACITY else "down to"
        return f"the link {way} {list(world.access)[row]}"
    return f"retrieval {row + 1}" if event is Event.RETRIEVED else f"study {row + 1}"


def _whom(side: Side, event: Event, detail: int) -> str:
    world = side.setting.world
    if event in WITH_WHOM:
        name = world.radiologists[detail].name
        return {Event.ASSIGNED: f"to {name}", Event.STALLED: f"of {name}"}.get(event, f"by {name}")
    if event in CAPACITIES:
        return "without a limit" if detail < 0 else f"{detail / _MEGABIT:g} Mbit/s"
    if event is Event.FETCHED:
        return f"at {world.units[detail].name}"
    return f"for the {detail}. time" if event is Event.REPEATED and detail > 1 else ""


def picture(side: Side) -> Picture | None:
    """What side's policy had seen where the runs part, None where it decided nothing there."""
    if side.decision is None:
        return None
    shown, team = side.decision.worklist, side.setting.team
    names = [one.name for one in side.setting.world.radiologists]
    planned_s = side.decision.assignment.planned(shown, team)
    choices = tuple(
        Choice(
            side.journal.inspections.identifier[row],
            None if who == UNASSIGNED else names[who],
            None if who == UNASSIGNED else float(planned_s[place]) / MINUTE,
        )
        for place, (row, who) in enumerate(
            zip(shown.inspection.tolist(), side.decision.assignment.radiologist.tolist(), strict=True)
        )
    )
    desks = tuple(
        Desk(name, *state)
        for name, *state in zip(
            names,
            shown.desks.on_duty.tolist(),
            shown.desks.queue_count.tolist(),
            (shown.desks.queue_s / MINUTE).tolist(),
            (shown.desks.available_in_s / MINUTE).tolist(),
            shown.desks.effort_done.tolist(),
            shown.desks.effort_limit.tolist(),
            strict=True,
        )
    )
    links = zip(
        (one.name for one in side.setting.world.units), shown.units.bandwidth_bps.tolist(), strict=True
    )
    return Picture(choices, desks, tuple(links))


def differ_in(parting: Parting) -> tuple[str, ...]:
    """What the two runs were asked to do otherwise, in words."""
    a, b = parting.a.found, parting.b.found
    pairs = (
        ("policy", a.choice.label, b.choice.label),
        ("replication", str(a.replication), str(b.replication)),
        (COLUMN, dict(a.scenario.swept).get(COLUMN, "-"), dict(b.scenario.swept).get(COLUMN, "-")),
    )
    found = [f"{what}: {one} -> {other}" for what, one, other in pairs if one != other]
    return (*found, *(one.sentence("A", "B") for one in differences(_cell(a), _cell(b))))


def _cell(found: Found) -> Located:
    """The scenario as it is in the run's own cell, without what makes the other cells."""
    tree = next(
        (tree for point, tree in cells(found.loaded.tree).points if point == found.scenario.swept), None
    )
    tree = found.loaded.tree if tree is None else tree
    for key in BESIDE:
        tree = tree.put((key,), None)
    return tree
