"""Caches of places: what is admitted, who waits for room, and deleting by permission.

A study from the modality that finds no room waits there, in order; nothing is lost. What has been imported
or read is kept only where room can be had at once.
"""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from simgrid.domain.copies import Redundancy
from simgrid.domain.units import Bytes, Seconds
from simgrid.network.copies import Cache
from simgrid.simulation.agents import GridAgents
from simgrid.simulation.clock import Clock
from simgrid.simulation.recorder import Event, Recorder
from simgrid.simulation.stalls import Stalls
from simgrid.simulation.storage.holdings import Holdings

Ask = Callable[[int, tuple[int, ...]], None]
"""Ask the Manager for permission: place and victims; the answer comes by ``answered``."""


RUN = 16
"""Studies that a delete worker takes at once while nobody waits for room; they go when it is through."""


class _Room:
    """One place's cache, who waits for it, and what is on its way out of it.

    ``asked`` counts the latter, ``granted`` are those among them that wait for one of ``busy`` workers;
    ``wanted`` are the bytes of who waits.
    """

    __slots__ = (
        "asked",
        "blocked",
        "busy",
        "cache",
        "granted",
        "low",
        "peak",
        "place",
        "s_per_byte",
        "serving",
        "wanted",
    )

    def __init__(self, place: int, cache: Cache, low: Bytes, s_per_byte: Seconds) -> None:
        self.place = place
        self.cache = cache
        self.low = low
        self.s_per_byte = s_per_byte
        self.asked = 0
        self.busy = 0
        self.wanted = 0
        self.peak = 0
        self.serving = False
        self.blocked: deque[int] = deque()
        self.granted: deque[int] = deque()


