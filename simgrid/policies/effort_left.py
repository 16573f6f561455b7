"""What eq. 5 leaves each radiologist for one more batch, and by how much a batch exceeded it."""

import numpy as np

from simgrid.domain.units import FloatArray, IntArray

_ROUNDING = 1e-9


def effort_left(limit: FloatArray, done: FloatArray) -> FloatArray:
    """Effort each radiologist may still take, shape (R,), never below 0.

    A decision sees what is left, not how far somebody is beyond it already: once nobody has anything left,
    eq. 5 no longer tells radiologists apart and the ratings decide alone.
    """
    left: FloatArray = np.maximum(limit - done, 0.0)
    return left


def excess_added(limit: FloatArray, done: FloatArray, added: FloatArray) -> FloatArray:
    """Effort beyond the limits that a batch added, shape (R,); excess from before is not counted again."""
    before, after = np.maximum(done - limit, 0.0), np.maximum(done + added - limit, 0.0)
    excess: FloatArray = np.where(after > _ROUNDING * limit, after - before, 0.0)
    return excess


def assigned_effort(effort: FloatArray, radiologist: IntArray, radiologists: int) -> FloatArray:
    """Effort that a batch gives each radiologist, shape (R,)."""
    chosen = radiologist >= 0
    given: FloatArray = np.zeros(radiologists)
    np.add.at(given, radiologist[chosen], effort[chosen])
    return given
