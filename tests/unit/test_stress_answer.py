"""What a stress test answers in sentences: what breaks, what may fail, and of what nothing can be told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from simgrid.domain.stress import StressTest
from simgrid.planning.busiest import traffic
from simgrid.planning.stress import stress
from simgrid.presentation.stress import stress_blocks
from simgrid.presentation.stress_answer import ADD_TARGETS, answer
from simgrid.presentation.stress_json import stress_facts
from simgrid.scenario import load
from tests.stressed import TAIL, URGENT, N, Said, cell, outcome


def test_a_target_missed_as_deployed_is_said_and_blamed_on_nothing() -> None:
    found = outcome({}, otherwise="missed")
    said = answer(found)
    assert said.startswith("Target urgent is missed already as deployed.")
    assert "breaks" not in said
    assert "may fail" not in said
    assert found.loads is not None
    assert found.loads.steps == ()
    assert stress_facts(found)["first_miss"] == {"scale": 1.0, "target": "urgent"}


def test_what_cannot_be_told_is_neither_met_nor_missed() -> None:
    found = outcome({"deployed": "doubt"}, otherwise="doubt")
    said = answer(found)
    assert said.startswith(f"Whether urgent is met as deployed cannot be told with {N} replications.")
    assert "Of no radiologist can it be told whether the targets are met without." in said
    assert "Of unit desk it cannot be told." in said
    assert "may grow" not in said
    assert not any(one["breaks"] for one in stress_facts(found)["without"])
    some = answer(outcome({"without ada": "doubt"}))
    assert "Of radiologist ada it cannot be told; radiologist ben may be ill." in some


def test_of_a_deployment_in_doubt_it_is_told_how_many_replications_would_show_it() -> None:
    """Few replications and a met headline beside them are consistent, which a bare doubt does not say."""
    kind = replace(URGENT, bound=0.75)
    found = outcome({"deployed": "doubt"}, replace(cell(kind), stress=StressTest(load_to=1.1)))
    assert [one.verdict for one in found.deployed] == ["cannot be told apart"]
    assert found.telling is not None
    assert N < found.telling < 2000
    said = answer(found)
    named = f"; if all are like these, about {found.telling} would show it: simgrid stress FILE -r"
    assert f"{named} {found.telling}." in said
    doubt = (
        f"These {N} replications leave today's load in doubt, so they cannot show that a larger one may come"
    )
    assert doubt in said
    assert outcome({}).telling is None
    few = replace(found, replications=5)
    command = (
        "cannot be told with 5 replications (fewer than 11 cannot show it); ask for 60: simgrid stress FILE"
    )
    assert f"{command} -r 60." in answer(few), "so few say nothing of how they spread"
    even = outcome({"deployed": "doubt"}, cell(URGENT, stress=StressTest(load_to=1.1)))
    assert even.telling is None, "its mean is at the target itself"


def test_whose_links_may_fail_is_said_where_no_target_asks_for_a_site() -> None:
    """A line that may fail for the region is no promise to the hospital behind it."""
    two = load("tiny/one-unit", ["sites.hill={link: {bandwidth: 10 Mbit/s}}"]).cells[0]
    test = StressTest(load_to=1.05)
    region = outcome({"without link clinic": "missed"}, replace(two, targets=(URGENT,), stress=test))
    told = (
        "The targets are those of all sites together: a site whose link fails waits all the same; a target "
        "with 'of: site=hill' asks for one site alone."
    )
    assert f"any one other link may fail for 24 h. {told} " in answer(region)
    hill = replace(URGENT, name="hill", of="site=hill")
    alone = replace(region, asked=(URGENT, hill))
    assert "of all sites together" not in answer(alone)
    one_site = outcome({}, cell(URGENT, stress=test))
    assert "Any one link may fail for 24 h. Unit desk may be missing." in answer(one_site)
    assert "of all sites together" not in answer(one_site)


def test_the_only_one_left_is_named_and_those_alike_are_counted() -> None:
    found = outcome({"without ada": "missed"})
    assert "Radiologist ada away breaks urgent; radiologist ben may be ill." in answer(found)
    alike = tuple(
        replace(one, alike=("ben-1", "ben-2")) if one.name == "ben" else one for one in found.without
    )
    assert "radiologist ben (any of 2) may be ill." in answer(replace(found, without=alike))


def test_of_targets_that_are_missed_already_only_the_others_are_broken() -> None:
    found = outcome({}, cell(URGENT, TAIL, stress=StressTest(load_to=1.1)))
    late = replace(found, deployed=(replace(found.deployed[0], verdict="missed"), found.deployed[1]))
    missing = [
        replace(one, targets=tuple(replace(each, verdict="missed") for each in one.targets))
        for one in found.without
        if one.name == "ada"
    ]
    said = answer(replace(late, without=tuple(missing)))
    assert "Radiologist ada away breaks tail." in said


def test_a_loss_that_few_worlds_have_alike_is_told_as_such() -> None:
    found = outcome({"without ada": 0.0}, cell())
    few = [
        replace(one, changes=tuple(replace(each, n=2) for each in one.changes))
        for one in found.without
        if one.name == "ada"
    ]
    assert few[0].changes[0].surely == 0
    said = answer(replace(found, without=tuple(few)))
    lost = "100.0 points of the studies in time, the same in all 2 replications, which are too few"
    assert f"Most is lost without radiologist ada: {lost} to tell of others." in said
    assert "Nothing that is missing" not in said


def test_without_targets_nothing_breaks_and_the_way_to_them_is_said() -> None:
    found = outcome({"without ada": 0.5}, cell())
    said = answer(found)
    assert f"add them like '{ADD_TARGETS}'" in said
    lost = "50.0 points of the studies in time, the same in all 30 replications."
    assert f"Most is lost without radiologist ada: {lost}" in said
    facts = stress_facts(found)
    assert facts["targets"] == []
    assert facts["holds_to"] is facts["first_miss"] is None
    assert not any(one["breaks"] for one in facts["without"])
    assert found.loads is not None
    assert [one.scale for one in found.loads.steps] == [1.05, 1.1, 1.15, 1.2, 1.25]
    assert facts["without"][0]["name"] == "ada"
    assert {one["metric"] for one in facts["without"][0]["changes"]} == {
        "response_time_success",
        "tat_p95_min",
        "open_at_end",
    }


def test_the_worst_stands_first() -> None:
    one = outcome({"without ada": "missed", "without unit desk": "doubt", "without ben": 0.95})
    assert [(each.kind, each.name) for each in one.without][:3] == [
        ("radiologist", "ada"),
        ("unit", "desk"),
        ("radiologist", "ben"),
    ]


def test_what_is_sure_after_the_first_look_is_told_at_once() -> None:
    """So whoever ends the test half-way knows what breaks for certain."""
    one = cell(URGENT, stress=StressTest(load_to=1.05))
    heard: list[str] = []
    runs: Any = Said({"without ada": "missed"})
    found = stress(one, traffic(one), runs, N, heard.append)
    assert heard[:3] == [
        f"as deployed, {N} replications",
        f"without each of 6 things, 15 then {N} replications each",
        "after 15 replications 1 of 6 are decided; a target is missed without radiologist ada",
    ]
    assert runs.counts["without ada"] == 15
    assert {each.n for each in found.without} == {15, N}
    rows = [row[0] for block in stress_blocks(found) for row in block.rows]
    assert "radiologist ada (15 replications)" in rows
