"""Caches of places: what is admitted, who waits for room, and deleting by permission.

A study from the modality that finds no room waits there, in order; nothing is lost. What has been imported
or read is kept only where room can be had at once.
"""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial

import simpy

from simgrid.domain.copies import Redundancy
from simgrid.domain.units import Bytes, Seconds
from simgrid.network.copies import Cache
from simgrid.simulation.recorder import Event, Recorder
from simgrid.simulation.storage.holdings import Holdings
from simgrid.simulation.workers import WorkerPool

Ask = Callable[[int, tuple[int, ...]], None]
"""Ask the Manager for permission: place and victims; the answer comes by ``answered``."""


class _Room:
    """One place's cache, who waits for it, and how many of its studies are on their way out."""

    __slots__ = ("asked", "blocked", "cache", "deletes", "low", "peak", "place", "s_per_byte", "serving")

    def __init__(
        self, place: int, cache: Cache, low: Bytes, s_per_byte: Seconds, deletes: WorkerPool
    ) -> None:
        self.place = place
        self.cache = cache
        self.low = low
        self.s_per_byte = s_per_byte
        self.deletes = deletes
        self.asked = 0
        self.peak = 0
        self.serving = False
        self.blocked: deque[int] = deque()


class CachedRooms:
    """Every place's cache. ``rules`` None: a copy that is in the data centre goes without asking.

    ``workers``: how many delete at once at a place. ``on`` takes a study further that came from the modality.
    """

    def __init__(
        self,
        env: simpy.Environment,
        holdings: Holdings,
        rules: Redundancy | None,
        workers: int | None,
        ask: Ask,
        recorder: Recorder,
        on: Callable[[int], None],
    ) -> None:
        self._env = env
        self._holdings = holdings
        self._rules = rules or Redundancy()
        self._workers = workers
        self._asks = ask if rules is not None else self._decide
        self._recorder = recorder
        self._on = on
        self._rooms: list[_Room | None] = [None for _ in holdings.places]
        self.deletions = 0
        self._since: dict[int, int] = {}
        self._blocked = array("q")
        self._blocked_s = array("d")
        self._admitted_s = array("d")

    def open(self, place: int, cache: Cache, s_per_byte: Seconds) -> None:
        """The place has a cache; ``s_per_byte`` is what fetching a byte again would take."""
        deletes = WorkerPool(self._workers, float("inf"), partial(self._delete, place))
        low = self._rules.keep_free * cache.capacity_bytes
        self._rooms[place] = _Room(place, cache, low, s_per_byte, deletes)

    def has(self, place: int) -> bool:
        """Whether the place has a cache."""
        return self._rooms[place] is not None

    def take_in(self, study: int, place: int) -> None:
        """A new study: it is taken further as soon as it lies in the place's cache, where it has to stay.

        One that is larger than the whole cache is passed on without being kept.
        """
        room = self._room(place)
        size = self._holdings.size_bytes[study]
        if not room.blocked and size <= room.cache.free_bytes:
            self._hold(room, study, size, pinned=True)
            self._on(study)
        elif size > room.cache.capacity_bytes:
            self._on(study)
        else:
            room.blocked.append(study)
            self._serve(room)
            if room.blocked and room.blocked[-1] == study:
                self._wait(study)

    def keep(self, study: int, place: int) -> bool:
        """A copy has come: whether it stays, which it does where room can be had without waiting."""
        room = self._room(place)
        cache, size = room.cache, self._holdings.size_bytes[study]
        if study in cache:
            return cache.admit(study, size, self._env.now, size * room.s_per_byte)
        if cache.free_bytes < size <= cache.capacity_bytes:
            self._make_room(room, size)
        if room.blocked or size > cache.free_bytes:
            return False
        self._hold(room, study, size, pinned=False)
        return True

    def hit(self, study: int, place: int) -> bool:
        """Whether the place's cache serves a request."""
        room = self._rooms[place]
        return room is not None and room.cache.get(study, self._holdings.size_bytes[study], self._env.now)

    def use(self, study: int, place: int) -> bool:
        """The copy is being sent, if the place's cache has it: until ``used`` it has to stay."""
        room = self._rooms[place]
        if room is None or study not in room.cache:
            return False
        room.cache.pin(study)
        return True

    def used(self, study: int, place: int) -> None:
        """The copy may go."""
        room = self._room(place)
        room.cache.unpin(study)
        if room.blocked:
            self._serve(room)

    def uploaded(self, study: int, place: int) -> None:
        """The study is in the data centre: its copy at the site may go."""
        room = self._rooms[place]
        if room is not None and study in room.cache:
            self.used(study, place)

    def answered(self, place: int, granted: list[int], refused: list[int]) -> None:
        """The Manager's answer has arrived at the place's agent: what may go goes to the delete workers."""
        room, now = self._room(place), self._env.now
        for study in refused:
            room.asked -= 1
            room.cache.keep(study)
        for study in granted:
            room.deletes.submit(study, now, urgent=False)

    def peak_shares(self) -> Iterator[tuple[str, float]]:
        """How full each cache has been at most."""
        for room in self._rooms:
            if room is not None:
                yield self._holdings.places[room.place], room.peak / room.cache.capacity_bytes

    def waits(self) -> tuple[array[int], array[float], array[float]]:
        """Studies that had to wait at the modality, since when, and until when (NaN: they still do)."""
        return self._blocked, self._blocked_s, self._admitted_s

    def _hold(self, room: _Room, study: int, size: int, *, pinned: bool) -> None:
        cache = room.cache
        cache.admit(study, size, self._env.now, size * room.s_per_byte)
        if pinned:
            cache.pin(study)
        room.peak = max(room.peak, cache.used_bytes)
        self._holdings.appeared(study, room.place)
        if not room.asked and cache.free_bytes < room.low:
            self._make_room(room, 0)

    def _serve(self, room: _Room) -> None:
        """Take in who waits, in order, as far as there is room."""
        if room.serving:
            return
        room.serving = True
        while room.blocked:
            study = room.blocked[0]
            size = self._holdings.size_bytes[study]
            if size > room.cache.free_bytes:
                self._make_room(room, size)
                if size > room.cache.free_bytes:
                    break
            room.blocked.popleft()
            self._hold(room, study, size, pinned=True)
            number = self._since.pop(study, -1)
            if number >= 0:
                self._admitted_s[number] = self._env.now
            self._on(study)
        room.serving = False

    def _wait(self, study: int) -> None:
        self._since[study] = len(self._blocked)
        self._blocked.append(study)
        self._blocked_s.append(self._env.now)
        self._admitted_s.append(float("nan"))
        self._recorder.event(Event.BLOCKED, study, self._env.now)

    def _make_room(self, room: _Room, size: int) -> None:
        """Have enough deleted for so much, and ahead; what is on its way out counts already."""
        now, cache = self._env.now, room.cache
        victims = cache.propose(min(size + 2 * room.low, cache.capacity_bytes), now)
        if victims is None and size:
            victims = cache.propose(size, now)
        if victims:
            room.asked += len(victims)
            self._asks(room.place, victims)

    def _decide(self, place: int, victims: tuple[int, ...]) -> None:
        """Without the service: whatever has been uploaded may go."""
        granted: list[int] = []
        refused: list[int] = []
        for study in victims:
            answer = self._holdings.replicas.ask(study, place)
            (granted if answer == "granted" else refused).append(study)
        self.answered(place, granted, refused)

    def _delete(self, place: int, study: int) -> None:
        """A delete worker takes the study."""
        if self._rules.delete_s:
            wait = self._env.timeout(self._rules.delete_s)
            wait.callbacks.append(lambda _: self._deleted(place, study))
        else:
            self._deleted(place, study)

    def _deleted(self, place: int, study: int) -> None:
        room = self._room(place)
        room.asked -= 1
        if room.cache.drop(study):
            self.deletions += 1
            self._holdings.deleted(study, place)
        else:
            self._holdings.replicas.kept(study, place)
        room.deletes.done()
        if room.blocked:
            self._serve(room)

    def _room(self, place: int) -> _Room:
        room = self._rooms[place]
        if room is None:
            raise ValueError(f"{self._holdings.places[place]} has no cache")
        return room