class CachedRooms:
    """Every place's cache. ``rules`` None: a copy that is in the data centre goes without asking.

    ``workers``: how many delete at once at a place. ``on`` takes a study further that came from the modality.
    A place whose agent is down admits nobody who waits and begins no deletion.
    """

    def __init__(
        self,
        env: Clock,
        holdings: Holdings,
        rules: Redundancy | None,
        workers: int | None,
        ask: Ask,
        recorder: Recorder,
        stalls: Stalls,
        on: Callable[[int], None],
        agents: GridAgents,
    ) -> None:
        self._env = env
        self._holdings = holdings
        self._rules = rules or Redundancy()
        self._workers = workers
        self._asks = ask if rules is not None else self._decide
        self._recorder = recorder
        self._stalls = stalls
        self._on = on
        self._agents = agents
        self._rooms: list[_Room | None] = [None for _ in holdings.places]
        self.deletions = 0
        self._since: dict[int, int] = {}
        self._blocked = array("q")
        self._blocked_s = array("d")
        self._admitted_s = array("d")

    def open(self, place: int, cache: Cache, s_per_byte: Seconds) -> None:
        """The place has a cache; ``s_per_byte`` is what fetching a byte again would take."""
        self._rooms[place] = _Room(place, cache, self._rules.keep_free * cache.capacity_bytes, s_per_byte)

    def has(self, place: int) -> bool:
        """Whether the place has a cache."""
        return self._rooms[place] is not None

    def take_in(self, study: int, place: int) -> None:
        """A new study: it is taken further as soon as it lies in the place's cache, where it has to stay.

        One that is larger than the whole cache is passed on without being kept, as at places without one.
        """
        room = self._rooms[place]
        if room is None:
            self._on(study)
            return
        size = self._holdings.size_bytes[study]
        if not room.blocked and (size <= room.cache.free_bytes or self._fits(room, size)):
            self._hold(room, study, size, pinned=True)
            self._on(study)
        elif size > room.cache.capacity_bytes:
            self._on(study)
        else:
            room.blocked.append(study)
            room.wanted += size
            self._serve(room)
            if room.blocked and room.blocked[-1] == study:
                self._wait(study)

    def keep(self, study: int, place: int) -> bool:
        """A copy has come: whether it stays, which it does where room can be had without waiting."""
        room = self._room(place)
        cache, size = room.cache, self._holdings.size_bytes[study]
        if study in cache:
            return cache.admit(study, size, self._env.now, size * room.s_per_byte)
        if room.blocked or not self._fits(room, size):
            return False
        self._hold(room, study, size, pinned=False)
        return True

    def hit(self, study: int, place: int) -> bool:
        """Whether the place's cache serves a request."""
        room = self._rooms[place]
        return room is not None and room.cache.get(study, self._env.now)

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
        if room is not None and room.cache.release(study) and room.blocked:
            self._serve(room)

    def answered(self, place: int, granted: Sequence[int], refused: Sequence[int]) -> None:
        """The Manager's answer has arrived at the place's agent: what may go goes to the delete workers."""
        room = self._room(place)
        for study in refused:
            room.asked -= 1
            room.cache.keep(study)
        room.granted.extend(granted)
        self._work(room)

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
        cache.admit(study, size, self._env.now, size * room.s_per_byte, pinned=pinned)
        used = cache.used_bytes
        if used > room.peak:  # noqa: PLR1730, twice as fast as max
            room.peak = used
        self._holdings.appeared(study, room.place)
        if room.low and not room.asked and cache.free_bytes < room.low:
            self._make_room(room, 0)

    def _serve(self, room: _Room) -> None:
        """Take in who waits, in order, as far as there is room."""
        if room.serving or self._is_held(room, self._serve):
            return
        room.serving = True
        while room.blocked:
            study = room.blocked[0]
            size = self._holdings.size_bytes[study]
            if not self._fits(room, size):
                break
            room.blocked.popleft()
            room.wanted -= size
            self._hold(room, study, size, pinned=True)
            number = self._since.pop(study, -1)
            if number >= 0:
                self._admitted_s[number] = self._env.now
                self._stalls.ended(study)
            self._on(study)
        room.serving = False

    def _wait(self, study: int) -> None:
        self._since[study] = len(self._blocked)
        self._blocked.append(study)
        self._blocked_s.append(self._env.now)
        self._admitted_s.append(float("nan"))
        self._recorder.event(Event.BLOCKED, study, self._env.now)
        self._stalls.began(study)

    def _fits(self, room: _Room, size: int) -> bool:
        """Whether there is room now, after what may be deleted at once."""
        cache = room.cache
        if size <= cache.free_bytes:
            return True
        if size > cache.capacity_bytes:
            return False
        self._make_room(room, size)
        return size <= cache.free_bytes

    def _make_room(self, room: _Room, size: int) -> None:
        """Have enough deleted for so much, and ahead; what is on its way out counts already."""
        now, cache = self._env.now, room.cache
        most = min(max(size, room.wanted) + 2 * room.low, cache.capacity_bytes)
        victims = cache.propose(most, now)
        if victims is None and size:
            victims = cache.propose(size, now)
        if victims:
            room.asked += len(victims)
            self._asks(room.place, victims)

    def _decide(self, place: int, victims: tuple[int, ...]) -> None:
        """Without the service: whatever has been uploaded may go."""
        ask = self._holdings.replicas.ask
        granted = [study for study in victims if ask(study, place) == "granted"]
        refused = () if len(granted) == len(victims) else tuple(set(victims).difference(granted))
        self.answered(place, granted, refused)

    def _work(self, room: _Room) -> None:
        """Give every free delete worker something to do; at once where deleting takes no time."""
        if self._is_held(room, self._work):
            return
        delete_s, granted = self._rules.delete_s, room.granted
        if not delete_s:
            while granted:
                self._delete(room, granted.popleft())
            if room.blocked:
                self._serve(room)
            return
        while granted and (self._workers is None or room.busy < self._workers):
            lasts = 1 if self._workers is None else min(len(granted), 1 if room.blocked else RUN)
            taken = [granted.popleft() for _ in range(lasts if self._workers else len(granted))]
            room.busy += 1
            self._env.after(lasts * delete_s, partial(self._deleted, room), taken)

    def _deleted(self, room: _Room, taken: list[int]) -> None:
        """A delete worker is through."""
        room.busy -= 1
        for study in taken:
            self._delete(room, study)
        if room.blocked:
            self._serve(room)
        self._work(room)

    def _delete(self, room: _Room, study: int) -> None:
        room.asked -= 1
        if room.cache.drop(study):
            self.deletions += 1
            self._holdings.deleted(study, room.place)
        else:
            self._holdings.replicas.kept(study, room.place)

    def _is_held(self, room: _Room, act: Callable[[_Room], None]) -> bool:
        """Whether the place's agent is down; then it acts when it is back."""
        return self._agents.waits_for(self._holdings.agent(room.place), partial(act, room))

    def _room(self, place: int) -> _Room:
        room = self._rooms[place]
        if room is None:
            raise ValueError(f"{self._holdings.places[place]} has no cache")
        return room
