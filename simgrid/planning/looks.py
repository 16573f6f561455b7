"""Whether one plan meets its targets, looked at again with twice the replications while that is open.

Who looks several times may be lucky several times. So the risk is divided among the looks: each early one
takes a tenth of it, and the last one what is left. What is said at any look is then wrong no more often than
what is said at one. And a plan misses where it misses any target, so each target takes its part of the risk
of that; that it meets them all needs no such part (``testing``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from simgrid.domain.planning import Planning
from simgrid.domain.scenario import Scenario
from simgrid.domain.targets import Target
from simgrid.domain.units import FloatArray
from simgrid.planning.testing import judged
from simgrid.statistics.bounds import Bound, Met

FEWEST = 50
"""Replications of the first look, at least; where fewer are allowed in all, there is one look with those."""
MOST_LOOKS = 4
EARLY = 0.1
"""Of the risk, the part that each look but the last takes."""
Values = Callable[[str, Scenario, int], FloatArray]


@dataclass(frozen=True, slots=True)
class Looked:
    """A plan in a world, by its number, after ``n`` replications on unseen seeds.

    ``world``: what is left out of it; ``as it is`` where nothing is. ``bounds`` are one-sided at
    ``confidence``, which is that of the look at which it ended; the favourable one at its target's part.
    """

    world: str
    plan: int
    radiologists: int
    bounds: tuple[Bound, ...]
    n: int
    confidence: float

    @property
    def verdict(self) -> Met:
        """Met where every target is shown to be met, missed where one is shown to be missed."""
        words = {one.met for one in self.bounds}
        if "missed" in words:
            return "missed"
        return "met" if words == {"met"} else "cannot be told apart"

    @property
    def missed(self) -> tuple[int, ...]:
        """Numbers of the targets that it is shown to miss."""
        return tuple(place for place, one in enumerate(self.bounds) if one.met == "missed")


def looks(most: int, confidence: float) -> tuple[tuple[int, float], ...]:
    """Replications and confidence of each look, the last with ``most`` replications.

    The risks of all looks together are that of ``confidence``.
    """
    counts = [most]
    while len(counts) < MOST_LOOKS and counts[0] // 2 >= FEWEST:
        counts.insert(0, counts[0] // 2)
    risk = 1.0 - confidence
    early = len(counts) - 1
    risks = [risk * EARLY] * early + [risk * (1.0 - early * EARLY)]
    return tuple((n, 1.0 - one) for n, one in zip(counts, risks, strict=True))


def looked_at(
    world: str, plan: int, cell: Scenario, asked: Planning, values: Values, at: Sequence[tuple[int, float]]
) -> Looked:
    """The plan at the first look that shows whether it meets its targets, else at the last."""
    found: list[Looked] = []
    for n, confidence in at:
        bounds = _bounds(values(f"{world} {plan}", cell, n), asked.meet, confidence)
        found.append(Looked(world, plan, len(cell.radiologists), bounds, n, confidence))
        if found[-1].verdict != "cannot be told apart":
            break
    return found[-1]


def _bounds(seen: FloatArray, targets: Sequence[Target], confidence: float) -> tuple[Bound, ...]:
    """Each target's bound, of which the favourable one has an equal part of the risk."""
    part = 1.0 - (1.0 - confidence) / len(targets)
    both = zip(judged(seen, targets, confidence), judged(seen, targets, part), strict=True)
    return tuple(_with_favourable(one, surer) for one, surer in both)


def _with_favourable(one: Bound, surer: Bound) -> Bound:
    doubted = one.met == "missed" and surer.met != "missed"
    met: Met = "cannot be told apart" if doubted else one.met
    return replace(one, favourable=surer.favourable, met=met)
