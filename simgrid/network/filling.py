"""Max-min fair rates by progressive filling, started where something changed.

A re-solve begins with the classes that changed and leaves every other allocation as it is. A class
outside joins only when a disturbed link is its bottleneck, or when it is faster than that link's new
level; then the larger set is filled again. When nobody joins any more, every class has a saturated
link on which nobody is faster, or is at its cap, and that property has one solution only.

Of the links that the members cross, only those count on which somebody waits, and those that a class
could fill by itself; the others are looked at afterwards, by their running loads, and taken in when they
would overflow.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from heapq import heapify, heappop, heapreplace

from simgrid.network.exact_filling import fill_exactly
from simgrid.network.path_class import Link, PathClass

# Rounding errors a rate may have collected, in units of 2**-53, before rational arithmetic takes over.
NOISE_LIMIT = 2.0**15
# Below this share of its start value a running sum has lost too many digits and is summed anew.
RESUM_BELOW = 2.0**-8


class Filling:
    """One re-solve after the other; ``_round`` marks the members and links of the present one."""

    def __init__(self) -> None:
        self._round = 0
        self._members: list[PathClass] = []
        self._links: list[Link] = []
        self._overflown: list[Link] = []

    def resolve(self, seeds: Iterable[PathClass], touched: Collection[Link]) -> list[PathClass]:
        """Set ``new_rate`` and ``new_bottleneck`` on every class returned; the others keep theirs.

        ``seeds`` changed themselves and hold no bottleneck; who waits for a ``touched`` link joins them.
        Loads of links are brought up to date.
        """
        self.next_round()
        members = self._members = []
        self._links = []
        for cls in seeds:
            self._join_seed(cls)
        for link in touched:
            self._join_waiting(link)
        # Whose rate moves will move those who wait on its other links: that saves a round.
        for cls in list(members):
            for link in cls.links:
                if link.held and link not in touched:
                    self._join_waiting(link)
        while True:
            noise = _fill(members, self._links, self._round)
            if not self._spread():
                break
        if noise > NOISE_LIMIT:
            self._complete()
            fill_exactly(members, self._links)
            self._send()
        for link in self._overflown:
            link.load = link.exact_load()
        self._overflown.clear()
        return members

    def next_round(self) -> int:
        """A mark that no class and no link bears yet."""
        self._round += 1
        return self._round

    def _join_seed(self, cls: PathClass) -> None:
        mark = self._round
        cls.seen = mark
        self._members.append(cls)
        most = cls.cap * cls.weight
        for link in cls.links:
            most = min(most, link.capacity)
        most -= cls.sent
        for link in cls.links:
            if link.seen != mark and (link.held or link.load + most >= link.room):
                self._include(link)

    def _join(self, cls: PathClass) -> None:
        mark = self._round
        cls.seen = mark
        self._members.append(cls)
        for link in cls.links:
            if link.held and link.seen != mark:
                self._include(link)

    def _include(self, link: Link) -> None:
        link.seen = self._round
        self._links.append(link)

    def _join_waiting(self, link: Link) -> None:
        mark = self._round
        for cls in link.classes:
            if cls.bottleneck is link and cls.seen != mark:
                self._join(cls)

    def _spread(self) -> bool:
        """Carry the new rates to all links; whether somebody joins because of them."""
        before = len(self._members), len(self._links)
        full = self._send()
        mark = self._round
        for link in self._links[: before[1]]:
            if link.outside and link.stirred == mark:
                self._join_waiting(link)
            if link.fastest > link.level:
                for cls in link.classes:
                    if cls.rate > link.level and cls.seen != mark:
                        self._join(cls)
        for link in full:
            if link.load > link.room and link.seen != mark:
                self._include(link)
        return (len(self._members), len(self._links)) != before

    def _send(self) -> list[Link]:
        """Bring loads up to date; links left out so far that may be full now.

        What a link bore for a moment may be large beside its capacity, and took digits from the running sum.
        """
        mark = self._round
        full = []
        for cls in self._members:
            bps = cls.weight * cls.new_rate
            change = bps - cls.sent
            if change and bps < math.inf:
                cls.sent = bps
                for link in cls.links:
                    link.load += change
                    link.stirred = mark
                    if link.load > link.room and link.seen != mark:
                        full.append(link)
        self._overflown += full
        return full

    def _complete(self) -> None:
        """Everything connected joins: an exact answer must not rest on rounded neighbours."""
        mark = self._round
        for cls in self._members:  # grows while it is walked
            for link in cls.links:
                if link.seen != mark:
                    self._include(link)
                for other in link.classes:
                    if other.seen != mark:
                        other.seen = mark
                        self._members.append(other)


def _fill(members: list[PathClass], links: list[Link], mark: int) -> float:
    """New rates of the members, as far as these links limit them; the largest noise among them."""
    capped = []
    for cls in members:
        cls.new_rate = -1.0
        cls.crossed = 0
        if cls.cap < math.inf:
            capped.append(cls)
    queue = []
    for number, link in enumerate(links):
        _open(link, mark)
        if link.open:
            queue.append((_share(link), number, link))
    if len(queue) > 1:
        heapify(queue)
    capped.sort(key=_cap_order, reverse=True)
    worst, waiting = 1.0, len(members)
    while waiting:
        while capped and capped[-1].new_rate >= 0.0:
            capped.pop()
        tightest, level = _tightest(queue)
        if capped and capped[-1].cap <= level:
            cls = capped.pop()
            cls.new_rate, cls.new_bottleneck, cls.new_noise = cls.cap, None, 1.0
            waiting -= 1
            _pass_on(cls, None)
        elif tightest is not None and level < math.inf:
            waiting -= tightest.open
            worst = max(worst, _saturate(tightest, level, mark))
        else:
            _release(members)
            break
    return worst


def _release(members: list[PathClass]) -> None:
    """Nothing limits those who still wait."""
    for cls in members:
        if cls.new_rate < 0.0:
            cls.new_rate, cls.new_bottleneck, cls.new_noise = math.inf, None, 1.0


def _cap_order(cls: PathClass) -> tuple[float, int]:
    return (cls.cap, cls.order)


def _share(link: Link) -> float:
    residual = link.residual
    return residual / link.open_weight if residual > 0.0 else 0.0


def _tightest(queue: list[tuple[float, int, Link]]) -> tuple[Link | None, float]:
    """The link with the smallest share; shares in the queue may be outdated, and only ever grow."""
    while queue:
        share, number, link = queue[0]
        if not link.open:
            heappop(queue)
            continue
        now = _share(link)
        if now == share:
            return link, share
        heapreplace(queue, (now, number, link))
    return None, math.inf


def _saturate(link: Link, level: float, mark: int) -> float:
    """The link is full at this level: whoever still waits on it stays there."""
    link.level = level
    noise = noise_of(link)
    for cls in link.classes:
        if cls.seen == mark and cls.new_rate < 0.0:
            cls.new_rate = level
            cls.new_bottleneck = link
            cls.new_noise = noise
            if cls.crossed > 1:
                _pass_on(cls, link)
    link.open = 0
    return noise


def noise_of(link: Link) -> float:
    """How many roundings the share of a link carries: what it subtracts counts more, the less is left."""
    if link.residual >= link.capacity:
        return 1.0
    if link.residual <= 0.0:
        return math.inf
    return (link.capacity + link.noise * (link.capacity - link.residual)) / link.residual


def _open(link: Link, mark: int) -> None:
    """Split the classes of a link into members, which share it, and the others, which keep what they have."""
    used = []
    weight = noise = fastest = 0.0
    count = outside = 0
    for cls in link.classes:
        if cls.seen == mark:
            weight += cls.weight
            count += 1
            cls.crossed += 1
        else:
            used.append(-cls.sent)
            if cls.noise > noise:  # noqa: PLR1730 (here and below max() would take most of the time)
                noise = cls.noise
            if cls.rate > fastest:  # noqa: PLR1730
                fastest = cls.rate
            if cls.bottleneck is link:
                outside += 1
    used.append(link.capacity)
    link.residual = math.fsum(used) if len(used) > 1 else link.capacity
    link.open_weight = weight
    link.open = count
    link.noise = noise
    link.fastest = fastest
    link.outside = outside
    link.level = math.inf


def _pass_on(cls: PathClass, by: Link | None) -> None:
    """What a class cannot use on the other links that limit members is for the rest there."""
    mark, sent, noise = cls.seen, cls.weight * cls.new_rate, cls.new_noise
    for link in cls.links:
        if link is by or link.seen != mark:
            continue
        link.open -= 1
        if not link.open:
            continue
        link.residual -= sent
        link.noise = max(link.noise, noise)
        before = link.open_weight
        link.open_weight = before - cls.weight
        if link.open_weight < before * RESUM_BELOW:
            link.open_weight = sum(c.weight for c in link.classes if c.seen == mark and c.new_rate < 0.0)
