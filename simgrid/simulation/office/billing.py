"""A billing record of effort points for each report; wrong ones are corrected and filed later."""

from __future__ import annotations

import numpy as np

from simgrid.domain.administration import Billing
from simgrid.domain.quality_records import BillingRecords
from simgrid.domain.units import FloatArray
from simgrid.simulation.clock import Clock


class Ledgers:
    """S inspections. ``points`` (S,): what a report is worth; ``luck`` (S,): whether it goes wrong."""

    def __init__(self, env: Clock, rule: Billing, points: FloatArray, luck: FloatArray) -> None:
        self._env = env
        self._rule = rule
        self._points = points
        self._wrong = luck < (rule.wrong_by_bot if rule.bot else rule.wrong_by_hand)
        self._filed: FloatArray = np.zeros(len(points))
        self._pending: FloatArray = np.zeros(len(points))
        self._records = self._corrections = 0

    def reported(self, row: int) -> None:
        """The report is at the site: make its record."""
        self._records += 1
        if not self._wrong[row]:
            self._filed[row] += self._points[row]
            return
        self._pending[row] += self._points[row]
        self._env.after(self._rule.correction_after_s, self._corrected, row)

    def _corrected(self, row: int) -> None:
        self._corrections += 1
        self._filed[row] += self._points[row]
        self._pending[row] -= self._points[row]

    def records(self) -> BillingRecords:
        """What has been filed, and what waits for its correction."""
        rule = self._rule
        each_s = rule.by_bot_s if rule.bot else rule.by_hand_s
        staff_s = self._records * each_s + self._corrections * rule.correction_s
        return BillingRecords(self._filed, self._pending, self._corrections, staff_s)
