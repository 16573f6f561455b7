"""Whether, and how fast, the ratings that policies see learn from the reports' discrepancies."""

from __future__ import annotations

from dataclasses import dataclass

from simgrid.domain.units import DAY, Seconds


@dataclass(frozen=True, slots=True)
class Feedback:
    """Every report is reviewed when it arrives; ratings are refreshed every ``every_s``.

    ``weight``: the reports that the rating believed at first counts for, our assumption: at rates of a few
    per cent a hundred reports say little.
    """

    every_s: Seconds = 7 * DAY
    weight: float = 100.0
