"""One deployment, looked at more than once: which look leads for each target, and why others differ.

A plan tests what it names, a stress test looks at what it takes things away from, and a study may be of the
same; each has its own replications. Parts are of one deployment where their first runs have one key.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from simgrid.domain.targets import Target
from simgrid.experiments.judged import CONFIDENCE
from simgrid.presentation.board.aims import told_aim
from simgrid.presentation.board.breaking import said_of, word_of
from simgrid.presentation.board.judging import Word, interval
from simgrid.presentation.board.seen import Seen

Where: TypeAlias = Literal["plan", "now", "study", "stress test"]
_WHO: dict[Where, str] = {
    "plan": "the plan’s test",
    "now": "the planning’s look at the scenario as written",
    "study": "the study",
    "stress test": "the stress test",
}


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What one part of the report says of a deployment: of each target its figure in words and the verdict.

    ``key``: that of the deployment's first run. ``confidence``: of each bound for itself.
    """

    where: Where
    key: str
    n: int
    confidence: float
    targets: Mapping[str, tuple[str, Word]]


def looks(
    plan: Mapping[str, Any] | None,
    seen: Seen | None,
    stress: Mapping[str, Any] | None,
    targets: Sequence[Target],
) -> tuple[Look, ...]:
    """Every look at a deployment that is known by its first run; a file of an older version has none."""
    found = []
    if plan is not None:
        sure = float(plan.get("confidence") or CONFIDENCE)
        now = plan.get("now") or {}
        found.append(_look("plan", plan, _with_both_bounds(plan), sure, targets))
        found.append(_look("now", now, now.get("targets"), sure, targets))
    if seen is not None and seen.found.targeted:
        figures = seen.found.figures[seen.cell][seen.policy] or ()
        told = {
            aim.name: (interval(aim, one), one.word)
            for aim, one in zip(seen.found.aims, figures, strict=True)
        }
        keys = seen.study.keys[seen.cell][seen.policy]
        found.append(Look("study", keys[0] if keys else "", max(one.n for one in figures), CONFIDENCE, told))
    if stress is not None:
        found.append(_look("stress test", stress, stress.get("targets"), CONFIDENCE, targets))
    return tuple(one for one in found if one.key and one.targets)


def otherwise(found: Sequence[Look], where: Where) -> Iterator[str]:
    """Why a part says otherwise of a target than the look with the most replications, which leads.

    Where the verdicts are the same and the figures are not, the later part says why there are two.
    """
    for here in (one for one in found if one.where == where):
        same = [one for one in found if one.key == here.key]
        for lead in dict.fromkeys(_leading(same, name) for name in here.targets):
            names = [
                name
                for name in here.targets
                if _leading(same, name) is lead and lead.targets[name][1] != here.targets[name][1]
            ]
            if names:
                yield _explained(lead, here, names)
        yield from _twice(same, here)


def of_which(found: Sequence[Look], where: Where) -> str:
    """Whether a study or stress test beside a plan is of what is planned or of what is written."""
    keys = {one.where: one.key for one in found}
    key = keys.get(where)
    if key is None or "now" not in keys:
        return ""
    if key == keys.get("plan"):
        return "This is of the plan that is named above."
    if key == keys["now"]:
        named = ", not of the plan that is named above" if "plan" in keys else ""
        return f"This is of the scenario as it is written{named}."
    return ""


def other_question(plan: Mapping[str, Any] | None, stress: Mapping[str, Any]) -> Iterator[str]:
    """Where a plan with fewer people stands beside somebody missing: two questions, each with its runs."""
    rivals = (plan or {}).get("rivals") or ()
    if not any(one["kind"] == "radiologist" for one in stress.get("without") or ()):
        return
    if plan is not None and plan.get("plan") and not rivals:
        yield (
            "Without a radiologist who stays away here as many are left as in a smaller plan, which was "
            "judged by other replications and perhaps with another confidence: compare the bounds in "
            "brackets, not the means before them."
        )
    counts = sorted({int(one["n"]) for one in rivals if one.get("n")})
    if counts:
        many = " to ".join(str(one) for one in dict.fromkeys((counts[0], counts[-1])))
        yield (
            "A plan with fewer radiologists, under “Its rivals”, is another question than a radiologist who "
            f"stays away here: it was judged by {many} replications of its own, and here are at most "
            f"{stress.get('n')}. So compare the bounds in brackets, not the means before them."
        )


