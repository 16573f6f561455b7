"""Other ways to look at a finished study: along another of its axes, or at one group of inspections only.

Nothing is computed: the values are the stored ones, in another order.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np

from simgrid.experiments.combine import STUDY_COLUMN
from simgrid.experiments.study import ALL_INSPECTIONS, POLICY, Study


class NotInStudy(ValueError):
    """An axis or a group that the study does not have."""


def across(study: Study, axis: str) -> Study:
    """The same runs with the values of a swept column compared, instead of the policies.

    The column's first value becomes the baseline; where there are several policies they become a swept
    column, ``policy``. Every cell draws its worlds from the same seed, so the replications of two values are
    pairs. Claims are about policies, and left out; so are draws where the seed was swept.

    :raises NotInStudy: for a column that the study does not have, studies that were put side by side, and
        ``seed``: worlds of two seeds are no pairs.
    """
    design = study.design
    if axis == "seed":
        raise NotInStudy(
            "each seed has worlds of its own, of which no two are a pair; more replications do it"
        )
    if axis == STUDY_COLUMN or axis not in design.sweep_columns:
        known = [one for one in design.sweep_columns if one != STUDY_COLUMN]
        there = f"its columns are: {', '.join(known)}" if known else "it has neither variants nor a sweep"
        raise NotInStudy(f"'{axis}' is no swept column of the study; {there}")
    place = design.sweep_columns.index(axis)
    compared = tuple(dict.fromkeys(point[place] for point in design.points))
    if len(compared) == 1:
        raise NotInStudy(f"'{axis}' has one value only, {compared[0]}: there is nothing to compare")
    rest = tuple(dict.fromkeys(_without(point, place) for point in design.points))
    cell_of = {point: cell for cell, point in enumerate(design.points)}
    several = len(design.policies) > 1
    cells = list(product(range(len(design.policies)), rest))
    values = np.full((len(cells), len(compared), *study.values.shape[2:]), np.nan)
    keys = []
    for row, (policy, point) in enumerate(cells):
        found = [cell_of.get((*point[:place], value, *point[place:])) for value in compared]
        for column, cell in enumerate(found):
            if cell is not None:
                values[row, column] = study.values[cell, policy]
        keys.append(tuple(() if cell is None else study.keys[cell][policy] for cell in found))
    columns = _without(design.sweep_columns, place)
    told = replace(
        design,
        sweep_columns=(POLICY, *columns) if several else columns,
        points=tuple((design.policies[policy], *point) if several else point for policy, point in cells),
        policies=compared,
        baseline=compared[0],
        claims=(),
        drawn=tuple(
            replace(one, values=one.values[:1] * len(cells))
            for one in design.drawn
            if len(set(one.values)) == 1
        ),
    )
    return replace(study, design=told, values=values, keys=tuple(keys), compared=axis)


def of_group(study: Study, group: str) -> Study:
    """The same study with the columns of one group only, such as ``urgency=urgent``.

    :raises NotInStudy: for a group that was not measured.
    """
    places = [place for place, column in enumerate(study.columns) if column.group == group]
    if not places:
        known = dict.fromkeys(column.group for column in study.columns)
        raise NotInStudy(f"nothing was measured of '{group}'; the groups are: {', '.join(known)}")
    columns = tuple(study.columns[place] for place in places)
    claims = study.design.claims if group == ALL_INSPECTIONS else ()
    design = replace(study.design, claims=claims)
    return replace(study, design=design, columns=columns, values=study.values[..., places], group=group)


def _without(parts: tuple[str, ...], place: int) -> tuple[str, ...]:
    return (*parts[:place], *parts[place + 1 :])
