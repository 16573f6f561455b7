"""One thing missing at a time, worst first: what changes nothing that can be told is folded into one row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from simgrid.planning.stress import Stressed, Without
from simgrid.presentation.blocks import Block
from simgrid.presentation.stress_figures import CHANGES, changes, verdicts
from simgrid.presentation.target_words import verdict

FEWEST_FOLDED = 3
"""Fewer rows of a kind stay as they are."""
_NOTHING = "nothing can be told"


def without_block(found: Stressed, *, folded: bool) -> Block:
    """A row for each, or for many of a kind that are alike."""
    rows, names = [], list[str]()
    for those in _together(found.without) if folded else [(one,) for one in found.without]:
        if len(those) == 1:
            (one,) = those
            rows.append(
                (_row(one, found.replications), *verdicts(found.asked, one.targets), *changes(one.changes))
            )
            continue
        kind, every = those[0].kind, sum(one.kind == those[0].kind for one in found.without)
        words = (verdict(each.verdict) for each in those[0].targets)
        rows.append((f"{len(those)} of {every} {kind}s", *words, *(_NOTHING for _ in CHANGES)))
        names.append(f"{len(those)} of {every} {kind}s: {', '.join(sorted(one.name for one in those))}.")
    if names:
        names.append("No difference of theirs to the deployed state can be told; each is in stress.csv.")
    headings = ("without", *(target.name for target in found.asked), *CHANGES)
    return Block(
        "One thing missing at a time, the worst first; differences to the deployed state",
        headings,
        tuple(rows),
        (*names, *_said(found.without)),
    )


def _together(without: Sequence[Without]) -> Iterator[tuple[Without, ...]]:
    """Each alone, those that are folded where the first of them stands."""
    groups: dict[tuple[str, ...], list[Without]] = {}
    for one in without:
        if _tells_nothing(one):
            groups.setdefault(_alike(one), []).append(one)
    for one in without:
        group = groups.get(_alike(one), []) if _tells_nothing(one) else []
        if len(group) < FEWEST_FOLDED:
            yield (one,)
        elif one is group[0]:
            yield tuple(group)


def _alike(one: Without) -> tuple[str, ...]:
    return one.kind, *(each.verdict for each in one.targets)


def _tells_nothing(one: Without) -> bool:
    """No target is missed, and no difference can be told."""
    return not one.named("missed") and not any(each.surely for each in one.changes)


def _said(without: Sequence[Without]) -> Iterator[str]:
    """How each is missing; of a kind all that are so in the same way together."""
    ways: dict[tuple[str, str], list[str]] = {}
    for one in without:
        ways.setdefault((one.kind, one.says), []).append(one.name)
    for (kind, says), names in ways.items():
        yield f"{kind if len(names) == 1 else f'{kind}s'} {', '.join(names)}: {says}."


def _row(one: Without, replications: int) -> str:
    """What is missing, and in how many replications where these are fewer than elsewhere."""
    named = f"{one.kind} {one.name}"
    return named if one.n == replications else f"{named} ({one.n} replications)"
