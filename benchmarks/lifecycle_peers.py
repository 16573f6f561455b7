"""The journey as a textbook writes it: a process an inspection, resources, a source. None of it is simgrid's.

``Textbook`` takes any of the ``network_peers`` that offer ``send``. It knows the slice of the world that
``lifecycle`` times: uploads, a decision at every window by turns, delivery, reading by urgency within shifts,
the report's way back.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import simpy

Step = Generator[simpy.Event, Any, None]
OFF_DUTY, URGENT, ROUTINE = -1, 0, 1


@dataclass(frozen=True)
class Slice:
    """What a model is given: rows in order of request; ``reading_s`` (R lists) of those to be reported."""

    capacity_bps: Mapping[str, float]
    requested_s: Sequence[float]
    site: Sequence[str]
    size_bytes: Sequence[float]
    urgent: Sequence[bool]
    wanted: Sequence[bool]
    reading_s: Sequence[Sequence[float]]
    shifts: Sequence[Sequence[tuple[float, float]]]
    window_s: float
    report_bytes: float
    give_up_s: float


class Network(Protocol):
    """How transfers begin."""

    def send(self, path: tuple[str, ...], size_bytes: float, then: Callable[[], None]) -> None: ...


class Textbook:
    """Every inspection is a process that waits for one thing after another; ``stamps`` holds what it saw."""

    def __init__(self, given: Slice, network: Callable[[simpy.Environment, Mapping[str, float]], Network]):
        self._given = given
        self.env = simpy.Environment()
        self._network = network(self.env, given.capacity_bps)
        self._desks = [simpy.PriorityResource(self.env) for _ in given.shifts]
        self._waiting: list[simpy.Event] = []
        self._turn = 0
        rows = len(given.requested_s)
        self._open = rows
        self._done = self.env.event()
        self.stamps = {
            leg: [math.nan] * rows
            for leg in ("uploaded", "assigned", "delivered", "opened", "read", "reported")
        }

    def run(self) -> None:
        """Let it live until everything is reported or archived."""
        for desk, shifts in zip(self._desks, self._given.shifts, strict=True):
            self.env.process(self._off_duty(desk, shifts))
        self.env.process(self._source())
        self.env.process(self._dispatcher())
        self.env.run(until=self._done | self.env.timeout(self._given.give_up_s))

    def _source(self) -> Step:
        for row, at_s in enumerate(self._given.requested_s):
            yield self.env.timeout(at_s - self.env.now)
            self.env.process(self._inspection(row))

    def _inspection(self, row: int) -> Step:
        given, env = self._given, self.env
        yield self._carried((f"{given.site[row]}/up", "data-centre/down"), given.size_bytes[row])
        self.stamps["uploaded"][row] = env.now
        if given.wanted[row]:
            decision = env.event()
            self._waiting.append(decision)
            who = yield decision
            self.stamps["assigned"][row] = env.now
            yield self._carried(("data-centre/up", "unit/down"), given.size_bytes[row])
            self.stamps["delivered"][row] = env.now
            with self._desks[who].request(URGENT if given.urgent[row] else ROUTINE) as turn:
                yield turn
                self.stamps["opened"][row] = env.now
                yield env.timeout(given.reading_s[who][row])
            self.stamps["read"][row] = env.now
            yield self._carried(("unit/up", f"{given.site[row]}/down"), given.report_bytes)
            self.stamps["reported"][row] = env.now
        self._open -= 1
        if not self._open:
            self._done.succeed()

    def _carried(self, path: tuple[str, ...], size_bytes: float) -> simpy.Event:
        done = self.env.event()
        self._network.send(path, size_bytes, done.succeed)
        return done

    def _dispatcher(self) -> Step:
        """By turns, in order of arrival, at every window."""
        tick = 0
        while True:
            tick += 1
            yield self.env.timeout(tick * self._given.window_s - self.env.now)
            waiting, self._waiting = self._waiting, []
            for decision in waiting:
                decision.succeed(self._turn)
                self._turn = (self._turn + 1) % len(self._desks)

    def _off_duty(self, desk: simpy.PriorityResource, shifts: Sequence[tuple[float, float]]) -> Step:
        """Whoever is off duty is taken by herself, before any work."""
        for begin_s, end_s in [*shifts, (math.inf, math.inf)]:
            with desk.request(OFF_DUTY) as away:
                yield away
                if begin_s == math.inf:
                    yield self.env.event()
                yield self.env.timeout(max(begin_s - self.env.now, 0.0))
            yield self.env.timeout(end_s - self.env.now)