def _twice(same: Sequence[Look], here: Look) -> Iterator[str]:
    """A sentence with both figures of what an earlier part has measured too, to the same verdict."""
    for first in same[: same.index(here)][:1]:
        told = [
            f"“{name}”: {first.targets[name][0]} there, {one} here, {word} by both"
            for name, (one, word) in here.targets.items()
            if name in first.targets and first.targets[name][0] != one and first.targets[name][1] == word
        ]
        if told:
            yield (
                f"This is the deployment of {_WHO[first.where]} once more: its {_many(first.n)} are "
                f"others than the {here.n} here, so the figures differ by chance. {'; '.join(told)}."
            )


def _leading(same: Sequence[Look], name: str) -> Look:
    """Of several looks the one with the most replications: of equally many the first."""
    return max((one for one in same if name in one.targets), key=lambda one: one.n)


def _explained(lead: Look, here: Look, names: Sequence[str]) -> str:
    """``What counts is ...: “urgent” is met (94.3 %, ...). Here, with 5 replications, ...``"""
    led = "; ".join(f"“{name}” {_is(lead.targets[name])}" for name in names)
    told = "; ".join(f"“{name}” {_is(here.targets[name])}" for name in names)
    words = {frozenset((lead.targets[name][1], here.targets[name][1])) for name in names}
    contrary = (
        " The two contradict each other, which chance alone seldom brings about: simulate more before you "
        "rely on either."
        if frozenset(("met", "missed")) in words
        else ""
    )
    if here.n < lead.n and words == {frozenset(("met", "cannot be told"))}:
        contrary = " The two agree: what few cannot show, more do."
    return (
        f"For the same deployment {_WHO[lead.where]} counts, with {_many(lead.n)}: {led}. "
        f"Here, with {_many(here.n)}: {told}. {_why(lead, here)}{contrary}"
    )


def _is(told: tuple[str, Word]) -> str:
    figure, word = told
    return f"{word if word == 'cannot be told' else f'is {word}'}, {figure}"


def _why(lead: Look, here: Look) -> str:
    reasons = []
    if here.n < lead.n:
        reasons.append("fewer replications leave wider bounds")
    if here.confidence != lead.confidence:
        reasons.append(
            f"the bounds here hold with {_percent(here.confidence)}, those with {_percent(lead.confidence)} "
            "confidence"
        )
    if not reasons:
        reasons.append("each has other replications")
    said = ", and ".join(reasons)
    return f"{said[:1].upper()}{said[1:]}."


def _many(n: int) -> str:
    return f"{n} replication{'' if n == 1 else 's'}"


def _percent(share: float) -> str:
    return f"{100 * share:.6g} %"


def _with_both_bounds(plan: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The plan's targets with both bounds of its test; the plan itself tells the unfavourable one."""
    tests = [
        one
        for one in plan.get("tried") or ()
        if one.get("stage") == "test" and one["plan"] == plan.get("plan")
    ]
    both = {str(one["name"]): one for one in tests[-1]["targets"]} if tests else {}
    return [
        {**one, **{end: both[str(one["name"])].get(end) for end in ("low", "high")}}
        if str(one["name"]) in both
        else one
        for one in plan.get("targets") or ()
    ]


def _look(
    where: Where, told: Mapping[str, Any], held: object, sure: float, targets: Sequence[Target]
) -> Look:
    listed: Sequence[Mapping[str, Any]] = held if isinstance(held, list) else ()
    known = {one.name: told_aim(one) for one in targets}
    said = {str(one["name"]): (said_of(one, known.get(str(one["name"]))), word_of(one)) for one in listed}
    n = told.get("n") or max((int(one.get("n") or 0) for one in listed), default=0)
    return Look(where, str(told.get("first_run") or ""), int(n), sure, said)
