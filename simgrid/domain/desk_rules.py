"""How radiologists behave at their desks: what ends a shift, what interrupts a reading, how they quicken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from simgrid.domain.units import HOUR, Seconds

EndOfShift: TypeAlias = Literal["finish", "park", "hand-over"]


@dataclass(frozen=True, slots=True)
class SessionSpeedUp:
    """Reading times shrink within each rostered span; nothing is drawn.

    A study opened t seconds into the span takes 1 - ``share`` x min(t / ``within_s``, 1) of its time,
    whatever happens to it afterwards. ``share``: 9 to 23 % were observed
    (Taylor-Phillips 2014), .16 is their middle; ``within_s`` is our assumption.
    """

    share: float = 0.16
    within_s: Seconds = HOUR

    def factor(self, into_span_s: Seconds) -> float:
        """The factor on the reading time of a study opened so far into a span."""
        return 1.0 - self.share * min(into_span_s / self.within_s, 1.0)


@dataclass(frozen=True, slots=True)
class DeskRules:
    """Rules for everybody; the defaults change nothing.

    ``end_of_shift``: a study that is open then is read to its end (``finish``), or laid aside until her next
    shift (``park``); under ``hand-over`` it is read to its end, and what lies unopened on the desk goes back
    for a new decision. ``interruption``: an urgent study that comes to the desk interrupts the routine one,
    which is read on afterwards. ``resume_s``: what it takes to find one's way back into a study laid aside,
    no published figure. ``session``: None reads at one speed.
    """

    end_of_shift: EndOfShift = "finish"
    interruption: bool = False
    resume_s: Seconds = 0.0
    session: SessionSpeedUp | None = None
