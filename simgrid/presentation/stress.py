"""How a stress test is told: the answer, then what stands behind it, worst first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import inf, isnan

from simgrid.domain.targets import Target
from simgrid.planning.judging import Change, Judged, may_differ
from simgrid.planning.stress import Stressed, Without
from simgrid.presentation import target_words as words
from simgrid.presentation.blocks import Block
from simgrid.presentation.stress_answer import answer
from simgrid.presentation.stress_load import added, load_notes
from simgrid.presentation.stress_outage import outage_notes, outage_sentence
from simgrid.presentation.wording import UNDEFINED

_ROSTER = {"met": "yes", "missed": "no", "cannot be told apart": "cannot be told"}
_WORDS = {"met": "met", "missed": "missed", "cannot be told apart": "cannot be told"}
_NOTE = (
    "Figures are means over the replications, long-run shares of all their inspections. In brackets: for a "
    "target its two one-sided bounds, each at 95 % or more for itself; for a difference its paired 95 % "
    "interval, in the same worlds with and without. A target is met or missed only where both bounds say so; "
    "of twenty close verdicts one may be wrong, those counted in that fell early (after fewer worlds, by "
    "bounds of 99.5 %)."
)


def stress_blocks(found: Stressed) -> list[Block]:
    """The answer, the deployed state, what is missing, who may be ill, the load, the outage."""
    told = [Block(answer(found)), *_deployed_block(found), _without_block(found), *_roster_block(found)]
    return [*told, *_load_block(found), _outage_block(found), Block(_note(found.replications))]


def _note(replications: int) -> str:
    """What the brackets are, and what is said where there are none."""
    return (
        f"{_NOTE} Where all worlds gave the same figure there is nothing to draw an interval from: the same "
        f"in all {replications} leaves, at 95 %, up to {100 * may_differ(replications):.0f} % of worlds that "
        "are otherwise, by how much nobody has seen."
    )


def _figure(one: Judged, target: Target) -> str:
    """What was found of a target between its bounds, each rounded away from it."""
    mean = words.found(one.mean, target)
    if one.mean == inf:
        return mean
    if one.alike:
        return f"{mean}, the same in all {one.n}"
    if isnan(one.low):
        return f"{mean} (no interval)" if one.n else mean
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
    return _interval(replace(one, difference=100 * one.difference, low=100 * one.low, high=100 * one.high), 1)


def _interval(one: Change, digits: int) -> str:
    if isnan(one.difference):
        return UNDEFINED
    said = f"{one.difference:+.{digits}f}"
    if one.alike:
        return f"{said}, same in all {one.n}"
    return (
        f"{said} (no interval)"
        if isnan(one.low)
        else f"{said} [{one.low:+.{digits}f}, {one.high:+.{digits}f}]"
    )


_CHANGES = ("in time\npoints", "turnaround, 95th\npercentile, min", "never reported\nstudies")


def _without_block(found: Stressed) -> Block:
    rows = tuple(
        (_row(one, found.replications), *_verdicts(found.asked, one.targets), *_changes(one.changes))
        for one in found.without
    )
    headings = ("without", *(target.name for target in found.asked), *_CHANGES)
    return Block(
        "One thing missing at a time, the worst first; differences to the deployed state",
        headings,
        rows,
        tuple(f"{one.kind} {one.name}: {one.says}." for one in found.without),
    )


def _row(one: Without, replications: int) -> str:
    """What is missing, and in how many worlds where these are fewer than elsewhere."""
    named = f"{one.kind} {one.name}"
    return named if one.n == replications else f"{named} ({one.n} worlds)"


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
        columns = tuple(target.name for target in found.asked) or _CHANGES
        rows = []
        for one in found.loads.steps:
            figures = _verdicts(found.asked, one.targets) if found.asked else _changes(one.changes)
            told = figures if one.tests else ("nothing new",) * len(columns)
            fewer = "" if one.n == found.replications else f" ({one.n} worlds)"
            rows.append((f"+{100 * (one.scale - 1):.0f} %{fewer}", added(one), *told))
        headings = ("load", "studies added", *columns)
        yield Block("The load in steps of 5 %", headings, tuple(rows), tuple(load_notes(found.loads)), 2)


def _outage_block(found: Stressed) -> Block:
    told = (outage_sentence(found.outage), *outage_notes(found.outage))
    return Block("The worst hour of the most loaded link and of the units' desks", notes=told)
