"""The wires: every transfer of the run, sharing links through ``simgrid.network``, one wake-up for all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from itertools import pairwise
from types import MappingProxyType
from typing import Protocol

from simgrid.domain.grid import TransferRules
from simgrid.domain.units import BitsPerSecond, Bytes, Seconds
from simgrid.domain.viewing import Viewer
from simgrid.simulation.clock import Clock
from simgrid.simulation.stalls import Stalls
from simgrid.simulation.transfer_log import (
    BREAK_MARGIN,
    BROADCAST,
    DELIVERY,
    FIRST_IMAGES,
    UPLOAD,
    Transfer,
    TransferLog,
)

TO_READERS = (DELIVERY, FIRST_IMAGES, BROADCAST)
"""Legs for which an inspection waits if its radiologist sits where they lead."""
STALLING = (UPLOAD, "report", *TO_READERS)
"""Legs whose row is an inspection that may wait for them."""


class Links(Protocol):
    """What the wires need of a sharing rule (``SharedLinks`` or ``SeparateLinks``)."""

    def start(
        self,
        now_s: float,
        size_bytes: float,
        path: tuple[str, ...],
        weight: float = 1.0,
        cap_bps: float | None = None,
    ) -> int:
        """Begin a flow."""
        ...

    def stop(self, now_s: float, flow: int) -> float:
        """Abandon a flow; the bytes that it had left."""
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

    def share_bps(self, link: str) -> float:
        """What a further flow would get of a link."""
        ...

    def left_bytes(self, now_s: float) -> dict[int, float]:
        """What each flow has still to send."""
        ...


class Wires:
    """Carries transfers and calls back when they are complete.

    The next completion of the whole network has one SimPy event, armed anew only when it moves earlier; a
    wake-up that comes too early finds nothing due and arms the next. ``rules`` is for what moves images;
    without it, and for all else, a transfer is its bytes. ``changes``: every change of each link's capacity.
    ``stalls`` is told of inspections whose transfer a dead link holds up. ``beside``: images that cross a
    link of these cross another one as well.
    """

    def __init__(
        self,
        env: Clock,
        links: Links,
        log: TransferLog,
        rules: TransferRules | None = None,
        stalls: Stalls | None = None,
        beside: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._env = env
        self._links = links
        self._log = log
        self._rules = rules or TransferRules()
        self._breaks = self._rules.broken != "stall"
        self._stalls = stalls
        self._beside = beside
        self._with_beside: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._viewer = Viewer()
        self._there: Mapping[str, Callable[[int, float], None]] = {}
        self.ahead: dict[tuple[str, int], Bytes] = {}  # of a leg and row under way before: bytes to come
        self._dead: set[str] = set()
        self._armed_s: Seconds = float("inf")
        self._under_way: dict[int, Transfer] = {}
        self._looked_back: tuple[Seconds, Mapping[int, Bytes]] = (-1.0, {})
        self._collecting = False
        self._carried: dict[tuple[str, ...], Bytes] = {}
        self.changes: dict[str, list[tuple[Seconds, BitsPerSecond]]] = {}

    def share_bps(self, link: str) -> BitsPerSecond:
        """What a further transfer would get of a link now, were it limited by nothing else."""
        return self._links.share_bps(link)

    def carried_bytes(self) -> dict[tuple[str, ...], Bytes]:
        """What each path has carried up to now, transfers under way and broken ones included."""
        carried = self._carried.copy()
        left = self._links.left_bytes(self._env.now)
        for flow, one in self._under_way.items():
            carried[one.path] = carried.get(one.path, 0.0) + one.left - left.get(flow, 0.0)
        return carried

    def left(self) -> dict[tuple[str, int], Bytes]:
        """What each transfer under way has still to send, by its leg and row."""
        left = self._links.left_bytes(self._env.now)
        return {(one.leg, one.row): left.get(flow, 0.0) for flow, one in self._under_way.items()}

    def close(self) -> None:
        """The run is over: what is under way is written down as such."""
        self._log.close(self._under_way.values())

    def send(
        self, leg: str, row: int, path: tuple[str, ...], size: Bytes, then: Callable[[int], None]
    ) -> None:
        """Carry so many bytes from now on, and call ``then(row)`` when the last has arrived."""
        left = self.ahead.pop((leg, row), size) if self.ahead else size
        self._try(Transfer(leg, row, path, left, then, self._env.now))

    def send_images(
        self,
        leg: str,
        row: int,
        path: tuple[str, ...],
        size: Bytes,
        images: int,
        then: Callable[[int], None],
    ) -> None:
        """Carry a study of so many bytes and images by the rules, and call ``then(row)`` when it is there."""
        rules = self._rules
        sent, left = rules.sent_bytes(size), self.ahead.pop((leg, row), None) if self.ahead else None
        unit = path[-1]
        if self._beside:
            path = self._with_beside.get(path) or self._add_beside(path)
        one = Transfer(leg, row, path, sent, then, self._env.now, rules.streams, rules.cap_bps)
        if left is not None:
            one.size = one.left = left
            self._try(one)
            return
        if leg in (DELIVERY, BROADCAST):
            one = self._in_pieces(one, self._viewer.shares(images), unit)
        wait_s = rules.setup_s(size, images)
        if wait_s > 0:
            self._env.after(wait_s, self._try, one)
        else:
            self._try(one)

    def stream(self, viewer: Viewer, there: Mapping[str, Callable[[int, float], None]]) -> None:
        """From now on a delivery is several transfers, one right behind the other: the viewer's pieces.

        They have the same path, weight and cap, so that the last byte comes when it would have come anyway.
        ``there``: by the last link, what to call with a study and the share of it that has arrived, after
        each piece but the last.
        """
        self._viewer, self._there = viewer, there

    def set_capacity(self, link: str, capacity_bps: BitsPerSecond) -> None:
        """From now on the link carries so much. Transfers on a dead link stall, or break: see the rules."""
        if not capacity_bps:
            self._goes_dead(link)
        elif link in self._dead:
            self._dead.discard(link)
            self._goes_on(link)
        self._links.set_capacity(self._env.now, link, capacity_bps)
        self.changes.setdefault(link, []).append((self._env.now, capacity_bps))
        self._arm()

    def _goes_dead(self, link: str) -> None:
        self._dead.add(link)
        self._look_back()
        self._collect()  # what is complete by now is neither held up nor broken
        crossing = [flow for flow, one in self._under_way.items() if link in one.path]
        for flow in crossing:
            self._held_up(self._under_way[flow])
            if self._breaks:
                self._break(flow)

    def _look_back(self) -> None:
        """Before the first break of an instant: what ends or breaks at it leaves more to the others."""
        now = self._env.now
        if self._breaks and self._looked_back[0] != now:
            self._looked_back = now, self._links.left_bytes(now * (1.0 - BREAK_MARGIN))

    def _goes_on(self, link: str) -> None:
        """What crosses the link and no other dead one moves again."""
        for one in self._under_way.values():
            if one.blocked and link in one.path and self._dead.isdisjoint(one.path):
                self._moves(one)

    def _held_up(self, one: Transfer) -> None:
        if not one.blocked:
            one.blocked = True
            if self._stalls is not None and one.leg in STALLING:
                self._stalls.began(one.row, _reader_at(one))

    def _moves(self, one: Transfer) -> None:
        one.blocked = False
        if self._stalls is not None and one.leg in STALLING:
            self._stalls.ended(one.row, _reader_at(one))

    def _add_beside(self, path: tuple[str, ...]) -> tuple[str, ...]:
        """All links that images cross on a path, worked out once."""
        others = dict.fromkeys(self._beside[link] for link in path if link in self._beside)
        found = self._with_beside[path] = (*path, *others)
        return found

    def _in_pieces(self, whole: Transfer, shares: tuple[float, ...], unit: str) -> Transfer:
        """The first of the pieces that end at these shares; each sends the one behind it."""
        if len(shares) == 1:
            return whole
        piece, then = whole, whole.then
        for before, share in reversed(tuple(pairwise((0.0, *shares)))):
            size = whole.size * (share - before)
            piece = Transfer(
                whole.leg, whole.row, whole.path, size, then, whole.ordered_s, whole.weight, whole.cap_bps
            )
            then = partial(self._piece_there, piece, before, unit)
        if whole.leg == DELIVERY:
            piece.leg = FIRST_IMAGES
        return piece

    def _piece_there(self, following: Transfer, share: float, unit: str, row: int) -> None:
        following.ordered_s = self._env.now
        self._try(following)
        self._there[unit](row, share)

    def _after(self, wait_s: Seconds, one: Transfer) -> None:
        """Try after so long; at once where there is nothing to wait for."""
        if wait_s > 0:
            self._env.after(wait_s, self._try, one)
        else:
            self._try(one)

    def _try(self, one: Transfer) -> None:
        if self._dead and not self._dead.isdisjoint(one.path):
            self._held_up(one)
            if self._breaks:
                self._failed(one)
                return
        elif one.blocked:
            self._moves(one)
        now = one.attempt_s = self._env.now
        one.number = self._log.began(one, now)
        flow = self._links.start(now, one.left, one.path, one.weight, one.cap_bps)
        self._under_way[flow] = one
        if not self._collecting:
            self._arm()

    def _break(self, flow: int) -> None:
        """Stop it; what it has carried so far is an attempt of its own in the journal."""
        now = self._env.now
        one = self._under_way.pop(flow)
        left = self._links.stop(now, flow)
        # What an attempt of this very instant has left is not among what was left before.
        self._log.broke(one, one.left - left, one.left - self._looked_back[1].get(flow, one.left), now)
        self._carried[one.path] = self._carried.get(one.path, 0.0) + one.left - left
        one.left = left if self._rules.broken == "resume" else one.size
        one.failures = 0
        self._failed(one)

    def _failed(self, one: Transfer) -> None:
        one.failures += 1
        self._log.failed(one.leg)
        self._after(self._rules.retry.wait_s(one.failures) + self._rules.latency_s, one)

    def _arm(self) -> None:
        due = self._links.next_completion_s()
        if due < self._armed_s:
            now = self._env.now
            wait_s = due - now if due > now else 0.0
            # When SimPy will come, which rounding may put a hair before the end.
            self._armed_s = now + wait_s
            self._env.after(wait_s, self._wake, None)

    def _wake(self, _: None) -> None:
        now = self._env.now
        if now >= self._armed_s:
            self._armed_s = float("inf")
        self._collect()
        self._arm()

    def _collect(self) -> None:
        """Tell who is done; what that sets off at once is shared out when the caller arms, once for all."""
        now, carried = self._env.now, self._carried
        self._collecting = True
        for flow in self._links.completed(now):
            one = self._under_way.pop(flow)
            self._log.ended(one, now)
            carried[one.path] = carried.get(one.path, 0.0) + one.left
            if one.blocked:  # nothing to carry: it arrives over a dead link as well
                self._moves(one)
            one.then(one.row)
        self._collecting = False


def _reader_at(one: Transfer) -> str | None:
    """The last link to the unit for whose radiologist it is; None where an inspection waits in any case."""
    return one.path[1] if one.leg in TO_READERS else None
