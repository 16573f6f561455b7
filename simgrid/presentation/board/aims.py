"""The targets of a scenario as the columns in which a study measures them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from simgrid.domain.targets import Target
from simgrid.experiments.study import ALL_INSPECTIONS, Study
from simgrid.presentation.board import saying
from simgrid.presentation.board.judging import Aim
from simgrid.presentation.target_words import says


def aims_of(study: Study, targets: Sequence[Target]) -> Iterator[Aim]:
    """One aim a target that the stored runs measured; a target written since then is in none of them."""
    for one in targets:
        place = study.column(one.column, ALL_INSPECTIONS)
        if place is not None:
            yield aim_of(one, place)


def aim_of(one: Target, column: int) -> Aim:
    """A target as what is asked of a column."""
    share = one.kind == "share" or saying.is_share(one.metric)
    return Aim(one.name, says(one), column, share, "" if one.unit == "1" else one.unit, one.better, one)
