"""The wires: every transfer of the run, sharing links through ``simgrid.network``, one wake-up for all."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol

import simpy

from simgrid.domain.units import BitsPerSecond, Bytes, Seconds
from simgrid.simulation.transfer_log import TransferLog


class Links(Protocol):
    """What the wires need of a sharing rule (``SharedLinks`` or ``SeparateLinks``)."""

    def start(self, now_s: float, size_bytes: float, path: tuple[str, ...]) -> int:
        """Begin a flow."""
        ...

    def set_capacity(self, now_s: float, link: str, capacity_bps: float) -> None:
        """From now on the link carries so much; 0 stops its flows."""
        ...

    def next_completion_s(self) -> float:
        """When the next flow is due."""
        ...

    def completed(self, now_s: float) -> list[int]:
        """The flows due by now."""
        ...


class _Sent(NamedTuple):
    """A transfer under way."""

    number: int
    leg: str
    row: int
    size: Bytes
    began_s: Seconds
    then: Callable[[int], None]


class Wires:
    """Starts transfers and calls back when they are complete.

    The next completion of the whole network has one SimPy event, armed anew only when it moves earlier; a
    wake-up that comes too early finds nothing due and arms the next.
    """

    def __init__(self, env: simpy.Environment, links: Links, log: TransferLog) -> None:
        self._env = env
        self._links = links
        self._log = log
        self._armed_s: Seconds = float("inf")
        self._under_way: dict[int, _Sent] = {}

    def send(
        self, leg: str, row: int, path: tuple[str, ...], size: Bytes, then: Callable[[int], None]
    ) -> None:
        """Begin a transfer now and call ``then(row)`` when its last byte has arrived."""
        now = self._env.now
        number = self._log.began(leg, row, path, size, now)
        flow = self._links.start(now, size, path)
        self._under_way[flow] = _Sent(number, leg, row, size, now, then)
        self._arm()

    def set_capacity(self, link: str, capacity_bps: BitsPerSecond) -> None:
        """From now on the link carries so much; transfers on a dead link stall and go on when it is back."""
        self._links.set_capacity(self._env.now, link, capacity_bps)
        self._arm()

    def _arm(self) -> None:
        due = self._links.next_completion_s()
        if due < self._armed_s:
            self._armed_s = due
            wake = self._env.timeout(max(due - self._env.now, 0.0))
            wake.callbacks.append(self._wake)

    def _wake(self, _: simpy.Event) -> None:
        now = self._env.now
        if now >= self._armed_s:
            self._armed_s = float("inf")
        for flow in self._links.completed(now):
            sent = self._under_way.pop(flow)
            self._log.ended(sent.number, sent.leg, sent.size, now - sent.began_s, now)
            sent.then(sent.row)
        self._arm()
