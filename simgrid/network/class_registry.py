"""Which class a flow belongs to: one for every path, one for every cap in use on it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from simgrid.domain.units import BitsPerSecond
from simgrid.network.flows import check_path
from simgrid.network.path_class import Link, PathClass


class ClassRegistry:
    """Uncapped classes are as few as the paths and stay; capped ones go with their last flow."""

    def __init__(self, links: Mapping[str, Link]) -> None:
        self.uncapped: dict[tuple[str, ...], PathClass] = {}
        self._links = links
        self._classes: dict[tuple[object, ...], PathClass] = {}
        self._next = 0

    def __len__(self) -> int:
        return len(self._classes)

    def of_path(self, path: Sequence[str]) -> PathClass:
        """The class of a path without a cap; ValueError as ``check_path``."""
        names = check_path(path, self._links)
        # Flows that name the same links in another order belong together.
        links = tuple(self._links[name] for name in sorted(names))
        cls = self.uncapped[names] = self._get((links,), links, math.inf, (math.inf, 1.0))
        return cls

    def capped(self, links: tuple[Link, ...], weight: float, cap_bps: BitsPerSecond) -> PathClass:
        """The class of flows with this cap per unit of weight."""
        cap = cap_bps / weight
        # A quotient that does not give the cap back is rounded: its flows keep a class of their own.
        cap_of = (cap, 1.0) if cap * weight == cap_bps else (cap_bps, weight)
        return self._get((links, *cap_of), links, cap, cap_of)

    def drop(self, cls: PathClass) -> None:
        """The class has no flows left; caps may all differ, and nobody may ever use this one again."""
        if cls.cap < math.inf:
            del self._classes[(cls.links, *cls.cap_of)]

    def _get(
        self, key: tuple[object, ...], links: tuple[Link, ...], cap: float, cap_of: tuple[float, float]
    ) -> PathClass:
        cls = self._classes.get(key)
        if cls is None:
            cls = self._classes[key] = PathClass(self._next, links, cap, cap_of)
            self._next += 1
        return cls
