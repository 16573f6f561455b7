"""A reporting unit's workstations and shared monitors: what a reading needs is taken at once or not at all.

Who waits holds nothing, so nobody can block anybody for good; the longest waiting comes first.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import simpy

Wants: TypeAlias = Callable[[bool], bool | None]
"""Told whether a shared monitor is free: whether one is needed, None while nothing can be begun."""


class Seats:
    """Counts what is free of one unit; ``screens`` are its shared monitors."""

    def __init__(self, env: simpy.Environment, workstations: int, screens: int) -> None:
        self._env = env
        self._workstations = workstations
        self._screens = screens
        self._waiting: list[tuple[simpy.Event, Wants]] = []
        self.taken = 0
        self.screens_taken = 0
        self.peak_taken = 0
        self.peak_screens = 0

    def request(self, wants: Wants) -> simpy.Event:
        """An event that comes with a workstation; its value is whether a monitor came with it."""
        seated = self._env.event()
        self._waiting.append((seated, wants))
        self.admit()
        return seated

    def admit(self) -> None:
        """Seat whoever can begin now, in the order in which they asked."""
        still: list[tuple[simpy.Event, Wants]] = []
        waiting, self._waiting = self._waiting, still
        for place, (seated, wants) in enumerate(waiting):
            if self.taken == self._workstations:
                still += waiting[place:]
                return
            screen = wants(self.screens_taken < self._screens)
            if screen is None:
                still.append((seated, wants))
                continue
            self.taken += 1
            self.screens_taken += screen
            seated.succeed(screen)

    def take_screen(self) -> bool:
        """Take a shared monitor for somebody who has a workstation, where one is free."""
        if self.screens_taken == self._screens:
            return False
        self.screens_taken += 1
        return True

    def note_peaks(self) -> None:
        """Somebody begins to read: note how much is in use."""
        self.peak_taken = max(self.peak_taken, self.taken)
        self.peak_screens = max(self.peak_screens, self.screens_taken)

    def leave(self, screen: bool) -> None:
        """Give a workstation back, and the monitor with it; those who wait are seated in an event."""
        self.taken -= 1
        self.leave_screen(screen)

    def leave_screen(self, screen: bool = True) -> None:
        """Give the monitor back and keep the workstation."""
        self.screens_taken -= screen
        left = self._env.event()
        left.callbacks.append(lambda _: self.admit())
        left.succeed()
