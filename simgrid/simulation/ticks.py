"""Regular instants that come before all else of theirs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import simpy
from simpy.events import URGENT

from simgrid.domain.units import Seconds


class _Tick(simpy.Event):
    """As a timeout, but ahead of every timeout of its instant."""

    def __init__(self, env: simpy.Environment, delay: Seconds, then: Callable[[Any], None]) -> None:
        super().__init__(env)
        self._ok = True
        self._value = None
        self.callbacks.append(then)
        env.schedule(self, URGENT, delay)


class Ticks:
    """Calls ``act`` at every multiple of ``every_s`` after 0, for as long as the simulation goes on."""

    def __init__(self, env: simpy.Environment, every_s: Seconds, act: Callable[[], None]) -> None:
        self._env = env
        self._every_s = every_s
        self._act = act
        self._number = 0
        self._arm()

    def _arm(self) -> None:
        self._number += 1
        _Tick(self._env, max(self._number * self._every_s - self._env.now, 0.0), self._ticked)

    def _ticked(self, _: object) -> None:
        self._act()
        self._arm()
