"""Other ways to share links, written as one would without this project. None of it is imported by simgrid."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Generator, Iterable, Mapping
from typing import Any

import simpy

Then = Callable[[], None]


class Sending:
    """A flow in transfer, with the bits it had left at its last change of rate."""

    __slots__ = ("bits", "path", "process", "rate", "then")

    def __init__(self, path: tuple[str, ...], bits: float, then: Then) -> None:
        self.path = path
        self.bits = bits
        self.then = then
        self.rate = 0.0
        self.process: simpy.Process | None = None


def fair_rates(capacity: Mapping[str, float], flows: Iterable[Sending]) -> dict[Sending, float]:
    """Progressive filling over single flows: the tightest link's flows are served, then the next one's."""
    crossing: dict[str, dict[Sending, None]] = {}
    for flow in flows:
        for link in flow.path:
            crossing.setdefault(link, {})[flow] = None
    left = {link: capacity[link] for link in crossing}
    rates: dict[Sending, float] = {}
    while crossing:
        tightest = min(crossing, key=lambda link: left[link] / len(crossing[link]))
        share = left[tightest] / len(crossing[tightest])
        for flow in list(crossing[tightest]):
            rates[flow] = share
            for link in flow.path:
                waiting = crossing[link]
                del waiting[flow]
                left[link] -= share
                if not waiting:
                    del crossing[link]
    return rates


class Interrupting:
    """The textbook model: each flow is a process, interrupted whenever its rate changes."""

    def __init__(self, env: simpy.Environment, capacity: Mapping[str, float]) -> None:
        self._env = env
        self._capacity = capacity
        self._flows: dict[Sending, None] = {}
        self._ending = False

    def send(self, path: tuple[str, ...], size_bytes: float, then: Then) -> None:
        """Begin a transfer now and call ``then`` at its end."""
        flow = Sending(path, 8.0 * size_bytes, then)
        self._flows[flow] = None
        if not self._ending:
            self._share()
        self._env.process(self._transfer(flow))

    def _share(self) -> None:
        for flow, rate in fair_rates(self._capacity, self._flows).items():
            if rate != flow.rate:
                flow.rate = rate
                if flow.process is not None:
                    flow.process.interrupt(rate)

    def _transfer(self, flow: Sending) -> Generator[simpy.Event, Any, None]:
        flow.process, rate = self._env.active_process, flow.rate
        while True:
            began = self._env.now
            try:
                yield self._env.timeout(flow.bits / rate)
            except simpy.Interrupt as interrupt:
                flow.bits = max(0.0, flow.bits - rate * (self._env.now - began))
                rate = interrupt.cause
            else:
                break
        del self._flows[flow]
        # One solution for the end and what it sets off.
        self._ending = True
        flow.then()
        self._ending = False
        self._share()


class Manager:
    """One object for all flows: every change solves the whole network anew and looks for the next end."""

    def __init__(self, env: simpy.Environment, capacity: Mapping[str, float]) -> None:
        self._env = env
        self._capacity = capacity
        self._flows: dict[Sending, None] = {}
        self._ending = False
        self._seen_s = 0.0
        self._wanted: simpy.Event | None = None
        self._first: Sending | None = None

    def send(self, path: tuple[str, ...], size_bytes: float, then: Then) -> None:
        """Begin a transfer now and call ``then`` at its end."""
        self._progress()
        self._flows[Sending(path, 8.0 * size_bytes, then)] = None
        if not self._ending:
            self._share()

    def _progress(self) -> None:
        elapsed = self._env.now - self._seen_s
        if elapsed:
            for flow in self._flows:
                flow.bits -= flow.rate * elapsed
            self._seen_s = self._env.now

    def _share(self) -> None:
        soonest, first = math.inf, None
        for flow, rate in fair_rates(self._capacity, self._flows).items():
            flow.rate = rate
            if flow.bits < soonest * rate:
                soonest, first = flow.bits / rate, flow
        if first is not None:
            self._first = first
            self._wanted = self._env.timeout(max(soonest, 0.0))
            self._wanted.callbacks.append(self._ended)

    def _ended(self, event: simpy.Event) -> None:
        if event is not self._wanted or self._first is None:
            return  # something changed since this end was foreseen
        self._progress()
        del self._flows[self._first]
        self._ending = True
        self._first.then()
        self._ending = False
        self._share()


class Alone:
    """Bytes over bandwidth: each flow has its narrowest link to itself."""

    def __init__(self, capacity: Mapping[str, float]) -> None:
        self._capacity = capacity
        self._narrowest: dict[tuple[str, ...], float] = {}
        self._due: list[tuple[float, int]] = []
        self._flows = 0

    def start(self, now_s: float, size_bytes: float, path: tuple[str, ...]) -> int:
        """The number of a new flow."""
        bps = self._narrowest.get(path)
        if bps is None:
            bps = self._narrowest[path] = min(self._capacity[link] for link in path)
        heapq.heappush(self._due, (now_s + 8.0 * size_bytes / bps, self._flows))
        self._flows += 1
        return self._flows - 1

    def next_completion_s(self) -> float:
        """When the next flow ends, or inf."""
        return self._due[0][0] if self._due else math.inf

    def completed(self, now_s: float) -> list[int]:
        """The flows that ended by now."""
        done = []
        while self._due and self._due[0][0] <= now_s:
            done.append(heapq.heappop(self._due)[1])
        return done
