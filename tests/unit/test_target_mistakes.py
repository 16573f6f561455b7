"""Of a target that is refused the rest is checked all the same: all mistakes come at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from simgrid.scenario import ScenarioInvalid, load


def refused(targets: str, *more: str) -> set[tuple[str, str]]:
    with pytest.raises(ScenarioInvalid) as found:
        load("tiny/one-unit", [f"targets={targets}", *more])
    return {(one.code, one.place) for one in found.value.problems}


@pytest.mark.parametrize(
    ("targets", "told"),
    [
        (
            "{late: {of: urgency=urgnt, within: 60 minn, share: 95 %}}",
            {("E201", "targets.late.of"), ("E103", "targets.late.within")},
        ),
        (
            "{late: {of: site=nowhere, within: 60 min}}",
            {("E201", "targets.late.of"), ("E102", "targets.late")},
        ),
        (
            "{late: {of: site=nowhere, within: 60 min, share: 95 %, unless: 3}}",
            {("E201", "targets.late.of"), ("E101", "targets.late.unless")},
        ),
        (
            "{late: {of: site=nowhere, metric: tat_p95_min, within: 60 min}}",
            {("E201", "targets.late.of"), ("E110", "targets.late")},
        ),
        (
            "{late: {metric: tat_p59_min, at_most: 5 min, at_least: 4 min}}",
            {("E201", "targets.late.metric"), ("E102", "targets.late")},
        ),
        (
            "{late: {metric: link_utilisation, of: link=clinic/up, within: 4 min}}",
            {("E110", "targets.late")},
        ),
        (
            "{late: {of: site=nowhere, within: 60 minn, share: 95 %}, later: {of: site=gone, share: 5 %}}",
            {
                ("E201", "targets.late.of"),
                ("E103", "targets.late.within"),
                ("E201", "targets.later.of"),
                ("E102", "targets.later"),
            },
        ),
        ("{late: 60 min}", {("E106", "targets.late")}),
        ("{late: {of: 5, within: 60 minn}}", {("E106", "targets.late.of"), ("E103", "targets.late.within")}),
    ],
)
def test_all_mistakes_of_a_target_come_at_once(targets: str, told: set[tuple[str, str]]) -> None:
    assert refused(targets) == told


def test_a_mistake_elsewhere_hides_no_mistake_of_a_target() -> None:
    of = "{late: {of: urgency=urgnt, within: 60 min, share: 95 %}}"
    assert refused(of, "sites.clinic.link.bandwidth=8 mbit/s") == {
        ("E201", "targets.late.of"),
        ("E103", "sites.clinic.link.bandwidth"),
    }


@pytest.mark.parametrize("word", ["measured", "counted", "observed"])
def test_what_was_measured_is_stated_and_no_assumption(word: str) -> None:
    with pytest.raises(ScenarioInvalid) as found:
        load("tiny/one-unit", [f"sources.reading_time={{{word}: our RIS}}"])
    (problem,) = found.value.problems
    assert problem.code == "E101"
    assert problem.help.startswith("did you mean 'stated'? (stated: somebody answers for it")


def test_the_three_words_are_told_apart_where_none_was_meant() -> None:
    with pytest.raises(ScenarioInvalid) as found:
        load("tiny/one-unit", ["sources.reading_time={xyz: our RIS}"])
    assert found.value.problems[0].help.startswith("known here: (stated: ")


def test_whoever_asks_for_a_plan_that_is_not_there_is_shown_one_of_her_own_places() -> None:
    with pytest.raises(ScenarioInvalid) as found:
        load("tiny/one-unit", planned=True)
    (problem,) = found.value.problems
    assert problem.code == "E217"
    assert "radiologists.ada.count: 1..4" in problem.help


def test_a_misspelt_entry_of_another_file_hides_nothing_and_is_asked_for(tmp_path: Path) -> None:
    """As a planner changes a template: one roster misspelt, and everything else wrong as well."""
    file = tmp_path / "mine.yaml"
    file.write_text(MISTAKEN, encoding="utf-8")
    with pytest.raises(ScenarioInvalid) as found:
        load(file, planned=True)
    problems = {(one.code, one.place): one.help for one in found.value.problems}
    assert problems["E102", "radiologists.evenning.unit"] == (
        "did you mean 'evening', which is there? Else add 'unit: ...' here"
    )
    assert problems["E201", "targets.urgent.of"] == "did you mean 'urgency=urgent'?"
    assert problems["E101", "sources.costs.radiologists.night.measured"].startswith("did you mean 'stated'?")
    assert {code for code, _ in problems} == {"E101", "E102", "E103", "E104", "E201"}
    assert len(problems) == 9


MISTAKEN = """
extends: planning/region.yaml
targets: {urgent: {of: urgency=urgnt, within: 60 mins, share: 85}}
radiologists: {evenning: {count: 3}}
units: {hub: {link: {bandwidth: 10 mbit/s}}}
sources: {costs.radiologists.night: {measured: "our contract"}}
"""
