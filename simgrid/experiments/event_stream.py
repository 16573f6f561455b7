"""The events of a run as they happen, in words that mean the same in every run.

The model counts radiologists, places and events; two scenarios may count them otherwise. Here each has a code
by its name, so that the events of two runs can be held against each other as numbers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from simgrid.domain.decision import Assignment, Worklist
from simgrid.domain.events import Absence, AgentDown, Illness, LinkLimit, PlatformDown
from simgrid.domain.events import Event as Declared
from simgrid.domain.inspection import Inspections
from simgrid.domain.units import IntArray
from simgrid.experiments.setting import Setting
from simgrid.simulation.recorder import EVENT_LINE, Event

Lines: TypeAlias = npt.NDArray[np.void]
"""Events as records of kind, row, at_s and detail."""
WITH_WHOM = (
    Event.ASSIGNED,
    Event.OPENED,
    Event.READ,
    Event.INTERRUPTED,
    Event.PARKED,
    Event.RESUMED,
    Event.HANDED_OVER,
    Event.SENT_BACK,
    Event.STALLED,
    Event.WENT_ON,
)
"""Events whose detail is a radiologist."""
CAPACITIES = (Event.UP_CAPACITY, Event.DOWN_CAPACITY)
ON_SCHEDULE = (Event.BEGAN, Event.ENDED)


@dataclass(frozen=True, slots=True)
class Codes:
    """Numbers for names, the same for whoever shares this object."""

    known: dict[Any, int] = field(default_factory=dict)

    def of(self, names: Sequence[Any]) -> IntArray:
        """The code of each, shape (N,)."""
        return np.array([self.known.setdefault(name, len(self.known)) for name in names], dtype=np.int64)


class Translation:
    """Turns the numbers of one run's events into codes."""

    def __init__(self, setting: Setting, codes: Codes) -> None:
        world = setting.world
        who = codes.of([("radiologist", one.name) for one in world.radiologists])
        place = codes.of([("place", name) for name in world.access])
        event = codes.of([("event", scheduled(one)) for one in world.events])
        self._requests = codes.of(_asked(setting.inspections.as_labelled()))
        self._detail = dict.fromkeys(WITH_WHOM, who)
        self._detail[Event.FETCHED] = codes.of([("place", one.name) for one in world.units])
        self._row = dict.fromkeys(CAPACITIES, place) | dict.fromkeys(ON_SCHEDULE, event)

    def codes(self, lines: Lines) -> Lines:
        """The same events with codes; that of a request also says what is requested."""
        coded = lines.copy()
        for kind, table in self._detail.items():
            self._replace(coded, "detail", coded["kind"] == kind, table)
        for kind, table in self._row.items():
            self._replace(coded, "row", coded["kind"] == kind, table)
        asked = (coded["kind"] == Event.REQUESTED) & (coded["row"] < len(self._requests))
        coded["detail"][asked] = self._requests[coded["row"][asked]]
        return coded

    @staticmethod
    def _replace(coded: Lines, column: str, where: Any, table: IntArray) -> None:
        if where.any():
            coded[column][where] = table[coded[column][where]]


def scheduled(one: Declared) -> str:
    """What is declared or drawn to happen, without its times: ``outage of main``."""
    match one:
        case LinkLimit():
            return f"a limit on the link of {one.place}"
        case Absence():
            return f"the absence of {one.radiologist}"
        case Illness():
            return f"the illness of {one.radiologist}"
        case AgentDown():
            return f"the agent of {one.place} being down"
        case PlatformDown():
            return "the data centre being down" if one.shard is None else f"shard {one.shard} being down"


def _asked(inspections: Inspections) -> list[tuple[Any, ...]]:
    """What each request says of itself, as everybody is shown it."""
    columns = (inspections.site, inspections.kind, inspections.urgent, inspections.required_s)
    images = (inspections.size_bytes, inspections.images)
    rows = zip(*(column.tolist() for column in (*columns, *images)), strict=True)
    return [(inspections.sites[site], inspections.kinds[kind], *rest) for site, kind, *rest in rows]


@dataclass(frozen=True, slots=True)
class Decision:
    """What a policy was shown and what it answered, so many events having happened before."""

    events: int
    worklist: Worklist
    assignment: Assignment


class Digests:
    """A witness that keeps a digest of each block of events: 16 bytes for thousands of them."""

    def __init__(self, translation: Translation) -> None:
        self.blocks: list[bytes] = []
        self.seen = 0
        self._translation = translation

    def events(self, lines: bytes) -> None:
        """Further events."""
        found = np.frombuffer(lines, dtype=EVENT_LINE)
        self.seen += len(found)
        coded = self._translation.codes(found).tobytes()
        self.blocks.append(hashlib.blake2b(coded, digest_size=16).digest())

    def decided(self, events: int, worklist: Worklist, assignment: Assignment) -> None:
        """Decisions show in the events that they cause."""


class EnoughSeen(Exception):
    """A witness has what it wanted: the run may stop."""


class Excerpt:
    """A witness that keeps one block of events (by number from 0), the one before it, and their decisions.

    It ends the run after that block by raising ``EnoughSeen``.
    """

    def __init__(self, block: int) -> None:
        self._wanted = block
        self._next = 0
        self._began: list[int] = []
        self._blocks: list[Lines] = []
        self._seen = 0
        self.decisions: list[Decision] = []

    @property
    def first(self) -> int:
        """The number of the first event that is kept, from 0."""
        return self._began[0] if self._began else 0

    @property
    def lines(self) -> Lines:
        """The events that are kept."""
        return np.concatenate(self._blocks) if self._blocks else np.zeros(0, dtype=EVENT_LINE)

    def events(self, lines: bytes) -> None:
        """Further events; :raises EnoughSeen: after the block that is wanted."""
        if self._next > self._wanted:
            raise EnoughSeen
        block = np.frombuffer(lines, dtype=EVENT_LINE)
        self._began, self._blocks = [*self._began[-1:], self._seen], [*self._blocks[-1:], block]
        self._seen += len(block)
        self._next += 1
        before = [one for one in self.decisions if one.events < self.first]
        self.decisions = [*before[-1:], *(one for one in self.decisions if one.events >= self.first)]
        if self._next > self._wanted:
            raise EnoughSeen

    def decided(self, events: int, worklist: Worklist, assignment: Assignment) -> None:
        """A further decision; long ago ones are forgotten."""
        self.decisions.append(Decision(events, worklist, assignment))
