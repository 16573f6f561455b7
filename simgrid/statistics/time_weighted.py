"""Integrals and means over time of a quantity that jumps and holds still between jumps.

Of columns, after the fact; a model that runs keeps its own levels as it goes. A jump holds from its own
moment on, so a window's first jump counts in it and one at its very end does not.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from simgrid.domain.units import FloatArray


def steps_of(changes_s: npt.ArrayLike, by: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Moments and values of a level that starts at 0 and changes ``by`` at ``changes_s``, in any order, (N,).

    Changes of the same moment become one. NaN moments never come.
    """
    at_s, amount = np.broadcast_arrays(np.asarray(changes_s, np.float64), np.asarray(by, np.float64))
    known = ~np.isnan(at_s)
    moments, place = np.unique(at_s[known], return_inverse=True)
    return moments, np.cumsum(np.bincount(place, amount[known], minlength=len(moments)))


def area(at_s: npt.ArrayLike, value: npt.ArrayLike, until_s: npt.ArrayLike) -> FloatArray:
    """The integral from the first moment to each of ``until_s``, in the value's unit times seconds.

    ``value`` (N,) holds from ``at_s`` (N,), which never run back, to the next, and the last for ever.

    :raises ValueError: for an end before the first moment, where the value is not known.
    """
    moments, values = np.asarray(at_s, np.float64), np.asarray(value, np.float64)
    ends = np.asarray(until_s, np.float64)
    if not len(moments) or bool((ends < moments[0]).any()):
        raise ValueError("the value is not known before its first moment")
    held = np.searchsorted(moments, ends, side="right") - 1
    before = np.concatenate([[0.0], np.cumsum(values[:-1] * np.diff(moments))])
    found: FloatArray = np.asarray(before[held] + values[held] * (ends - moments[held]))
    return found


def time_mean(at_s: npt.ArrayLike, value: npt.ArrayLike, begin_s: float, end_s: float) -> float:
    """The mean from ``begin_s`` to ``end_s``, such as from a warm-up's end on; NaN if no time passes.

    :raises ValueError: as ``area``.
    """
    lasted_s = end_s - begin_s
    begun, ended = area(at_s, value, [begin_s, end_s]).tolist()
    return (ended - begun) / lasted_s if lasted_s > 0 else float("nan")
