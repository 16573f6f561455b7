"""Amounts of money as they are shown."""

from __future__ import annotations

import math

FINEST = 6
"""Decimals to which a sum of prices is exact: what is further on is the arithmetic's own."""


def whole(amount: float) -> str:
    """``62,603`` of 62,602.5: a half is rounded up, as on an invoice, and not to the even number."""
    return f"{math.floor(round(amount, FINEST) + 0.5):,}"
