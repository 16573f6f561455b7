"""A plan and a stress test, as the commands write them, in the rows of a workbook."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from simgrid.experiments.judged import CONFIDENCE
from simgrid.presentation.ends_in_words import INTERVAL, Ends, bounds_at, ends
from simgrid.presentation.target_words import UNTOLD
from simgrid.presentation.workbook import Value

_IN_A_STATE = "one-sided bounds, each at 95 % or more"
Told: TypeAlias = Mapping[str, Any]
Row: TypeAlias = tuple[Value, ...]


def said_by(told: Told) -> Iterator[str]:
    """The sentences of a plan or a stress test that stand for the whole of it."""
    if isinstance(told.get("answer"), str):
        yield told["answer"]
        return
    first = told.get("first_miss")
    if isinstance(first, Mapping):
        yield f"With the load times {first.get('scale')} the target {first.get('target')} is missed first."
    outage = told.get("outage")
    if isinstance(outage, Mapping) and isinstance(outage.get("says"), str):
        yield outage["says"]


def target_rows(told: Told) -> Iterator[Row]:
    """target, what must hold, unit, mean, lower and upper bound and what they are, runs, verdict."""
    kind = bounds_at(_number(told.get("confidence")) or CONFIDENCE)
    for one in _listed(told, "targets"):
        at = (_text(one.get("name")), _text(one.get("says")), _text(one.get("unit")))
        yield (
            *at,
            _number(one.get("mean")),
            *_ends(one, kind),
            _number(one.get("n")),
            _verdict(one),
        )


def plan_rows(told: Told) -> Iterator[Row]:
    """part, what, text, number, unit of the number."""
    cost = told.get("cost") if isinstance(told.get("cost"), Mapping) else {}
    unit = _text((cost or {}).get("unit"))
    yield from (("the plan", place, _text(value), None, None) for place, value in _pairs(told.get("plan")))
    yield from _cost("cost", cost, unit)
    now = told.get("now")
    if isinstance(now, Mapping):
        yield from (
            ("as deployed", place, _text(value), None, None) for place, value in _pairs(now.get("plan"))
        )
        yield from _cost("cost as deployed", now.get("cost"), unit)
    for one in _listed(told, "rivals"):
        yield "rival", _plan(one.get("plan")), _text(one.get("says")), *_amount(one.get("cost"), unit)
    for one in _listed(told, "people"):
        yield (
            "people",
            _text(one.get("what")),
            _text(one.get("says")),
            _number(one.get("radiologists")),
            "radiologists",
        )
    for one in _listed(told, "in_the_way"):
        yield (
            "in the way",
            _text(one.get("target")),
            _text(one.get("says")),
            _number(one.get("best")),
            "best mean",
        )
    binds = told.get("binds")
    for name in binds if isinstance(binds, list) else ():
        yield "what binds", _text(name), None, None, None
    yield from (
        ("runs used", stage, None, _number(count), "runs") for stage, count in _pairs(told.get("runs"))
    )
    for load in _listed(told, "load"):
        for one in _listed(load, "targets"):
            what = f"load times {load.get('scale')}: {one.get('name')}"
            yield "more load", what, _verdict(one), _number(one.get("mean")), "mean of the target"


def stress_rows(told: Told) -> Iterator[Row]:
    """part, what, target, mean, low, high and what they are, verdict or how it is missing."""
    yield from _measured("as deployed", _text(told.get("policy")), told)
    for one in _listed(told, "without"):
        yield from _measured("without", f"{one.get('kind')} {one.get('name')}", one)
    for one in _listed(told, "load"):
        yield from _measured("more load", f"load times {one.get('scale')}", one)
    outage = told.get("outage")
    if isinstance(outage, Mapping):
        back = (_number(outage.get("recovery_h")), *_ends(outage, INTERVAL))
        yield "outage", f"{outage.get('what')}, recovery (h)", None, *back, _text(outage.get("says"))


def _measured(part: str, what: str | None, told: Told) -> Iterator[Row]:
    for one in _listed(told, "targets"):
        figure = (_number(one.get("mean")), *_ends(one, _IN_A_STATE))
        yield part, what, _text(one.get("name")), *figure, _verdict(one)
    for one in _listed(told, "changes"):
        metric = f"difference of {one.get('metric')} ({one.get('unit')})"
        figure = (_number(one.get("difference")), *_ends(one, f"{INTERVAL}, paired"))
        yield part, what, metric, *figure, _text(told.get("says"))


def _ends(one: Told, kind: str) -> Ends:
    """Of equal values none, which a test's object says itself where it can."""
    low, high, n = (_number(one.get(name)) for name in ("low", "high", "n"))
    if one.get("alike"):
        low = high = _number(one.get("mean", one.get("difference")))
    return ends(low, high, None if n is None else int(n), kind)


def _cost(part: str, cost: object, unit: str | None) -> Iterator[Row]:
    if isinstance(cost, Mapping) and cost:
        unit = _text(cost.get("unit")) or unit
        yield part, "total", None, _number(cost.get("total")), unit
        yield from ((part, item, None, _number(amount), unit) for item, amount in _pairs(cost.get("parts")))


def _amount(cost: object, unit: str | None) -> tuple[Value, Value]:
    """A cost given as a number, or as an object with its total."""
    if isinstance(cost, Mapping):
        return _number(cost.get("total")), _text(cost.get("unit")) or unit
    return _number(cost), unit


def _plan(plan: object) -> str:
    return "; ".join(f"{place} = {value}" for place, value in _pairs(plan)) or str(plan or "")


def _pairs(found: object) -> Iterable[tuple[str, Any]]:
    return [(str(name), value) for name, value in found.items()] if isinstance(found, Mapping) else ()


def _listed(told: Told, name: str) -> Iterator[Told]:
    found = told.get(name)
    yield from (one for one in found if isinstance(one, Mapping)) if isinstance(found, list) else ()


def _number(value: object) -> float | int | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _verdict(one: Told) -> str | None:
    """As it is printed."""
    word = one.get("verdict")
    return UNTOLD if word == "cannot be told apart" else _text(word)


def _text(value: object) -> str | None:
    return None if value is None else str(value)
