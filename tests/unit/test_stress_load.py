"""How far the load may grow: to the first sure miss, counted in studies that a run really has more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from simgrid.domain.stress import StressTest
from simgrid.planning.states import heavier
from simgrid.presentation.stress import stress_blocks
from simgrid.presentation.stress_answer import answer
from simgrid.presentation.stress_json import stress_facts
from simgrid.scenario import load
from tests.stressed import URGENT, Said, cell, outcome


def test_the_load_rises_to_the_first_sure_miss_and_not_further() -> None:
    found = outcome({"load x 1.15": "doubt", "load x 1.2": "missed"})
    assert found.loads is not None
    assert [one.scale for one in found.loads.steps] == [1.05, 1.1, 1.15, 1.2]
    assert (found.loads.holds_to, found.loads.first_miss) == (1.1, (1.2, "urgent"))
    assert "The load may grow by 10 %; at +20 % urgent is missed; +15 % cannot be told." in answer(found)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"load x 1.05": "missed"}, "No larger load has been shown to meet every target; at +5 % urgent is"),
        ({"load x 1.1": "missed"}, "The load may grow by 5 %; at +10 % urgent is missed."),
        ({}, "The load may grow by 30 %; more was not tried."),
        (
            {f"load x {scale:g}": "doubt" for scale in (1.05, 1.1, 1.15, 1.2, 1.25, 1.3)},
            "No larger load has been shown to meet every target; up to +30 % it cannot be told.",
        ),
        (
            {"load x 1.1": "doubt", "load x 1.15": "doubt", "load x 1.2": "missed"},
            "The load may grow by 5 %; at +20 % urgent is missed; +10 % to +15 % cannot be told.",
        ),
        (
            {"load x 1.1": "doubt", "load x 1.2": "doubt", "load x 1.25": "missed"},
            "at +25 % urgent is missed; +10 % to +20 % cannot be told, but for +15 %.",
        ),
    ],
)
def test_the_load_in_one_sentence(words: Mapping[str, float | str], said: str) -> None:
    assert said in answer(outcome(words))


def test_the_load_ends_at_the_last_whole_step() -> None:
    found = outcome({}, cell(URGENT, stress=StressTest(load_to=1.07)))
    assert "The load may grow by 5 %; more was not tried." in answer(found)


def test_a_replayed_log_is_not_scaled_and_that_is_said() -> None:
    logged = load("templates/your-own-log").cells[0]
    with pytest.raises(ValueError, match="cannot be scaled"):
        heavier(logged, 1.1)
    deployed = replace(logged, targets=(URGENT,))
    found = outcome({}, deployed)
    assert found.loads is None
    assert stress_facts(found)["load"] is None
    assert any("replayed log" in block.title for block in stress_blocks(found))
    assert "load" not in answer(found)


def scaled_to(added: Mapping[float, int], monkeypatch: pytest.MonkeyPatch) -> None:
    """Loads of which each adds so many studies to a hundred, those not named nothing."""

    def studies(name: str) -> int:
        _, _, scale = name.partition("load x ")
        return 100 + added.get(float(scale or 1), 0)

    monkeypatch.setattr(Said, "studies", staticmethod(studies))


def test_a_load_that_adds_no_study_is_not_survived(monkeypatch: pytest.MonkeyPatch) -> None:
    scaled_to({}, monkeypatch)
    found = outcome({})
    assert found.loads is not None
    assert not found.loads.tested
    assert found.loads.holds_to == 1.0
    said = answer(found)
    assert "may grow by" not in said
    assert "was not tested: up to +30 % no step adds a study to the 100 of a run" in said
    rows = [row for block in stress_blocks(found) for row in block.rows if row[0] == "+5 %"]
    assert rows == [("+5 %", "none", "nothing new")]


def test_what_was_really_added_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    scaled_to({1.05: 0, 1.1: 15, 1.15: 15, 1.2: 15, 1.25: 40, 1.3: 40}, monkeypatch)
    found = outcome({"load x 1.25": "missed"})
    assert found.loads is not None
    assert [one.tests for one in found.loads.steps] == [False, True, False, False, True]
    assert (
        "The load may grow by 10 % (really 15 %: 115 studies a run, not 100); "
        "at +25 % (really 40 %: 140 studies a run, not 100) urgent is missed."
    ) in answer(found)
    told = stress_facts(found)["load"]
    assert [(one["added"], one["deployed"], one["tests"]) for one in told[:2]] == [
        (0.0, 100.0, False),
        (15.0, 100.0, True),
    ]


def test_a_doubtful_load_that_was_not_tested_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    scaled_to({1.05: 5, 1.1: 10, 1.15: 10, 1.2: 20}, monkeypatch)
    found = outcome({"load x 1.1": "doubt", "load x 1.15": "doubt", "load x 1.2": "missed"})
    assert "The load may grow by 5 %; at +20 % urgent is missed; +10 % cannot be told." in answer(found)
