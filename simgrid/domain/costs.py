"""What things of a scenario cost, as its prices say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Per: TypeAlias = Literal["hour", "month"]


@dataclass(frozen=True, slots=True)
class CostItem:
    """One thing that has a price: ``quantity`` in ``unit`` at ``price`` a unit and hour or month.

    ``place``: where the thing stands, such as ``radiologists.evening``. ``weekly_h``: of a price by the hour,
    the hours of a week in which it is paid.
    """

    place: str
    quantity: float
    unit: str
    price: float
    currency: str
    per: Per
    weekly_h: float = 0.0
