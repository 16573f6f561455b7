"""What radiologists laid aside or gave back, as columns."""

from __future__ import annotations

from array import array

import numpy as np

from simgrid.domain.grid_records import DeskRecords
from simgrid.domain.units import FloatArray, IntArray, Seconds
from simgrid.simulation.recorder import Event

_KIND = {Event.INTERRUPTED: "interrupted", Event.PARKED: "parked", Event.HANDED_OVER: "handed-over"}


class Pauses:
    """One row a pause; a study has at most one that has not ended."""

    def __init__(self) -> None:
        self._why: list[str] = []
        self._rows = array("q")
        self._who = array("q")
        self._at = array("d")
        self._until = array("d")
        self._not_ended: dict[int, int] = {}

    def began(self, why: Event, row: int, radiologist: int, now_s: Seconds) -> None:
        """The radiologist leaves the study."""
        self._not_ended[row] = len(self._why)
        self._why.append(_KIND[why])
        self._rows.append(row)
        self._who.append(radiologist)
        self._at.append(now_s)
        self._until.append(float("nan"))

    def ended(self, row: int, now_s: Seconds) -> None:
        """The study is taken up again, or assigned anew; nothing where it was never left."""
        number = self._not_ended.pop(row, None)
        if number is not None:
            self._until[number] = now_s

    def records(self, seat_wait_s: FloatArray, peak_monitors: IntArray) -> DeskRecords:
        """All of them, in order of time, with what else the desks have counted."""
        return DeskRecords(
            kind=tuple(self._why),
            inspection=np.array(self._rows, dtype=np.int64),
            radiologist=np.array(self._who, dtype=np.int64),
            at_s=np.array(self._at, dtype=np.float64),
            until_s=np.array(self._until, dtype=np.float64),
            seat_wait_s=seat_wait_s,
            peak_monitors=peak_monitors,
        )
