"""What a scenario costs a month: each priced thing, and their sum."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import fsum

from simgrid.domain.costs import CostItem
from simgrid.domain.scenario import Scenario

WEEKS_A_MONTH = 365.25 / 12 / 7
"""A month is a twelfth of 365.25 days."""


@dataclass(frozen=True, slots=True)
class Cost:
    """``total`` in ``unit`` (``EUR/month``); ``parts`` by the place of what is paid."""

    total: float
    unit: str
    parts: Mapping[str, float]


def cost_of(scenario: Scenario) -> Cost:
    """The monthly cost of everything that has a price; what has none costs nothing.

    Rostered hours count with those of an ordinary week, holidays and absences included: they are paid.
    """
    parts = {one.place: _monthly(one) for one in scenario.costs}
    currency = scenario.costs[0].currency if scenario.costs else ""
    return Cost(fsum(parts.values()), f"{currency}/month" if currency else "", parts)


def _monthly(one: CostItem) -> float:
    hours = one.weekly_h * WEEKS_A_MONTH if one.per == "hour" else 1.0
    return one.quantity * one.price * hours
