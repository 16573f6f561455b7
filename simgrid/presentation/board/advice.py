"""What to do where a plan is in doubt: sign nothing, and how many replications would be likely to tell."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from simgrid.presentation.board.frontier import cost_total

MOST_NAMED = 10_000
"""More replications are named to nobody: a target so near to its bound is in doubt for good."""


def advice(plan: Mapping[str, Any]) -> Iterator[str]:
    """A sentence where no plan can be told, or a cheaper one cannot be told apart from it; else nothing."""
    if plan.get("status") == "cannot be told":
        yield (
            "Sign nothing yet: these replications show of no plan that it meets every target, nor of each "
            f"that it misses one. {_more(plan)[0].upper()}{_more(plan)[1:]}, or ask for less, and plan again."
        )
        return
    cheaper = [one for one in plan.get("rivals") or () if _cheaper(one, plan)]
    if plan.get("status") == "found" and cheaper:
        which = "a cheaper plan" if len(cheaper) == 1 else f"{len(cheaper)} cheaper plans"
        yield (
            f"Do not sign the dearer plan as long as {which} cannot be told apart from it: "
            f"first {_more(plan)}{_about(plan, cheaper)}."
        )


def _more(plan: Mapping[str, Any]) -> str:
    if plan.get("more_by") == "plan.tolerance":
        return "ask for a smaller tolerance, which takes more replications (plan.tolerance in the scenario)"
    return "allow more replications (plan.runs in the scenario)"


def replications_telling(mean: float, bound: float, goal: float, n: int) -> int | None:
    """About as many replications as bring the bound to the goal, if the mean stays; None where none do.

    A bound comes nearer to its mean as one over the root of the replications, and faster where few count.
    """
    beyond, apart = mean - goal, mean - bound
    if not (math.isfinite(apart) and beyond * apart > 0.0):
        return None
    found = math.ceil(n * (apart / beyond) ** 2)
    return found if n < found <= MOST_NAMED else None


def _about(plan: Mapping[str, Any], cheaper: list[Mapping[str, Any]]) -> str:
    """How many for the cheapest of them, from its means and bounds."""
    first = min(cheaper, key=lambda one: cost_total(one.get("cost")))
    asked = {str(one["name"]): one for one in plan.get("targets") or ()}
    needed = []
    for one in first.get("targets") or ():
        target = asked.get(str(one["name"]))
        if one.get("verdict") == "met" or target is None:
            continue
        bound = one.get("low" if "low" in target else "high")
        mean, low, goal = _number(one.get("mean")), _number(bound), _number(target.get("bound"))
        needed.append(replications_telling(mean, low, goal, int(first.get("n") or 0)))
    told = [one for one in needed if one is not None]
    if not told or len(told) < len(needed):
        return ""
    return f"; if its means stay, about {max(told)} for the cheapest of them would tell"


def _cheaper(rival: Mapping[str, Any], plan: Mapping[str, Any]) -> bool:
    return cost_total(rival.get("cost")) < cost_total(plan.get("cost"))


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else math.nan
