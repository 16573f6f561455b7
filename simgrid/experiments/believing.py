"""What policies believe of the radiologists where a log says it: Stage 1 mined for Stage 2.

The log is a file, or an earlier stage that is simulated in the same world: same true skills and speeds, its
own calendar and demand. Only what a log tells is used of it: who read which modality and body part, when it
was opened and reported.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from simgrid.codes import CodeTables
from simgrid.domain.journal import Journal
from simgrid.domain.radiologist import Profile
from simgrid.domain.scenario import Belief, PolicyChoice, Scenario
from simgrid.domain.units import MINUTE, BoolArray, FloatArray, IntArray
from simgrid.experiments.identity import cell_digest
from simgrid.experiments.workloads import codes_of, whole_log
from simgrid.rating import Ontology, Practice, mined_profiles, practice
from simgrid.workload.replay.event_log import EventLog

_MINED: dict[tuple[object, ...], Practice] = {}
"""Cells of a sweep, and experiments after each other, whose earlier stage is the same see the same in it."""
_KEPT = 1024

Simulate: TypeAlias = Callable[[Scenario, PolicyChoice, int], Journal]


@dataclass(frozen=True, slots=True)
class Mined:
    """What a log tells of each radiologist of the scenario, in its order.

    ``profiles``: what policies are given; ``workload_min``: the minutes that she read.
    """

    profiles: tuple[Profile, ...]
    workload_min: tuple[float, ...]


def believed(
    scenario: Scenario, belief: Belief, replication: int, ontology: Ontology, simulate: Simulate
) -> Mined:
    """What the log or the earlier stage tells.

    Of whom the log knows nothing nothing is believed: she rates 0 and reads at the tables' pace.
    """
    codes = codes_of(scenario.codes_folder)
    names = tuple(one.name for one in scenario.radiologists)
    seen = seen_before(scenario, belief, replication, names, simulate)
    tables = [codes.protocols.get(cell) for cell in seen.cells]
    minutes = np.array([entry.reading_min if entry else 0.0 for entry in tables], dtype=np.float64)
    conditions = _conditions(ontology, seen, codes)
    profiles = mined_profiles(seen, conditions, minutes, belief.frequency, belief.shrinkage)
    return Mined(profiles, tuple(seen.workload_min.tolist()))


def seen_before(
    scenario: Scenario, belief: Belief, replication: int, names: tuple[str, ...], simulate: Simulate
) -> Practice:
    """What the log or the earlier stage shows of the named radiologists (Figure 3)."""
    if belief.stage is not None:
        stage = replace(belief.stage, seed=scenario.seed)
        options = tuple(sorted(belief.policy.options.items()))
        asked = (cell_digest(stage), belief.policy.label, options, replication, names)
        if asked not in _MINED:
            if len(_MINED) == _KEPT:
                _MINED.pop(next(iter(_MINED)))
            _MINED[asked] = practice_of_journal(simulate(stage, belief.policy, replication), names)
        return _MINED[asked]
    if belief.log is None:
        raise ValueError("a belief needs a log or a stage")
    return practice_of_log(whole_log(belief.log, scenario.codes_folder), names)


def practice_of_journal(journal: Journal, names: tuple[str, ...]) -> Practice:
    """What the log of a run would show."""
    of = journal.inspections
    who = _places(journal.radiologists.name, names)
    stated = list(zip(of.modality, of.body_part, strict=True))
    return _practice(names, who[of.radiologist], stated, (of.reported_s - of.opened_s) / MINUTE)


def practice_of_log(log: EventLog, names: tuple[str, ...]) -> Practice:
    """What a log shows; rows without modality or body part, and other radiologists' rows, show nothing."""
    who = _places(log.radiologists, names)
    patterns = [(one.modality, one.body_part) for one in log.patterns]
    stated = [patterns[number] for number in log.pattern.tolist()]
    return _practice(names, who[log.assigned], stated, (log.reported_s - log.opened_s) / MINUTE)


def _places(seen: Sequence[str], names: tuple[str, ...]) -> IntArray:
    """Index among ``names`` of each of ``seen``, -1 for others; at the end one more -1, where -1 points."""
    return np.array([*(names.index(one) if one in names else -1 for one in seen), -1], dtype=np.int64)


def _practice(
    names: tuple[str, ...], radiologist: IntArray, stated: list[tuple[str, str]], minutes: FloatArray
) -> Practice:
    cells = tuple(sorted({cell for cell in stated if all(cell)}))
    place = {cell: number for number, cell in enumerate(cells)}
    cell = np.array([place.get(one, -1) for one in stated], dtype=np.int64)
    return practice(names, cells, radiologist, cell, minutes)


def _conditions(ontology: Ontology, seen: Practice, codes: CodeTables) -> Mapping[str, BoolArray]:
    """The cells that pose each condition of the ontology that a log can show: all but the disease."""
    posed = [{modality, part, codes.anatomy(part)} for modality, part in seen.cells]
    shown = set().union(*posed) if posed else set()
    names = dict.fromkeys(one.name for one in ontology.conditions if one.name in shown)
    return {name: np.array([name in one for one in posed], dtype=np.bool_) for name in names}
