"""What policies know in Stage 2: Stage 1's log and the monitored state, whoever is truly good or fast."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from simgrid.domain.decision import Assignment, Worklist
from simgrid.domain.journal import Journal
from simgrid.domain.scenario import Belief, LogSource, PolicyChoice, Scenario
from simgrid.domain.units import MINUTE
from simgrid.experiments.assemble import run_journal, run_setting, setting_of
from simgrid.experiments.campaign import campaign
from simgrid.experiments.identity import cell_digest
from simgrid.experiments.setting import Setting, fit_of
from simgrid.policies import registry
from simgrid.presentation.logs.csv_log import to_csv_log
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


def permuted(setting: Setting) -> Setting:
    """The same world with the true skills and speeds handed on to the next radiologist."""
    truth = (*setting.world.truth[1:], setting.world.truth[0])
    fit = Fit(fit_of(setting.ontology, setting.team, truth), setting.fit.estimated)
    return replace(setting, world=replace(setting.world, truth=truth), fit=fit)


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

    def __init__(self, policy: object) -> None:
        self._policy = policy
        self.decided: list[tuple[Worklist, Assignment]] = []

    def assign(self, worklist: Worklist) -> Assignment:
        answer: Assignment = self._policy.assign(worklist)  # type: ignore[attr-defined]
        self.decided.append((worklist, answer))
        return answer


@pytest.mark.parametrize("policy", POLICIES, ids=lambda one: one.label)
def test_permuted_speeds_too_leave_every_decision_on_the_same_monitored_state(
    policy: PolicyChoice, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting, make = setting_of(stage_2(), 0), registry.make
    noted: list[Noted] = []

    def watched(choice: PolicyChoice, team: object, ontology: object) -> Noted:
        noted.append(Noted(make(choice, team, ontology)))  # type: ignore[arg-type]
        return noted[-1]

    monkeypatch.setattr(registry, "make", watched)
    found = run_setting(stage_2(), setting, policy, 0).inspections
    other_setting = permuted(setting)
    other = run_setting(stage_2(), other_setting, policy, 0).inspections
    assert not np.allclose(other.fit_true, found.fit_true)
    assert not np.allclose(other.read_s - other.opened_s, found.read_s - found.opened_s)
    again = make(policy, other_setting.team, other_setting.ontology)
    assert len(noted[0].decided) > 10
    for worklist, answer in noted[0].decided:
        np.testing.assert_array_equal(again.assign(worklist).radiologist, answer.radiologist)


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
