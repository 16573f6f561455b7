"""Several finished studies beside each other, as if they were one sweep."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from simgrid.experiments.study import Column, Design, Drawn, Study

STUDY_COLUMN = "study"


def combine(named: dict[str, Study]) -> Study:
    """One study with a further swept column, ``study``; what a study has not is undefined there.

    Policies are paired within each study only. Baseline, primary metrics and claims are those of all studies,
    the first one's baseline leading.
    """
    studies = list(named.values())
    if len(studies) == 1:
        return studies[0]
    columns = tuple(dict.fromkeys(column for study in studies for column in study.columns))
    design = _design(named)
    parts = [_spread(study, design, columns) for study in studies]
    keys = tuple(cell for study in studies for cell in study.keys)
    return Study(design, columns, np.concatenate(parts), keys)


def _design(named: dict[str, Study]) -> Design:
    designs = [study.design for study in named.values()]
    sweep = tuple(dict.fromkeys(name for design in designs for name in design.sweep_columns))
    points = []
    for name, study in named.items():
        for point in study.design.points:
            at = dict(zip(study.design.sweep_columns, point, strict=True))
            points.append((name, *(at.get(column, "") for column in sweep)))
    return replace(
        designs[0],
        title=" and ".join(dict.fromkeys(design.title or design.name for design in designs)),
        sweep_columns=(STUDY_COLUMN, *sweep),
        points=tuple(points),
        policies=tuple(dict.fromkeys(policy for design in designs for policy in design.policies)),
        replications=max(design.replications for design in designs),
        primary=tuple(dict.fromkeys(metric for design in designs for metric in design.primary)),
        stopping=None,
        drawn=tuple(_drawn([study.design for study in named.values()])),
        claims=tuple(dict.fromkeys(claim for design in designs for claim in design.claims)),
        targets=tuple(one for one in designs[0].targets if all(one in design.targets for design in designs)),
    )


def _drawn(designs: Sequence[Design]) -> Iterator[Drawn]:
    """What some of the studies draw; NaN in those that do not."""
    most = max(design.replications for design in designs)
    known = dict.fromkeys((one.place, one.unit) for design in designs for one in design.drawn)
    for place, unit in known:
        rows: list[tuple[float, ...]] = []
        for design in designs:
            found = [one.values for one in design.drawn if (one.place, one.unit) == (place, unit)]
            own = found[0] if found else ((),) * len(design.points)
            rows += [(*row, *(float("nan"),) * (most - len(row))) for row in own]
        yield Drawn(place, unit, tuple(rows))


def _spread(study: Study, design: Design, columns: tuple[Column, ...]) -> np.ndarray:
    shape = (len(study.design.points), len(design.policies), design.replications, len(columns))
    values = np.full(shape, np.nan)
    policies = [design.policies.index(policy) for policy in study.design.policies]
    places = [columns.index(column) for column in study.columns]
    within = np.ix_(range(shape[0]), policies, range(study.design.replications), places)
    values[within] = study.values
    return values
