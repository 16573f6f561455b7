"""From the data centre to the units: a study needs room in a unit's storage before it is sent there."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush

import numpy as np

from simgrid.domain.inspection import Inspections
from simgrid.domain.reporting_unit import ReportingUnit
from simgrid.domain.units import Bytes, FloatArray
from simgrid.network import down
from simgrid.simulation.stalls import Stalls


class _Room:
    """One unit's storage, and what lies there, comes, or waits for room.

    ``lies``: studies of which images are there, and which share of them. ``copies``: those of them that
    nobody at the unit reads, the oldest first. ``coming``: those nobody here will read, not complete yet.
    ``spare``: studies that are to be copied here as soon as there is room that nothing else needs.
    """

    __slots__ = ("capacity", "coming", "copies", "lies", "peak", "promised", "spare", "used", "waiting")

    def __init__(self, capacity: Bytes) -> None:
        self.capacity = capacity
        self.used: Bytes = 0.0
        self.promised: Bytes = 0.0
        self.peak: Bytes = 0.0
        self.waiting: list[tuple[bool, int, int]] = []
        self.copies: dict[int, Bytes] = {}
        self.spare: dict[int, None] = {}
        self.coming: set[int] = set()
        self.lies: dict[int, float] = {}


class UnitStorage:
    """Room at each reporting unit: taken when a study sets out, freed when it has been read.

    Studies that find no room wait at the data centre, urgent first, then in order of assignment. Copies
    stay until the study has been read or somebody needs the room: what was broadcast, and the images of a
    study that was handed over (those only until it has arrived elsewhere). ``there`` is called at once for
    a study that is assigned to where images of it lie.
    """

    def __init__(
        self,
        units: tuple[ReportingUnit, ...],
        inspections: Inspections,
        send: Callable[[int, int], None],
        there: Callable[[int], None],
        stalls: Stalls,
        broadcast: bool = False,
    ) -> None:
        # Buffers give plain numbers, several times as fast as the arrays themselves.
        self._size, self._urgent = inspections.size_bytes.data, inspections.urgent.data
        self._send = send
        self._there = there
        self._stalls = stalls
        self._broadcast = broadcast
        self._rooms = [_Room(unit.storage_bytes) for unit in units]
        self._last_link = [down(unit.name) for unit in units]
        self._read: set[int] = set()
        self._unsent: dict[int, bool] = {}  # whether it has had to wait for room
        self._order = 0

    def deliver(self, row: int, unit: int) -> None:
        """Send the assigned study to the unit as soon as there is room."""
        self._stalls.assigned(row, self._last_link[unit])
        room = self._rooms[unit]
        if row in room.copies:
            del room.copies[row]
            self._there(row)
        elif row in room.coming:
            room.coming.remove(row)
            if row in room.lies:
                self._there(row)
        else:
            room.spare.pop(row, None)
            self._order += 1
            room.promised += self._size[row]
            heappush(room.waiting, (not self._urgent[row], self._order, row))
            self._unsent[row] = False
            self._send_what_fits(unit)
            if row in self._unsent:
                self._unsent[row] = True
                self._stalls.began(row)

    def lay(self, row: int, unit: int) -> None:
        """The study was at the unit before the run took it up."""
        room = self._rooms[unit]
        room.used += self._size[row]
        room.peak = max(room.peak, room.used)
        room.lies[row] = 1.0

    def uploaded(self, row: int) -> None:
        """Broadcast: send the study to every unit, as soon as there is room for which none assigned waits."""
        if not self._broadcast:
            return
        for unit, room in enumerate(self._rooms):
            room.spare[row] = None
            self._send_what_fits(unit)

    def begun(self, row: int, unit: int, share: float) -> bool:
        """So much of the study is at the unit, not all of it; whether somebody there is to read it."""
        room = self._rooms[unit]
        room.lies[row] = share
        return row not in room.coming

    def arrived(self, row: int, unit: int) -> bool:
        """The whole study is at the unit; whether somebody there is to read it."""
        room = self._rooms[unit]
        room.lies[row] = 1.0
        if row in room.coming:
            room.coming.remove(row)
            room.copies[row] = self._size[row]
            if row in self._read:
                self._drop(row, unit)
            self._send_what_fits(unit)
            return False
        if not self._broadcast:
            self._drop_copies(row)
        return True

    def keep(self, row: int, unit: int) -> None:
        """The study is nobody's any more: from now on its images are a copy that may go."""
        self._stalls.assigned(row, None)
        room = self._rooms[unit]
        share = room.lies.get(row)
        if share is None:
            return
        if share == 1.0:
            room.copies[row] = self._size[row]
            self._send_what_fits(unit)
        else:
            room.coming.add(row)

    def read(self, row: int, unit: int) -> None:
        """The study has been read at the unit: give its room back, there and wherever it was copied to."""
        room = self._rooms[unit]
        del room.lies[row]
        room.used -= self._size[row]
        self._read.add(row)
        self._send_what_fits(unit)
        self._drop_copies(row)

    def is_copy(self, row: int, unit: int) -> bool:
        """Whether the study is sent to the unit although nobody there is to read it."""
        return row in self._rooms[unit].coming

    def images(self, row: int, unit: int) -> float | None:
        """The share of the images that lies at the unit, 1 where all do; None where none has come."""
        return self._rooms[unit].lies.get(row)

    def can_have(self, row: int, unit: int) -> bool:
        """Whether the study is at the unit, or would set out for it at once."""
        room = self._rooms[unit]
        if row in room.lies or row in room.coming:
            return True
        return not room.waiting and self._could_have_room(room, self._size[row])

    def free_bytes(self) -> FloatArray:
        """Room neither used nor promised to an assigned study, shape (U,); never below 0. Copies may go."""
        rooms = self._rooms
        spoken_for = [room.used + room.promised - sum(room.copies.values()) for room in rooms]
        capacity = np.array([room.capacity for room in rooms], dtype=np.float64)
        free: FloatArray = np.maximum(capacity - np.array(spoken_for), 0.0)
        return free

    def peak_share(self) -> FloatArray:
        """The fullest each storage has been, as a share of its capacity, shape (U,)."""
        return np.array([room.peak / room.capacity for room in self._rooms], dtype=np.float64)

    def _send_what_fits(self, unit: int) -> None:
        room = self._rooms[unit]
        while room.waiting:
            row = room.waiting[0][2]
            size = self._size[row]
            if not self._make_room(unit, size):
                return
            heappop(room.waiting)
            if self._unsent.pop(row):
                self._stalls.ended(row)
            room.promised -= size
            self._set_out(row, unit)
        while room.spare:
            row = next(iter(room.spare))
            if room.used + self._size[row] > room.capacity:
                return
            del room.spare[row]
            room.coming.add(row)
            self._set_out(row, unit)

    def _set_out(self, row: int, unit: int) -> None:
        room = self._rooms[unit]
        room.used += self._size[row]
        room.peak = max(room.peak, room.used)
        self._send(row, unit)

    def _could_have_room(self, room: _Room, size: Bytes) -> bool:
        return room.used + size - room.capacity <= (sum(room.copies.values()) if room.copies else 0.0)

    def _make_room(self, unit: int, size: Bytes) -> bool:
        """Whether so much fits, after the oldest copies have gone where that helps."""
        room = self._rooms[unit]
        if room.used + size > room.capacity and self._could_have_room(room, size):
            for row in list(room.copies):
                self._drop(row, unit)
                if room.used + size <= room.capacity:
                    break
        return room.used + size <= room.capacity

    def _drop(self, row: int, unit: int) -> None:
        room = self._rooms[unit]
        room.used -= room.copies.pop(row)
        del room.lies[row]

    def _drop_copies(self, row: int) -> None:
        """What lies or was to come elsewhere is not needed any more."""
        for unit, room in enumerate(self._rooms):
            room.spare.pop(row, None)
            if row in room.copies:
                self._drop(row, unit)
                self._send_what_fits(unit)
