"""Belief mined from a log or an earlier stage: in the file, and what refuses it."""

from __future__ import annotations

from pathlib import Path

import pytest

from simgrid.scenario import Problem, ScenarioInvalid, load

TINY = Path(__file__).parents[2] / "scenarios" / "tiny" / "one-unit.yaml"


def refused(tmp_path: Path, belief: str, *more: str) -> Problem:
    (tmp_path / "s.yaml").write_text(TINY.read_text() + f"\nbelief: {belief}\n")
    with pytest.raises(ScenarioInvalid) as caught:
        load(tmp_path / "s.yaml", more)
    return caught.value.problems[0]


def test_stage_2_knows_stage_1_and_keeps_its_own_calendar() -> None:
    (cell,) = load("paper/stage-2").cells
    belief = cell.belief
    assert belief is not None
    assert belief.stage is not None
    assert (belief.policy.label, belief.frequency, belief.shrinkage) == ("manual", "practice", 5.0)
    assert (belief.stage.demand.arrivals.count, cell.demand.arrivals.count) == (4738, 1464)
    assert belief.stage.demand.mix.counts == {"CT": 4481, "MR": 116, "CR": 106, "MG": 35}
    assert cell.demand.mix.counts == {"CT": 1445, "MR": 18, "CR": 1}
    assert [one.favour for one in belief.stage.radiologists] == [1, 1, 1, 1, 1, 1, 1, 2.5, 1]
    assert {one.favour for one in cell.radiologists} == {1.0}
    assert len(cell.sites) == 22


@pytest.mark.parametrize(
    ("belief", "code", "said"),
    [
        ("{}", "E102", "stated once"),
        ("{stage: a.yaml, log: {file: b.csv}}", "E102", "stated once"),
        ("{stage: nowhere.yaml}", "E201", "no such file"),
        ("{stage: stage.yaml, policy: nobody@}", "E201", "cannot be used"),
        ("{stage: swept.yaml}", "E209", "'sweep' of its own"),
        ("{stage: s.yaml}", "E209", "'belief' of its own"),
        ("{stage: others.yaml}", "E201", "none of this scenario's radiologists"),
        ("{log: {file: nowhere.csv}}", "E201", "no such file"),
        ("{stage: good.yaml, frequency: often}", "E108", "often"),
    ],
)
def test_what_cannot_be_mined_is_refused_with_its_place(
    tmp_path: Path, belief: str, code: str, said: str
) -> None:
    text = TINY.read_text()
    (tmp_path / "good.yaml").write_text(text)
    (tmp_path / "stage.yaml").write_text(text.replace("horizon: 2 h", "horizon: 2 hours"))
    (tmp_path / "swept.yaml").write_text(text + "\nsweep: {seed: [1, 2]}\n")
    (tmp_path / "others.yaml").write_text(text.replace("  ada:", "  eve:").replace("  ben:", "  bob:"))
    found = refused(tmp_path, belief)
    assert (found.code, found.place.split(".")[0]) == (code, "belief")
    assert said in f"{found.message} {found.snippet}"


def test_mined_shares_of_the_work_need_something_to_mine() -> None:
    with pytest.raises(ScenarioInvalid) as caught:
        load(TINY, ["workload_limit.share=mined"])
    (problem,) = caught.value.problems
    assert (problem.code, problem.place) == ("E102", "belief")
    assert "takes the shares out of its log or stage" in problem.help
    (cell,) = load("paper/stage-2", ["workload_limit.share=mined"]).cells
    assert cell.belief is not None
    assert cell.belief.stage is not None
    assert (cell.workload_limit.share, cell.belief.stage.workload_limit.share) == ("mined", "equal")


def test_changes_of_the_stage_are_merged_into_its_file_and_can_be_swept() -> None:
    sweep = "sweep={belief.changes.radiologists.r8.favour: [1, 4]}"
    cells = load("paper/stage-2", (sweep,)).cells
    stages = [
        cell.belief.stage for cell in cells if cell.belief is not None and cell.belief.stage is not None
    ]
    assert [one.radiologists[7].favour for one in stages] == [1, 4]
    assert stages[0].radiologists[:7] == stages[1].radiologists[:7]
    assert {cell.radiologists[7].favour for cell in cells} == {1.0}


def test_the_people_of_the_stage_are_those_of_the_scenario() -> None:
    overrides = (
        "spread={speed: 0.1, benefit: 0.5}",
        "radiologists.r8.ratings.CT=0.8",
        "radiologists.r1.speed=1.5",
    )
    (cell,) = load("paper/stage-2", overrides).cells
    assert cell.belief is not None
    stage = cell.belief.stage
    assert stage is not None
    assert (stage.spread.speed, stage.spread.benefit, stage.spread.estimate_error) == (0.1, 0.5, 0.1)
    assert stage.radiologists[7].ratings["CT"] == 0.8
    assert stage.radiologists[0].speed == 1.5
    assert [one.favour for one in stage.radiologists].count(2.5) == 1


def test_wrong_changes_are_told_as_the_stage_s_own(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(TINY.read_text())
    found = refused(tmp_path, "{stage: good.yaml, changes: {horizon: 2 hours}}")
    assert (found.code, found.place) == ("E201", "belief.stage")
    assert refused(tmp_path, "{log: {file: a.csv}, changes: {seed: 2}}").code == "E110"
    assert refused(tmp_path, "{stage: good.yaml, changes: 3}").place == "belief.changes"


def test_options_by_policy_reach_it_wherever_it_stands() -> None:
    given = (
        "policies=[rwoa, {name: manual, options: {memory: 1.0}}]",
        "policy_options.manual={habit: 2, memory: 0}",
    )
    (cell,) = load("paper/stage-2", (*given, "claims=[]")).cells
    assert cell.belief is not None
    assert [dict(one.options) for one in cell.policies] == [{}, {"habit": 2, "memory": 1.0}]
    assert dict(cell.belief.policy.options) == {"habit": 2, "memory": 0}


def test_options_of_a_policy_that_decides_nothing_are_refused() -> None:
    with pytest.raises(ScenarioInvalid) as caught:
        load("paper/stage-2", ("policy_options.manul.habit=2",))
    (found,) = caught.value.problems
    assert (found.code, found.place) == ("E206", "policy_options.manul")
    assert "manual" in found.help
