"""What 'simgrid plan' found: the plan, its cost and targets, its rivals, and what stands in the way."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from simgrid.domain.targets import Target
from simgrid.experiments.judged import CONFIDENCE
from simgrid.presentation.amounts import whole
from simgrid.presentation.board import saying
from simgrid.presentation.board.aims import told_aim
from simgrid.presentation.board.breaking import by_chance, cells, said_of, word_of
from simgrid.presentation.board.frontier import cost_total, plan_says
from simgrid.presentation.board.judging import UNTOLD, Aim, Word
from simgrid.presentation.board.sections import note, section
from simgrid.presentation.board.unvaried import others, rosters
from simgrid.presentation.board.verdicts import answer_part, verdict_mark
from simgrid.presentation.html.elements import Html, Part, element, stacking_table
from simgrid.presentation.plan_words import bound_by, runs_says
from simgrid.presentation.target_words import LONG_RUN
from simgrid.scenario.marks import Located

_STATUS: dict[str, Word] = {"found": "met", "none meets": "missed", "cannot be told": UNTOLD}
MOST_RIVALS = 12
ALL_TOGETHER = (
    "“In the long run” counts the inspections of all replications together, the bad ones (somebody absent, a "
    "busy day) with the good ones: a single one may miss the target."
)


def plan_answer(plan: Mapping[str, Any]) -> Html:
    """The plan's own sentence, and on how many replications it stands."""
    runs = plan.get("runs") or {}
    parts = [int(runs.get(part) or 0) for part in ("search", "test", "beside", "exhaustive")]
    spent = runs_says(*parts, found=plan.get("status") == "found") if runs else ""
    sure = plan.get("confidence")
    confidence = "" if sure is None else f" Confidence of the statement: {_share(sure)}."
    if plan.get("tolerance") is not None:
        confidence += f" Tolerance: {_share(plan['tolerance'])}."
    return answer_part(
        str(plan["answer"]),
        plan_word(plan),
        f"{spent}{confidence}" if spent else "",
    )


def plan_word(plan: Mapping[str, Any]) -> Word:
    """The plan's status as a verdict."""
    return _STATUS.get(str(plan["status"]), UNTOLD)


def planned_aims(plan: Mapping[str, Any], targets: Sequence[Target]) -> tuple[Aim, ...]:
    """The targets that the plan was to meet, as the scenario has them."""
    wanted = [str(one["name"]) for one in plan.get("targets") or ()]
    known = {one.name: one for one in targets}
    return tuple(told_aim(known[name]) for name in wanted if name in known)


def plan_sections(
    plan: Mapping[str, Any], aims: Sequence[Aim], tree: Located | None = None
) -> Iterator[Html]:
    """The plan as tables, in the order in which a board asks; ``tree``: its scenario as written."""
    known = {aim.name: aim for aim in aims}
    parts: list[Part] = []
    if plan.get("plan"):
        parts.append(_chosen(plan, tree))
    if plan.get("targets"):
        parts.append(_held(plan, known))
        if any(LONG_RUN in str(one.get("says", "")) for one in plan["targets"]):
            parts.append(note(ALL_TOGETHER))
    if plan.get("binds"):
        parts.append(note(bound_by([f"'{one}'" for one in plan["binds"]])))
    if plan.get("tolerance_says"):
        parts.append(note(str(plan["tolerance_says"])))
    elif plan.get("tolerance") is not None:
        parts.append(note(f"Nearer than {_share(plan['tolerance'])} to a target nothing is promised."))
    yield section("plan", "The plan" if plan.get("plan") else "The plan that comes nearest", *parts)
    yield from _in_the_way(plan)
    yield from _rivals(plan, known)
    yield from _sturdy(plan, known)


def _chosen(plan: Mapping[str, Any], tree: Located | None) -> Html:
    """What is varied, the rosters that are not, the cost; last what else is not varied."""
    now = plan.get("now") or {}
    before = now.get("plan") or {}
    rows = [
        (saying.place(str(name)), str(value), str(before.get(name, "-")) if before else "-")
        for name, value in plan["plan"].items()
    ]
    rows += [_as_it_is(*one) for one in rosters(tree, plan["plan"])] if tree is not None else []
    cost, was = plan.get("cost"), now.get("cost")
    if cost:
        rows.append(("cost", _money(cost), _money(was) if was else "-"))
        parts, before_parts = cost.get("parts") or {}, (was or {}).get("parts") or {}
        rows += [
            (
                f"of it {saying.place(str(item))}",
                _money(cost, parts.get(item, 0.0)),
                _money(was, before_parts.get(item, 0.0)) if was else "-",
            )
            for item in dict.fromkeys((*parts, *before_parts))
        ]
    if tree is not None:
        rows += [_as_it_is(*one) for one in others(tree, plan["plan"], str(plan.get("policy") or ""))]
    return stacking_table("The plan, and as it is now", ("What", "Planned", "Now"), rows, "plan-table")


def _as_it_is(what: str, value: str) -> tuple[str, str, str]:
    return what, f"{value} (not varied)", value


