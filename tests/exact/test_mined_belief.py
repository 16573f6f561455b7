"""What policies know in Stage 2: Stage 1's log and the monitored state, whoever is truly good or fast."""

from __future__ import annotations

from dataclasses import fields, replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from simgrid.domain.decision import Assignment, Desks, Policy, Team, UnitState, Worklist
from simgrid.domain.journal import InspectionRecords, Journal
from simgrid.domain.scenario import Belief, LogSource, PolicyChoice, Scenario
from simgrid.domain.units import MINUTE
from simgrid.domain.world import World
from simgrid.experiments.assemble import run_journal, run_setting, setting_of
from simgrid.experiments.campaign import campaign
from simgrid.experiments.draw import draw_world
from simgrid.experiments.identity import cell_digest
from simgrid.experiments.setting import Setting, fit_of
from simgrid.policies import registry
from simgrid.presentation.logs.csv_log import to_csv_log
from simgrid.rating import Ontology
from simgrid.scenario import load
from simgrid.simulation import Fit

CUT = (
    *("horizon=14 d", "demand.count=120", "demand.mix.counts={CT: 110, MR: 10}"),
    *("policies=[rwoa, rbsm, manual, shortest-queue@minutes]", "primary=[]", "claims=[]"),
)
POLICIES = tuple(PolicyChoice.parse(one) for one in ("rwoa", "rbsm", "manual", "shortest-queue@minutes"))


@cache
def stage_2() -> Scenario:
    cell = load("paper/stage-2", CUT).cells[0]
    assert cell.belief is not None
    assert cell.belief.stage is not None
    stage = cell.belief.stage
    fewer = replace(
        stage.demand,
        arrivals=replace(stage.demand.arrivals, count=600),
        mix=replace(stage.demand.mix, counts={"CT": 560, "MR": 15, "CR": 15, "MG": 10}),
    )
    stage = replace(stage, demand=fewer, canonical="")
    return replace(cell, belief=replace(cell.belief, stage=stage), canonical="")


def stage_1_journal(replication: int = 0) -> Journal:
    belief = stage_2().belief
    assert belief is not None
    assert belief.stage is not None
    return run_journal(belief.stage, belief.policy, replication)


def as_log(folder: Path, journal: Journal, **rules: object) -> Scenario:
    """Stage 2 with the same belief out of the file that Stage 1's run was written to."""
    belief = stage_2().belief
    assert belief is not None
    assert belief.stage is not None
    file = folder / "stage-1.csv"
    to_csv_log(journal, belief.stage.start, file)
    return replace(stage_2(), belief=Belief(log=LogSource(str(file)), **rules))  # type: ignore[arg-type]


@pytest.mark.parametrize("policy", POLICIES, ids=lambda one: one.label)
def test_the_file_of_stage_1_tells_the_same_as_its_simulation(policy: PolicyChoice, tmp_path: Path) -> None:
    in_memory = run_journal(stage_2(), policy, 0).inspections
    out_of_file = run_journal(as_log(tmp_path, stage_1_journal()), policy, 0).inspections
    np.testing.assert_array_equal(out_of_file.radiologist, in_memory.radiologist)
    np.testing.assert_allclose(out_of_file.lookup_min, in_memory.lookup_min, rtol=1e-6)


def only_skills_permuted(setting: Setting) -> Setting:
    """Skills change no event: whole runs can be compared."""
    world = setting.world
    truth = tuple(
        replace(one, ratings=other.ratings)
        for one, other in zip(world.truth, (*world.truth[1:], world.truth[0]), strict=True)
    )
    fit = Fit(fit_of(setting.ontology, setting.team, truth), setting.fit.estimated)
    return replace(setting, world=replace(world, truth=truth), fit=fit)


@pytest.mark.parametrize("policy", POLICIES, ids=lambda one: one.label)
def test_permuted_skills_change_true_scores_and_no_assignment(policy: PolicyChoice) -> None:
    setting = setting_of(stage_2(), 0)
    found = run_setting(stage_2(), setting, policy, 0).inspections
    other = run_setting(stage_2(), only_skills_permuted(setting), policy, 0).inspections
    np.testing.assert_array_equal(other.radiologist, found.radiologist)
    np.testing.assert_array_equal(other.reported_s, found.reported_s)
    np.testing.assert_array_equal(other.fit_estimated, found.fit_estimated)
    assert not np.allclose(other.fit_true, found.fit_true)


class Noted:
    """A policy that keeps every worklist and what was decided on it."""

    def __init__(self, policy: Policy, decided: list[tuple[Worklist, Assignment]]) -> None:
        self._policy, self._decided = policy, decided

    def assign(self, worklist: Worklist) -> Assignment:
        answer = self._policy.assign(worklist)
        self._decided.append((worklist, answer))
        return answer


def handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on a world is drawn with everybody's true skills and speed handed to her neighbour."""

    def other(scenario: Scenario, replication: int, conditions: tuple[str, ...]) -> World:
        world = draw_world(scenario, replication, conditions)
        return replace(world, truth=(*world.truth[1:], world.truth[0]))

    monkeypatch.setattr("simgrid.experiments.assemble.draw_world", other)


