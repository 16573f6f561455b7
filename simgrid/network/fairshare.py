"""Links that are shared: exact weighted max-min fair transfers. START HERE in this room.

Every flow crosses all links of its path at once. Each link is given to the flows on it in proportion to
their weights, and what one flow cannot use, because another link or its cap is tighter, goes to the
others. The study's eq. 7 (doi 10.1016/j.cmpb.2015.10.005) divides bytes by bandwidth as if every
transfer were alone; ``SeparateLinks`` keeps that reading to show what sharing changes.

There is no clock in here: the caller says what time it is, and asks when to come back.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from simgrid.domain.units import BITS_PER_BYTE, BitsPerSecond, Bytes, Seconds
from simgrid.network.filling import Filling
from simgrid.network.flows import (
    SAME_INSTANT,
    check_capacities,
    check_change,
    check_flow,
    check_path,
    check_time,
)
from simgrid.network.path_class import NEVER, Instant, Link, PathClass
from simgrid.network.separate import SeparateLinks

__all__ = ["SeparateLinks", "SharedLinks"]


class _Sending(NamedTuple):
    cls: PathClass
    weight: float
    start_s: Seconds
    size_bytes: Bytes


class SharedLinks:
    """Concurrent flows on shared links, exact max-min fairness.

    ``capacity_bps`` maps each link to its positive capacity in bits per second. Times passed in must
    never run back. Flows that end between two calls are kept, with their own end, until ``completed``
    collects them. At one instant ends come first, then whatever the caller does; an end within 1e-12 of
    its flow's duration after the instant counts as at it, since rounding alone can put it there.

    Rates are worked out when somebody asks or time goes on, so an end and the start that follows it at the
    same instant cost one solution, not two.
    """

    def __init__(self, capacity_bps: Mapping[str, BitsPerSecond]) -> None:
        check_capacities(capacity_bps)
        self._links = {name: Link(name, float(value)) for name, value in capacity_bps.items()}
        self._paths: dict[tuple[str, ...], tuple[Link, ...]] = {}
        self._classes: dict[tuple[object, ...], PathClass] = {}
        self._sending: dict[int, _Sending] = {}
        self._done: list[tuple[Seconds, int]] = []
        self._due: list[tuple[Seconds, Seconds, int, int, PathClass]] = []
        self._now_s = -math.inf
        self._clock: Instant = (-math.inf, 0.0)
        self._changed: dict[PathClass, None] = {}
        self._touched: dict[Link, None] = {}
        self._filling = Filling()
        self._next_flow = 0
        self._next_class = 0

    @property
    def active(self) -> int:
        """Flows that still have bytes to send."""
        return len(self._sending)

    def start(
        self,
        now_s: Seconds,
        size_bytes: Bytes,
        path: Sequence[str],
        weight: float = 1.0,
        cap_bps: BitsPerSecond | None = None,
    ) -> int:
        """A new flow's id, ascending from 0. Nothing to send is done at once, even on a dead link.

        ValueError: unknown, repeated or no link; negative size; weight or cap not positive; time run back.
        """
        links = self._paths.get(path) if type(path) is tuple else None
        if links is None:
            links = self._new_path(path)
        check_flow(size_bytes, weight, cap_bps)
        self._come_to(now_s)
        flow = self._next_flow
        self._next_flow += 1
        if size_bytes == 0:
            self._done.append((now_s, flow))
            return flow
        cls = self._class_of(links, float(weight), cap_bps)
        if cls.heap:
            cls.sync(self._clock)
        else:
            self._wake(cls)
        cls.push(flow, float(weight), size_bytes * BITS_PER_BYTE)
        self._sending[flow] = _Sending(cls, float(weight), now_s, size_bytes)
        self._mark(cls)
        return flow

    def set_capacity(self, now_s: Seconds, link: str, capacity_bps: BitsPerSecond) -> None:
        """From now on ``link`` carries ``capacity_bps``; 0 stops its flows until it comes back."""
        check_change(link, capacity_bps, self._links)
        self._come_to(now_s)
        line = self._links[link]
        if line.capacity != capacity_bps:
            line.capacity = float(capacity_bps)
            self._changed.update(line.classes)

    def stop(self, now_s: Seconds, flow: int) -> Bytes:
        """Abandon a flow; the bytes it had left (0.0 when it ended unnoticed; it is then not reported)."""
        self._advance(now_s)
        sending = self._sending.pop(flow, None)
        if sending is None:
            return self._forget(flow)
        cls = sending.cls
        cls.sync(self._clock)
        left = cls.remove(flow, sending.weight)
        self._mark(cls)
        return min(left / BITS_PER_BYTE, sending.size_bytes)

    def next_completion_s(self) -> Seconds:
        """The clock time of the next end (not after now when one is waiting to be collected), or inf."""
        self._settle()
        if self._done:
            return min(self._done)[0]
        return self._first_due()[0]

    def completed(self, now_s: Seconds) -> list[int]:
        """Flows that ended at or before ``now_s``, by (end, id); each is told once."""
        return [flow for _, flow in self.completions(now_s)]

    def completions(self, now_s: Seconds) -> list[tuple[Seconds, int]]:
        """As ``completed``, with the clock time of each end."""
        self._advance(now_s)
        self._end_unlimited()
        done = sorted(self._done)
        self._done.clear()
        return done

    def rate_bps(self, flow: int) -> BitsPerSecond:
        """What the flow sends now; 0.0 when it has ended and waits to be collected."""
        self._settle()
        if flow in self._sending:
            sending = self._sending[flow]
            return sending.cls.rate * sending.weight
        self._known(flow)
        return 0.0

    def load_bps(self, link: str) -> BitsPerSecond:
        """What crosses a link now."""
        check_change(link, 0.0, self._links)
        self._settle()
        return self._links[link].load()

    def loads_bps(self) -> dict[str, BitsPerSecond]:
        """What crosses each link now."""
        self._settle()
        return {name: link.load() for name, link in self._links.items()}

    def _new_path(self, path: Sequence[str]) -> tuple[Link, ...]:
        names = check_path(path, self._links)
        # Flows that name the same links in another order belong together.
        links = tuple(self._links[name] for name in sorted(names))
        self._paths[names] = links
        return links

    def _class_of(self, links: tuple[Link, ...], weight: float, cap_bps: float | None) -> PathClass:
        key: tuple[object, ...] = (links,)
        cap = math.inf
        cap_of = (math.inf, 1.0)
        if cap_bps is not None and cap_bps < math.inf:
            cap = cap_bps / weight
            # A quotient that does not give the cap back is rounded: its flows keep a class of their own.
            cap_of = (cap, 1.0) if cap * weight == cap_bps else (float(cap_bps), weight)
            key = (links, *cap_of)
        cls = self._classes.get(key)
        if cls is None:
            cls = self._classes[key] = PathClass(self._next_class, links, cap, cap_of)
            self._next_class += 1
        return cls

    def _wake(self, cls: PathClass) -> None:
        cls.since = self._clock
        cls.rate = 0.0
        cls.bottleneck = None
        for link in cls.links:
            link.classes[cls] = None

    def _mark(self, cls: PathClass) -> None:
        """A flow came to the class or left it; who shares with it is worked out later."""
        self._touched.update(dict.fromkeys(cls.links))
        if cls.heap:
            self._changed[cls] = None
        else:
            self._changed.pop(cls, None)
            self._sleep(cls)

    def _sleep(self, cls: PathClass) -> None:
        cls.rate = 0.0
        cls.bottleneck = None
        cls.ticket += 1
        for link in cls.links:
            del link.classes[cls]
        if cls.cap < math.inf:
            # Caps may all differ; only uncapped classes are as few as the paths.
            del self._classes[(cls.links, *cls.cap_of)]

    def _settle(self) -> None:
        """Work out the rates after everything that happened at this instant."""
        if not self._touched and not self._changed:
            return
        changed, clock = self._changed, self._clock
        members = self._filling.resolve(changed, self._touched)
        self._touched.clear()
        for cls in members:
            cls.bottleneck = cls.new_bottleneck
            cls.noise = cls.new_noise
            rate = cls.new_rate
            if rate == math.inf:
                self._end_all(cls)
            elif rate != cls.rate:
                cls.sync(clock)
                cls.rate = rate
                self._arm(cls)
            elif cls in changed:
                self._arm(cls)
        changed.clear()

    def _end_unlimited(self) -> None:
        """Flows that nothing limits have ended, even if nobody has asked for their rate yet."""
        if any(link.capacity == math.inf for cls in self._changed for link in cls.links):
            self._settle()

    def _end_all(self, cls: PathClass) -> None:
        """Nothing on the path limits the class: its flows end now, and nobody else notices."""
        while cls.heap:
            flow = cls.pop(self._sending[cls.heap[0][1]].weight)
            del self._sending[flow]
            self._done.append((self._clock[0], flow))
        self._sleep(cls)

    def _arm(self, cls: PathClass) -> None:
        cls.ticket += 1
        due = cls.due()
        if due[0] < math.inf:
            heapq.heappush(self._due, (due[0], due[1], cls.order, cls.ticket, cls))
        if len(self._due) > 64 + 4 * len(self._classes):
            self._due = [entry for entry in self._due if entry[3] == entry[4].ticket]
            heapq.heapify(self._due)

    def _first_due(self) -> Instant:
        due = self._due
        while due:
            high, low, _, ticket, cls = due[0]
            if ticket == cls.ticket:
                return high, low
            heapq.heappop(due)
        return NEVER

    def _come_to(self, now_s: Seconds) -> None:
        """As ``_advance``, but several changes at one instant are worked out together."""
        if now_s != self._now_s:
            self._advance(now_s)

    def _advance(self, now_s: Seconds) -> None:
        """Let everything end that ends up to now, each at its own moment, then move the clock."""
        check_time(now_s, self._now_s)
        while True:
            self._settle()
            first = self._first_due()
            if first[0] > now_s and not self._same_instant(first, (now_s, 0.0)):
                break
            self._clock = max(self._clock, first if first[0] <= now_s else (now_s, 0.0))
            self._retire()
            if self._clock[0] == now_s:
                break
        self._now_s = now_s
        # An end at this reading of the clock keeps its exact moment: rates changed then, not at the reading.
        if self._clock[0] < now_s:
            self._clock = (now_s, 0.0)

    def _same_instant(self, due: Instant, now: Instant) -> bool:
        if due[0] == math.inf:
            return False
        start_s = self._sending[self._due[0][4].heap[0][1]].start_s
        return (due[0] - now[0]) + (due[1] - now[1]) <= SAME_INSTANT * (now[0] - start_s)

    def _retire(self) -> None:
        """End every flow that is due at the present clock."""
        clock = self._clock
        while (due := self._first_due()) <= clock or self._same_instant(due, clock):
            cls = heapq.heappop(self._due)[4]
            self._end_due(cls)
            self._mark(cls)

    def _end_due(self, cls: PathClass) -> None:
        clock = self._clock
        cls.sync(clock)
        # The clock was set to this very end: what differs is rounding.
        cls.virtual = cls.heap[0][0]
        while cls.heap:
            reading, flow = cls.heap[0]
            sending = self._sending[flow]
            left_s = (reading - cls.virtual) / cls.rate
            if left_s > SAME_INSTANT * (clock[0] - sending.start_s):
                break
            cls.pop(sending.weight)
            del self._sending[flow]
            self._done.append((clock[0], flow))

    def _forget(self, flow: int) -> Bytes:
        self._known(flow)
        self._done = [entry for entry in self._done if entry[1] != flow]
        return 0.0

    def _known(self, flow: int) -> None:
        if all(other != flow for _, other in self._done):
            raise ValueError(f"flow {flow!r} is not in transfer: never started, collected or stopped")
