"""A share in the long run: of the inspections of all replications together, a ratio of two sums.

The mean of the replications' shares is another number where busy replications have other shares than quiet
ones: each would count alike, however many inspections it has. The replication remains the observation, for
the inspections of one share its queues: no bound may take them for independent.

Values of n replications have the shape (n,) where each counts alike, and (n, 2) where each one's count stands
beside it. A replication without an inspection adds 0 to both sums: it tells nothing, and is left out.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from simgrid.domain.units import FloatArray


def counted(values: npt.ArrayLike, counts: npt.ArrayLike) -> FloatArray:
    """Values and their counts, both of shape (..., n), as (..., n, 2)."""
    return np.stack([np.asarray(values, dtype=np.float64), np.asarray(counts, dtype=np.float64)], axis=-1)


def known(values: npt.ArrayLike) -> FloatArray:
    """Those that are defined, (n,) or (n, 2); as (n,) where all their counts are equal."""
    given = np.asarray(values, dtype=np.float64)
    if given.ndim == 1:
        return given[~np.isnan(given)]
    given = given[~np.isnan(given[:, 0]) & (given[:, 1] > 0.0)]
    alike = len(given) == 0 or given[:, 1].min() == given[:, 1].max()
    return given[:, 0] if alike else given


def split(values: FloatArray) -> tuple[FloatArray, FloatArray | None]:
    """The values, (n,), and their counts; None where each counts alike."""
    return (values, None) if values.ndim == 1 else (values[:, 0], values[:, 1])


def long_run(values: FloatArray) -> float:
    """The ratio of the sums of known values; NaN where there are none."""
    seen, counts = split(values)
    if len(seen) == 0:
        return float("nan")
    return float(seen.mean()) if counts is None else float(counts @ seen / counts.sum())


def linear(values: FloatArray) -> FloatArray:
    """Known values as (n,) with the ratio for their mean and, nearly, the spread of its error.

    The linearisation of W. G. Cochran, Sampling Techniques, 3rd ed. 1977, section 6.3: with w a count over
    the mean count and R the ratio, R + w (value - R). They need not be shares.
    """
    seen, counts = split(values)
    if counts is None:
        return seen
    ratio = long_run(values)
    found: FloatArray = ratio + counts / counts.mean() * (seen - ratio)
    return found


def ratio_differences(here: npt.ArrayLike, there: npt.ArrayLike) -> FloatArray:
    """What of two shares in the same n worlds differs, both (n, 2), as (n,) of the worlds that have both.

    The mean is the difference of the two ratios of sums, and the spread, nearly, that of its error: each
    ratio is linearised as in ``linear``, and its worlds are paired with the other's. Where each world has the
    same difference and the same count in both, these are the plain differences, without any spread.
    """
    one, other = np.asarray(here, dtype=np.float64), np.asarray(there, dtype=np.float64)
    both = ~np.isnan(one[:, 0]) & ~np.isnan(other[:, 0]) & (one[:, 1] > 0.0) & (other[:, 1] > 0.0)
    one, other = one[both], other[both]
    plain: FloatArray = one[:, 0] - other[:, 0]
    even = _equal(one[:, 1]) and _equal(other[:, 1])
    if even or (_equal(plain) and (_equal(one[:, 0]) or np.array_equal(one[:, 1], other[:, 1]))):
        return plain
    found: FloatArray = linear(one) - linear(other)
    return found


def _equal(values: FloatArray) -> bool:
    return len(values) == 0 or bool(values.min() == values.max())
