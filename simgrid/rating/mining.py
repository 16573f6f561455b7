"""Ratings and reading times mined from a log: what each radiologist used to read, and how fast (Figure 3).

A log shows who read what and how long it took, by cells of modality and body part. Nothing else enters: no
declared rating, no true skill or speed. Rare cells are shrunk, each with the weight of so many readings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from simgrid.domain.radiologist import Profile
from simgrid.domain.scenario import Frequency
from simgrid.domain.units import BoolArray, FloatArray, IntArray

Cell: TypeAlias = tuple[str, str]
"""Modality and body part."""

SHRINKAGE = 5.0


@dataclass(frozen=True, slots=True)
class Practice:
    """What a log shows of R radiologists in C cells: readings and their minutes in all, shape (R, C) each.

    ``timed``: of the readings those whose minutes are known.
    """

    radiologists: tuple[str, ...]
    cells: tuple[Cell, ...]
    readings: IntArray
    timed: IntArray
    minutes: FloatArray

    @property
    def workload_min(self) -> FloatArray:
        """Minutes read by each, shape (R,); readings without a time count with the mean of their cell."""
        untimed = (self.readings - self.timed) * np.nan_to_num(self.cell_minutes)
        total: FloatArray = (self.minutes + untimed).sum(axis=1)
        return total

    @property
    def cell_minutes(self) -> FloatArray:
        """Mean minutes of everybody's readings in each cell, shape (C,); NaN where none is timed."""
        timed = self.timed.sum(axis=0)
        mean: FloatArray = np.full(len(self.cells), np.nan)
        np.divide(self.minutes.sum(axis=0), timed, out=mean, where=timed > 0)
        return mean


def practice(
    radiologists: tuple[str, ...],
    cells: tuple[Cell, ...],
    radiologist: IntArray,
    cell: IntArray,
    minutes: FloatArray,
) -> Practice:
    """Count logged readings; each array has shape (n,).

    ``radiologist``, ``cell``: indices, -1 where the log has none: such rows show nothing. ``minutes``: NaN,
    or not above 0, where the log has no time.
    """
    shape = (len(radiologists), len(cells))
    known = (radiologist >= 0) & (cell >= 0)
    timed = known & np.isfinite(minutes) & (minutes > 0)
    readings, with_time = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    total = np.zeros(shape)
    np.add.at(readings, (radiologist[known], cell[known]), 1)
    np.add.at(with_time, (radiologist[timed], cell[timed]), 1)
    np.add.at(total, (radiologist[timed], cell[timed]), minutes[timed])
    return Practice(radiologists, cells, readings, with_time, total)


def frequencies(
    seen: Practice,
    conditions: Mapping[str, BoolArray],
    frequency: Frequency = "practice",
    shrinkage: float = SHRINKAGE,
) -> FloatArray:
    """How often each met each condition, as ratings 0 to 1, shape (R, M): the largest of a condition is 1.

    ``conditions``: name to the cells that pose it, (C,). ``cell``: the share of the condition's readings that
    she did, which makes the overloaded look experienced. ``practice``: the share of her readings that posed
    the condition, shrunk towards the share among all readings with the weight of ``shrinkage`` readings.
    A condition that nobody met rates 0 for all.
    """
    posed = np.array([conditions[name] for name in conditions], dtype=np.float64).reshape(-1, len(seen.cells))
    met = seen.readings @ posed.T
    together = met.sum(axis=0)
    if frequency == "cell":
        share = np.divide(met, together, out=np.zeros_like(met), where=together > 0)
    else:
        own, everybody = seen.readings.sum(axis=1), max(int(seen.readings.sum()), 1)
        weight = own[:, None] + shrinkage
        prior = shrinkage * together / everybody
        share = np.divide(met + prior, weight, out=np.zeros_like(met), where=weight > 0)
    largest = share.max(axis=0, initial=0.0)
    rated: FloatArray = np.divide(share, largest, out=np.zeros_like(share), where=largest > 0)
    return rated


def reading_minutes(seen: Practice, shrinkage: float = SHRINKAGE) -> FloatArray:
    """Estimated minutes of each radiologist in each cell, shape (R, C).

    Her mean, shrunk with the weight of ``shrinkage`` readings towards the cell's mean times her own pace: her
    minutes over what everybody's means would give for the same readings. NaN in a cell that nobody timed.
    """
    mean = seen.cell_minutes
    usual = (seen.timed * np.nan_to_num(mean)).sum(axis=1)
    pace = np.divide(seen.minutes.sum(axis=1), usual, out=np.ones(len(usual)), where=usual > 0)
    expected: FloatArray = pace[:, None] * mean[None, :]
    weight = seen.timed + shrinkage
    estimate = expected.copy()
    np.divide(seen.minutes + shrinkage * expected, weight, out=estimate, where=weight > 0)
    return estimate


def mined_profiles(
    seen: Practice,
    conditions: Mapping[str, BoolArray],
    expected_min: FloatArray,
    frequency: Frequency = "practice",
    shrinkage: float = SHRINKAGE,
) -> tuple[Profile, ...]:
    """What is to be believed of each radiologist: ratings by condition, minutes by cell, and a speed.

    ``expected_min`` (C,): the code tables' minutes of each cell. The speed, her minutes over the tables', is
    for cells that the log does not time; 1 where it times nothing of hers.
    """
    rated, minutes = frequencies(seen, conditions, frequency, shrinkage), reading_minutes(seen, shrinkage)
    usual = seen.timed @ expected_min
    speed = np.divide(seen.minutes.sum(axis=1), usual, out=np.ones(len(usual)), where=usual > 0)
    timed = np.flatnonzero(np.isfinite(seen.cell_minutes)).tolist()
    return tuple(
        Profile(
            ratings=dict(zip(conditions, rated[who].tolist(), strict=True)),
            speed=float(speed[who]),
            minutes={seen.cells[cell]: float(minutes[who, cell]) for cell in timed},
        )
        for who in range(len(seen.radiologists))
    )
