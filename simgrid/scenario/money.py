"""Prices: ``85 EUR/h``, ``3 EUR/Mbit/s/month``, ``0.02 EUR/GB/month``; the currency is an ISO 4217 code."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema

from simgrid.domain.costs import Per
from simgrid.scenario.fields import refuse
from simgrid.scenario.problems import did_you_mean, shown
from simgrid.scenario.units import BANDWIDTH, SIZE

_ISO_4217 = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF
CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD
HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD
MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN
PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY
TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWL
"""
CURRENCIES = tuple(_ISO_4217.split())
EXAMPLE = "85 EUR/h"
MONTHS = {"month": 1.0, "year": 1 / 12}
_PRICE = re.compile(r"(?P<number>[0-9]+(?:\.[0-9]+)?|\.[0-9]+) ?(?P<currency>[^\s/]+)(?P<per>(?:/[^/\s]+)*)")
_MEASURES = {
    f"/{name}": (dimension.name, unit)
    for dimension in (BANDWIDTH, SIZE)
    for name, unit in dimension.units.items()
}


@dataclass(frozen=True, slots=True)
class Money:
    """A price as written: ``amount`` of ``currency`` an hour or month, for one ``size`` of the model's unit.

    ``measure``: ``bandwidth`` (size in bit/s), ``size`` (bytes), or empty for a price of one thing.
    """

    amount: float
    currency: str
    per: Per
    measure: str = ""
    size: float = 1.0


def money(text: str) -> Money:
    """Read a price that the schema has let in, or refuse it with what is wrong.

    :raises PydanticCustomError: for anything that is no price.
    """
    found = _PRICE.fullmatch(text.strip())
    if found is None:
        raise refuse(
            "E105", f"{shown(text)} is no price", f"write it like '{EXAMPLE}' or '3 EUR/Mbit/s/month'"
        )
    currency, per = found["currency"], found["per"]
    if currency not in CURRENCIES:
        way_out = did_you_mean(currency, CURRENCIES) if len(currency) == len("EUR") else ""
        way_out = way_out if way_out.startswith("did") else f"write an ISO 4217 code, such as '{EXAMPLE}'"
        raise refuse("E103", f"unknown currency '{currency[:30]}'", way_out)
    for end, share in (("/h", 0.0), *((f"/{name}", one) for name, one in MONTHS.items())):
        if per.endswith(end):
            measure, size = _measured(text, per.removesuffix(end), hourly=end == "/h")
            amount = float(found["number"]) * (share or 1.0)
            return Money(amount, currency, "month" if share else "hour", measure, size)
    raise refuse(
        "E104", f"{shown(text)} does not say for how long", f"end it with /h, /month or /year: '{EXAMPLE}'"
    )


def _measured(text: str, per: str, *, hourly: bool) -> tuple[str, float]:
    if not per:
        return "", 1.0
    if per not in _MEASURES or hourly:
        near = [one for one in _MEASURES if one.lower() == per.lower()]
        meant = text.strip().replace(per, near[-1], 1) if near and not hourly else ""
        known = "a price is for one thing, or for bandwidth (/Mbit/s/month) or size (/GB/month)"
        known = f"did you mean '{meant}'? {known}" if meant else known
        raise refuse("E103", f"{shown(text)} is for what is not measured here", known)
    return _MEASURES[per]


def _price(value: object) -> str:
    if not isinstance(value, str):
        message = f"expected a price, got {shown(value)}"
        raise refuse(
            "E104" if isinstance(value, (int, float)) else "E106", message, f"write it like '{EXAMPLE}'"
        )
    money(value)
    return value


_schema = {
    "type": "string",
    "pattern": r"^[0-9]*\.?[0-9]+ ?[A-Z]{3}(/[A-Za-z]+)*/(h|month|year)$",
    "description": f"a price with its currency and for how long, such as {EXAMPLE} or 3 EUR/Mbit/s/month",
    "examples": [EXAMPLE, "3 EUR/Mbit/s/month"],
}
Price = Annotated[str, BeforeValidator(_price), WithJsonSchema(_schema, mode="validation")]
