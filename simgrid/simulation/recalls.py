"""Missed defects at the reading desk: whether they come to light, when, and what follows for the patient."""

from __future__ import annotations

from collections.abc import Callable

from simgrid.domain.imaging import Recall
from simgrid.domain.inspection import Inspections
from simgrid.domain.units import BoolArray, Seconds
from simgrid.domain.world import World
from simgrid.simulation.acquisition import Scanners
from simgrid.simulation.imaging_books import ImagingBooks


class Recalls:
    """Decides by the inspection's own draws, so that every policy and gate meets the same radiologist's eye.

    ``missed`` (S,): whether the images that passed last are defective; read when it is asked for.
    """

    def __init__(
        self,
        rule: Recall,
        inspections: Inspections,
        missed: BoolArray,
        books: ImagingBooks,
        again: Callable[[int, Seconds], None],
    ) -> None:
        if inspections.chances is None:
            raise ValueError("recalls need the inspections' chances: draw them with the world")
        self._rule = rule
        self._noticed = inspections.chances.noticed < rule.found
        self._missed = missed
        self._books = books
        self._again = again

    @classmethod
    def of(
        cls,
        world: World,
        inspections: Inspections,
        scanners: Scanners,
        books: ImagingBooks | None,
    ) -> Recalls | None:
        """None where no missed defect comes to light."""
        rule = world.acquisition.recall
        if rule is None or books is None:
            return None
        return cls(rule, inspections, scanners.defect_missed, books, scanners.again)

    def finds(self, row: int) -> bool:
        """Whether the radiologist who has it open will send it back."""
        earlier = int(self._books.recalls[row])
        return bool(self._missed[row]) and earlier < self._rule.most and bool(self._noticed[row, earlier])

    def looks_s(self, row: int, needs_s: Seconds) -> Seconds:
        """For how long it is looked at: until it is read, or until it is clear that it cannot be."""
        return min(needs_s, self._rule.notice_s) if self.finds(row) else needs_s

    def called_back(self, row: int) -> bool:
        """Whether the patient had to come again before."""
        return bool(self._books.recalls[row])

    def send_back(self, row: int, radiologist: int, opened_s: Seconds, now_s: Seconds) -> None:
        """Call the patient back."""
        self._books.sent_back(row, radiologist, opened_s, now_s)
        self._again(row, self._rule.delay_s)
