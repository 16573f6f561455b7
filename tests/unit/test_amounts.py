"""A half of the currency is rounded up, whatever stands before it."""

from __future__ import annotations

import pytest

from simgrid.presentation.amounts import whole


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        (62_602.5, "62,603"),
        (62_601.5, "62,602"),
        (62_602.499999999993, "62,603"),  # what a sum of prices makes of a half
        (62_602.49, "62,602"),
        (0.0, "0"),
        (1_234_567.0, "1,234,567"),
    ],
)
def test_a_half_is_rounded_up(amount: float, shown: str) -> None:
    assert whole(amount) == shown
