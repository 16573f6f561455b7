"""One SimPy event for all transfers of a network object: how the model uses ``SharedLinks``."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Protocol

import simpy


class Network(Protocol):
    """What a network object must tell."""

    def start(self, now_s: float, size_bytes: float, path: tuple[str, ...]) -> int: ...

    def next_completion_s(self) -> float: ...

    def completed(self, now_s: float) -> list[int]: ...


class OneWakeUp:
    """Armed anew only when the next end moves earlier; a late wake-up finds nothing due and re-arms."""

    def __init__(self, env: simpy.Environment, network: Network) -> None:
        self._env = env
        self._network = network
        self._armed_s = math.inf
        self._under_way: dict[int, Callable[[], None]] = {}
        self._ending = False

    def send(self, path: tuple[str, ...], size_bytes: float, then: Callable[[], None]) -> None:
        """Begin a transfer now and call ``then`` at its end."""
        self._under_way[self._network.start(self._env.now, size_bytes, path)] = then
        if not self._ending:
            self._arm()

    def _arm(self) -> None:
        due = self._network.next_completion_s()
        if due < self._armed_s:
            wait_s = max(due - self._env.now, 0.0)
            # When SimPy will come, which rounding may put a hair before the end.
            self._armed_s = self._env.now + wait_s
            wake = self._env.timeout(wait_s)
            wake.callbacks.append(self._wake)

    def _wake(self, _: simpy.Event) -> None:
        now = self._env.now
        if now >= self._armed_s:
            self._armed_s = math.inf
        # What an end sets off at once is shared out together with it.
        self._ending = True
        for flow in self._network.completed(now):
            self._under_way.pop(flow)()
        self._ending = False
        self._arm()
