"""The answer of ``simgrid plan`` as one JSON object: ``plan.json``, and what ``--json`` prints."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence

from simgrid.domain.targets import Target
from simgrid.experiments.campaign import first_run
from simgrid.planning.answer import Answer
from simgrid.planning.findings import Rival, Tried
from simgrid.planning.looks import Looked
from simgrid.planning.space import Plan
from simgrid.presentation.json_lines import defined
from simgrid.presentation.plan_people import missed_later, person_says
from simgrid.presentation.plan_words import (
    answer_sentence,
    more_by,
    rival_says,
    tolerance_says,
    way,
    within_reach,
)
from simgrid.presentation.target_words import says
from simgrid.statistics.bounds import Bound

PLAN_SCHEMA = 1


def plan_object(told: Answer, keys: Sequence[str], asked: str) -> dict[str, object]:
    """Everything that was found; ``keys`` of the runs that it rests on. Null where nothing is defined.

    ``asked``: the digest of targets, costs and plan, by which a later command sees whether it still holds.
    """
    found, targets = told.found, told.asked.meet
    winner = None if found.plan is None else told.plans[found.plan]
    shown = found.bounds if winner else _nearest(told)
    return {
        "schema": PLAN_SCHEMA,
        "title": told.deployed.cell.title,
        "scenario": told.deployed.cell.name,
        "answer": answer_sentence(told),
        "status": found.status,
        "plan": None if winner is None else dict(winner.values),
        "policy": (winner or told.deployed).cell.policies[0].label,
        "first_run": None if winner is None else _first_run(winner),
        "cost": None if winner is None else _cost(winner),
        "targets": [_stands(one, target) for one, target in zip(shown, targets, strict=True)],
        "plans": len(told.plans),
        "screened": _reasons(told),
        "runs": _runs(told),
        "rivals": [_rival(told, one) for one in found.rivals],
        "binds": [targets[one].name for one in found.binds],
        "in_the_way": _in_the_way(told),
        "tolerance": told.asked.tolerance,
        "tolerance_says": tolerance_says(told),
        "resolves": {one.name: defined(much) for one, much in zip(targets, found.resolves, strict=True)},
        "confidence": told.asked.confidence,
        "more_by": more_by(told),
        "tried": [_tried(told, one) for one in found.tried],
        "load": [
            {"scale": scale, "n": one.n, "targets": _both(one.bounds, targets)} for scale, one in told.loads
        ],
        "people": [
            {
                "what": one.what,
                "radiologists": one.radiologists,
                "least": one.least if one.n else None,
                "most": one.most if one.n else None,
                "says": person_says(one),
            }
            for one in told.people
        ],
        "people_plans": [_looked(told, one) for one in told.looked],
        "missed_later": [{**_looked(told, one), "says": said} for one, said in missed_later(told)],
        "now": {
            **_plan(told.deployed),
            "first_run": _first_run(told.deployed),
            "cost": _cost(told.deployed),
            "n": told.now.n,
            "targets": _both(told.now.bounds, targets),
        },
        "asked": asked,
        "runs_key": hashlib.blake2b("".join(keys).encode(), digest_size=16).hexdigest(),
    }


def plan_text(told: Answer, keys: Sequence[str], asked: str) -> str:
    """The text of ``plan.json``."""
    return json.dumps(plan_object(told, keys, asked), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _runs(told: Answer) -> dict[str, int]:
    runs = told.found.runs
    return {
        "search": runs.search,
        "test": runs.test,
        "exhaustive": runs.exhaustive,
        "beside": told.extra_runs,
    }


def _nearest(told: Answer) -> Sequence[Bound]:
    """Where no plan is named: how the one stands that comes nearest, else the scenario as written."""
    way_ = told.found.in_the_way
    if not way_:
        return told.now.bounds
    seen = [one for one in told.found.tried if one.plan == way_[0].plan]
    return seen[-1].bounds if seen else told.now.bounds


def _reasons(told: Answer) -> dict[str, int]:
    reasons = [one.why for one in told.excluded.values()]
    return {why: reasons.count(why) for why in ("calendar", "capacity")}


def _in_the_way(told: Answer) -> list[dict[str, object]]:
    targets = told.asked.meet
    if told.nearest:
        return [
            {
                "target": targets[one.target].name,
                "best": one.share,
                "plan": dict(told.plans[one.plan].values),
                "says": within_reach(told, one),
            }
            for one in told.nearest
        ]
    return [
        {
            "target": targets[one.target].name,
            "best": defined(one.bound.mean),
            "plan": dict(told.plans[one.plan].values),
            "says": way(told, one),
        }
        for one in told.found.in_the_way
    ]


def _plan(plan: Plan) -> dict[str, object]:
    return {"plan": dict(plan.values), "cost": plan.cost.total}


def _first_run(plan: Plan) -> str:
    """By which a reader of several files sees that they are of one deployment."""
    return first_run(plan.cell, plan.cell.policies[0])


def _cost(plan: Plan) -> Mapping[str, object]:
    return {"total": plan.cost.total, "unit": plan.cost.unit, "parts": dict(plan.cost.parts)}


def _rival(told: Answer, one: Rival) -> dict[str, object]:
    """A rival with what its last stage says of each target."""
    seen = [tried for tried in told.found.tried if tried.plan == one.plan]
    stands = (
        {"stage": seen[-1].stage, "n": seen[-1].n, "targets": _both(seen[-1].bounds, told.asked.meet)}
        if seen
        else {}
    )
    return {**_plan(told.plans[one.plan]), "says": rival_says(told, one), **stands}


def _looked(told: Answer, one: Looked) -> dict[str, object]:
    """A plan looked at for what takes radiologists, with its bounds at the look at which that ended."""
    return {
        **_plan(told.plans[one.plan]),
        "world": one.world,
        "radiologists": one.radiologists,
        "n": one.n,
        "confidence": one.confidence,
        "verdict": one.verdict,
        "targets": _both(one.bounds, told.asked.meet),
    }


def _tried(told: Answer, one: Tried) -> dict[str, object]:
    targets = [
        {"name": target.name, **_ends(found)}
        for found, target in zip(one.bounds, told.asked.meet, strict=True)
    ]
    return {**_plan(told.plans[one.plan]), "stage": one.stage, "n": one.n, "targets": targets}


def _both(bounds: Sequence[Bound], targets: Sequence[Target]) -> list[dict[str, object]]:
    return [
        {"name": target.name, **_ends(one), "bound": defined(one.bound), "verdict": one.met}
        for one, target in zip(bounds, targets, strict=True)
    ]


def _ends(one: Bound) -> dict[str, object]:
    return {"mean": defined(one.mean), "low": defined(one.low), "high": defined(one.high)}


def _stands(one: Bound, target: Target) -> dict[str, object]:
    """A target of the plan, with the unfavourable bound alone beside its mean."""
    higher = target.better == "higher" or target.periods is not None
    return {
        "name": target.name,
        "says": says(target),
        "unit": "1" if target.periods is not None else target.unit,
        "bound": target.bound if target.periods is None else target.periods[0] / target.periods[1],
        "mean": defined(one.mean),
        "low" if higher else "high": defined(one.bound),
        "n": one.n,
        "verdict": one.met,
    }
