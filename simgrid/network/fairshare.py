"""Links that are shared: exact weighted max-min fair transfers. START HERE in this room.

Every flow crosses all links of its path at once. Each link is given to the flows on it in proportion to
their weights, and what one flow cannot use, because another link or its cap is tighter, goes to the
others. The study's eq. 7 (doi 10.1016/j.cmpb.2015.10.005) divides bytes by bandwidth as if every
transfer were alone; ``SeparateLinks`` keeps that reading to show what sharing changes.

There is no clock in here: the caller says what time it is, and asks when to come back.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from simgrid.domain.units import BITS_PER_BYTE, BitsPerSecond, Bytes, Seconds
from simgrid.network.allocation import Allocation
from simgrid.network.class_registry import ClassRegistry
from simgrid.network.ends import Ends
from simgrid.network.flows import (
    LARGEST_WEIGHT,
    SAME_INSTANT,
    SMALLEST_WEIGHT,
    check_capacities,
    check_change,
    check_flow,
    check_time,
)
from simgrid.network.path_class import Due, Link, PathClass
from simgrid.network.separate import SeparateLinks

__all__ = ["SeparateLinks", "SharedLinks"]


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
        self._unlimited = math.inf in capacity_bps.values()
        self._ends = Ends()
        self._registry = ClassRegistry(self._links)
        self._allocation = Allocation(self._links, self._registry, self._ends)
        self._uncapped = self._registry.uncapped
        self._changed = self._allocation.changed
        self._sending: dict[int, PathClass] = {}
        self._done: list[tuple[Seconds, int]] = []
        self._next_flow = 0
        self._began_s = math.inf
        self._now_s = -math.inf
        # The moment up to which everything is worked out, as the two floats of ``path_class``.
        self._high = -math.inf
        self._low = 0.0

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
        cls = self._uncapped.get(path) if type(path) is tuple else None
        if cls is None:
            cls = self._registry.of_path(path)
        if cap_bps is not None or not (
            0.0 <= size_bytes < math.inf and SMALLEST_WEIGHT <= weight <= LARGEST_WEIGHT
        ):
            check_flow(size_bytes, weight, cap_bps)
        if now_s != self._now_s:
            self._come_to(now_s)
        flow = self._next_flow
        self._next_flow = flow + 1
        if size_bytes == 0:
            self._done.append((now_s, flow))
            return flow
        if cap_bps is not None and cap_bps < math.inf:
            cls = self._registry.capped(cls.links, float(weight), float(cap_bps))
        if cls.awake:
            cls.sync(self._high, self._low)
        else:
            self._allocation.wake(cls, self._high, self._low)
        cls.push(flow, weight if type(weight) is float else float(weight), size_bytes * BITS_PER_BYTE, now_s)
        self._sending[flow] = cls
        self._changed[cls] = None
        return flow

    def set_capacity(self, now_s: Seconds, link: str, capacity_bps: BitsPerSecond) -> None:
        """From now on ``link`` carries ``capacity_bps``; 0 stops its flows until it comes back."""
        check_change(link, capacity_bps, self._links)
        if now_s != self._now_s:
            self._come_to(now_s)
        line = self._links[link]
        if line.capacity != capacity_bps:
            self._allocation.resize(line, float(capacity_bps))
            self._unlimited = self._unlimited or capacity_bps == math.inf

    def stop(self, now_s: Seconds, flow: int) -> Bytes:
        """Abandon a flow; the bytes it had left (0.0 when it ended unnoticed; it is then not reported)."""
        self._come_to(now_s)
        cls = self._sending.pop(flow, None)
        if cls is None:
            return self._forget(flow)
        cls.sync(self._high, self._low)
        self._changed[cls] = None
        return cls.remove(flow)

    def next_completion_s(self) -> Seconds:
        """The clock time of the next end (not after now when one is waiting to be collected), or inf."""
        if self._changed:
            self._settle()
        if self._done:
            return min(self._done)[0]
        queue = self._ends.queue
        if queue:
            first: Due | None = queue[0]
            cls = queue[0][3]
            if cls.queued is first and not cls.late:
                return queue[0][0]
        first = self._ends.first()
        return math.inf if first is None else first[0]

    def completed(self, now_s: Seconds) -> list[int]:
        """Flows that ended at or before ``now_s``, by (end, id); each is told once."""
        done = self.completions(now_s)
        return [flow for _, flow in done] if done else []

    def completions(self, now_s: Seconds) -> list[tuple[Seconds, int]]:
        """As ``completed``, with the clock time of each end."""
        self._come_to(now_s)
        if self._unlimited:
            self._settle()
        done = self._done
        if done:
            self._done = []
            done.sort()
            return done
        return []

    def rate_bps(self, flow: int) -> BitsPerSecond:
        """What the flow sends now; 0.0 when it has ended and waits to be collected."""
        self._settle()
        if flow in self._sending:
            cls = self._sending[flow]
            return cls.rate * next(entry[2] for entry in cls.heap if entry[1] == flow)
        self._known(flow)
        return 0.0

    def load_bps(self, link: str) -> BitsPerSecond:
        """What crosses a link now."""
        check_change(link, 0.0, self._links)
        self._settle()
        return self._links[link].exact_load()

    def loads_bps(self) -> dict[str, BitsPerSecond]:
        """What crosses each link now."""
        self._settle()
        return {name: link.exact_load() for name, link in self._links.items()}

    def share_bps(self, link: str) -> BitsPerSecond:
        """What a further flow of weight 1 would get of the link at least, were it limited by nothing else."""
        check_change(link, 0.0, self._links)
        self._settle()
        line = self._links[link]
        weight = math.fsum([cls.weight for cls in line.classes])
        return max(line.capacity - line.exact_load(), line.capacity / (weight + 1.0))

    def left_bytes(self, now_s: Seconds) -> dict[int, Bytes]:
        """What each flow has still to send at a time before which nothing ends; this changes nothing."""
        self._settle()
        left: dict[int, Bytes] = {}
        for cls in dict.fromkeys(self._sending.values()):
            reached = cls.virtual + cls.rate * ((now_s - cls.since_high) - cls.since_low)
            for reading, flow, weight, _, bits in cls.heap:
                left[flow] = min(bits, max(0.0, reading - reached) * weight) / BITS_PER_BYTE
        return left

    def _settle(self) -> None:
        for cls in self._allocation.settle(self._high, self._low):
            while cls.heap:
                flow = cls.pop()
                del self._sending[flow]
                self._done.append((self._high, flow))
            self._allocation.sleep(cls)

    def _come_to(self, now_s: Seconds) -> None:
        """Let everything end that ends up to now, each at its own moment, then move the clock."""
        if not self._now_s <= now_s < math.inf:
            check_time(now_s, self._now_s)
        if self._changed:
            self._settle()
        if self._now_s == -math.inf:
            self._began_s = now_s
        due = self._ends.queue
        # No flow has run for longer than the network; most calls end here.
        if due and due[0][0] - now_s <= SAME_INSTANT * (now_s - self._began_s):
            self._run_to(now_s)
        self._now_s = now_s
        # An end at this reading of the clock keeps its exact moment: rates changed then, not at the reading.
        if self._high < now_s:
            self._high, self._low = now_s, 0.0

    def _run_to(self, now_s: Seconds) -> None:
        ends = self._ends
        while (first := ends.first()) is not None:
            high, low = first[0], first[1]
            if high > now_s:
                if not _same_instant(first, now_s, 0.0):
                    break
                high, low = now_s, 0.0
            if high > self._high or (high == self._high and low > self._low):
                self._high, self._low = high, low
            self._retire(first)
            if self._high == now_s:
                break
            self._settle()

    def _retire(self, first: Due | None) -> None:
        """End every flow that is due at the present clock."""
        high, low = self._high, self._low
        while first is not None:
            late = first[0] - high
            if late > SAME_INSTANT * (high - self._began_s):
                break
            if not (late < 0.0 or (late == 0.0 and first[1] <= low) or _same_instant(first, high, low)):
                break
            cls = first[3]
            cls.queued = None
            self._end_due(cls)
            self._changed[cls] = None
            first = self._ends.first()

    def _end_due(self, cls: PathClass) -> None:
        high = self._high
        cls.since_high, cls.since_low = high, self._low
        heap, rate = cls.heap, cls.rate
        # The clock was set to this very end: where its virtual one may differ, that is rounding.
        reached = heap[0][0]
        while True:
            flow = cls.pop()
            del self._sending[flow]
            self._done.append((high, flow))
            if not heap:
                break
            reading, start_s = heap[0][0], heap[0][3]
            if reading != reached and reading - reached > SAME_INSTANT * (high - start_s) * rate:
                cls.virtual = reached
                break

    def _forget(self, flow: int) -> Bytes:
        self._known(flow)
        self._done = [entry for entry in self._done if entry[1] != flow]
        return 0.0

    def _known(self, flow: int) -> None:
        if all(other != flow for _, other in self._done):
            raise ValueError(f"flow {flow!r} is not in transfer: never started, collected or stopped")


def _same_instant(due: Due, high: Seconds, low: Seconds) -> bool:
    """Whether rounding alone may have put an end after a moment."""
    return (due[0] - high) + (due[1] - low) <= SAME_INSTANT * (high - due[3].heap[0][3])
