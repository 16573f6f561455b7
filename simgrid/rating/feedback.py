"""Ratings that learn: from reports found discrepant or not, back to what is believed of each condition.

A reader of fit f is taken to leave a major discrepancy with probability best + (1 - f) (worst - best). For
each rated condition of a radiologist, let p be the mean of these probabilities over her n reports that pose
it, at the fit believed at first, and d her discrepancies among them. A beta prior of mean p that weighs
``weight`` reports has the posterior mean (weight p + d) / (weight + n) = p + surplus / (weight + n), with
surplus = d - n p. Through the same line that is a change of rating by

    - surplus / ((weight + n) (worst - best)),

cut at 0 and 1. Who reads as believed has a surplus of mean 0, so her ratings stay but for chance. A report
tells of all its conditions alike: which of them was to blame is not known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from simgrid.domain.radiologist import Profile
from simgrid.domain.units import BoolArray, FloatArray
from simgrid.rating.ontology import Ontology


def refreshed(
    ontology: Ontology,
    belief: Sequence[Profile],
    demand: BoolArray,
    reports: FloatArray,
    surplus: FloatArray,
    *,
    weight: float,
    slope: float,
) -> tuple[Profile, ...]:
    """What is to be believed of R radiologists after their reports of K kinds.

    ``belief`` (R): as at first. ``demand`` (K, M): what each kind poses, columns as the ontology's
    conditions. ``reports``, ``surplus`` (R, K): how many, and their discrepancies above what was expected.
    ``slope``: worst - best. A condition that somebody has no rating for stays without; where ``slope`` is
    not above 0 discrepancies say nothing about ratings. :raises ValueError: weight is not above 0.
    """
    if not weight > 0:
        raise ValueError(f"weight is {weight}: expected reports, above 0")
    if not slope > 0:
        return tuple(belief)
    posed = _by_name(ontology, demand)
    changed = []
    for who, profile in enumerate(belief):
        ratings = dict(profile.ratings)
        for name in ratings.keys() & posed.keys():
            n, beyond = float(reports[who] @ posed[name]), float(surplus[who] @ posed[name])
            moved = ratings[name] - beyond / ((weight + n) * slope)
            ratings[name] = min(max(moved, 0.0), 1.0)
        changed.append(replace(profile, ratings=ratings))
    return tuple(changed)


def _by_name(ontology: Ontology, demand: BoolArray) -> dict[str, FloatArray]:
    """Which kinds pose the conditions of each name, (K,) of 0 and 1; two dimensions may share a name."""
    posed: dict[str, FloatArray] = {}
    for column, condition in enumerate(ontology.conditions):
        here = demand[:, column].astype(np.float64)
        posed[condition.name] = np.maximum(posed[condition.name], here) if condition.name in posed else here
    return posed
