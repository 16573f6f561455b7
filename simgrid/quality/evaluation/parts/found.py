"""One figure of an evaluation with its interval, and how the interval is made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simgrid.randomness import stream

REPLICATES = 1000
_SEED = 7


@dataclass(frozen=True, slots=True)
class Found:
    """``value`` of a measure with its 95 % interval.

    ``part``: segmentation, denoiser and so on; ``judge``: the network or which control; ``on``: source,
    organ, contrast; ``of``: the measure. ``units`` of what were drawn again for the interval; nan where
    fewer than two were there.
    """

    part: str
    judge: str
    on: str
    of: str
    value: float
    low: float
    high: float
    units: int

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


HEADER = "part,judge,on,of,value,low,high,units"


def as_csv(rows: Sequence[Found]) -> str:
    """One line a figure, six digits."""
    lines = [HEADER]
    for one in rows:
        figures = ",".join(f"{figure:.6g}" for figure in (one.value, one.low, one.high))
        lines.append(f'{one.part},{one.judge},"{one.on}",{one.of},{figures},{one.units}')
    return "\n".join(lines) + "\n"


def mean_of(part: str, judge: str, on: str, of: str, values: Sequence[float]) -> Found:
    """The mean of one value a unit (a source, a lesion), units drawn again with replacement."""
    array = np.asarray(values, np.float64)
    return ratio_of(part, judge, on, of, array, np.ones_like(array))


def ratio_of(
    part: str, judge: str, on: str, of: str, above: Sequence[float] | NDArray[np.float64],
    below: Sequence[float] | NDArray[np.float64],
) -> Found:  # fmt: skip
    """Sum over sum, such as Dice over the slices of a source; units drawn again with replacement."""
    top, bottom = np.asarray(above, np.float64), np.asarray(below, np.float64)
    draws = drawn(len(top), f"{part} {on} {of}")
    with np.errstate(invalid="ignore", divide="ignore"):
        value = float(top.sum() / bottom.sum())
        again = top[draws].sum(axis=1) / bottom[draws].sum(axis=1)
    again = again[np.isfinite(again)]
    low, high = np.quantile(again, (0.025, 0.975)) if len(top) > 1 and again.size else (np.nan, np.nan)
    return Found(part, judge, on, of, value, float(low), float(high), len(top))


def difference_of(
    part: str, judge: str, on: str, of: str, count: int, statistic: Callable[[NDArray[np.int64]], float]
) -> Found:
    """Any statistic of chosen units (indices), such as a paired difference of two ratios."""
    value = statistic(np.arange(count))
    again = [statistic(draw) for draw in drawn(count, f"{part} {on} {of}")]
    finite = [one for one in again if np.isfinite(one)]
    low, high = np.quantile(finite, (0.025, 0.975)) if count > 1 and finite else (np.nan, np.nan)
    return Found(part, judge, on, of, value, float(low), float(high), count)


def drawn(count: int, name: str) -> NDArray[np.int64]:
    """(REPLICATES, count) indices with replacement; the same name draws the same."""
    return stream(_SEED, 0, "bootstrap", name).integers(0, max(count, 1), (REPLICATES, count))
