"""Is what was observed one more of the simulated? An exact answer for many quantities at once."""

from __future__ import annotations

import numpy as np

from simgrid.domain.units import FloatArray


def farness(observed: FloatArray, simulated: FloatArray) -> FloatArray:
    """How far each lies from the rest at its farthest quantity, the observed one last; shape (n + 1,).

    ``observed`` (q,), ``simulated`` (n, q). In standard deviations of all n + 1, so that nothing tells the
    observed one from the others but its values. What never ends (inf) counts as ten times the largest that
    does.
    """
    together = np.vstack([simulated, observed])
    finite = np.abs(together[np.isfinite(together)])
    together = np.nan_to_num(together, posinf=10.0 * float(finite.max(initial=1.0)))
    spread = together.std(axis=0)
    away = np.abs(together - together.mean(axis=0))
    far: FloatArray = np.divide(away, spread, out=np.zeros_like(away), where=spread > 0).max(axis=1)
    return far


def one_among(observed: FloatArray, simulated: FloatArray) -> float:
    """The p-value of the observed being one more of the simulated: the share that is as far or farther.

    The Monte Carlo test on the studentised largest deviation (doi 10.1111/rssb.12172): if all n + 1 are
    alike, p is at most a with probability at most a, for every a. Never below 1 / (n + 1).
    """
    far = farness(observed, simulated)
    # Equal deviations must not differ by the last bit of a sum.
    return float(np.mean(far >= far[-1] * (1.0 - 1e-12)))
