"""Prices put on the things of a scenario: which has one, and how much of it there is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from simgrid.domain.costs import CostItem
from simgrid.domain.schedule import MINUTES_A_DAY
from simgrid.scenario.findings import Findings
from simgrid.scenario.hours import weekly_schedule
from simgrid.scenario.ledger import ANY, matches
from simgrid.scenario.marks import Path
from simgrid.scenario.money import Money, money
from simgrid.scenario.problems import did_you_mean
from simgrid.scenario.schema import ScenarioSpec
from simgrid.scenario.schema_links import LinkSpec
from simgrid.scenario.units import BANDWIDTH, SIZE

KINDS = ("radiologists", "bandwidth", "workstations", "monitors", "scanners", "storage", "cache")
_CODE = "E219"
_EXAMPLES = {"": "150 EUR/month", BANDWIDTH.name: "3 EUR/Mbit/s/month", SIZE.name: "0.02 EUR/GB/month"}
_UNITS = {BANDWIDTH.name: ("Mbit/s", 1e6), SIZE.name: ("GB", 1e9)}


@dataclass(frozen=True, slots=True)
class _Thing:
    """What may have a price: its place and kind, how many or how much, and its hours a week."""

    place: str
    kind: str
    quantity: float
    measure: str = ""
    weekly_h: float | None = None


def build_costs(spec: ScenarioSpec, findings: Findings) -> tuple[CostItem, ...]:
    """One item for each thing that has a price; the most special price of a thing is its own."""
    prices = {key: money(text) for key, text in spec.costs.items()}
    things = [*_things(spec)]
    _check_currency(prices, findings)
    varied = tuple(spec.plan.vary) if spec.plan is not None else ()
    for key in prices:
        if key not in KINDS and key not in varied and not any(matches(key, one.place) for one in things):
            known = (*KINDS, *(one.place for one in things))
            way_out = did_you_mean(key, known, "prices are put on")
            findings.add_at_key(_CODE, ("costs", key), "there is no such thing to put a price on", way_out)
    items = []
    for one in things:
        own = _own(one, prices)
        if own is not None and _fits(one, prices[own], ("costs", own), findings):
            items.append(_item(one, prices[own]))
    return tuple(items)


def _check_currency(prices: Mapping[str, Money], findings: Findings) -> None:
    first = next(iter(prices.values()), None)
    for key, one in prices.items():
        if first is not None and one.currency != first.currency:
            message = f"{one.currency} beside {first.currency}: a scenario has one currency"
            findings.add(_CODE, ("costs", key), message, f"give all prices in {first.currency}")
            return


def _own(one: _Thing, prices: Mapping[str, Money]) -> str | None:
    """The key of the most special price: the place itself, one with fewest stars, the kind."""
    named = [key for key in prices if matches(key, one.place)]
    if named:
        return min(named, key=lambda key: key.split(".").count(ANY))
    return one.kind if one.kind in prices else None


def _fits(one: _Thing, price: Money, path: Path, findings: Findings) -> bool:
    if price.measure == one.measure and (price.per == "month" or one.weekly_h is not None):
        return True
    hourly = price.per == "hour" and one.weekly_h is None
    why = "has no hours that are paid" if hourly else "is not measured so"
    way_out = f"write it like '{_EXAMPLES[one.measure]}'"
    findings.add(_CODE, path, f"{one.place} {why}", way_out)
    return False


def _item(one: _Thing, price: Money) -> CostItem:
    unit, size = _UNITS.get(one.measure, ("", 1.0))
    return CostItem(
        place=one.place,
        quantity=one.quantity / size,
        unit=unit,
        price=price.amount * size / price.size,
        currency=price.currency,
        per=price.per,
        weekly_h=one.weekly_h or 0.0 if price.per == "hour" else 0.0,
    )


def _things(spec: ScenarioSpec) -> Iterator[_Thing]:
    for name, person in spec.radiologists.items():
        yield _Thing(
            f"radiologists.{name}", "radiologists", person.count, weekly_h=weekly_hours(person.hours)
        )
    for name, site in spec.sites.items():
        yield _link(f"sites.{name}", site.link)
        yield _Thing(f"sites.{name}.scanners", "scanners", site.scanners)
        if site.cache is not None:
            yield _Thing(f"sites.{name}.cache.size", "cache", site.cache.size, SIZE.name)
    for name, unit in spec.units.items():
        yield _link(f"units.{name}", unit.link)
        yield _Thing(f"units.{name}.workstations", "workstations", unit.workstations)
        yield _Thing(f"units.{name}.storage", "storage", unit.storage, SIZE.name)
        if unit.monitors is not None:
            yield _Thing(f"units.{name}.monitors", "monitors", unit.monitors.count)
        if unit.cache is not None:
            yield _Thing(f"units.{name}.cache.size", "cache", unit.cache.size, SIZE.name)
    yield _link("data_centre", spec.data_centre.link)


def _link(place: str, link: LinkSpec) -> _Thing:
    """A line is paid for its faster direction."""
    most = max(one for one in (link.bandwidth, link.up, link.down) if one is not None)
    return _Thing(f"{place}.link.bandwidth", "bandwidth", most, BANDWIDTH.name)


def weekly_hours(hours: str) -> float:
    """Hours on duty in a week without holidays; spans that overlap count once."""
    total, reached = 0, 0
    spans = sorted(
        (one.weekday * MINUTES_A_DAY + one.start_minute, one.weekday * MINUTES_A_DAY + one.end_minute)
        for one in weekly_schedule(hours).spans
    )
    for start, end in spans:
        total += max(0, end - max(start, reached))
        reached = max(reached, end)
    return total / 60
