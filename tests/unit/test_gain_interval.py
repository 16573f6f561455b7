"""The interval of a gain is never shown without width: -26 % to -26 % looks surer than anything is."""

from __future__ import annotations

from math import nan
from types import SimpleNamespace
from typing import Any

import pytest

from simgrid.presentation.tables import _of_gain
from simgrid.presentation.wording import change_interval


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.7, 0.9, "-30 % to -10 %"),
        (0.738, 0.742, "-26.2 % to -25.8 %"),
        (0.74001, 0.74041, "-26.00 % to -25.96 %"),
        (1.0, 1.2, "0 % to +20 %"),
        (nan, nan, "- to -"),
    ],
)
def test_both_ends_are_told_apart(low: float, high: float, said: str) -> None:
    assert change_interval(low, high) == said


def test_equal_ends_are_no_interval() -> None:
    row: Any = SimpleNamespace(ratio_low=0.74, ratio_high=0.74, n=3)
    assert _of_gain(row) == "none: the same in all 3"
