"""Table 1 of the study: each system acts, by construction identities hold, and one reader ends all choice."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from simgrid.assignment import Answer, solve
from simgrid.domain.journal import Journal
from simgrid.domain.scenario import PolicyChoice, Scenario
from simgrid.experiments.assemble import run_journal, run_setting, setting_of
from simgrid.metrics import evaluate
from simgrid.policies import rwoa
from simgrid.rating import Ontology
from simgrid.scenario import load

RWOA = PolicyChoice("rwoa")
WORLDS = range(3)


@cache
def table_1() -> Scenario:
    return load("paper/table-1").cells[0]


@cache
def readings() -> tuple[PolicyChoice, ...]:
    return load("paper/table-1-readings").cells[0].policies


@cache
def as_published(policy: str, replication: int) -> Journal:
    return run_journal(table_1(), PolicyChoice.parse(policy), replication)


def uncached(scenario: Scenario) -> Scenario:
    """A scenario changed by hand has no canonical text; it must not be taken for the one it came from."""
    return replace(scenario, canonical="")


def subspecialty(journal: Journal) -> float:
    (score,) = (
        one.value
        for one in evaluate(journal, table_1().discrepancy)
        if (one.group, one.metric) == ("all", "subspecialty_success")
    )
    return score


def with_radiologist(name: str, **changes: Any) -> Scenario:
    team = (replace(one, **changes) if one.name == name else one for one in table_1().radiologists)
    return uncached(replace(table_1(), radiologists=tuple(team)))


def assignments_differ(changed: Scenario, policy: PolicyChoice = RWOA) -> bool:
    return any(
        not np.array_equal(
            run_journal(changed, policy, world).inspections.radiologist,
            as_published("rwoa", world).inspections.radiologist,
        )
        for world in WORLDS
    )


def test_the_world_is_the_studys() -> None:
    scenario = table_1()
    assert (len(scenario.sites), len(scenario.units), len(scenario.radiologists)) == (4, 3, 6)
    assert len(scenario.clients) == 2
    assert scenario.replications == 60
    assert all(len(as_published("rwoa", world).inspections) == 100 for world in WORLDS)


def test_shared_links_take_longer_than_bytes_by_bandwidth() -> None:
    separate = uncached(replace(table_1(), sharing="separate"))
    for world in WORLDS:
        shared, alone = as_published("rbsm", world), run_journal(separate, PolicyChoice("rbsm"), world)
        up_shared = shared.inspections.uploaded_s - shared.inspections.acquired_s
        up_alone = alone.inspections.uploaded_s - alone.inspections.acquired_s
        assert (up_shared >= up_alone - 1e-6).all()
        assert up_shared.sum() > up_alone.sum()


def test_urgent_weights_change_an_assignment() -> None:
    assert assignments_differ(table_1(), PolicyChoice.parse("rwoa@normal-weights"))


def test_one_ahp_judgement_changes_an_assignment() -> None:
    changed = Ontology.default().with_judgement("Subspecialty", "Modality", "Body part", 2.0)
    assert assignments_differ(uncached(replace(table_1(), ontology=changed.to_mapping())))


def test_one_monitor_changes_an_assignment() -> None:
    team = tuple(
        replace(one, monitor_megapixels=6.0) if one.name == "thorax" else one
        for one in table_1().radiologists
    )
    assert assignments_differ(uncached(replace(table_1(), radiologists=team)))


def test_one_credential_changes_an_assignment() -> None:
    team = tuple(
        replace(one, reads=one.reads - {"MR"}) if one.name == "neuro" else one
        for one in table_1().radiologists
    )
    assert assignments_differ(uncached(replace(table_1(), radiologists=team)))


def test_rwoa_assigns_nobody_without_credential_or_monitor() -> None:
    for world in WORLDS:
        row = as_published("rwoa", world).inspections
        assert row.eligible.all()
        assert not as_published("random", world).inspections.eligible.all()


def test_blind_baselines_score_low_on_subspecialty_because_they_ask_who_may_not_read() -> None:
    for name in ("round-robin", "shortest-queue", "random"):
        for world in WORLDS:
            blind, feasible = as_published(name, world), as_published(f"{name}@feasible", world)
            assert feasible.inspections.eligible.all()
            assert (blind.inspections.fit_true[~blind.inspections.eligible] == 0).all()
            assert subspecialty(feasible) > subspecialty(blind)


def test_rbsm_is_highest_on_estimated_subspecialty_by_construction() -> None:
    for world in WORLDS:
        scores = {
            policy.label: {
                one.metric: one.value
                for one in evaluate(as_published(policy.label, world), table_1().discrepancy)
                if one.group == "all"
            }["subspecialty_success_estimated"]
            for policy in readings()
        }
        assert scores["rbsm"] == pytest.approx(1.0, abs=1e-12)
        assert all(score <= 1.0 + 1e-12 for score in scores.values())


def test_with_one_radiologist_all_policies_give_identical_journals() -> None:
    general = next(one for one in table_1().radiologists if one.name == "general")
    alone = uncached(replace(table_1(), radiologists=(general,)))
    plain = table_1().policies
    assert {policy.name for policy in plain} == {
        "rwoa", "rbsm", "round-robin", "shortest-queue", "random", "manual"
    }  # fmt: skip
    assert len({run_journal(alone, policy, 0).fingerprint for policy in plain}) == 1
    online = [replace(policy, variant="online") for policy in plain]
    assert len({run_journal(alone, policy, 0).fingerprint for policy in online}) == 1


def test_the_same_world_for_every_policy() -> None:
    first, second = (as_published(name, 0).inspections for name in ("rwoa", "random"))
    assert np.array_equal(first.requested_s, second.requested_s)
    assert np.array_equal(first.size_bytes, second.size_bytes)
    assert np.array_equal(first.fit_true_best, second.fit_true_best)


def test_policies_never_see_the_truth() -> None:
    """Other true speeds and skills under the same belief leave every choice of the first batch as it was."""
    seen = as_published("rwoa", 0).inspections
    first = seen.assigned_s == np.nanmin(seen.assigned_s)
    assert first.any()
    # The belief is drawn around the truth, so hide a change of the truth behind the same belief.
    setting = setting_of(table_1(), 0)
    other = tuple(replace(profile, speed=3.0 * profile.speed, ratings={}) for profile in setting.world.truth)
    hidden = replace(setting, world=replace(setting.world, truth=other))
    changed = run_setting(table_1(), hidden, RWOA, 0).inspections
    assert np.array_equal(changed.radiologist[first], seen.radiologist[first])
    assert np.nanmean(changed.read_s - changed.opened_s) > 2.5 * np.nanmean(seen.read_s - seen.opened_s)


def test_every_batch_is_the_first_of_the_best(monkeypatch: pytest.MonkeyPatch) -> None:
    """No decision of RWOA here hangs on which of several optima a search meets."""
    answers: list[Answer] = []

    def kept(*arguments: Any, **options: Any) -> Answer:
        answers.append(solve(*arguments, **options))
        return answers[-1]

    monkeypatch.setattr(rwoa, "solve", kept)
    for world in range(10):
        run_journal(table_1(), RWOA, world)
    assert len(answers) > 100
    assert all(answer.status == "optimal" and answer.first for answer in answers)
