"""Several gains at once, in the same worlds: bounds that hold for all of them, and how many worlds have all.

The study is one world with four gains; each may be met in worlds of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simgrid.domain.units import BoolArray, FloatArray
from simgrid.reproduction.claims import Band, Word
from simgrid.reproduction.gains import Effect
from simgrid.reproduction.verdicts import SINGLE_WORLDS, Interval, judged, singles_of
from simgrid.statistics.counts import share_interval
from simgrid.statistics.families import simultaneous

GRAVITY: tuple[Word, ...] = ("differs", "run more replications", "compatible", "within")
"""Of several verdicts the first of these that any has is that of all."""


@dataclass(frozen=True, slots=True)
class Member:
    """One gain of several: a ratio of means in paired worlds, its band and what the study states.

    ``logs``: see ``gains.Effect``.
    """

    name: str
    effect: Effect
    logs: FloatArray
    band: Band
    stated: float


@dataclass(frozen=True, slots=True)
class Joint:
    """``intervals``: of each member, at 95 % for all together.

    ``reached``: the share of worlds in which every gain is at least as stated, with its exact interval;
    ``in_bands``: in how many all lie in their bands.
    """

    verdict: Word
    intervals: tuple[Interval, ...]
    reached: Interval
    in_bands: int


def jointly(members: Sequence[Member]) -> Joint:
    """The gravest of the members' verdicts, each on its share of the error rate.

    Largest-t bounds of the logarithms of the ratios (``simgrid.statistics.families``), back on the members'
    scale; the range of single worlds that a stated value is held against is as much wider.
    """
    intervals = _intervals(members)
    words = [_judged(one, found, len(members)) for one, found in zip(members, intervals, strict=True)]
    worlds = len(members[0].effect.worlds)
    above = _all([one.effect.worlds >= one.stated for one in members])
    inside = _all(
        [(one.effect.worlds >= one.band.low) & (one.effect.worlds <= one.band.high) for one in members]
    )
    share = share_interval(int(above.sum()), worlds)
    return Joint(
        verdict=min(words, key=GRAVITY.index),
        intervals=intervals,
        reached=Interval(float(share.share), float(share.low), float(share.high), worlds),
        in_bands=int(inside.sum()),
    )


def _intervals(members: Sequence[Member]) -> tuple[Interval, ...]:
    bounds = simultaneous(np.stack([one.logs for one in members]))
    found = []
    for one, low, high in zip(
        members, np.exp(bounds.low).tolist(), np.exp(bounds.high).tolist(), strict=True
    ):
        edges = sorted(one.effect.sign * (edge - 1.0) for edge in (low, high))
        found.append(Interval(one.effect.interval.mean, edges[0], edges[1], one.effect.interval.n))
    return tuple(found)


def _judged(one: Member, found: Interval, members: int) -> Word:
    low, high = SINGLE_WORLDS
    singles = singles_of(one.effect.worlds, one.stated, (low / members, 1.0 - (1.0 - high) / members))
    return judged(found, one.band, one.stated, singles)


def _all(held: Sequence[FloatArray | BoolArray]) -> BoolArray:
    together: BoolArray = np.logical_and.reduce(np.stack(held))
    return together
