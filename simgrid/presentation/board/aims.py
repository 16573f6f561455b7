"""The targets of a scenario as the columns in which a study measures them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from simgrid.domain.metric import is_share
from simgrid.domain.targets import Target
from simgrid.experiments.study import ALL_INSPECTIONS, Study
from simgrid.presentation.board.judging import Aim
from simgrid.presentation.target_words import says


def aims_of(study: Study, targets: Sequence[Target]) -> Iterator[Aim]:
    """One aim a target that the stored runs measured; a target written since then is in none of them."""
    for one in targets:
        place = study.column(one.column, ALL_INSPECTIONS)
        if place is not None:
            yield aim_of(one, place)


def told_aim(one: Target) -> Aim:
    """A target as plans and stress tests tell it: where periods count, the share of them that keeps it."""
    aim = aim_of(one, -1)
    if one.periods is None:
        return aim
    of_periods = replace(one, kind="share", bound=one.goal, better="higher", periods=None)
    return replace(aim, share=True, unit="", better="higher", target=of_periods)


def aim_of(one: Target, column: int) -> Aim:
    """A target as what is asked of a column."""
    share = one.kind == "share" or is_share(one.metric)
    return Aim(one.name, says(one), column, share, "" if one.unit == "1" else one.unit, one.better, one)
