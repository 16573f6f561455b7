"""All studies of a run in the order in which they are requested, without a list of millions of rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from simgrid.domain.units import FloatArray, IntArray


class RequestOrder:
    """Merges the rows below ``to_report``, in any order, with those above, which ascend in time already.

    At one instant the former come first, each kind in order of its rows. A *place* is a number in this order.
    """

    def __init__(self, requested_s: FloatArray, to_report: int) -> None:
        import numpy as np

        self._asked_s, self._archived_s = requested_s[:to_report], requested_s[to_report:]
        self._rows = np.argsort(self._asked_s, kind="stable")
        self._asked_s = self._asked_s[self._rows]
        before = np.searchsorted(self._archived_s, self._asked_s, side="left")
        self._places = before + np.arange(to_report)

    def __len__(self) -> int:
        return len(self._places) + len(self._archived_s)

    def rows(self, places: IntArray) -> IntArray:
        """The rows at these places."""
        import numpy as np

        passed = np.searchsorted(self._places, places, side="right")
        rows: IntArray = places + len(self._places) - passed
        last = np.maximum(passed - 1, 0)
        if len(self._places):
            rows = np.where(self._places[last] == places, self._rows[last], rows)
        return rows

    def block(self, begin: int, end: int) -> IntArray:
        """The rows at the places from ``begin`` on, ``end`` excluded."""
        import numpy as np

        return self.rows(np.arange(begin, min(end, len(self))))

    def requested_before(self, at_s: FloatArray, *, or_then: bool = False) -> IntArray:
        """How many are requested before each of these moments, or not later."""
        import numpy as np

        side: Literal["left", "right"] = "right" if or_then else "left"
        asked: IntArray = np.searchsorted(self._asked_s, at_s, side=side).astype(np.int64)
        archived: IntArray = np.searchsorted(self._archived_s, at_s, side=side).astype(np.int64)
        return asked + archived
