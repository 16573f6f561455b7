"""Whose inspection each one is: patients return, some of them often.

Each inspection is of a new patient or, with a fixed probability, of the patient of an inspection drawn evenly
among all earlier ones. Who has come often is thus more likely to come again (Simon, Biometrika 42, 1955): the
numbers of inspections of a patient have a power-law tail, which makes database shards uneven.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from simgrid.domain.study import Whole
from simgrid.domain.units import FloatArray
from simgrid.randomness import stream
from simgrid.workload.stretches import stretches

Rows: TypeAlias = npt.NDArray[np.int32]
"""Numbers of rows, half as wide as usual: there may be millions."""


def draw_patients(
    site: Whole,
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
    streams = [stream(seed, replication, "patient", purpose) for purpose in ("returns", "elsewhere", "after")]
    at_site = _RowsBySite(site)
    patient = np.empty(rows, dtype=np.int32)
    known = 0
    for part in stretches(rows):
        returning, elsewhere, luck = (rng.random(part.stop - part.start) for rng in streams)
        row = np.arange(part.start, part.stop, dtype=np.int32)
        earlier = at_site.add(site[part], row)
        anywhere = elsewhere < elsewhere_share
        after = at_site.rows(site[part], _below(earlier, luck))
        after[anywhere] = _below(row, luck)[anywhere]
        returns = (returning < returning_share) & (np.where(anywhere, row, earlier) > 0)
        known = _number(patient, part, np.where(returns, after, row), known)
    return patient


def _number(patient: Rows, part: slice, parent: Rows, known: int) -> int:
    """Give the rows of a stretch their patients: a new one where a row is its own parent, else its parent's.

    Returns how many there are then.
    """
    own = np.arange(len(parent), dtype=np.int32)
    new = parent - part.start == own
    # Each step doubles how far back a row sees within the stretch, so a chain of returns ends after few.
    seen = np.where(parent >= part.start, parent - part.start, own)
    while np.any(seen != (further := seen[seen])):
        seen = further
    numbers = known + np.cumsum(new, dtype=np.int32) - np.int32(1)
    patient[part] = np.where(new[seen], numbers[seen], patient[parent[seen]])
    return known + int(new.sum())


class _RowsBySite:
    """The rows so far, grouped by site: ``rows`` finds the first, second... of a site again."""

    def __init__(self, site: Whole) -> None:
        count = np.zeros(int(site.max(initial=0)) + 1, dtype=np.int64)
        for part in stretches(len(site)):
            count += np.bincount(site[part], minlength=len(count))
        self._begin = np.cumsum(count) - count
        self._reached = np.zeros_like(count)
        self._grouped = np.empty(len(site), dtype=np.int32)

    def add(self, site: Whole, row: Rows) -> Rows:
        """Add a stretch of rows; how many come before each at its site."""
        count = np.bincount(site, minlength=len(self._begin))
        by_site = np.argsort(site, kind="stable")
        rank = np.empty(len(site), dtype=np.int64)
        rank[by_site] = np.arange(len(site)) - np.repeat(np.cumsum(count) - count, count)
        rank += self._reached[site]
        self._reached += count
        self._grouped[self._begin[site] + rank] = row
        earlier: Rows = rank.astype(np.int32)
        return earlier

    def rows(self, site: Whole, rank: Rows) -> Rows:
        """The rows of these sites that so many others of theirs precede."""
        found: Rows = self._grouped[self._begin[site] + rank]
        return found


def _below(count: Rows, luck: FloatArray) -> Rows:
    """An even draw from 0 to ``count`` - 1; 0 where there is none."""
    drawn: Rows = (luck * count).astype(np.int32)
    np.clip(drawn, 0, np.maximum(count - np.int32(1), 0), out=drawn)
    return drawn
