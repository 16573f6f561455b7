"""LRU against Che's approximation (IEEE JSAC 20(7), 2002): independent references, equal sizes, Zipf.

The characteristic time T solves sum_i (1 - exp(-p_i T)) = C; object i is then a hit with 1 - exp(-p_i T).
The band of 2 points on the hit ratio was fixed beforehand; the first fifth of the requests fills the cache.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq

from simgrid.network.copies import Cache, Fifo, Lru, Rule

OBJECTS = 2000
REQUESTS = 60_000
BAND = 0.02


def zipf_shares(objects: int, exponent: float) -> np.ndarray:
    """The share of references to each object: object i as (i + 1) ** -exponent."""
    weights = np.arange(1, objects + 1, dtype=np.float64) ** -exponent
    return np.asarray(weights / weights.sum())


def che_lru(shares: np.ndarray, places: int) -> float:
    time = brentq(lambda t: np.sum(-np.expm1(-shares * t)) - places, 1e-9, 1e9)
    return float(np.sum(shares * -np.expm1(-shares * time)))


def che_fifo(shares: np.ndarray, places: int) -> float:
    """The same idea for FIFO (Fricker, Robert and Roberts, ITC 24, 2012): p T / (1 + p T)."""
    time = brentq(lambda t: np.sum(shares * t / (1 + shares * t)) - places, 1e-9, 1e12)
    return float(np.sum(shares * shares * time / (1 + shares * time)))


def measured(rule: Rule, exponent: float, places: int, seed: int) -> float:
    rng = np.random.default_rng(seed)
    keys = rng.choice(OBJECTS, size=REQUESTS, p=zipf_shares(OBJECTS, exponent)).tolist()
    cache = Cache(7 * places, rule)
    hits = 0
    for step, key in enumerate(keys):
        if cache.get(key, step):
            hits += step >= REQUESTS // 5
        else:
            cache.make_room(7, step, lambda _: True)
            cache.admit(key, 7, step)
    return hits / (REQUESTS - REQUESTS // 5)


@pytest.mark.parametrize(("exponent", "places"), [(0.6, 100), (0.8, 400), (1.0, 40), (1.2, 200)])
def test_lru_hits_as_often_as_che_says(exponent: float, places: int) -> None:
    expected = che_lru(zipf_shares(OBJECTS, exponent), places)
    assert measured(Lru(), exponent, places, seed=places) == pytest.approx(expected, abs=BAND)


def test_fifo_hits_as_often_as_its_approximation_says() -> None:
    expected = che_fifo(zipf_shares(OBJECTS, 0.9), 200)
    assert measured(Fifo(), 0.9, 200, seed=1) == pytest.approx(expected, abs=BAND)
    assert che_lru(zipf_shares(OBJECTS, 0.9), 200) - expected > BAND
