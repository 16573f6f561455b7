"""How a stress test is told: the answer, then what stands behind it, worst first."""

from __future__ import annotations

from collections.abc import Iterator

from simgrid.planning.judging import may_differ
from simgrid.planning.stress import Stressed, Without
from simgrid.presentation import target_words as words
from simgrid.presentation.blocks import Block
from simgrid.presentation.stress_answer import answer, called
from simgrid.presentation.stress_figures import CHANGES, changes, figure, verdicts
from simgrid.presentation.stress_load import added, load_notes
from simgrid.presentation.stress_missing import without_block
from simgrid.presentation.stress_outage import outage_notes, outage_sentence
from simgrid.presentation.wording import UNDEFINED

_ROSTER = {"met": "yes", "missed": "no", "cannot be told apart": "cannot be told"}
_NOTE = (
    "A share, and by how many points it differs, is that of all inspections of all replications together; "
    "any other figure is a mean over the replications. In brackets: for a target its two "
    "one-sided bounds, each at 95 % or more for itself; for a difference its paired 95 % interval, in the "
    "same worlds with and without. A target is met or missed only where both bounds say so; of twenty close "
    "verdicts one may be wrong, those counted in that fell early (after fewer replications, by bounds of "
    "99.5 %)."
)


def stress_blocks(found: Stressed, *, folded: bool = True) -> list[Block]:
    """The answer, the deployed state, what is missing, who may be ill, the load, the outage.

    ``folded``: those of a kind that surely change nothing, or of which nothing can be told, in one row.
    """
    missing = without_block(found, folded=folded)
    told = [Block(answer(found)), *_deployed_block(found), missing, *_roster_block(found)]
    return [*told, *_load_block(found), _outage_block(found), Block(_note(found.replications))]


def _note(replications: int) -> str:
    """What the brackets are, and what is said where there are none."""
    return (
        f"{_NOTE} Where all replications gave the same figure there is nothing to draw an interval from: the "
        f"same in all {replications} leaves, at 95 %, up to {100 * may_differ(replications):.0f} % of "
        "replications that are otherwise, by how much nobody has seen."
    )


def _deployed_block(found: Stressed) -> Iterator[Block]:
    if not found.asked:
        return
    rows = tuple(
        (target.name, words.says(target), figure(one, target), words.verdict(one.verdict))
        for target, one in zip(found.asked, found.deployed, strict=True)
    )
    title = f"As deployed: policy {found.policy}, {found.replications} replications"
    yield Block(title, ("target", "asked", "found", "verdict"), rows)


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
            called(one),
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
        columns = tuple(target.name for target in found.asked) or CHANGES
        rows = []
        for one in found.loads.steps:
            figures = verdicts(found.asked, one.targets) if found.asked else changes(one.changes)
            told = figures if one.tests else ("nothing new",) * len(columns)
            fewer = "" if one.n == found.replications else f" ({one.n} replications)"
            rows.append((f"+{100 * (one.scale - 1):.0f} %{fewer}", added(one), *told))
        headings = ("load", "studies added", *columns)
        yield Block("The load in steps of 5 %", headings, tuple(rows), tuple(load_notes(found.loads)), 2)


def _outage_block(found: Stressed) -> Block:
    told = (outage_sentence(found.outage), *outage_notes(found.outage))
    return Block("The worst hour of the most loaded link and of the units' desks", notes=told)
