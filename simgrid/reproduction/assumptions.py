"""Which assumptions the headline gains hang on: the points of one analysis, and of each gain its effects.

Every assumption is varied at once (Morris); definitions are crossed. The gain at a point is the ratio of the
means over its worlds; its noise is that of the worlds' parts of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np

from simgrid.domain.analysis import Analysis
from simgrid.domain.units import FloatArray
from simgrid.experiments.sensitivity import Effect, effects_of
from simgrid.reproduction import gains
from simgrid.reproduction.evidence import Evidence
from simgrid.reproduction.experiments import Worlds, numbered_arm
from simgrid.reproduction.maps import Headline, headlines
from simgrid.reproduction.parts import DISTANCE
from simgrid.scenario import files
from simgrid.scenario.cells import cells
from simgrid.statistics.effects import Noise, noise_of

SENSITIVITY = Worlds("sensitivity", "paper/sensitivity", quick=0, full=2, cpu_s=400.0, kind="analysis")
_PLACES = {
    "policy_options.manual.habit": "chief's habit",
    "policy_options.manual.memory": "chief's memory",
    "belief.changes.radiologists.r8.favour": "favour of R8 in Stage 1",
    "belief.changes.spread.estimate_error": "chief's error in Stage 1",
    "belief.shrinkage": "shrinkage of rare cells",
    "workload_limit.slack": "slack of the limit",
    "dispatch.every": "batch window",
    "demand.urgent": "urgent share",
    "demand.scale": "load",
    "demand.required.routine": "required time",
    "spread.speed": "spread of speeds",
    "spread.benefit": "true differences in skill",
}


@dataclass(frozen=True, slots=True)
class Ranked:
    """What one headline gain owes to each assumption, under one combination of the crossed definitions.

    ``mean`` over the points; ``effects`` in the places' order, none where the gain is undefined somewhere.
    """

    headline: Headline
    crossed: tuple[tuple[str, str], ...]
    mean: float
    noise: Noise
    effects: tuple[Effect, ...]


@cache
def design() -> tuple[Analysis, tuple[tuple[tuple[str, str], ...], ...]]:
    """The analysis, and the crossed values of each of its combinations."""
    made = cells(files.read_resolved(SENSITIVITY.scenario).tree, analyse=True)
    if made.analysis is None:
        raise ValueError(f"{SENSITIVITY.scenario} declares no analysis")
    analysis, wide = made.analysis, len(made.analysis.crossed)
    firsts = range(0, len(made.points), analysis.distinct)
    return analysis, tuple(made.points[first][0][:wide] for first in firsts)


def place_word(place: str) -> str:
    """A place as a figure calls it."""
    return _PLACES.get(place, place)


def ranked(evidence: Evidence) -> Iterator[Ranked]:
    """Every usual headline gain under each combination, gain by gain."""
    analysis, combinations = design()
    for headline in headlines():
        if not headline.usual:
            continue
        for number, crossed in enumerate(combinations):
            first = number * analysis.distinct
            points = range(first, first + analysis.distinct)
            single = np.array([_single(evidence, headline, point) for point in points])
            known = not np.isnan(single).any()
            yield Ranked(
                headline,
                crossed,
                float(single.mean()),
                noise_of(single),
                tuple(effects_of(analysis, single)) if known else (),
            )


def _single(evidence: Evidence, headline: Headline, point: int) -> FloatArray:
    """The gain at a point in parts, shape (worlds,): their mean is the gain."""
    rows = evidence.values[headline.metric]
    ours, theirs = (
        rows[numbered_arm(point, one)] for one in (headline.quantity.subject, headline.quantity.against[0])
    )
    if headline.quantity.measure == "reduction":
        return 1.0 - gains.parts_of_ratio(ours, theirs)
    above, below = (theirs, ours) if headline.metric == DISTANCE else (ours, theirs)
    return gains.parts_of_ratio(above, below) - 1.0
