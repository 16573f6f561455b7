"""Patients who return, in whole runs: who keeps them, what the metric says, what a policy is shown."""

from __future__ import annotations

import numpy as np
import pytest

from simgrid.domain.decision import Assignment, Worklist
from simgrid.domain.inspection import Inspections
from simgrid.domain.journal import Journal
from simgrid.domain.limits import WorkloadLimit
from simgrid.domain.radiologist import Radiologist
from simgrid.domain.scenario import Discrepancy, PolicyChoice
from simgrid.domain.study import ArchiveLoad, Studies
from simgrid.domain.world import World
from simgrid.experiments.assemble import run_once
from simgrid.metrics import evaluate
from simgrid.policies.continuity import Continuity
from simgrid.policies.shortest_completion import ShortestCompletion
from simgrid.rating import Ontology
from simgrid.scenario import load
from tests.worlds import inspections, radiologist, simulate, team_of, world

ONTOLOGY = Ontology.default()
NO_LIMIT = WorkloadLimit(slack=1e3)
THREE = tuple(radiologist(name) for name in ("a", "b", "c"))


def of_patients(work: Inspections, patient: list[int]) -> Studies:
    return Studies.of(work, ArchiveLoad.none()).of_patients(np.array(patient, dtype=np.int32))


def continuity(journal: Journal) -> float | None:
    measured = evaluate(journal, Discrepancy())
    return next((one.value for one in measured if (one.group, one.metric) == ("all", "continuity")), None)


def returning(seed: int, rows: int = 60) -> tuple[Inspections, list[int]]:
    """Requests a few minutes apart, of twelve patients, urgent or not; ten minutes of reading in the mean."""
    rng = np.random.default_rng(seed)
    at_s = np.cumsum(rng.exponential(240.0, rows))
    work = inspections(at_s.tolist(), rng.uniform(5.0, 15.0, rows).tolist(), urgent=rng.random(rows) < 0.3)
    return work, rng.integers(0, 12, rows).tolist()


def ran(label: str, seed: int, people: tuple[Radiologist, ...] = THREE) -> Journal:
    work, patient = returning(seed)
    one: World = world(people, workload_limit=NO_LIMIT)
    team = team_of(one, work)
    policy = {
        "kept": Continuity(team, ONTOLOGY, in_time=False),
        "in time": Continuity(team, ONTOLOGY),
        "never": ShortestCompletion(team, ONTOLOGY),
    }[label]
    return simulate(one, work, policy, studies=of_patients(work, patient))


@pytest.mark.parametrize("seed", range(4))
def test_where_nothing_forbids_it_everybody_keeps_her_patients(seed: int) -> None:
    kept, in_time, never = (ran(label, seed) for label in ("kept", "in time", "never"))
    assert continuity(kept) == 1.0
    middle, least = continuity(in_time), continuity(never)
    assert middle is not None and least is not None
    assert least < middle <= 1.0
    _, patient = returning(seed)
    assert kept.inspections.patient.tolist() == patient
    whose = {(one, int(who)) for one, who in zip(patient, kept.inspections.radiologist, strict=True)}
    assert len(whose) == len(set(patient))


def test_one_radiologist_keeps_all_whatever_the_policy() -> None:
    assert {continuity(ran(label, 1, THREE[:1])) for label in ("kept", "in time", "never")} == {1.0}


def test_by_hand() -> None:
    """Ten minutes expected each, 19 allowed: the second is just in time behind the first."""
    work = inspections([0.0, 60.0, 120.0], [15.0, 15.0, 1.0], required_s=np.full(3, 1140.0))
    studies = of_patients(work, [0, 0, 0])
    one = world(THREE[:2])
    made = Continuity(team_of(one, work), ONTOLOGY)
    journal = simulate(one, work, made, studies=studies)
    # At 60 s: 540 s until a is free and 600 s of reading are 1140; at 120 s it would be 1080 + 600.
    assert journal.inspections.radiologist.tolist() == [0, 0, 1]
    assert continuity(journal) == 0.5


class Witness:
    """Notes what it is shown of patients, and assigns to the first."""

    def __init__(self) -> None:
        self.seen: list[tuple[int, int]] = []

    def assign(self, worklist: Worklist) -> Assignment:
        assert worklist.patient is not None
        self.seen += zip(worklist.inspection.tolist(), worklist.patient.tolist(), strict=True)
        return Assignment(np.zeros(len(worklist), dtype=np.int64))


def test_a_policy_is_shown_whose_each_is_and_a_patient_each_where_nobody_returns() -> None:
    work, patient = returning(2, 8)
    witness, alone = Witness(), Witness()
    simulate(world(), work, witness, studies=of_patients(work, patient[:8]))
    simulate(world(), work, alone)
    assert sorted(witness.seen) == list(enumerate(patient[:8]))
    assert sorted(alone.seen) == [(row, row) for row in range(8)]


def test_from_the_scenario() -> None:
    labels = ("continuity@online", "shortest-completion@online")
    overrides = ("demand.count=60", "demand.patients={returning: 60 %}", f"policies=[{', '.join(labels)}]")
    (cell,) = load("tiny/one-unit", overrides).cells
    found = {
        label: {
            one.metric: one.value
            for one in run_once(cell, PolicyChoice.parse(label), 0)
            if one.group == "all"
        }
        for label in labels
    }
    kept, never = (found[label] for label in labels)
    assert kept["continuity"] > never["continuity"] + 0.1
    assert kept["reported"] == never["reported"] == 60
