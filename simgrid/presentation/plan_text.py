"""The answer of ``simgrid plan`` on a screen: one sentence first, then what stands behind it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from simgrid.planning.answer import Answer, Judged
from simgrid.presentation.amounts import whole
from simgrid.presentation.blocks import Block
from simgrid.presentation.plan_people import missed_later_says, person_says
from simgrid.presentation.plan_words import (
    against_now,
    answer_sentence,
    binds_says,
    days_tested,
    money,
    plan_words,
    rival_says,
    runs_says,
    screened_says,
    side,
    tolerance_says,
    unpriced,
    wanted,
    ways_out,
)
from simgrid.presentation.target_words import bound, found, says, share, verdict
from simgrid.statistics.bounds import Bound

MOST_RIVALS = 8


def plan_blocks(told: Answer) -> list[Block]:
    """In order of reading."""
    return [
        Block(answer_sentence(told), notes=tuple(_notes(told))),
        *_targets(told),
        *_cost(told),
        *_loads(told),
        *_people(told),
        *_rivals(told),
        *_missed_later(told),
        _promise(told),
    ]


def _notes(told: Answer) -> Iterator[str]:
    if told.found.plan is not None:
        if span := days_tested(told.deployed.cell):
            yield span
        yield f"That is {against_now(told)} ({plan_words(told.deployed.values)})."
        if told.found.plan > 0:  # the plans before it cost no more
            yield binds_says(told)
    if told.found.status == "none meets":
        yield ways_out(told)
    yield from screened_says(told)


def _targets(told: Answer) -> Iterator[Block]:
    confidence = share(told.asked.confidence)
    said = (
        *(f"{one.name}: {says(one)}." for one in told.asked.meet),
        f"A bound is the unfavourable one-sided {confidence} bound, on seeds that the search has not seen.",
    )
    if told.found.plan is not None:
        n = told.found.bounds[0].n
        yield _stand(told, f"The targets under the plan, by {n} replications", told.found.bounds, said)
        said = ()
    written = f"The targets as written, by {told.now.n} replications: {money(told.deployed)}"
    yield _stand(told, written, told.now.bounds, said)


def _stand(told: Answer, title: str, bounds: Sequence[Bound], notes: tuple[str, ...]) -> Block:
    rows = [
        (target.name, wanted(target), found(one.mean, target), _bounded(one, place, told), verdict(one.met))
        for place, (one, target) in enumerate(zip(bounds, told.asked.meet, strict=True))
    ]
    return Block(title, ("target", "wanted", "mean", "bound", "verdict"), tuple(rows), notes)


def _bounded(one: Bound, place: int, told: Answer) -> str:
    target = told.asked.meet[place]
    return f"{side(target)} {bound(one.bound, target)}"


def _cost(told: Answer) -> Iterator[Block]:
    if told.found.plan is None:
        return
    plan, now = told.plans[told.found.plan], told.deployed
    parts = dict.fromkeys([*plan.cost.parts, *now.cost.parts])
    rows = [(item, _amount(plan.cost.parts.get(item)), _amount(now.cost.parts.get(item))) for item in parts]
    notes = [f"In {plan.cost.unit}; a month is 365.25/12 days. What is not listed has no price."]
    if free := unpriced(told):
        notes.append(f"Varied without a price: {', '.join(free)}.")
    total = ("total", _amount(plan.cost.total), _amount(now.cost.total))
    yield Block(f"Cost: {money(plan)}", ("item", "the plan", "as written"), (*rows, total), tuple(notes))


def _amount(value: float | None) -> str:
    return "-" if value is None else whole(value)


def _loads(told: Answer) -> Iterator[Block]:
    if not told.loads:
        return
    yield Block(
        "The plan with more load",
        ("load", *(one.name for one in told.asked.meet)),
        tuple((f"{100 * (scale - 1):+.0f} %", *_verdicts(told, one)) for scale, one in told.loads),
        (f"Over {told.loads[0][1].n} replications on unseen seeds; the bound is the unfavourable one.",),
    )


def _verdicts(told: Answer, one: Judged) -> Sequence[str]:
    return [f"{verdict(each.met)}: {_bounded(each, place, told)}" for place, each in enumerate(one.bounds)]


def _people(told: Answer) -> Iterator[Block]:
    if told.people:
        rows = tuple((one.what, person_says(one)) for one in told.people)
        notes = tuple(f"{what}: {said}." for what, said in rows)
        yield Block("What takes radiologists", notes=notes)


def _rivals(told: Answer) -> Iterator[Block]:
    if not told.found.rivals:
        return
    rows = [
        (plan_words(told.plans[one.plan].values), money(told.plans[one.plan]), rival_says(told, one))
        for one in told.found.rivals
    ]
    notes = [f"{words}, at {cost}: {why}." for words, cost, why in rows[:MOST_RIVALS]]
    if len(rows) > MOST_RIVALS:
        notes.append(f"and {len(rows) - MOST_RIVALS} more (plan.json)")
    yield Block("Plans that cannot be told apart from it", notes=tuple(notes))


def _missed_later(told: Answer) -> Iterator[Block]:
    if notes := missed_later_says(told):
        yield Block("Plans that are no rivals any more", notes=notes)


def _promise(told: Answer) -> Block:
    runs = told.found.runs
    used = runs_says(
        runs.search, runs.test, told.extra_runs, runs.exhaustive, found=told.found.plan is not None
    )
    sure = (
        f"That the plan meets every target is said with {share(told.asked.confidence)} confidence."
        if told.found.plan is not None
        else ""
    )
    return Block("What is promised", notes=tuple(line for line in (sure, tolerance_says(told), used) if line))
