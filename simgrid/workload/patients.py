"""Whose inspection each one is: patients return, some of them often.

Each inspection is of a new patient or, with a fixed probability, of the patient of an inspection drawn evenly
among all earlier ones. Who has come often is thus more likely to come again (Simon, Biometrika 42, 1955): the
numbers of inspections of a patient have a power-law tail, which makes database shards uneven.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from simgrid.domain.units import FloatArray
from simgrid.randomness import stream

Rows: TypeAlias = npt.NDArray[np.int32]
"""Numbers of rows, half as wide as usual: there may be millions."""


def draw_patients(
    site: npt.NDArray[np.integer[Any]],
    returning_share: float,
    elsewhere_share: float,
    seed: int,
    replication: int,
) -> npt.NDArray[np.int32]:
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
    row = np.arange(rows, dtype=np.int32)
    by_site, first, rank = _grouped(site)
    after = by_site[first + _below(rank, luck)]
    after[anywhere] = _below(row, luck)[anywhere]
    returns &= np.where(anywhere, row, rank) > 0
    del luck, by_site, first, rank
    parent = np.where(returns, after, row)
    # Each step doubles how far back a row sees, so a chain of returns ends after few steps.
    while np.any(parent != (further := parent[parent])):
        parent = further
    number = np.cumsum(parent == row, dtype=np.int32) - np.int32(1)
    patient: npt.NDArray[np.int32] = number[parent]
    return patient


def _grouped(site: npt.NDArray[np.integer[Any]]) -> tuple[Rows, Rows, Rows]:
    """Rows grouped by site, where each row's group begins there, and how many of the group come before it."""
    by_site = np.argsort(site, kind="stable").astype(np.int32)
    place = np.empty(len(site), dtype=np.int32)
    place[by_site] = np.arange(len(site), dtype=np.int32)
    ends = np.cumsum(np.bincount(site), dtype=np.int32) if len(site) else np.zeros(0, dtype=np.int32)
    first = np.concatenate([np.zeros(1, dtype=np.int32), ends])[site]
    return by_site, first, place - first


def _below(count: Rows, luck: FloatArray) -> Rows:
    """An even draw from 0 to ``count`` - 1; 0 where there is none."""
    drawn: Rows = (luck * count).astype(np.int32)
    np.clip(drawn, 0, np.maximum(count - np.int32(1), 0), out=drawn)
    return drawn
