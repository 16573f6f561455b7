"""Numbers with or without a unit, reckoned as fractions: what ranges, samples and excludes stand on."""

from __future__ import annotations

import math
import re
from collections.abc import Hashable
from dataclasses import dataclass
from decimal import Decimal, Inexact, localcontext
from fractions import Fraction

from simgrid.scenario.marks import Located, Scalar
from simgrid.scenario.units import DIMENSIONS, exact_factor

LARGEST = 10**20
MOST_DIGITS = 17
ROUNDED_DIGITS = 10
_QUANTITY = re.compile(r"([-+]?(?:[0-9]{1,20}(?:\.[0-9]{1,20})?|\.[0-9]{1,20})) ?(\S.*)")


@dataclass(frozen=True, slots=True)
class Amount:
    """A number, its unit ('' for a bare number) and whether it is a whole bare number."""

    number: Fraction
    unit: str
    whole: bool


def amount(value: object) -> Amount | None:
    """A bare number up to 1e20 or a number with some unit, known or not; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return Amount(Fraction(value), "", True) if abs(value) <= LARGEST else None
    if isinstance(value, float):
        known = math.isfinite(value) and abs(value) <= LARGEST
        return Amount(Fraction(str(value)), "", False) if known else None
    found = _QUANTITY.fullmatch(value.strip()) if isinstance(value, str) else None
    return Amount(Fraction(found[1]), found[2], False) if found else None


def factor(unit: str, into: str) -> Fraction | None:
    """What a number in ``unit`` is multiplied by to be in ``into``; None where they are of two kinds."""
    if unit == into:
        return Fraction(1)
    for dimension in DIMENSIONS:
        if unit in dimension.units and into in dimension.units:
            return exact_factor(unit, dimension) / exact_factor(into, dimension)
    return None


def as_scalar(number: Fraction, unit: str, *, whole: bool) -> Scalar:
    """The number as a scenario holds it: ``3``, ``1.1`` or ``7.5 Mbit/s``, never with an exponent.

    Exact where 17 digits hold it, else rounded to 10.
    """
    if whole and number.denominator == 1:
        return int(number)
    text = _decimal(number)
    return f"{text} {unit}" if unit else float(text)


def _decimal(number: Fraction) -> str:
    if number.denominator == 1:
        return str(number.numerator)
    with localcontext() as context:
        context.prec = MOST_DIGITS
        context.clear_flags()
        found = Decimal(number.numerator) / Decimal(number.denominator)
        if context.flags[Inexact]:
            context.prec = ROUNDED_DIGITS
            found = +found
        return format(found.normalize(), "f")


def meaning(given: Located) -> Hashable:
    """What a value means, however it is written: ``4000 kbit/s`` and ``4 Mbit/s`` have one meaning.

    A number is a pair of its kind of quantity ('' for bare ones) and its exact size.
    """
    value = given.value
    if isinstance(value, dict):
        return "mapping", frozenset((key, meaning(one)) for key, one in value.items())
    if isinstance(value, list):
        return "list", tuple(meaning(one) for one in value)
    found = amount(value)
    if found is None:
        return "words", type(value).__name__, value
    if not found.unit:
        return "", found.number
    for dimension in DIMENSIONS:
        if found.unit in dimension.units:
            return dimension.name, found.number * exact_factor(found.unit, dimension)
    return "words", "str", value