def _held(plan: Mapping[str, Any], known: Mapping[str, Aim]) -> Html:
    """Of a plan that is named its unfavourable bounds; where none is, both of the one that comes nearest."""
    both = {} if plan.get("plan") else _nearest(plan)
    targets = [{**one, **both.get(str(one["name"]), {})} for one in plan["targets"]]
    rows = [
        (
            str(one["name"]),
            str(one.get("says", "")),
            said_of(one, known.get(str(one["name"]))),
            verdict_mark(word_of(one)),
        )
        for one in targets
    ]
    tested = "Mean (one-sided bound) in replications the search had not seen"
    headings = ("Target", "What must hold", tested, "Verdict")
    return stacking_table("Targets", headings, rows, "plan-targets")


def _nearest(plan: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """By target, mean and both bounds of the plan that comes nearest, else of the scenario as written."""
    way = plan.get("in_the_way") or ()
    seen = [one for one in plan.get("tried") or () if way and one["plan"] == way[0].get("plan")]
    held = seen[-1]["targets"] if seen else (plan.get("now") or {}).get("targets") or ()
    return {str(one["name"]): {end: one.get(end) for end in ("mean", "low", "high")} for one in held}


def _in_the_way(plan: Mapping[str, Any]) -> Iterator[Html]:
    found = plan.get("in_the_way") or ()
    if found:
        rows = [
            (str(one.get("target", "")), str(one.get("says", "")), plan_says(one.get("plan")))
            for one in found
        ]
        drawn = stacking_table(
            "What stands in the way",
            ("Target", "How near the best plan comes", "That plan"),
            rows,
            "in-the-way",
        )
        yield section("in-the-way-part", "Why no plan does it", drawn)


def _rivals(plan: Mapping[str, Any], known: Mapping[str, Aim]) -> Iterator[Html]:
    found = plan.get("rivals") or ()
    if found:
        unit = (plan.get("cost") or {}).get("unit")
        rows = [
            (
                plan_says(one.get("plan")),
                _money({"total": one.get("cost"), "unit": unit or ""}),
                _doubted(one, known),
                str(one.get("says", "")),
            )
            for one in found[:MOST_RIVALS]
        ]
        headings = ("Plan", "Cost", "What is in doubt", "Why it is a rival")
        drawn = stacking_table(
            "Plans that cannot be told apart from it: mean (one-sided bounds)", headings, rows, "rivals"
        )
        more = len(found) - len(rows)
        parts = [drawn] + ([note(f"And {more} more, in the results folder.")] if more else [])
        yield section("rivals-part", "Its rivals", *parts)


def _doubted(rival: Mapping[str, Any], known: Mapping[str, Aim]) -> Part:
    """The targets that a rival is not shown to meet, each with its figure; all where each looks met."""
    held = list(rival.get("targets") or ())
    if not held:
        return "not simulated"
    open_ = [one for one in held if one.get("verdict") != "met"]
    figures = [
        element("span", f"{one['name']}: {said_of(one, known.get(str(one['name'])))}", class_="says")
        for one in open_ or held
    ]
    n, stage = rival.get("n"), rival.get("stage")
    by = f"by {n} replications of the {stage}"
    said = by if open_ else f"each looks met {by}, whose runs decide nothing"
    return element("span", *figures, element("span", said, class_="soft"))


def _sturdy(plan: Mapping[str, Any], known: Mapping[str, Aim]) -> Iterator[Html]:
    """The plan with more work, and what non-reading time, absence and an uncertain load cost in people."""
    parts: list[Part] = []
    load = plan.get("load") or ()
    if load:
        names = [str(one["name"]) for one in load[0]["targets"]]
        rows = [
            (f"{float(step['scale']) * 100:.6g} % of the load", *cells(step["targets"], names, known))
            for step in load
        ]
        parts.append(
            stacking_table("If more work comes: mean (one-sided bounds)", ("Load", *names), rows, "plan-load")
        )
        parts.append(note(by_chance(load, float(plan.get("confidence") or CONFIDENCE))))
    people = plan.get("people") or ()
    if people:
        told = [(str(one["what"]), _heads(one), str(one.get("says", ""))) for one in people]
        parts.append(
            stacking_table(
                "What costs radiologists", ("What", "Radiologists", "How that was found"), told, "people"
            )
        )
    if parts:
        yield section("sturdy", "How sturdy it is", *parts)


def _heads(one: Mapping[str, Any]) -> str:
    """A number of radiologists, or the range in which it lies; else that it cannot be told."""
    count, least, most = (one.get(name) for name in ("radiologists", "least", "most"))
    if isinstance(count, int | float):
        return f"{float(count):.4g}"
    return UNTOLD if least is None or most is None else f"{least} to {most}"


def _money(cost: object, amount: float | None = None) -> str:
    unit = str(cost.get("unit", "")) if isinstance(cost, Mapping) else ""
    total = cost_total(cost) if amount is None else float(amount)
    return "-" if math.isnan(total) else f"{whole(total)} {unit}".strip()


def _share(value: object) -> str:
    return f"{float(value) * 100:.6g} %" if isinstance(value, int | float) else str(value)
