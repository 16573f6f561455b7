"""Draws that belong to an inspection: they depend on its pseudonym, whatever other rows a log has.

A generator for each of millions of inspections would take minutes. Instead one stream for each purpose gives
two secret words, and mixing these with an inspection's 64 bits gives its uniform; taking rows out of the log
moves nobody else's draw.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import special

from simgrid.domain.distribution import Distribution
from simgrid.domain.units import FloatArray
from simgrid.randomness import stream

Words: TypeAlias = npt.NDArray[np.uint64]
_UNIT = 2.0**-52
_AT_ONCE = 1 << 16


def uniforms(inspection: Words, seed: int, replication: int, *purpose: str) -> FloatArray:
    """One uniform in the open interval (0, 1) for each inspection and purpose, shape (S,)."""
    words = stream(seed, replication, "replay", *purpose).integers(0, 2**64, size=2, dtype=np.uint64)
    drawn = np.empty(len(inspection))
    # By pieces, so that the steps in between take no memory to speak of.
    for first in range(0, len(inspection), _AT_ONCE):
        piece = slice(first, first + _AT_ONCE)
        mixed = _mix(_mix(inspection[piece] ^ words[0]) ^ words[1])
        drawn[piece] = ((mixed >> np.uint64(12)).astype(np.float64) + 0.5) * _UNIT
    return drawn


def normals(inspection: Words, seed: int, replication: int, *purpose: str) -> FloatArray:
    """One standard normal for each inspection and purpose, shape (S,)."""
    drawn = uniforms(inspection, seed, replication, *purpose)
    special.ndtri(drawn, out=drawn)
    return drawn


def quantile(distribution: Distribution, uniform: FloatArray) -> FloatArray:
    """The distribution's quantiles at the given uniforms, same shape."""
    p = distribution.parameters
    match distribution.family:
        case "constant":
            return np.full(len(uniform), p[0])
        case "exponential":
            return np.asarray(-p[0] * np.log1p(-uniform))
        case "lognormal":
            return np.asarray(np.exp(p[0] + p[1] * special.ndtri(uniform)))
        case "gamma":
            return np.asarray(p[1] * special.gammaincinv(p[0], uniform))
        case "weibull":
            return np.asarray(p[1] * (-np.log1p(-uniform)) ** (1 / p[0]))
        case "triangular":
            return _triangular(p[0], p[1], p[2], uniform)
        case "uniform":
            return p[0] + (p[1] - p[0]) * uniform
        case "empirical":
            return np.asarray(p, dtype=np.float64)[(uniform * len(p)).astype(np.int64)]


def _triangular(low: float, mode: float, high: float, uniform: FloatArray) -> FloatArray:
    if high == low:
        return np.full(len(uniform), low)
    below = uniform * (high - low) < mode - low
    rising = low + np.sqrt(uniform * (high - low) * (mode - low))
    falling = high - np.sqrt((1 - uniform) * (high - low) * (high - mode))
    return np.where(below, rising, falling)


def _mix(words: Words) -> Words:
    """The finaliser of SplitMix64 (Steele, Lea and Flood 2014, doi 10.1145/2714064.2660195)."""
    mixed = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    finished: Words = mixed ^ (mixed >> np.uint64(31))
    return finished
