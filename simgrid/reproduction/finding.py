"""One row of the verdict table."""

from __future__ import annotations

from dataclasses import dataclass

from simgrid.reproduction.claims import Claim, Word
from simgrid.reproduction.verdicts import Interval, Singles


@dataclass(frozen=True, slots=True)
class Finding:
    """One row of the table: a claim under one reading and for one metric, ours, and the verdict.

    ``against``: the pair that decided, where there are several. ``counts``: ours where figures are computed
    and not estimated. ``expected`` is None where no expectation was filled in. ``worlds``: how many
    it rests on; ``stored``: an earlier command computed them.
    """

    claim: Claim
    part: str
    verdict: Word
    expected: Word | None = None
    interval: Interval | None = None
    singles: Singles | None = None
    against: str = ""
    counts: tuple[tuple[str, float], ...] = ()
    why: str = ""
    worlds: int = 0
    stored: bool = False

    @property
    def changed(self) -> bool:
        """Whether the verdict is another than the expected one; what was not run is neither."""
        return self.expected is not None and self.verdict not in (self.expected, "not run")
