"""Who gets what: rates kept up to date while classes come, change and go.

Most changes concern nobody else (``_takes_what_is_left``) and cost a look at each link of one path. The
others are a matter for ``Filling``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from simgrid.domain.units import BitsPerSecond, Seconds
from simgrid.network.class_registry import ClassRegistry
from simgrid.network.ends import HEADROOM, Ends
from simgrid.network.filling import Filling
from simgrid.network.one_link import level_links
from simgrid.network.path_class import Link, PathClass

# Running loads are summed anew after so many re-solves, long before rounding reaches their slack.
RESUM_EVERY = 4096


class Allocation:
    """The rates of all classes; ``changed`` are those whose flows are not the ones that were solved for."""

    def __init__(self, links: Mapping[str, Link], registry: ClassRegistry, ends: Ends) -> None:
        self.changed: dict[PathClass, None] = {}
        self._links = links
        self._registry = registry
        self._ends = ends
        self._touched: dict[Link, None] = {}
        self._resized: dict[Link, None] = {}
        self._filling = Filling()
        self._solved = 0

    def resize(self, link: Link, capacity_bps: BitsPerSecond) -> None:
        """Another capacity: whoever crosses the link is looked at anew."""
        link.resize(capacity_bps)
        # Rounding that was small beside the old capacity may not be beside the new one: now, and after the
        # old rates have been taken off.
        link.load = link.exact_load()
        self._resized[link] = None
        for cls in link.classes:
            cls.solved = 0.0
            self.changed[cls] = None

    def wake(self, cls: PathClass, high: Seconds, low: Seconds) -> None:
        """The class has something to send from this moment on."""
        cls.since_high, cls.since_low = high, low
        cls.awake = True
        for link in cls.links:
            link.classes[cls] = None

    def sleep(self, cls: PathClass) -> None:
        """The last flow has left: those who wait for a link of its path may have more."""
        by, sent = cls.bottleneck, cls.sent
        if by is not None:
            by.held -= 1
            cls.bottleneck = None
        cls.awake = False
        cls.queued = None
        cls.rate = cls.sent = cls.solved = 0.0
        for link in cls.links:
            classes = link.classes
            del classes[cls]
            link.load = link.load - sent if classes else 0.0
            if link.held:
                self._touched[link] = None
        self._registry.drop(cls)

    def settle(self, high: Seconds, low: Seconds) -> Sequence[PathClass]:
        """Work out the rates after everything that happened at this instant.

        Classes that nothing limits are returned: their flows end now, and nobody else notices.
        """
        changed = self.changed
        unlimited: Sequence[PathClass] = ()
        for cls in changed:
            if cls.awake and not cls.heap:
                self.sleep(cls)
        seeds = []
        for cls in changed:
            if not cls.heap:
                continue
            if cls.weight == cls.solved:
                self._ends.arm(cls)
            elif not self._takes_what_is_left(cls, high, low):
                seeds.append(cls)
        changed.clear()
        if seeds or self._touched:
            unlimited = self._share_anew(seeds, high, low)
        if self._resized:
            _resum(self._resized)
            self._resized.clear()
        return unlimited

    def _takes_what_is_left(self, cls: PathClass, high: Seconds, low: Seconds) -> bool:
        """The usual change: nobody waits on the path, and the class has its narrowest link to itself.

        Otherwise the class gives up its bottleneck, and those who wait on its path are noted.
        """
        weight = cls.solved = cls.weight
        by = cls.bottleneck
        if by is not None:
            by.held -= 1
            cls.bottleneck = by = None
        most, shared = math.inf, False
        for link in cls.links:
            if link.held:
                return self._disturb(cls)
            if len(link.classes) > 1:
                shared = True
            elif link.capacity < most:
                most, by = link.capacity, link
        rate = most / weight
        if rate >= cls.cap:
            rate, by = cls.cap, None
        sent = rate * weight
        change = sent - cls.sent
        if sent == math.inf:
            return False
        if shared:
            for link in cls.links:
                if link.load + change > link.room and len(link.classes) > 1:
                    return False
        for link in cls.links:
            link.load += change
        cls.sent = sent
        if by is not None:
            cls.bottleneck = by
            by.held += 1
        cls.noise = 1.0
        cls.sync(high, low)
        cls.rate = rate
        self._ends.arm(cls)
        return True

    def _disturb(self, cls: PathClass) -> bool:
        for link in cls.links:
            if link.held:
                self._touched[link] = None
        return False

    def _share_anew(self, seeds: list[PathClass], high: Seconds, low: Seconds) -> list[PathClass]:
        """The general change: re-solve from the classes that changed and the links that they disturbed."""
        members = level_links(seeds, self._touched, self._filling.next_round())
        if members is None:
            members = self._filling.resolve(seeds, self._touched)
        self._touched.clear()
        arm = self._ends.arm
        unlimited = []
        for cls in members:
            by, before = cls.new_bottleneck, cls.bottleneck
            if by is not before:
                if before is not None:
                    before.held -= 1
                if by is not None:
                    by.held += 1
                cls.bottleneck = by
            cls.noise = cls.new_noise
            rate = cls.new_rate
            if rate == math.inf:
                unlimited.append(cls)
            elif rate != cls.rate:
                cls.virtual += cls.rate * ((high - cls.since_high) + (low - cls.since_low))
                cls.since_high, cls.since_low, cls.rate = high, low, rate
                if cls in seeds or cls.queued is None:
                    arm(cls)
                elif rate <= cls.safe_rate:
                    cls.late = True
                else:
                    arm(cls, HEADROOM)
            elif cls in seeds:
                arm(cls)
        self._solved += 1
        if self._solved % RESUM_EVERY == 0:
            _resum(self._links.values())
        return unlimited


def _resum(links: Iterable[Link]) -> None:
    for link in links:
        link.load = link.exact_load()
