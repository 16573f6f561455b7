"""How a stress test is told: the answer, then what stands behind it, worst first; and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from math import inf, isfinite, isnan
from typing import Any

from simgrid.domain.targets import Target
from simgrid.domain.units import HOUR
from simgrid.planning.judging import Change, Judged
from simgrid.planning.stress import Load, Loads, Outage, Stressed, Without
from simgrid.presentation import target_words as words
from simgrid.presentation.blocks import Block
from simgrid.presentation.stress_answer import answer, outage_sentence
from simgrid.presentation.wording import UNDEFINED

STRESS_SCHEMA = 1
STRESS_FILE = "stress.json"
_ROSTER = {"met": "yes", "missed": "no", "cannot be told apart": "cannot be told"}
_WORDS = {"met": "met", "missed": "missed", "cannot be told apart": "cannot be told"}
_NOTE = (
    "Figures are means over the replications. In brackets: for a target its two one-sided bounds, each at "
    "95 % for itself; for a difference its paired 95 % interval, in the same worlds with and without. A "
    "target is met or missed only where both bounds say so; of twenty close verdicts one may be wrong."
)


def stress_blocks(found: Stressed) -> list[Block]:
    """The answer, the deployed state, what is missing, who may be ill, the load, the outage."""
    told = [Block(answer(found)), *_deployed_block(found), _without_block(found), *_roster_block(found)]
    return [*told, *_load_block(found), _outage_block(found), Block(_NOTE)]


def _figure(one: Judged, target: Target) -> str:
    """What was found of a target between its bounds, each rounded away from it."""
    mean = words.found(one.mean, target)
    if isnan(one.low) or one.mean == inf:
        return mean
    return f"{mean} [{words.found(one.low, target, side=-1)}, {words.found(one.high, target, side=1)}]"


def _deployed_block(found: Stressed) -> Iterator[Block]:
    if not found.asked:
        return
    rows = tuple(
        (target.name, words.says(target), _figure(one, target), _WORDS[one.verdict])
        for target, one in zip(found.asked, found.deployed, strict=True)
    )
    title = f"As deployed: policy {found.policy}, {found.replications} replications"
    yield Block(title, ("target", "asked", "found", "verdict"), rows)


def _verdicts(asked: Sequence[Target], found: Sequence[Judged]) -> tuple[str, ...]:
    return tuple(
        f"{_figure(one, target)} {_WORDS[one.verdict]}" for target, one in zip(asked, found, strict=True)
    )


def _changes(found: Sequence[Change]) -> tuple[str, str, str]:
    in_time, turnaround, unreported = found
    return _points(in_time), _interval(turnaround, 0), _interval(unreported, 1)


def _points(one: Change) -> str:
    if isnan(one.difference):
        return UNDEFINED
    said = f"{100 * one.difference:+.1f}"
    return said if isnan(one.low) else f"{said} [{100 * one.low:+.1f}, {100 * one.high:+.1f}]"


def _interval(one: Change, digits: int) -> str:
    if isnan(one.difference):
        return UNDEFINED
    said = f"{one.difference:+.{digits}f}"
    return said if isnan(one.low) else f"{said} [{one.low:+.{digits}f}, {one.high:+.{digits}f}]"


_CHANGES = ("in time\npoints", "turnaround, 95th\npercentile, min", "never reported\nstudies")


def _without_block(found: Stressed) -> Block:
    rows = tuple(
        (f"{one.kind} {one.name}", *_verdicts(found.asked, one.targets), *_changes(one.changes))
        for one in found.without
    )
    headings = ("without", *(target.name for target in found.asked), *_CHANGES)
    return Block(
        "One thing missing at a time, the worst first; differences to the deployed state",
        headings,
        rows,
        tuple(f"{one.kind} {one.name}: {one.says}." for one in found.without),
    )


def may_be_ill(one: Without) -> str:
    """yes, no, or that it cannot be told."""
    verdicts = [judged.verdict for judged in one.targets]
    worst = next((word for word in ("missed", "cannot be told apart") if word in verdicts), "met")
    return _ROSTER[worst]


def _roster_block(found: Stressed) -> Iterator[Block]:
    people = [one for one in found.without if one.kind == "radiologist"]
    if not people or not found.asked:
        return
    rows = tuple(
        (
            one.name if not one.alike else f"{one.name} (any of {len(one.alike)})",
            may_be_ill(one),
            ", ".join(one.named("missed")) or UNDEFINED,
            ", ".join(one.named("cannot be told apart")) or UNDEFINED,
        )
        for one in sorted(people, key=lambda one: one.name)
    )
    yield Block(
        "Who may be ill? One radiologist away in the whole run, the others as rostered",
        ("radiologist", "may be ill", "misses", "in doubt"),
        rows,
    )


def _load_block(found: Stressed) -> Iterator[Block]:
    """By the targets; where there are none, by differences."""
    if found.loads is None:
        yield Block("The load was not raised: the requests of a replayed log are what they were.")
    elif found.loads.steps:
        rows = tuple(
            (
                f"+{100 * (one.scale - 1):.0f} %",
                *(_verdicts(found.asked, one.targets) if found.asked else _changes(one.changes)),
            )
            for one in found.loads.steps
        )
        headings = ("load", *([target.name for target in found.asked] or _CHANGES))
        yield Block("The load in steps of 5 %", headings, rows, _end_of(found.loads))


def _end_of(loads: Loads) -> tuple[str, ...]:
    if loads.first_miss is not None:
        return ("The first load that surely misses a target ends the steps.",)
    return (f"Steps end at +{100 * (loads.end - 1):.0f} %.",)


def _outage_block(found: Stressed) -> Block:
    one = found.outage
    tried = "; ".join(one.tried)
    extra = f"{one.extra_wait_h:+.1f} h [{one.extra_low:+.1f}, {one.extra_high:+.1f}]"
    if isnan(one.extra_low):
        extra = f"{one.extra_wait_h:+.1f} h"
    return Block(
        "The worst hour of the most loaded link",
        notes=(
            outage_sentence(one),
            f"All studies together wait {extra} longer for their reports. The hours tried, in other worlds "
            f"than those of this figure, take most from the link: {tried}.",
        ),
    )


def stress_facts(found: Stressed) -> dict[str, Any]:
    """The object of ``stress.json``, and of ``stress --json``; what is not a number is null."""
    return {
        "schema": STRESS_SCHEMA,
        "title": found.title,
        "scenario": found.scenario,
        "policy": found.policy,
        "answer": answer(found),
        "targets": [
            {
                "says": words.says(target),
                "bound": target.bound,
                "unit": "1" if target.periods else target.unit,
                **_judged(one),
            }
            for target, one in zip(found.asked, found.deployed, strict=True)
        ],
        "without": [_without(one) for one in found.without],
        "load": None if found.loads is None else [_step(one) for one in found.loads.steps],
        "holds_to": None if found.loads is None or not found.asked else found.loads.holds_to,
        "first_miss": _first(found.loads),
        "outage": _outage(found.outage),
        "n": found.replications,
    }


def stress_text(found: Stressed) -> str:
    """The text of the file."""
    return json.dumps(stress_facts(found), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _without(one: Without) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "name": one.name,
        "says": one.says,
        "alike": list(one.alike),
        "targets": [_judged(each) for each in one.targets],
        "breaks": list(one.named("missed")),
        "in_doubt": list(one.named("cannot be told apart")),
        "changes": _plain(one.changes),
    }


def _step(one: Load) -> dict[str, Any]:
    return {
        "scale": one.scale,
        "targets": [_judged(each) for each in one.targets],
        "changes": _plain(one.changes),
    }


def _judged(one: Judged) -> dict[str, Any]:
    numbers = {name: _number(getattr(one, name)) for name in ("mean", "low", "high")}
    return {"name": one.name, **numbers, "n": one.n, "verdict": one.verdict}


def _plain(found: Sequence[Change]) -> list[dict[str, Any]]:
    return [
        {
            "metric": one.metric,
            "unit": one.unit,
            **{name: _number(getattr(one, name)) for name in ("difference", "low", "high")},
            "n": one.n,
        }
        for one in found
    ]


def _first(loads: Loads | None) -> dict[str, Any] | None:
    if loads is None or loads.first_miss is None:
        return None
    return {"scale": loads.first_miss[0], "target": loads.first_miss[1]}


def _outage(one: Outage) -> dict[str, Any]:
    numbers = ("recovery_h", "low", "high", "extra_wait_h", "extra_low", "extra_high")
    return {
        "what": one.what,
        "at": one.at,
        "for_h": one.for_s / HOUR,
        **{name: _number(getattr(one, name)) for name in numbers},
        "n": one.n,
        "never": one.never,
        "tried": list(one.tried),
        "says": outage_sentence(one),
    }


def _number(value: float) -> float | None:
    return float(value) if isfinite(value) else None
