"""How a picture of plans by cost is to be read, for somebody who has never seen one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from simgrid.domain.targets import fewest
from simgrid.presentation.board.judging import Aim
from simgrid.scenario.counts import many

FEWEST_STEPPED = 20
"""Runs below which a plan is no step of the picture: the best of many short looks is luck, not merit."""
CONFIDENCE = 0.95


def fewest_runs(aim: Aim) -> int:
    """The runs from which a plan can be a step: as many as could show that it meets the aim."""
    return FEWEST_STEPPED if aim.target is None else max(FEWEST_STEPPED, fewest(aim.target, CONFIDENCE))


def caption(aim: Aim, ends: str, counts: Sequence[int], *, searched: bool) -> str:
    """The figure's caption; ``counts``: the runs of each plan, ``searched``: whether any are the search's."""
    return " ".join(_sentences(aim, ends, counts, searched))


def _sentences(aim: Aim, ends: str, counts: Sequence[int], searched: bool) -> Iterator[str]:
    better, side = ("down", "below") if aim.better == "lower" else ("up", "above")
    yield f"Each point is a plan: further right it costs more, further {better} it does better."
    yield _runs_said(min(counts), max(counts), fewest_runs(aim))
    if max(counts) >= fewest_runs(aim):
        yield (
            "Filled: plans that do better than every cheaper one. The steps between them are what more money "
            "buys; where they are level, no dearer plan with as many replications did better. The grey band "
            f"is how far chance may have moved them ({ends})."
        )
    asked = (
        f"; only where one lies {side} the dashed line (what is asked) may a plan meet, never by its point"
    )
    yield f"Squares: the unfavourable bounds of the best{asked if aim.bound is not None else ''}."
    yield "Ringed: the answer’s plan. Hollow: the others."
    if searched:
        yield (
            "Plans were chosen by the runs of the search, so a bound from these promises nothing: the test "
            "decides."
        )


def _runs_said(least: int, most: int, needed: int) -> str:
    """How many runs a point stands on, and which have too few for steps and band."""
    each = f"Each stands on {many(least, 'replication')}"
    if least < most:
        each = f"They stand on {least} to {many(most, 'replication')} each"
    if most < needed:
        return f"{each}: too few to say what more money buys, which takes {needed}, so no steps are drawn."
    if least < needed:
        return f"{each}; small ones on fewer than {needed}, too few for the steps."
    return f"{each}."
