"""What Stage 1's log makes of each radiologist (Figure 3), beside the marks that the chief gave her.

A mined rating is a share of the largest frequency, a mark is on the chief's own scale; what can be held
against each other is the order in which they put the radiologists. So both are ranked among the radiologists,
modality by modality and body part by body part, from 1 for the lowest; ties share their mean rank.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

import numpy as np
from scipy.stats import rankdata

from simgrid.domain.scenario import Scenario
from simgrid.domain.units import BoolArray, FloatArray
from simgrid.experiments.assemble import ontology_of, run_journal, setting_of
from simgrid.experiments.believing import practice_of_journal
from simgrid.rating import Practice, frequencies
from simgrid.reproduction.watching import Values

EXCESS, READINGS, MINUTES, SPEED = "rating_rank_excess", "readings", "read_min", "true_speed"
OVERLOADED, OTHERS = "R8 CT", "the other cells"
"""As claims.yaml names them: a radiologist's cell, and the mean of everybody's other ones."""
_DIMENSIONS = ("Modality", "Body part")

Cell: TypeAlias = tuple[str, ...]


def mined_against_marks(cell: Scenario, world: int) -> Mapping[str, Mapping[str, float]]:
    """Of the world's log under the first policy.

    ``EXCESS``: rank of the mined rating minus that of the mark, by radiologist and condition (``R8 CT``);
    ``READINGS`` and ``MINUTES``: what the log shows, by radiologist, modality and body part. ``SPEED``: what
    it does not, by radiologist.
    """
    seen = logged(cell, world)
    found = {EXCESS: _excesses(cell, seen), **_shown(seen), SPEED: _speeds(cell, world)}
    return {metric: dict(sorted(by_arm.items())) for metric, by_arm in found.items()}


def logged(scenario: Scenario, world: int) -> Practice:
    """What the log of a world shows of the scenario's radiologists."""
    names = tuple(one.name for one in scenario.radiologists)
    return practice_of_journal(run_journal(scenario, scenario.policies[0], world), names)


def rank_excess(mined: FloatArray, marks: FloatArray) -> FloatArray:
    """Rank by mined rating minus rank by mark, among the radiologists of each condition; all (R, M)."""
    ours, theirs = (rankdata(ratings, axis=0) for ratings in (mined, marks))
    found: FloatArray = ours - theirs
    return found


def _excesses(scenario: Scenario, seen: Practice) -> dict[str, float]:
    posed = dict(_conditions(scenario, seen))
    mined = frequencies(seen, posed, "cell")
    marks = np.array([[one.ratings.get(name, 0.0) for name in posed] for one in scenario.radiologists])
    excess = rank_excess(mined, marks)
    by_cell = {
        told((who, name)): float(excess[row, column])
        for row, who in enumerate(seen.radiologists)
        for column, name in enumerate(posed)
    }
    others = [value for name, value in by_cell.items() if name != OVERLOADED]
    return by_cell | {OTHERS: float(np.mean(others))}


def _conditions(scenario: Scenario, seen: Practice) -> Iterator[tuple[str, BoolArray]]:
    """The ontology's modalities and body parts that the log has, with the cells that pose them."""
    for condition in ontology_of(scenario).conditions:
        if condition.dimension in _DIMENSIONS:
            poses = np.array([condition.name in cell for cell in seen.cells], dtype=np.bool_)
            if poses.any():
                yield condition.name, poses


def _shown(seen: Practice) -> dict[str, dict[str, float]]:
    return {
        metric: {
            told((who, *cell)): float(amounts[row, column])
            for row, who in enumerate(seen.radiologists)
            for column, cell in enumerate(seen.cells)
        }
        for metric, amounts in ((READINGS, seen.readings), (MINUTES, seen.minutes))
    }


def practice_in(values: Values, world: int) -> Practice:
    """The log of one world again, from what was kept of it: every reading of a run has its minutes."""
    seen = [arm.split(" ", 2) for arm in values[READINGS]]
    names = tuple(dict.fromkeys(who for who, *_ in seen))
    cells = tuple(dict.fromkeys((modality, part) for _, modality, part in seen))
    readings, minutes = (
        np.array([[values[metric][told((who, *cell))][world] for cell in cells] for who in names])
        for metric in (READINGS, MINUTES)
    )
    counts = readings.astype(np.int64)
    return Practice(names, cells, counts, counts, minutes)


def _speeds(scenario: Scenario, world: int) -> dict[str, float]:
    truth = setting_of(scenario, world).world.truth
    return {told((one.name,)): true.speed for one, true in zip(scenario.radiologists, truth, strict=True)}


def told(cell: Cell) -> str:
    """``R8 CT Brain``: a radiologist's name as the study writes it, then the conditions."""
    who, *conditions = cell
    return " ".join([who.upper(), *conditions])
