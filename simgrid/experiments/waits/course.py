"""What a run has been seen to do, gathered so that one can ask what every inspection waited for.

The journal has each leg's last time only. A run that is simulated again tells its events one by one: whom a
study was taken from, what lay open at a desk meanwhile, when it stood still.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from simgrid.domain.decision import UNASSIGNED, Assignment, Worklist
from simgrid.domain.journal import Journal
from simgrid.domain.observer import Mark, Observer
from simgrid.domain.schedule import Roster
from simgrid.domain.units import Seconds
from simgrid.domain.world import World
from simgrid.experiments.event_stream import Lines
from simgrid.experiments.waits.spans import Spans
from simgrid.simulation.recorder import EVENT_LINE, Event

_OF_A_STUDY = np.zeros(max(Event) + 1, dtype=np.bool_)
_OF_A_STUDY[
    [
        Event.REQUESTED,
        Event.REPEATED,
        Event.ACQUIRED,
        Event.UPLOADED,
        Event.ASSIGNED,
        Event.DELIVERED,
        Event.OPENED,
        Event.READ,
        Event.REPORTED,
        Event.INTERRUPTED,
        Event.PARKED,
        Event.RESUMED,
        Event.HANDED_OVER,
        Event.STALLED,
        Event.WENT_ON,
        Event.SENT_BACK,
    ]
] = True
OPENS = (Event.OPENED, Event.RESUMED)
CLOSES = (Event.INTERRUPTED, Event.PARKED, Event.READ)
"""What is sent back has been read before, at the same instant."""


@dataclass(frozen=True, slots=True)
class Happened:
    """An event or a mark of one inspection; ``who`` is a radiologist where the event names one."""

    what: Event | Mark
    at_s: Seconds
    who: int


class Follower:
    """Follows a run; ``observer`` is to be given to it."""

    def __init__(self, to_report: int) -> None:
        self._to_report = to_report
        self._seen = 0
        self._blocks: list[Lines] = []
        self._numbers: list[np.ndarray[tuple[int], np.dtype[np.int64]]] = []
        self.marks: dict[int, list[tuple[int, Mark, Seconds]]] = {}
        self.asked: dict[int, list[tuple[Mark, Seconds]]] = {}
        self.passed_over: dict[int, list[Seconds]] = {}

    @property
    def observer(self) -> Observer:
        """What the run tells, it tells here."""
        return Observer(witness=self, marked=self._marked)

    def events(self, lines: bytes) -> None:
        """Further events: those of inspections that are to be reported are kept."""
        block = np.frombuffer(lines, dtype=EVENT_LINE)
        kept = np.flatnonzero(_OF_A_STUDY[block["kind"]] & (block["row"] < self._to_report))
        self._blocks.append(block[kept])
        self._numbers.append(kept + self._seen)
        self._seen += len(block)

    def decided(self, _: int, worklist: Worklist, assignment: Assignment) -> None:
        """A policy has answered: whom it passed over waits on."""
        for row in worklist.inspection[assignment.radiologist == UNASSIGNED].tolist():
            self.passed_over.setdefault(row, []).append(worklist.now_s)

    def _marked(self, what: Mark, whose: int, at_s: Seconds, events: int) -> None:
        if what in ("asks", "sits"):
            self.asked.setdefault(whose, []).append((what, at_s))
        else:
            self.marks.setdefault(whose, []).append((events, what, at_s))

    def course(self, journal: Journal, world: World) -> Course:
        """All that was seen of the run that gave this journal in this world."""
        lines = np.concatenate(self._blocks) if self._blocks else np.zeros(0, dtype=EVENT_LINE)
        numbers = np.concatenate(self._numbers) if self._numbers else np.zeros(0, dtype=np.int64)
        happened: dict[int, list[tuple[int, int, Happened]]] = {}
        for number, (kind, row, at_s, who) in zip(numbers.tolist(), lines.tolist(), strict=True):
            happened.setdefault(row, []).append((number, 1, Happened(Event(kind), at_s, who)))
        for row, marks in self.marks.items():
            of_row = happened.setdefault(row, [])
            # A mark that was made after so many events stands before the next of them.
            of_row += [(number, 0, Happened(what, at_s, -1)) for number, what, at_s in marks]
            of_row.sort(key=lambda one: one[:2])
        in_order = {row: tuple(one for *_, one in of_row) for row, of_row in happened.items()}
        return Course(journal, world, in_order, self.asked, self.passed_over)


@dataclass(frozen=True)
class Course:
    """One run as it was followed. ``happened`` by row, in order; ``asked`` for workstations by radiologist;
    ``passed_over``: by row the decisions in which nobody was given it.
    """

    journal: Journal
    world: World
    happened: dict[int, tuple[Happened, ...]]
    asked: dict[int, list[tuple[Mark, Seconds]]]
    passed_over: dict[int, list[Seconds]]
    _steps: dict[str, list[tuple[Seconds, float]]] = field(default_factory=dict)

    @cached_property
    def sittings(self) -> tuple[Spans, ...]:
        """Of each radiologist when which study lay open before her; its row is the owner."""
        open_since: dict[int, tuple[int, Seconds]] = {}
        found: list[list[tuple[Seconds, Seconds, int]]] = [[] for _ in self.world.radiologists]
        for row, all_of in self.happened.items():
            for one in all_of:
                if one.what in OPENS:
                    open_since[row] = one.who, one.at_s
                elif one.what in CLOSES:
                    who, since_s = open_since.pop(row)
                    found[who].append((since_s, one.at_s, row))
        for row, (who, since_s) in open_since.items():
            found[who].append((since_s, self.journal.ended_s, row))
        return tuple(Spans.of(one) for one in found)

    @cached_property
    def duty(self) -> tuple[Spans, ...]:
        """When each radiologist is rostered."""
        return tuple(_of_roster(roster) for roster in self.world.rosters)

    @cached_property
    def anybody(self) -> Spans:
        """When at least one radiologist is rostered."""
        return Spans.of((start, end, 0) for start, end in self.journal.in_hours.tolist())

    @cached_property
    def queueing(self) -> tuple[Spans, ...]:
        """When each radiologist waited for a workstation or a monitor."""
        told = (self.asked.get(who, []) for who in range(len(self.world.radiologists)))
        return tuple(_between(one, "asks", "sits", self.journal.ended_s) for one in told)

    def stood_still(self, row: int) -> Spans:
        """When an outage, a full storage or a missing image held the inspection up."""
        marks = [(one.what, one.at_s) for one in self.happened.get(row, ())]
        return _between(marks, "stopped", "moves", self.journal.ended_s)

    def capacity(self, link: str) -> list[tuple[Seconds, float]]:
        """From when on a link carried how many bit/s."""
        if not self._steps:
            of = self.journal.capacities
            for name, at_s, bps in zip(of.link, of.at_s.tolist(), of.capacity_bps.tolist(), strict=True):
                self._steps.setdefault(name, []).append((at_s, bps))
        return self._steps.get(link, [])

    @cached_property
    def attempts(self) -> dict[int, list[int]]:
        """By row the numbers of its transfers in the journal, in order of start."""
        found: dict[int, list[int]] = {}
        for number, row in enumerate(self.journal.transfers.inspection.tolist()):
            if row >= 0:
                found.setdefault(row, []).append(number)
        return found


def _of_roster(roster: Roster) -> Spans:
    return Spans(roster.starts, roster.ends, (0,) * len(roster.starts))


def _between(marks: Iterable[tuple[object, Seconds]], first: str, last: str, ended_s: Seconds) -> Spans:
    """From each mark ``first`` to the next ``last``, or to the end."""
    found, since_s = [], None
    for what, at_s in marks:
        if what == first and since_s is None:
            since_s = at_s
        elif what == last and since_s is not None:
            found.append((since_s, at_s, 0))
            since_s = None
    if since_s is not None:
        found.append((since_s, ended_s, 0))
    return Spans.of(found)
