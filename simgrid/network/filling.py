"""Max-min fair rates by progressive filling, started where something changed.

A re-solve begins with the classes that changed and leaves every other allocation as it is. A class
outside joins only when a touched link is its bottleneck, or when it is faster than that link's new
level; then the larger set is filled again. When nobody joins any more, every class has a saturated
link on which nobody is faster, or is at its cap, and that property has one solution only.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction

from simgrid.network.path_class import Link, PathClass

# Rounding errors a rate may have collected, in units of 2**-53, before rational arithmetic takes over.
NOISE_LIMIT = 2.0**15
# Below this share of its start value a running sum has lost too many digits and is summed anew.
RESUM_BELOW = 2.0**-8


class Filling:
    """The solver; it owns no state but a counter that marks the members of the present re-solve."""

    def __init__(self) -> None:
        self._round = 0

    def resolve(self, seeds: Iterable[PathClass], touched: Iterable[Link]) -> list[PathClass]:
        """Set ``new_rate`` and ``new_bottleneck`` on every class returned; the others keep theirs.

        ``seeds`` changed themselves; a class whose bottleneck is a ``touched`` link joins them.
        """
        self._round += 1
        members: list[PathClass] = []
        links: list[Link] = []
        for cls in seeds:
            self._join(cls, members, links)
        for link in touched:
            self._join_all([cls for cls in link.classes if cls.bottleneck is link], members, links)
        while True:
            _fill(members, links, self._round)
            joining = _joining(links, members, self._round)
            if not joining:
                break
            self._join_all(joining, members, links)
        if any(cls.new_noise > NOISE_LIMIT for cls in members):
            self._complete(members, links)
            _fill_exactly(members, links)
        return members

    def _join(self, cls: PathClass, members: list[PathClass], links: list[Link]) -> None:
        if cls.seen == self._round:
            return
        cls.seen = self._round
        members.append(cls)
        for link in cls.links:
            if link.seen != self._round:
                link.seen = self._round
                links.append(link)

    def _join_all(self, classes: Iterable[PathClass], members: list[PathClass], links: list[Link]) -> None:
        for cls in classes:
            self._join(cls, members, links)

    def _complete(self, members: list[PathClass], links: list[Link]) -> None:
        """Everything connected joins: an exact answer must not rest on rounded neighbours."""
        for link in links:  # grows while it is walked
            self._join_all(link.classes, members, links)


def _joining(links: list[Link], members: list[PathClass], mark: int) -> list[PathClass]:
    disturbed = {link for cls in members if cls.new_rate != cls.rate for link in cls.links}
    return [
        cls
        for link in links
        for cls in link.classes
        if cls.seen != mark and ((cls.bottleneck is link and link in disturbed) or cls.rate > link.level)
    ]


def _fill(members: list[PathClass], links: list[Link], mark: int) -> None:
    for link in links:
        _open(link, mark)
    for cls in members:
        cls.new_rate = -1.0
    capped = sorted((cls for cls in members if cls.cap < math.inf), key=_cap_order, reverse=True)
    waiting = [link for link in links if link.open and link.capacity < math.inf]
    while True:
        waiting = [link for link in waiting if link.open]
        while capped and capped[-1].new_rate >= 0:
            capped.pop()
        if not waiting and not capped:
            break
        tightest, share = _tightest(waiting)
        if capped and capped[-1].cap <= share:
            cls = capped.pop()
            _fix(cls, cls.cap, None, 1.0)
        elif tightest:
            tightest.level = share
            noise = _noise(tightest)
            for cls in tightest.classes:
                if cls.seen == mark and cls.new_rate < 0:
                    _fix(cls, share, tightest, noise)
    for cls in members:
        if cls.new_rate < 0:
            _fix(cls, math.inf, None, 1.0)


def _cap_order(cls: PathClass) -> tuple[float, int]:
    return (cls.cap, cls.order)


def _tightest(waiting: list[Link]) -> tuple[Link | None, float]:
    tightest, lowest = None, math.inf
    for link in waiting:
        residual = link.residual
        share = residual / link.open_weight if residual > 0.0 else 0.0
        if share < lowest:
            tightest, lowest = link, share
    return tightest, lowest


def _noise(link: Link) -> float:
    """How many roundings the share of a link carries: what it subtracts counts more, the less is left."""
    if link.residual >= link.capacity:
        return 1.0
    if link.residual <= 0.0:
        return math.inf
    return (link.capacity + link.noise * (link.capacity - link.residual)) / link.residual


def _open(link: Link, mark: int) -> None:
    used = weight = noise = 0.0
    count = 0
    for cls in link.classes:
        if cls.seen == mark:
            weight += cls.weight
            count += 1
        else:
            used += cls.weight * cls.rate
            noise = max(noise, cls.noise)
    link.residual = link.capacity - used
    link.open_weight = weight
    link.open = count
    link.noise = noise
    link.level = math.inf


def _fix(cls: PathClass, rate: float, by: Link | None, noise: float) -> None:
    cls.new_rate = rate
    cls.new_bottleneck = by
    cls.new_noise = noise
    for link in cls.links:
        link.open -= 1
        if link is by or not link.open:
            continue
        link.residual -= cls.weight * rate
        link.noise = max(link.noise, noise)
        before = link.open_weight
        link.open_weight = before - cls.weight
        if link.open_weight < before * RESUM_BELOW:
            link.open_weight = sum(c.weight for c in link.classes if c.seen == cls.seen and c.new_rate < 0)


def _fill_exactly(members: list[PathClass], links: list[Link]) -> None:
    """The same filling in rational arithmetic, for a whole connected part of the network."""
    weight = {cls: cls.exact_weight() for cls in members}
    caps = {cls: cap for cls in members if (cap := cls.exact_cap()) is not None}
    residual = {link: Fraction(link.capacity) for link in links if link.capacity < math.inf}
    open_classes = dict.fromkeys(sorted(members, key=lambda cls: cls.order))
    while open_classes:
        share = {
            link: left / total
            for link, left in residual.items()
            if (total := sum(weight[cls] for cls in link.classes if cls in open_classes))
        }
        level = min([*share.values(), *(caps[cls] for cls in open_classes if cls in caps)], default=None)
        if level is None:
            for cls in open_classes:
                cls.new_rate, cls.new_bottleneck, cls.new_noise = math.inf, None, 1.0
            return
        for cls in list(open_classes):
            by = next((link for link in cls.links if share.get(link) == level), None)
            if by is None and caps.get(cls) != level:
                continue
            cls.new_rate, cls.new_bottleneck, cls.new_noise = float(level), by, 1.0
            del open_classes[cls]
            for link in cls.links:
                if link in residual:
                    residual[link] -= weight[cls] * level
