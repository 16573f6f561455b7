"""What a study of a design's points says of the places that were varied: an answer a place and output."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np

from simgrid.domain.analysis import Analysis
from simgrid.domain.units import FloatArray
from simgrid.experiments.answers import scored
from simgrid.experiments.csv_files import csv_text, number
from simgrid.experiments.data_dictionary import SENSITIVITY, columns
from simgrid.experiments.study import Study
from simgrid.statistics.effects import Indices, Noise, morris, noise_of, ranks, sobol

Word: TypeAlias = Literal["no effect", "not told from noise", "an effect"]


@dataclass(frozen=True, slots=True)
class Effect:
    """What one output owes to one place; ``main`` and ``other`` with their bounds, see ``Indices``.

    ``ends``: the range as written. ``rank_first``, ``rank_last``: the ranks that the intervals leave.
    """

    place: str
    ends: tuple[str, str]
    main: tuple[float, float, float]
    other: tuple[float, float, float]
    signed: float
    noise: float
    rank_first: int
    rank_last: int

    @property
    def word(self) -> Word:
        """Whether it can be told from what the noise of the replications alone would give."""
        value, low, _ = self.main
        if value == 0:
            return "no effect"
        return "not told from noise" if not low > self.noise else "an effect"


@dataclass(frozen=True, slots=True)
class Output:
    """One metric under one policy, or of policy minus ``baseline`` where that is not empty.

    ``crossed``: a value a crossed column. ``mean`` over the distinct points, of which there are ``points``;
    ``n`` replications were defined at all of them. ``effects``: in the places' order, none without any.
    """

    crossed: tuple[str, ...]
    policy: str
    baseline: str
    metric: str
    unit: str
    mean: float
    noise: Noise
    points: int
    n: int
    effects: tuple[Effect, ...]


def outputs(study: Study, analysis: Analysis) -> Iterator[Output]:
    """Every output: combination by combination, metric by metric, policies before differences.

    Replications in which a metric is undefined at some point are left out of that output.
    """
    values, design = scored(study), study.design
    wide = len(analysis.crossed)
    for first in range(0, len(design.points), analysis.distinct):
        cells = slice(first, first + analysis.distinct)
        for metric in analysis.of:
            place = study.column(metric)
            if place is None:
                continue
            measured = dict(zip(design.policies, np.moveaxis(values[cells, ..., place], 1, 0), strict=True))
            against = measured[design.baseline]
            named = [(policy, "", of) for policy, of in measured.items()]
            named += [
                (policy, design.baseline, of - against)
                for policy, of in measured.items()
                if policy != design.baseline
            ]
            for policy, baseline, single in named:
                yield _output(
                    analysis,
                    single[:, ~np.isnan(single).any(axis=0)],
                    crossed=design.points[first][:wide],
                    policy=policy,
                    baseline=baseline,
                    metric=metric,
                    unit=study.columns[place].unit,
                )


def narrowed(study: Study, analysis: Analysis) -> Study:
    """The study with the metrics of the analysis alone: what its table of replications holds."""
    kept = [place for metric in analysis.of if (place := study.column(metric)) is not None]
    return replace(study, columns=tuple(study.columns[one] for one in kept), values=study.values[..., kept])


def _output(
    analysis: Analysis,
    single: FloatArray,
    *,
    crossed: tuple[str, ...],
    policy: str,
    baseline: str,
    metric: str,
    unit: str,
) -> Output:
    n = single.shape[1]
    return Output(
        crossed=crossed,
        policy=policy,
        baseline=baseline,
        metric=metric,
        unit=unit,
        mean=float(single.mean()) if n else float("nan"),
        noise=noise_of(single),
        points=analysis.distinct,
        n=n,
        effects=tuple(effects_of(analysis, single)) if n else (),
    )


def effects_of(analysis: Analysis, single: FloatArray) -> Iterator[Effect]:
    """An effect a place of an output (distinct points, replications), in the places' order."""
    rows = single[list(analysis.row_points)]
    found: Indices = (
        morris(analysis.shares, rows, analysis.seed)
        if analysis.method == "morris"
        else sobol(rows, len(analysis.places), analysis.seed)
    )
    first, last = ranks(found.main.low, found.main.high)
    for at, place in enumerate(analysis.places):
        main, other = (
            (float(one.value[at]), float(one.low[at]), float(one.high[at]))
            for one in (found.main, found.other)
        )
        yield Effect(
            place=place,
            ends=analysis.ends[at],
            main=main,
            other=other,
            signed=float(found.signed[at]),
            noise=float(found.noise[at]),
            rank_first=int(first[at]),
            rank_last=int(last[at]),
        )


def sensitivity_csv(analysis: Analysis, found: Iterable[Output]) -> str:
    """One row a place and output; the columns are those of the data dictionary."""
    header = (field.name for field in columns(SENSITIVITY, analysis.crossed))
    return csv_text(header, (row for one in found for row in _rows(analysis, one)))


def _rows(analysis: Analysis, one: Output) -> Iterator[tuple[str, ...]]:
    of_output = (
        *map(number, (one.mean, one.noise.all, one.noise.own)),
        *(str(one.points), str(one.n)),
    )
    for effect in one.effects:
        yield (
            *(analysis.method, *one.crossed, one.policy, one.baseline, one.metric, one.unit),
            *(effect.place, *effect.ends),
            *map(number, (*effect.main, *effect.other, effect.signed, effect.noise)),
            *(str(effect.rank_first), str(effect.rank_last), effect.word),
            *of_output,
        )
