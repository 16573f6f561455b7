"""The designs of a sensitivity analysis, as SALib draws them: rows of shares of each place's range."""

from __future__ import annotations

import warnings
from typing import get_args

from simgrid.domain.analysis import Method
from simgrid.domain.units import FloatArray

METHODS: tuple[Method, ...] = get_args(Method)
LEVELS = 4
"""Values that each place takes in a Morris design: its ends and two between."""


def rows_of(method: Method, count: int, places: int) -> int:
    """Rows of a design of so many trajectories (Morris) or base points (Sobol')."""
    return count * (places + (1 if method == "morris" else 2))


def design(method: Method, count: int, places: int, seed: int) -> FloatArray:
    """Shape (rows, places), from 0 to 1; more trajectories, or points, begin with the same ones.

    Morris: trajectories on a grid of four levels with steps of two thirds. Sobol': a scrambled sequence in
    Saltelli's scheme without second order, doi 10.1016/S0010-4655(02)00280-1; its rows stay below 1.
    """
    import numpy as np  # who only validates a scenario waits for neither

    problem = {"num_vars": places, "names": [str(one) for one in range(places)], "bounds": [[0, 1]] * places}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of SALib's own imports, and of lengths told as W313
        if method == "morris":
            from SALib.sample.morris import sample as trajectories

            found = np.asarray(trajectories(problem, count, num_levels=LEVELS, seed=seed), dtype=np.float64)
            return np.round(found * (LEVELS - 1)) / (LEVELS - 1)
        from SALib.sample.sobol import sample as saltelli

        found = np.asarray(saltelli(problem, count, calc_second_order=False, seed=seed), dtype=np.float64)
    return np.minimum(found, np.nextafter(1.0, 0.0))
