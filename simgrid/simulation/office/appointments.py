"""Slots at each site's scanners: every acquisition is booked into one of its own."""

from __future__ import annotations

import numpy as np

from simgrid.domain.administration import Appointments
from simgrid.domain.quality_records import SlotRecords
from simgrid.domain.units import Seconds


class Slots:
    """G sites, each with as many slots at a time as it has scanners."""

    def __init__(self, rule: Appointments, pools: tuple[int, ...]) -> None:
        self._rule = rule
        self._pools = pools
        self._taken: list[dict[int, int]] = [{} for _ in pools]
        self._first_free = [0] * len(pools)
        self._used = [0] * len(pools)
        self.bookings = 0

    def book(self, site: int, from_s: Seconds) -> Seconds:
        """Take the first free slot that is not over at ``from_s``; when the patient may come."""
        taken, pool = self._taken[site], self._pools[site]
        slot = max(int(from_s // self._rule.slot_s), 0)
        tracked = slot <= self._first_free[site]  # from here to there all are full
        if tracked:
            slot = self._first_free[site]
        while taken.get(slot, 0) == pool:
            slot += 1
        taken[slot] = taken.get(slot, 0) + 1
        if tracked:
            self._first_free[site] = slot
        self.bookings += 1
        return max(from_s, slot * self._rule.slot_s)

    def turn(self, site: int, now_s: Seconds) -> None:
        """What lies before the present needs no looking at any more."""
        self._first_free[site] = max(self._first_free[site], int(now_s // self._rule.slot_s))

    def used(self, site: int) -> None:
        """An acquisition has been made in a slot of its own."""
        self._used[site] += 1

    def records(self) -> SlotRecords:
        """All slots up to the last one that was booked."""
        offered = [
            (max(taken) + 1) * pool if taken else 0
            for taken, pool in zip(self._taken, self._pools, strict=True)
        ]
        free = [
            sum(pool - taken.get(slot, 0) for slot in range(max(taken) + 1)) if taken else 0
            for taken, pool in zip(self._taken, self._pools, strict=True)
        ]
        booked = np.array([sum(taken.values()) for taken in self._taken], dtype=np.int64)
        used = np.array(self._used, dtype=np.int64)
        each_s = self._rule.by_bot_s if self._rule.bot else self._rule.by_hand_s
        return SlotRecords(
            offered=np.array(offered, dtype=np.int64),
            free=np.array(free, dtype=np.int64),
            booked=booked,
            used=used,
            ahead=booked - used,
            staff_s=self.bookings * each_s,
        )
