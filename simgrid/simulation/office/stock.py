"""Sets on each site's shelf: acquisitions take them, orders bring them, and without one a patient waits."""

from __future__ import annotations

from collections import deque

import numpy as np
import simpy

from simgrid.domain.administration import Consumables
from simgrid.domain.inspection import Inspections
from simgrid.domain.quality_records import StockRecords
from simgrid.domain.units import FloatArray, IntArray, Seconds
from simgrid.simulation.clock import Clock


class Stock:
    """G sites; whoever waits is served in order of arrival, as far as the shelf goes."""

    def __init__(self, env: Clock, rule: Consumables, inspections: Inspections, sites: int) -> None:
        self._env = env
        self._rule = rule
        self._kind = inspections.kind
        self._site = inspections.site
        self._needs = [rule.use.get(kind.modality, 0) for kind in inspections.kinds]
        self._left = [rule.initial] * sites
        self._under_way = [0] * sites
        self._waiting: list[deque[tuple[int, Seconds, simpy.Event]]] = [deque() for _ in range(sites)]
        self._used: IntArray = np.zeros(sites, dtype=np.int64)
        self._ordered: IntArray = np.zeros(sites, dtype=np.int64)
        self._waits: IntArray = np.zeros(sites, dtype=np.int64)
        self._waited_s: FloatArray = np.zeros(sites)
        self._counts = self._orders = 0
        if not rule.bot:
            env.after(rule.count_every_s, self._count, None)

    def take(self, row: int) -> simpy.Event | None:
        """The sets of one acquisition: None where they are there, else what to wait for."""
        needs, site = self._needs[self._kind[row]], int(self._site[row])
        if not needs:
            return None
        if self._waiting[site] or self._left[site] < needs:
            there = self._env.event()
            self._waiting[site].append((needs, self._env.now, there))
            self._waits[site] += 1
            self._order_by_bot(site)
            return there
        self._gone(site, needs)
        self._order_by_bot(site)
        return None

    def _gone(self, site: int, sets: int) -> None:
        self._left[site] -= sets
        self._used[site] += sets

    def _order_by_bot(self, site: int) -> None:
        if self._rule.bot:
            self._order(site)

    def _order(self, site: int) -> None:
        """As many orders as bring what is there and comes, less what is waited for, above the mark."""
        rule = self._rule
        asked = sum(needs for needs, _, _ in self._waiting[site])
        while self._left[site] + self._under_way[site] - asked <= rule.reorder_at:
            self._orders += 1
            self._ordered[site] += rule.quantity
            self._under_way[site] += rule.quantity
            self._env.after(rule.lead_s, self._delivered, site)

    def _delivered(self, site: int) -> None:
        self._under_way[site] -= self._rule.quantity
        self._left[site] += self._rule.quantity
        waiting = self._waiting[site]
        while waiting and waiting[0][0] <= self._left[site]:
            needs, since_s, there = waiting.popleft()
            self._gone(site, needs)
            self._waited_s[site] += self._env.now - since_s
            there.succeed()
        self._order_by_bot(site)

    def _count(self, _: None) -> None:
        for site in range(len(self._left)):
            self._counts += 1
            self._order(site)
        self._env.after(self._rule.count_every_s, self._count, None)

    def records(self) -> StockRecords:
        """What was taken, ordered and delivered; who waits still has waited until now."""
        rule, waited_s = self._rule, self._waited_s.copy()
        for site, waiting in enumerate(self._waiting):
            waited_s[site] += sum(self._env.now - since_s for _, since_s, _ in waiting)
        under_way = np.array(self._under_way, dtype=np.int64)
        staff_s = self._orders * rule.bot_order_s if rule.bot else self._orders * rule.order_s
        return StockRecords(
            initial=np.full(len(self._left), rule.initial, dtype=np.int64),
            ordered=self._ordered,
            delivered=self._ordered - under_way,
            under_way=under_way,
            used=self._used,
            left=np.array(self._left, dtype=np.int64),
            waits=self._waits,
            waited_s=waited_s,
            staff_s=staff_s + self._counts * rule.count_s,
        )
