"""Every cell and policy of a study held against what is asked of it.

A target is met by its unfavourable one-sided 95 % bound only, and missed where the favourable one does not
keep it either, as 'simgrid run' judges it; else the runs cannot tell. A study without targets has its primary
metrics told, each against the baseline by the corrected comparison.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeAlias

import numpy as np

from simgrid.domain.metric import Better, is_share
from simgrid.domain.targets import Target
from simgrid.domain.units import FloatArray
from simgrid.experiments.answers import better, comparisons, means_between
from simgrid.experiments.judged import CONFIDENCE, target_values
from simgrid.experiments.study import ALL_INSPECTIONS, Study
from simgrid.presentation import wording
from simgrid.presentation.board import saying
from simgrid.statistics.bounds import Bound, mean_bounds, unfavourable
from simgrid.statistics.long_run import known

Word: TypeAlias = Literal["met", "missed", "cannot be told", "better", "worse", ""]
UNTOLD: Word = "cannot be told"


@dataclass(frozen=True, slots=True)
class Aim:
    """What is asked, or told: a measured column; ``target`` is None where nothing is required of it.

    ``says``: the requirement in words. ``share``: told in per cent.
    """

    name: str
    says: str
    column: int
    share: bool
    unit: str
    better: Better
    target: Target | None = None

    @property
    def bound(self) -> float | None:
        """Where the target lies."""
        return None if self.target is None else self.target.bound


@dataclass(frozen=True, slots=True)
class Figure:
    """One aim in one cell under one policy: the mean over ``n`` replications, its 95 % interval, one word.

    Of a target ``low`` and ``high`` are its two one-sided 95 % bounds, as in summary.csv, and ``judged`` has
    the one that decides: another than those only where periods are counted. Of a share in the long run the
    mean is that of all inspections.
    """

    mean: float
    low: float
    high: float
    n: int
    word: Word
    judged: Bound | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """All figures of a study: ``figures[cell][policy][aim]``, None where a cell has no such run."""

    aims: tuple[Aim, ...]
    figures: tuple[tuple[tuple[Figure, ...] | None, ...], ...]

    @property
    def targeted(self) -> bool:
        """Whether something is required; else the primary metrics are told."""
        return any(aim.bound is not None for aim in self.aims)


def judged(study: Study, aims: Sequence[Aim]) -> Judged:
    """Every cell and policy held against ``aims``, or its primary metrics told where there are none."""
    asked = tuple(aims) or primary_aims(study)
    words = {} if aims else _against_baseline(study, asked)
    rows = []
    for cell in range(len(study.values)):
        of_cell: list[tuple[Figure, ...] | None] = []
        for policy in range(len(study.design.policies)):
            values = study.values[cell, policy]
            figures = tuple(
                _figure(study, aim, values, words.get((cell, policy, k), "")) for k, aim in enumerate(asked)
            )
            of_cell.append(figures if any(one.n for one in figures) else None)
        rows.append(tuple(of_cell))
    return Judged(asked, tuple(rows))


def primary_aims(study: Study) -> tuple[Aim, ...]:
    """The primary metrics that were measured, else the headline's."""
    names = study.design.primary or wording.HEADLINE
    found = [(name, study.column(name, ALL_INSPECTIONS)) for name in names]
    return tuple(
        Aim(
            wording.title(name),
            wording.direction(name),
            place,
            is_share(name),
            wording.unit(name),
            "lower" if better(name) == "lower" else "higher",
        )
        for name, place in found
        if place is not None
    )


def told(aim: Aim, one: Figure) -> tuple[str, str, str]:
    """Mean and ends of the interval in words, without unit."""
    return saying.in_words(one.mean, one.low, one.high, share=aim.share, bound=aim.bound)


def with_unit(aim: Aim, text: str) -> str:
    """``97.1 %``, ``31.5 min``, ``0.42``."""
    unit = "%" if aim.share else aim.unit
    return f"{text}\N{NO-BREAK SPACE}{unit}" if unit and text != wording.UNDEFINED else text


def interval(aim: Aim, one: Figure) -> str:
    """``97.1 % (96.2 to 98.0 %)``; without a second replication it says that there is no interval."""
    mean, low, high = told(aim, one)
    if not one.n:
        return "not measured"
    if math.isnan(one.low):
        few = "one replication" if one.n == 1 else "too few replications"
        return f"{with_unit(aim, mean)} ({few}, so no interval)"
    if math.isinf(one.mean):
        return "never, in at least one replication"
    if one.low == one.high:
        return f"{with_unit(aim, mean)} (the same in every replication)"
    average = " on average" if aim.target is not None and aim.target.periods else ""
    return f"{with_unit(aim, mean)} ({low} to {with_unit(aim, high)}){average}"


def ends(aim: Aim) -> str:
    """What the two ends beside a mean are."""
    return "95 % interval" if aim.target is None else "one-sided 95 % bounds"


