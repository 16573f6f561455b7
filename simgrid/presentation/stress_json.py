"""A stress test as the object of ``stress.json``, which ``simgrid stress --json`` prints."""

from __future__ import annotations

import json
from collections.abc import Sequence
from math import isfinite
from typing import Any

from simgrid.domain.units import HOUR
from simgrid.planning.judging import Change, Judged
from simgrid.planning.loading import Load, Loads
from simgrid.planning.outage import Outage
from simgrid.planning.stress import Stressed, Without
from simgrid.presentation import target_words as words
from simgrid.presentation.stress_answer import answer
from simgrid.presentation.stress_outage import outage_sentence

STRESS_SCHEMA = 1


def stress_facts(found: Stressed, asked: str | None = None) -> dict[str, Any]:
    """The object of ``stress.json``, and of ``stress --json``; what is not a number is null.

    ``asked``: the digest by which it is known what the test is of.
    """
    return {
        "schema": STRESS_SCHEMA,
        "title": found.title,
        "scenario": found.scenario,
        "policy": found.policy,
        "first_run": found.first_run or None,
        "asked": asked,
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


def stress_text(found: Stressed, asked: str | None = None) -> str:
    """The text of the file."""
    return json.dumps(stress_facts(found, asked), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _without(one: Without) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "name": one.name,
        "says": one.says,
        "alike": list(one.alike),
        "n": one.n,
        "targets": [_judged(each) for each in one.targets],
        "breaks": list(one.named("missed")),
        "in_doubt": list(one.named("cannot be told apart")),
        "changes": _plain(one.changes),
    }


def _step(one: Load) -> dict[str, Any]:
    """``added``: studies more than the ``deployed`` ones, both means; ``tests``: whether it adds any."""
    return {
        "scale": one.scale,
        "added": one.added,
        "deployed": one.deployed,
        "tests": one.tests,
        "n": one.n,
        "targets": [_judged(each) for each in one.targets],
        "changes": _plain(one.changes),
    }


def _judged(one: Judged) -> dict[str, Any]:
    numbers = {name: _number(getattr(one, name)) for name in ("mean", "low", "high")}
    return {"name": one.name, **numbers, "n": one.n, "verdict": one.verdict, "alike": one.alike}


def _plain(found: Sequence[Change]) -> list[dict[str, Any]]:
    return [
        {
            "metric": one.metric,
            "unit": one.unit,
            **{name: _number(getattr(one, name)) for name in ("difference", "low", "high")},
            "n": one.n,
            "alike": one.alike,
        }
        for one in found
    ]


def _first(loads: Loads | None) -> dict[str, Any] | None:
    if loads is None or loads.first_miss is None:
        return None
    return {"scale": loads.first_miss[0], "target": loads.first_miss[1]}


def _outage(one: Outage) -> dict[str, Any]:
    back, extra, backlog = one.recovery_h, one.extra_wait_h, one.extra_backlog
    return {
        "kind": one.kind,
        "what": one.what,
        "at": one.at,
        "for_h": one.for_s / HOUR,
        "watched_h": one.watched_s / HOUR,
        "recovery_h": _number(back.mean),
        "low": _number(back.low),
        "high": _number(back.high),
        "alike": back.alike,
        "extra_wait_h": _number(extra.mean),
        "extra_low": _number(extra.low),
        "extra_high": _number(extra.high),
        "extra_backlog": _number(backlog.mean),
        "backlog_low": _number(backlog.low),
        "backlog_high": _number(backlog.high),
        "n": back.n,
        "never": one.never,
        "tried": [
            {"kind": each.kind, "what": each.what, "at": each.at, "extra_wait_h": _number(each.extra_wait_h)}
            for each in one.tried
        ],
        "says": outage_sentence(one),
    }


def _number(value: float) -> float | None:
    return float(value) if isfinite(value) else None
