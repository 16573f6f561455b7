"""What a plan's sentences claim: what was shown, of cheaper plans and of none, and nothing beyond it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simgrid.experiments.installed import installed
from simgrid.planning.answer import Answer, Judged
from simgrid.planning.busiest import clock
from simgrid.planning.findings import Found, InTheWay, Rival, Runs, Status
from simgrid.planning.people import Needed
from simgrid.planning.space import deployed, plans
from simgrid.presentation.amounts import whole
from simgrid.presentation.blocks import as_text
from simgrid.presentation.board.planned import plan_answer, plan_sections
from simgrid.presentation.book_of_plans import plan_rows
from simgrid.presentation.plan_text import plan_blocks
from simgrid.presentation.plan_words import (
    answer_sentence,
    binds_says,
    days_tested,
    money,
    more_by,
    plan_words,
    tolerance_says,
    ways_out,
)
from simgrid.scenario import load
from simgrid.statistics.bounds import Bound

MET = Bound(0.97, 0.926, 0.99, "met", 60)
OPEN = Bound(0.8, 0.7, 0.9, "cannot be told apart", 60)


@pytest.fixture(scope="module")
def told() -> Answer:
    """The dearest plan of the tiny scenario, named without rivals."""
    loaded = load("tiny/plan", (), installed(), planned=True)
    made, now = plans(loaded), deployed(loaded)
    assert now.cell.plan is not None
    found = Found(
        "found", len(made) - 1, (MET, MET), 60, (), (), (), (), (), (0.01, 0.01), Runs(280, 60, 720)
    )
    return Answer(made, now, now.cell.plan, {}, (), found, Judged((MET, MET), 60), (), (), 360)


def with_found(told: Answer, **changes: object) -> Answer:
    return replace(told, found=replace(told.found, **changes))  # type: ignore[arg-type]


def test_nobody_has_shown_that_it_is_the_cheapest_that_meets(told: Answer) -> None:
    said = answer_sentence(told)
    assert said.startswith(f"Of {len(told.plans)} plans the cheapest shown to meet every target, with 95 % ")
    assert "cheaper" not in said


def test_cheaper_rivals_stand_in_the_answer_itself(told: Answer) -> None:
    rivals = (
        Rival(1, "cheaper, not decided"),
        Rival(3, "cheaper, failed its test"),
        Rival(5, "costs the same"),
    )
    least = f"{whole(told.plans[1].cost.total)} EUR a month"
    said = answer_sentence(with_found(told, rivals=rivals))
    assert said.endswith(f"; 2 cheaper ones, from {least}, cannot be told apart from it: more runs may tell.")
    said = answer_sentence(with_found(told, rivals=rivals[:1]))
    assert said.endswith(f"; 1 cheaper one, at {least}, cannot be told apart from it: more runs may tell.")
    assert "cheaper" not in answer_sentence(with_found(told, rivals=rivals[2:]))


def test_only_what_cheaper_plans_were_shown_to_miss_binds(told: Answer) -> None:
    assert binds_says(told) == "No cheaper plan that was simulated was shown to miss a target."
    said = binds_says(with_found(told, binds=(0,)))
    assert said == "What binds: cheaper plans were shown to miss 'urgent'."
    text = as_text(plan_blocks(with_found(told, plan=0)), 80)
    assert "binds" not in text and "No cheaper plan" not in text  # there is none


def test_all_runs_are_told(told: Answer) -> None:
    said = (
        "700 runs: 280 in the search and 60 in the test, where every plan at the test's length would have "
        "taken 720; and 360 more for the scenario as written, load and people."
    )
    assert said in as_text(plan_blocks(told), 400)
    runs = {"search": 280, "test": 60, "exhaustive": 720, "beside": 360}
    assert said.replace("'", "&#39;") in str(
        plan_answer({"answer": "", "status": "found", "runs": runs})
    ).replace("&#x27;", "&#39;").replace("'", "&#39;")


@pytest.mark.parametrize(
    ("status", "one", "said"),
    [
        ("none meets", False, "each is shown to miss one of them, the nearest"),
        ("none meets", True, "each is shown to miss it, the nearest"),
        ("cannot be told", False, "none is shown to meet all of them together, nor each to miss"),
        ("cannot be told", True, "none is shown to meet it, nor each to miss"),
    ],
)
def test_missing_is_not_the_same_as_not_being_shown_to_meet(
    told: Answer, status: Status, one: bool, said: str
) -> None:
    way = (InTheWay(0, 2, OPEN, alone=False),)
    asked = replace(told.asked, meet=told.asked.meet[:1]) if one else told.asked
    sentence = answer_sentence(
        with_found(replace(told, asked=asked), status=status, plan=None, in_the_way=way)
    )
    assert said in sentence
    assert ("shown to meet" in sentence) != ("is shown to miss" in sentence)
    assert sentence.startswith("None of ") == (status == "none meets")


def test_where_no_plan_meets_the_targets_two_ways_out_are_said(told: Answer) -> None:
    way = (InTheWay(0, 2, OPEN, alone=True),)
    none = with_found(told, status="none meets", plan=None, in_the_way=way)
    said = ways_out(none)
    assert said.startswith("Two ways out: more radiologists, other hours or wider lines (let plan.vary")
    assert said.endswith("or promise less for 'urgent' (targets).")
    assert said in as_text(plan_blocks(none), 400)


def test_the_nearest_plan_is_named_with_its_cost_and_a_tolerance_of_shares_is_points(told: Answer) -> None:
    for alone in (False, True):
        way = (InTheWay(0, 2, OPEN, alone=alone),)
        sentence = answer_sentence(with_found(told, status="none meets", plan=None, in_the_way=way))
        plan = told.plans[2]
        assert f"({plan_words(plan.values)}, at {money(plan)})" in sentence
    none = tolerance_says(with_found(told, plan=None))
    assert " points of a target" in none or "1 point of a target" in none


def test_a_plan_shown_to_meet_is_not_withdrawn_by_what_may_be_missed(told: Answer) -> None:
    dearest = len(told.plans) - 1
    target = told.asked.meet[0]
    far = [0.03 for _ in told.asked.meet]
    said = tolerance_says(with_found(told, plan=dearest, resolves=tuple(far)))
    goal = target.goal + max(0.03, told.asked.tolerance)
    assert said.startswith(
        "The plan above is shown to meet its targets. A cheaper one that meets them too may have been "
        f"overlooked if it reaches less than {100 * goal:g} % for '{target.name}'"
    )
    too_few = tolerance_says(with_found(told, plan=dearest, resolves=tuple(one + 1 for one in far)))
    assert "too few" in too_few and "%" not in too_few
    assert tolerance_says(with_found(told, plan=0)).endswith("plan.vary allows costs less.")
    assert tolerance_says(with_found(told, plan=None)).startswith("Nothing is promised of plans within ")


def test_days_that_were_not_tested_are_said_where_a_week_is_paid(told: Answer) -> None:
    cell = replace(told.deployed.cell, horizon_s=43_200.0)
    day = clock(cell, 0.0).rpartition(" ")[0]
    said = days_tested(cell)
    assert said == (
        f"Tested on one day ({day}); the cost is that of the whole weekly roster. No other day was tested."
    )
    assert days_tested(replace(cell, horizon_s=7 * 86_400.0)) == ""
    assert days_tested(replace(cell, costs=())) == ""


def test_without_a_smaller_plan_no_number_of_radiologists_is_told() -> None:
    untold = Needed("absence", True, 3, 3, 3, 3, ends=True, n=0)
    assert untold.radiologists is None
    assert replace(untold, there=False).radiologists == 0
    plan = {"people": [{"what": "absence", "radiologists": None, "says": "cannot be told: no plan"}]}
    (section,) = [one for one in plan_sections(plan, ()) if "What costs radiologists" in str(one)]
    assert ">cannot be told</td>" in str(section)
    (row,) = [one for one in plan_rows(plan) if one[0] == "people"]
    assert row[3] is None


def test_the_replications_and_the_way_out_are_those_that_ended_the_test(told: Answer) -> None:
    """A test is as long as the tolerance takes: with less than ``plan.runs``, more of these add nothing."""
    allowed = told.asked.runs
    for used, key in ((allowed, "plan.runs"), (allowed - 1, "plan.tolerance")):
        way = (InTheWay(0, 2, OPEN, alone=False),)
        one = with_found(told, status="cannot be told", plan=None, test_runs=used, in_the_way=way)
        assert more_by(one) == key
        said = answer_sentence(one)
        assert f"with up to {used} replications of each" in said and f"({key})" in said


def test_where_no_plan_is_found_neither_load_nor_people_were_looked_at(told: Answer) -> None:
    none = with_found(told, status="none meets", plan=None, in_the_way=(InTheWay(0, 2, OPEN, alone=True),))
    assert "for the scenario as written." in as_text(plan_blocks(none), 400)


def test_the_page_says_what_the_long_run_counts() -> None:
    target = {"name": "urgent", "mean": 0.9, "low": 0.8, "bound": 0.7, "verdict": "met", "n": 20}
    plan = {"answer": "", "status": "found", "plan": {"a.count": "1"}}
    for says, told_of in (("60 % in time, in the long run", True), ("19 of 20 days", False)):
        page = "".join(map(str, plan_sections(plan | {"targets": [target | {"says": says}]}, ())))
        assert ("a single one may miss the target" in page) is told_of
