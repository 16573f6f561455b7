"""Progressive filling in rational arithmetic, for the rare part of a network where floats lose too much."""

from __future__ import annotations

import math
from fractions import Fraction

from simgrid.network.path_class import Link, PathClass


def fill_exactly(members: list[PathClass], links: list[Link]) -> None:
    """Set ``new_rate`` and ``new_bottleneck`` of the members, a whole connected part with all its links."""
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
