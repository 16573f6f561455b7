"""Whose inspection each one is: patients return, some of them often.

Each inspection is of a new patient or, with a fixed probability, of the patient of an inspection drawn evenly
among all earlier ones. Who has come often is thus more likely to come again (Simon, Biometrika 42, 1955): the
numbers of inspections of a patient have a power-law tail, which makes database shards uneven.
"""

from __future__ import annotations

import numpy as np

from simgrid.domain.units import FloatArray, IntArray
from simgrid.randomness import stream


def draw_patients(
    site: IntArray, returning_share: float, elsewhere_share: float, seed: int, replication: int
) -> IntArray:
    """The patient of each inspection, shape (S,), numbered from 0 in order of first appearance.

    ``site`` (S,): in order of request. ``returning_share``: probability that an inspection is a return, so
    that a patient has 1 / (1 - share) inspections on average in a long run; ``elsewhere_share`` of returns
    come after an inspection at any site (its own included), the others after one at the same site. The first
    at a site is never a return there. A further inspection at the end changes nobody before it.

    ValueError: a share outside [0, 1].
    """
    for name, share in (("returning_share", returning_share), ("elsewhere_share", elsewhere_share)):
        if not 0 <= share <= 1:
            raise ValueError(f"{name} is {share!r}: give a share from 0 to 1")
    rows = len(site)
    returns = stream(seed, replication, "patient", "returns").random(rows) < returning_share
    anywhere = stream(seed, replication, "patient", "elsewhere").random(rows) < elsewhere_share
    luck = stream(seed, replication, "patient", "after").random(rows)
    row = np.arange(rows)
    by_site, first, rank = _grouped(site)
    after = np.where(anywhere, _below(row, luck), by_site[first + _below(rank, luck)])
    parent = np.where(returns & (np.where(anywhere, row, rank) > 0), after, row)
    # Each step doubles how far back a row sees, so a chain of returns ends after few steps.
    while np.any(parent != (further := parent[parent])):
        parent = further
    patient: IntArray = np.unique(parent, return_inverse=True)[1].astype(np.int64)
    return patient


def _grouped(site: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """Rows grouped by site, where each row's group begins there, and how many of the group come before it."""
    by_site = np.argsort(site, kind="stable")
    place = np.empty(len(site), dtype=np.int64)
    place[by_site] = np.arange(len(site))
    first = np.searchsorted(site[by_site], site)
    return by_site, first, place - first


def _below(count: IntArray, luck: FloatArray) -> IntArray:
    """An even draw from 0 to ``count`` - 1; 0 where there is none."""
    drawn: IntArray = np.clip((luck * count).astype(np.int64), 0, np.maximum(count - 1, 0))
    return drawn
