"""The change next in frequency: a link on which classes wait gets another level, and nothing else moves.

That is so as long as those classes wait for this link only, nobody waits on their other links, and these
bear the new rates. Where any of it fails, loads are put back and ``filling`` looks further.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable

from simgrid.domain.units import BitsPerSecond
from simgrid.network.filling import NOISE_LIMIT, noise_of
from simgrid.network.path_class import Link, PathClass


def level_links(seeds: Collection[PathClass], touched: Collection[Link], mark: int) -> list[PathClass] | None:
    """As ``Filling.resolve``, for touched links that have nothing to do with each other; else None.

    ``mark`` tells this attempt from all others.
    """
    links = dict.fromkeys(touched)
    for cls in seeds:
        cls.seen = mark
        held = [link for link in cls.links if link.held]
        if len(held) > 1:
            return None
        # Where nobody waits, the link with the least room decides.
        link = cls.new_bottleneck = held[0] if held else min(cls.links, key=_left)
        links[link] = None
    for link in links:
        link.seen = mark
    members: list[PathClass] = []
    before: list[BitsPerSecond] = []
    full: list[Link] = []
    for link in links:
        first = len(members)
        if not (_level(link, mark, members) and _send(link, mark, members, first, before, full)):
            for cls, sent in zip(members, before, strict=False):
                _load(cls, sent)
            _sum_anew(full)
            return None
    _sum_anew(full)
    return members


def _sum_anew(full: Iterable[Link]) -> None:
    """What a link bore for a moment may be large beside its capacity: its running sum has lost digits."""
    for link in full:
        link.load = link.exact_load()


def _left(link: Link) -> BitsPerSecond:
    return link.room - link.load


def _level(link: Link, mark: int, members: list[PathClass]) -> bool:
    """Share the link among the seeds on it and those who wait.

    False when somebody else is too fast, or nothing limits them: loads are sums, and never infinite.
    """
    used = []
    weight = noise = fastest = 0.0
    first = len(members)
    for cls in link.classes:
        if cls.seen == mark and cls.new_bottleneck is not link:
            return False
        if cls.seen == mark or cls.bottleneck is link:
            members.append(cls)
            weight += cls.weight
        else:
            used.append(-cls.sent)
            if cls.noise > noise:  # noqa: PLR1730 (here and below max() would take most of the time)
                noise = cls.noise
            if cls.rate > fastest:  # noqa: PLR1730
                fastest = cls.rate
    if len(members) == first:
        return True
    link.noise = noise
    link.residual = math.fsum([link.capacity, *used]) if used else link.capacity
    level, noise = link.residual / weight, noise_of(link)
    if level == math.inf:
        return False
    for cls in members[first:]:
        if cls.cap <= level:
            return False
        cls.new_rate = level
        cls.new_bottleneck = link
        cls.new_noise = noise
    return level >= fastest and noise <= NOISE_LIMIT


def _send(
    link: Link,
    mark: int,
    members: list[PathClass],
    first: int,
    before: list[BitsPerSecond],
    full: list[Link],
) -> bool:
    """Carry the new rates to all links; False when that concerns somebody else, such as ``full`` links."""
    for cls in members[first:]:
        before.append(cls.sent)
        bps = cls.weight * cls.new_rate
        change = bps - cls.sent
        cls.sent = bps
        clash = False
        for other in cls.links:
            other.load += change
            if other is not link:
                if other.load > other.room:
                    full.append(other)
                if other.held or other.seen == mark:
                    clash = clash or change != 0.0
        if clash:
            return False
    # A link that is held and as full as it was is nobody's concern.
    return not any(other.load > other.room and not other.held for other in full)


def _load(cls: PathClass, sent: BitsPerSecond) -> None:
    for link in cls.links:
        link.load += sent - cls.sent
    cls.sent = sent