def marks_handed_on(scenario: Scenario) -> Scenario:
    """The scenario with the chief's marks, of which true skills are drawn, handed to the neighbour."""
    team = scenario.radiologists
    others = (*team[1:], team[0])
    given = tuple(replace(one, ratings=other.ratings) for one, other in zip(team, others, strict=True))
    return replace(scenario, radiologists=given)


@pytest.mark.parametrize("policy", POLICIES, ids=lambda one: one.label)
def test_marks_permuted_once_stage_1_is_written_change_true_scores_alone(
    policy: PolicyChoice, tmp_path: Path
) -> None:
    """From the declaration on, so that nothing made of it on the way to a policy is left out."""
    scenario = as_log(tmp_path, stage_1_journal())
    found, other = (run_journal(one, policy, 0).inspections for one in (scenario, marks_handed_on(scenario)))
    np.testing.assert_array_equal(other.radiologist, found.radiologist)
    np.testing.assert_array_equal(other.reported_s, found.reported_s)
    assert not np.allclose(other.fit_true, found.fit_true)


@pytest.mark.parametrize("policy", POLICIES, ids=lambda one: one.label)
def test_skills_and_speeds_permuted_once_stage_1_is_written_reach_no_decision(
    policy: PolicyChoice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whole worlds are drawn anew. What is shown before anybody has read is the same, and so is what a
    policy makes, with all that it is given in the new world, of every worklist of the old one."""
    scenario = as_log(tmp_path, stage_1_journal())
    scenario = replace(scenario, dispatch=replace(scenario.dispatch, at_most=3))
    _, found, decided = lived(scenario, policy)
    handed_on(monkeypatch)
    after, other, decided_there = lived(scenario, policy)
    assert not np.allclose(other.fit_true, found.fit_true)
    assert not np.allclose(other.read_s - other.opened_s, found.read_s - found.opened_s)
    first_s = min(found.read_s.min(), other.read_s.min())
    early, there = ([one for one, _ in told if one.now_s < first_s] for told in (decided, decided_there))
    assert [shown(one) for one in early] == [shown(one) for one in there]
    assert any(one.desks.queue_s.any() for one in early)  # what was decided on a moment before is told
    again = registry.make(policy, after.team, after.ontology)
    assert len(decided) > 10
    for worklist, answer in decided:
        np.testing.assert_array_equal(again.assign(worklist).radiologist, answer.radiologist)


def lived(
    scenario: Scenario, policy: PolicyChoice
) -> tuple[Setting, InspectionRecords, list[tuple[Worklist, Assignment]]]:
    """The first world under a policy: its setting, what came of it, and every decision."""
    decided: list[tuple[Worklist, Assignment]] = []
    make = registry.make

    def watched(choice: PolicyChoice, team: Team, ontology: Ontology) -> Noted:
        return Noted(make(choice, team, ontology), decided)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "make", watched)
        setting = setting_of(scenario, 0)
        return setting, run_setting(scenario, setting, policy, 0).inspections, decided


def shown(told: Worklist | Desks | UnitState) -> dict[str, object]:
    """All that a worklist tells, arrays as lists."""
    values = {field.name: getattr(told, field.name) for field in fields(told)}
    return {
        name: shown(value) if isinstance(value, Desks | UnitState) else np.asarray(value).tolist()
        for name, value in values.items()
    }


def test_what_is_mined_belongs_to_the_run_s_key(tmp_path: Path) -> None:
    cell = as_log(tmp_path, stage_1_journal())
    first = campaign((cell,)).cells[0]
    cells = [first, replace(first, belief=replace(first.belief, frequency="cell"))]  # type: ignore[type-var]
    as_log(tmp_path, stage_1_journal(1))
    cells.append(campaign((cell,)).cells[0])
    belief = stage_2().belief
    assert belief is not None
    assert belief.stage is not None
    cells += [stage_2(), replace(stage_2(), belief=replace(belief, policy=PolicyChoice("rwoa")))]
    later = replace(belief.stage, horizon_s=belief.stage.horizon_s + 1)
    cells.append(replace(stage_2(), belief=replace(belief, stage=later)))
    assert len({cell_digest(one) for one in cells}) == len(cells)


def test_titles_of_the_stage_belong_to_no_key() -> None:
    belief = load("paper/stage-2", CUT).cells[0].belief
    assert belief is not None
    assert belief.stage is not None
    assert (belief.stage.title, belief.stage.sources, belief.stage.policies) == ("", (), ())


def test_mined_limits_are_the_shares_of_the_minutes_read_in_stage_1(tmp_path: Path) -> None:
    """Eq. 10 under limits as in Stage 1: by hand from Stage 1's journal, in memory and out of its file."""
    of = stage_1_journal().inspections
    read_min = np.bincount(of.radiologist, (of.reported_s - of.opened_s) / MINUTE, minlength=9)
    for scenario in (stage_2(), as_log(tmp_path, stage_1_journal())):
        rule = replace(scenario.workload_limit, share="mined", slack=1.3, plus_largest=False)
        journal = run_journal(replace(scenario, workload_limit=rule, canonical=""), POLICIES[0], 0)
        scored, total = journal.radiologists.scored_limit_min, journal.inspections.effort_min.sum()
        np.testing.assert_allclose(scored, total * read_min / read_min.sum(), rtol=1e-6)
        equal = run_journal(scenario, POLICIES[0], 0)
        assert equal.inspections.radiologist.tolist() != journal.inspections.radiologist.tolist()
