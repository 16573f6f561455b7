"""Does the judge still agree with the radiologists, month by month and site by site?"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from scipy.stats import norm

from simgrid.quality.classifier.judgement import PRESENT
from simgrid.quality.feedback.table import Row

_Z = float(norm.ppf(0.975))
FEWEST = 10
"""Looks below which a group is shown and nothing is said of it."""


@dataclass(frozen=True, slots=True)
class Share:
    """A share of ``n`` with its 95 % interval after Wilson (doi 10.1080/01621459.1927.10502953)."""

    n: int
    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Agreement:
    """How often one group's looks agree with the judge, and by how much less than what it is held against.

    ``change``: the group's share less the reference's, with its 95 % interval (Newcombe's hybrid score
    method, doi 10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I); None without a reference.
    """

    group: str
    agrees: Share
    change: tuple[float, float, float] | None

    @property
    def worse(self) -> bool:
        """Whether the group agrees less, beyond its interval, with looks enough to say so."""
        return self.change is not None and self.agrees.n >= FEWEST and self.change[2] < 0


def wilson(hits: int, n: int) -> Share:
    """The share of ``hits`` among ``n`` at least one."""
    share = hits / n
    scale = 1 + _Z**2 / n
    middle = (share + _Z**2 / (2 * n)) / scale
    half = _Z * math.sqrt(share * (1 - share) / n + _Z**2 / (4 * n * n)) / scale
    return Share(n, share, max(0.0, middle - half), min(1.0, middle + half))


def difference(one: Share, other: Share) -> tuple[float, float, float]:
    """``one`` less ``other``, with its interval."""
    change = one.share - other.share
    low = change - math.hypot(one.share - one.low, other.high - other.share)
    high = change + math.hypot(one.high - one.share, other.share - other.low)
    return change, low, high


def by_month(rows: Sequence[Row]) -> list[Agreement]:
    """Each month against all the months before it."""
    months = sorted({_month(row) for row in rows})
    return list(_groups(rows, months, _month, lambda row, month: _month(row) < month))


def by_site(rows: Sequence[Row]) -> list[Agreement]:
    """Each site against all the others."""
    return list(_groups(rows, sorted({row.site for row in rows}), _site, lambda row, site: row.site != site))


def _groups(
    rows: Sequence[Row],
    names: Sequence[str],
    of: Callable[[Row], str],
    against: Callable[[Row, str], bool],
) -> Iterator[Agreement]:
    for name in names:
        agrees = _agreement([row for row in rows if of(row) == name])
        reference = [row for row in rows if against(row, name)]
        change = difference(agrees, _agreement(reference)) if len(reference) >= FEWEST else None
        yield Agreement(name, agrees, change)


def _agreement(rows: Sequence[Row]) -> Share:
    return wilson(sum((row.probability >= PRESENT) == row.present for row in rows), len(rows))


def _month(row: Row) -> str:
    return f"{row.day:%Y-%m}"


def _site(row: Row) -> str:
    return row.site
