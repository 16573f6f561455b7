"""The random index against its definition: the mean consistency index of judgements drawn at random."""

import numpy as np
import pytest

from simgrid.rating.ahp import random_index

SAATY_SCALE = np.array([1 / k for k in range(9, 1, -1)] + list(range(1, 10)), dtype=float)


@pytest.mark.parametrize("n", [3, 5, 8, 11, 14])
def test_random_index_is_the_mean_of_random_judgements(n: int):
    rng = np.random.default_rng(n)
    matrices = np.ones((4000, n, n))
    rows, columns = np.triu_indices(n, 1)
    matrices[:, rows, columns] = rng.choice(SAATY_SCALE, (len(matrices), len(rows)))
    matrices[:, columns, rows] = 1 / matrices[:, rows, columns]
    roots = np.linalg.eigvals(matrices).real.max(axis=1)
    mean_index = (roots.mean() - n) / (n - 1)
    # 12 % for n = 3, where Saaty's own sample of 1980 lies above later, larger ones (0.58 against 0.52).
    assert mean_index == pytest.approx(random_index(n), rel=0.12 if n == 3 else 0.02)
