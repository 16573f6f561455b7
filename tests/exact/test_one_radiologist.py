"""With a single radiologist who may read everything, every policy lives the same run: nothing to decide."""

from collections.abc import Set
from dataclasses import fields, replace

import numpy as np
import pytest

from simgrid.domain.journal import Journal
from simgrid.domain.scenario import PolicyChoice
from simgrid.experiments.assemble import run_journal
from simgrid.policies import registry
from simgrid.scenario import load

CHOICES = [
    PolicyChoice(name, variant)
    for name, variants in registry.available().items()
    for variant in ("", *variants)
    if variant != "online"  # decides at other moments by definition
    and name != "logged"  # nothing is replayed here
]
# what a policy says of its own decision, not what happened
SAID = {"relaxed"}
PLANS_ITSELF = ("rwoa@queue-aware", "deadline-insertion")


@pytest.fixture(scope="module")
def alone():
    scenario = load("paper/table-1").cells[0]
    return replace(scenario, radiologists=scenario.radiologists[:1], canonical="")


@pytest.fixture(scope="module")
def reference(alone):
    return run_journal(alone, PolicyChoice("random"), 0)


@pytest.mark.parametrize("choice", CHOICES, ids=lambda choice: choice.label)
def test_every_policy_lives_the_same_run(choice, alone, reference):
    journal = run_journal(alone, choice, 0)
    assert journal.fingerprint == reference.fingerprint
    assert (journal.inspections.radiologist == 0).all()
    its_own = {"planned_s"} if choice.label.startswith(PLANS_ITSELF) else frozenset()
    the_same_inspections(journal, reference, its_own)


@pytest.mark.parametrize("replication", range(3))
def test_the_studys_prediction_of_no_improvement_holds_to_the_last_event(replication: int):
    """One unit, one radiologist, eight sites (K13), as the shipped scenario has them."""
    (cell,) = load("paper/prediction-one-radiologist").cells
    assert (len(cell.sites), len(cell.units), len(cell.radiologists)) == (8, 1, 1)
    assert {one.label for one in cell.policies} == {
        "rwoa", "rbsm", "round-robin", "shortest-queue", "random", "manual"
    }  # fmt: skip
    first, *others = (run_journal(cell, one, replication) for one in cell.policies)
    assert len(first.inspections) == 17
    assert np.isfinite(first.inspections.reported_s).all()
    for journal in others:
        assert journal.fingerprint == first.fingerprint
        the_same_inspections(journal, first)


def the_same_inspections(journal: Journal, reference: Journal, its_own: Set[str] = frozenset()) -> None:
    for column in fields(journal.inspections):
        if column.name not in SAID | its_own:
            found = getattr(journal.inspections, column.name)
            np.testing.assert_array_equal(found, getattr(reference.inspections, column.name))
