"""Links that nobody shares: every transfer takes bytes over the bandwidth of its narrowest link.

This is eq. 7 of the study (doi 10.1016/j.cmpb.2015.10.005) as printed, one pair at a time. It has the
interface of ``SharedLinks``, so a model can run on either and show what sharing changes.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Mapping, Sequence

from simgrid.domain.units import BITS_PER_BYTE, BitsPerSecond, Bytes, Seconds
from simgrid.network.flows import (
    SAME_INSTANT,
    check_capacities,
    check_change,
    check_flow,
    check_path,
    check_time,
)


class _Alone:
    """A flow with the network to itself."""

    __slots__ = ("bits", "cap", "due", "names", "rate", "since", "start")

    def __init__(self, since: Seconds, bits: float, names: tuple[str, ...], cap: BitsPerSecond) -> None:
        self.start = since
        self.since = since
        self.bits = bits
        self.names = names
        self.cap = cap
        self.rate = 0.0
        self.due = math.inf


class SeparateLinks:
    """The interface of ``SharedLinks`` without sharing; weights are checked and change nothing."""

    def __init__(self, capacity_bps: Mapping[str, BitsPerSecond]) -> None:
        check_capacities(capacity_bps)
        self._capacity = {name: float(value) for name, value in capacity_bps.items()}
        self._paths: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._sending: dict[int, _Alone] = {}
        self._due: list[tuple[Seconds, int]] = []
        self._now_s = -math.inf
        self._next_flow = 0

    @property
    def active(self) -> int:
        """Flows not yet collected."""
        return len(self._sending)

    def start(
        self,
        now_s: Seconds,
        size_bytes: Bytes,
        path: Sequence[str],
        weight: float = 1.0,
        cap_bps: BitsPerSecond | None = None,
    ) -> int:
        """A new flow's id, ascending from 0; the errors are those of ``SharedLinks.start``."""
        names = self._paths.get(path) if type(path) is tuple else None
        if names is None:
            names = self._new_path(path)
        check_flow(size_bytes, weight, cap_bps)
        check_time(now_s, self._now_s)
        self._now_s = now_s
        flow = self._next_flow
        self._next_flow += 1
        alone = _Alone(now_s, size_bytes * BITS_PER_BYTE, names, math.inf if cap_bps is None else cap_bps)
        self._sending[flow] = alone
        self._time(flow, alone)
        return flow

    def set_capacity(self, now_s: Seconds, link: str, capacity_bps: BitsPerSecond) -> None:
        """From now on ``link`` carries ``capacity_bps``; flows that ended before are not touched."""
        check_change(link, capacity_bps, self._capacity)
        check_time(now_s, self._now_s)
        self._now_s = now_s
        self._capacity[link] = float(capacity_bps)
        for flow, alone in self._sending.items():
            if alone.due > now_s and link in alone.names:
                if alone.due - now_s <= SAME_INSTANT * (now_s - alone.start):
                    alone.bits = 0.0
                else:
                    alone.bits -= alone.rate * (now_s - alone.since)
                alone.since = now_s
                self._time(flow, alone)

    def stop(self, now_s: Seconds, flow: int) -> Bytes:
        """Abandon a flow; the bytes it had left."""
        alone = self._known(flow)
        check_time(now_s, self._now_s)
        self._now_s = now_s
        del self._sending[flow]
        if alone.due <= now_s:
            return 0.0
        return (alone.bits - alone.rate * (now_s - alone.since)) / BITS_PER_BYTE

    def next_completion_s(self) -> Seconds:
        """The clock time of the next end, or inf."""
        due = self._due
        while due and not self._holds(due[0]):
            heapq.heappop(due)
        return due[0][0] if due else math.inf

    def completed(self, now_s: Seconds) -> list[int]:
        """Flows that ended at or before ``now_s``, by (end, id); each is told once."""
        return [flow for _, flow in self.completions(now_s)]

    def completions(self, now_s: Seconds) -> list[tuple[Seconds, int]]:
        """As ``completed``, with the clock time of each end."""
        check_time(now_s, self._now_s)
        self._now_s = now_s
        done = []
        while self.next_completion_s() <= now_s:
            done.append(heapq.heappop(self._due))
            del self._sending[done[-1][1]]
        return done

    def rate_bps(self, flow: int) -> BitsPerSecond:
        """What the flow sends now; 0.0 when it has ended and waits to be collected."""
        alone = self._known(flow)
        return alone.rate if alone.due > self._now_s else 0.0

    def load_bps(self, link: str) -> BitsPerSecond:
        """What crosses a link now; it may exceed the capacity, since nobody shares."""
        check_change(link, 0.0, self._capacity)
        return self.loads_bps()[link]

    def loads_bps(self) -> dict[str, BitsPerSecond]:
        """What crosses each link now."""
        sending = [alone for alone in self._sending.values() if alone.due > self._now_s]
        return {
            link: math.fsum(alone.rate for alone in sending if link in alone.names) for link in self._capacity
        }

    def share_bps(self, link: str) -> BitsPerSecond:
        """What a further flow would get of the link: all of it."""
        check_change(link, 0.0, self._capacity)
        return self._capacity[link]

    def left_bytes(self, now_s: Seconds) -> dict[int, Bytes]:
        """What each flow under way has still to send at a time not before now; nothing is changed."""
        return {
            flow: max(alone.bits - alone.rate * (now_s - alone.since), 0.0) / BITS_PER_BYTE
            for flow, alone in self._sending.items()
        }

    def _new_path(self, path: Sequence[str]) -> tuple[str, ...]:
        names = check_path(path, self._capacity)
        self._paths[names] = names
        return names

    def _time(self, flow: int, alone: _Alone) -> None:
        alone.rate = min(alone.cap, *(self._capacity[name] for name in alone.names))
        if alone.bits <= 0.0:
            alone.due = alone.since
        else:
            alone.due = alone.since + alone.bits / alone.rate if alone.rate else math.inf
        if alone.due < math.inf:
            heapq.heappush(self._due, (alone.due, flow))

    def _holds(self, entry: tuple[Seconds, int]) -> bool:
        alone = self._sending.get(entry[1])
        return alone is not None and alone.due == entry[0]

    def _known(self, flow: int) -> _Alone:
        alone = self._sending.get(flow)
        if alone is None:
            raise ValueError(f"flow {flow!r} is not in transfer: never started, collected or stopped")
        return alone