def promised(aim: Aim, one: Figure) -> str:
    """What the unfavourable end promises: ``at least 95.3 %``; by periods, in how many it is kept."""
    if aim.target is None or one.judged is None or math.isnan(one.judged.bound):
        return "nothing yet: too few replications"
    if aim.target.periods is not None:
        kept = saying.percent(one.judged.bound, -1)
        return f"in at least {kept} % of periods ({round(one.judged.mean * one.n)} of {one.n} kept it)"
    lower = aim.better == "lower"
    _, low, high = saying.in_words(
        one.mean, one.judged.low, one.judged.high, share=aim.share, bound=aim.bound
    )
    return f"at most {with_unit(aim, high)}" if lower else f"at least {with_unit(aim, low)}"


def decided(aim: Aim, one: Figure) -> str:
    """The bound that decides, and the mean: ``at least 95.3 % promised (measured 97.1 %)``.

    What is missed has the favourable bound, ``at most 93.9 %``, and what cannot be told both. By periods, the
    share of them that keeps the target.
    """
    if aim.target is None or one.judged is None or math.isnan(one.low) or math.isinf(one.mean):
        return interval(aim, one)
    if aim.target.periods is not None:
        low, high = saying.percent(one.judged.low, -1), saying.percent(one.judged.high, 1)
        unit, where = "%", " of periods"
        measured = f"{round(one.judged.mean * one.n)} of {one.n} kept it"
    else:
        mean, low, high = told(aim, one)
        unit, where = "%" if aim.share else aim.unit, ""
        measured = f"measured {with_unit(aim, mean)}"
    space = f"\N{NO-BREAK SPACE}{unit}{where}" if unit else where
    if one.word == UNTOLD:
        return f"between {low} and {high}{space} ({measured})"
    below = (one.word == "met") == (aim.better == "lower" and aim.target.periods is None)
    end = f"at most {high}{space}" if below else f"at least {low}{space}"
    return f"{end} promised ({measured})" if one.word == "met" else f"{end} ({measured})"


def unfavourable_end(aim: Aim, one: Figure) -> float:
    """The end of a figure that decides whether it keeps its aim."""
    return one.low if aim.better == "higher" else one.high


def margin(aim: Aim, one: Figure) -> float:
    """How far the unfavourable end lies on the right side of the bound, as a part of what is at stake."""
    if aim.target is None or one.judged is None or math.isnan(one.judged.bound):
        return -math.inf
    bound, end = aim.target.bound, one.judged.bound
    if aim.target.periods is not None:
        bound = aim.target.periods[0] / aim.target.periods[1]
        return (end - bound) / ((1 - bound) or 1.0)
    if aim.better == "higher":
        return (end - bound) / ((1 - bound if aim.share else abs(bound)) or 1.0)
    return (bound - end) / (abs(bound) or 1.0)


def _figure(study: Study, aim: Aim, values: FloatArray, word: Word) -> Figure:
    """One aim by the ``values`` (replications, columns) of a cell and policy."""
    if aim.target is None:
        told = means_between([study.columns[aim.column].metric], values[:, [aim.column]].T)
        return Figure(float(told.mean[0]), float(told.low[0]), float(told.high[0]), int(told.n[0]), word)
    found = target_values(study, values, aim.target)
    by, (mean, low, high) = _bounds(found.tobytes(), found.ndim, aim.target)
    return Figure(mean, low, high, by.n, UNTOLD if by.met == "cannot be told apart" else by.met, by)


@lru_cache(maxsize=65536)
def _bounds(values: bytes, axes: int, target: Target) -> tuple[Bound, tuple[float, float, float]]:
    """What judges a target, and the mean with its bounds: the same three unless periods are counted.

    Cells that do not differ in what matters measure the same; a bound of a share takes long.
    """
    every = np.frombuffer(values).reshape((-1, 2) if axes == 2 else -1)
    by = unfavourable(every, target, CONFIDENCE)
    if target.periods is None:
        return by, (by.mean, by.low, by.high)
    return by, mean_bounds(known(every), CONFIDENCE, share=target.kind == "share")


def _against_baseline(study: Study, aims: Sequence[Aim]) -> dict[tuple[int, int, int], Word]:
    """The corrected comparison with the baseline, by cell, policy and aim."""
    place = {(one.group, one.metric): k for k, one in enumerate(study.columns)}
    wanted = {aim.column: k for k, aim in enumerate(aims)}
    policies = {name: k for k, name in enumerate(study.design.policies)}
    words: dict[str, Word] = {"holds": "better", "reversed": "worse", "cannot be told apart": UNTOLD}
    found: dict[tuple[int, int, int], Word] = {}
    if study.design.baseline not in policies or np.isnan(study.values).all():
        return found
    for row in comparisons(study, group=ALL_INSPECTIONS):
        k = wanted.get(place[row.column.group, row.column.metric])
        if k is not None:
            found[row.cell, policies[row.policy], k] = words[row.word]
    return found
