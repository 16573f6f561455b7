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
