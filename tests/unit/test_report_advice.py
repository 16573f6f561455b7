"""What a page advises where a plan is in doubt, and what the name of a policy means."""

from __future__ import annotations

import math
from importlib.metadata import entry_points

from simgrid.presentation.board.advice import advice, replications_telling
from simgrid.presentation.board.naming import names_told

TARGET = {"name": "urgent", "bound": 0.85, "low": 0.875, "verdict": "met"}
RIVAL = {
    "cost": 80.0,
    "n": 40,
    "targets": [
        {"name": "urgent", "mean": 0.91, "low": 0.84, "high": 0.93, "verdict": "cannot be told apart"}
    ],
}
FOUND = {"status": "found", "cost": {"total": 100.0}, "targets": [TARGET], "rivals": [RIVAL]}


def test_a_dearer_plan_is_not_to_be_signed_while_a_cheaper_one_is_in_doubt() -> None:
    (said,) = advice(FOUND)
    assert said.startswith(
        "Do not sign the dearer plan as long as a cheaper plan cannot be told apart from it"
    )
    assert said.endswith(
        "(plan.runs in the scenario); if its means stay, about 55 for the cheapest of them would tell."
    )
    assert list(advice(FOUND | {"rivals": []})) == []
    assert list(advice(FOUND | {"rivals": [RIVAL | {"cost": 100.0}]})) == [], "it costs the same"


def test_where_no_plan_can_be_told_nothing_is_to_be_signed() -> None:
    (said,) = advice(FOUND | {"status": "cannot be told"})
    assert said.startswith("Sign nothing yet")
    assert list(advice(FOUND | {"status": "none meets"})) == []


def test_no_number_is_told_where_the_mean_does_not_keep_the_target() -> None:
    missed = [{"name": "urgent", "mean": 0.84, "low": 0.8, "verdict": "cannot be told apart"}]
    (said,) = advice(FOUND | {"rivals": [RIVAL | {"targets": missed}]})
    assert said.endswith("(plan.runs in the scenario).")
    assert replications_telling(0.84, 0.8, 0.85, 40) is None
    assert replications_telling(math.nan, 0.8, 0.85, 40) is None
    assert replications_telling(0.9, 0.8, 0.85, 40) == 160
    assert replications_telling(50.0, 70.0, 60.0, 10) == 40, "of a time, less is better"


def test_a_policy_s_name_is_told_in_words_once() -> None:
    (said,) = names_told(["shortest-queue@minutes+feasible", "rwoa", "shortest-queue@minutes+feasible"])
    assert said == (
        "How work is given out: “shortest-queue@minutes+feasible”: to the radiologist with the fewest "
        "unfinished studies (queues are counted in minutes of reading, not in studies; only among those who "
        "may read the study)."
    )
    assert list(names_told(["rwoa"])) == []
    (own,) = names_told(["mine@odd"])
    assert "“mine@odd”: the rule mine (its variant odd)" in own


def test_where_the_tolerance_ends_the_test_the_advice_is_a_smaller_tolerance() -> None:
    """More runs allowed would change nothing there."""
    rival = {"cost": {"total": 1.0}, "targets": [], "n": 40}
    for status, rivals in (("cannot be told", []), ("found", [rival])):
        plan = {"status": status, "cost": {"total": 2.0}, "rivals": rivals, "more_by": "plan.tolerance"}
        (said,) = advice(plan)
        assert "plan.tolerance in the scenario" in said and "plan.runs" not in said
        (said,) = advice(plan | {"more_by": "plan.runs"})
        assert "plan.runs in the scenario" in said and "plan.tolerance" not in said


def test_every_policy_that_travels_with_simgrid_is_told_in_words() -> None:
    ours = [one.name for one in entry_points(group="simgrid.policies") if one.value.startswith("simgrid.")]
    assert len(ours) > 5
    (said,) = names_told([f"{one}@feasible" for one in ours])
    assert "the rule" not in said
