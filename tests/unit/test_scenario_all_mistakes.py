"""Several mistakes of a scenario at once: each is told once, none hides another or makes a second."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from simgrid.domain.scenario import GateChoice, PolicyChoice
from simgrid.scenario import Installed, Problem, ScenarioInvalid, load
from simgrid.scenario.problems import CATALOGUE
from tests.one_mistake import CHILD, TEXT, marked, problems


def test_the_drawing() -> None:
    """The arrow, the gutter and the underline stand as in every report that people will paste."""
    problem = Problem(
        "E103",
        "bandwidth: unknown unit 'mbit/s'",
        "bad.yaml",
        20,
        18,
        "sites.brigid.link.bandwidth",
        "      bandwidth: 8 mbit/s",
        8,
        "did you mean '8 Mbit/s'? (b = bit, B = byte)",
    )
    assert problem.render() == "\n".join(
        [
            "error[E103]: bandwidth: unknown unit 'mbit/s'",
            "  --> bad.yaml:20:18  (sites.brigid.link.bandwidth)",
            "   |",
            "20 |       bandwidth: 8 mbit/s",
            "   |                  ^^^^^^^^",
            "   = help: did you mean '8 Mbit/s'? (b = bit, B = byte)",
        ]
    )
    facts = json.loads(problem.as_json())
    assert (facts["severity"], facts["line"], facts["column"], facts["length"]) == ("error", 20, 18, 8)


def test_several_mistakes_of_all_kinds_come_at_once(tmp_path: Path) -> None:
    text = (
        TEXT.replace("10 Mbit/s", "10 mbit/s")
        .replace("horizon: 2 h", "horizon: 2")
        .replace("workstations", "workstation")
        .replace("[Brain, Thorax]", "[Brain, Thorx]")
        .replace("DX: 0.9, Brain: 0.5", "DX: 0.9, Brian: 0.5")
    )
    found = problems(tmp_path, text)
    assert [problem.code for problem in found] == ["E104", "E204", "E103", "E101", "E203"]
    assert [problem.line for problem in found] == sorted(problem.line for problem in found)


def test_a_missing_block_does_not_hide_a_wrong_reference(tmp_path: Path) -> None:
    text = TEXT.replace("data_centre: {link", "data_center: {link").replace(
        "unit: desk\n    reads: [CT, DX]\n    hours: always\n    ratings: {CT: 0.6",
        "unit: desc\n    reads: [CT, DX]\n    hours: always\n    ratings: {CT: 0.6",
    )
    found = problems(tmp_path, text)
    assert [(problem.code, marked(problem)) for problem in found] == [
        ("E101", "data_center"),
        ("E201", "desc"),
    ]
    assert found[1].help == "did you mean 'desk'?"


def test_overrides_have_the_same_errors(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, TEXT, "sites.clinic.link.bandwidth=8 mbit/s")
    assert problem.file == "--set sites.clinic.link.bandwidth=8 mbit/s"
    assert (problem.code, problem.place, marked(problem)) == (
        "E103",
        "sites.clinic.link.bandwidth",
        "8 mbit/s",
    )
    assert problems(tmp_path, TEXT, "seed")[0].code == "E009"
    assert problems(tmp_path, TEXT, "extends=x.yaml")[0].code == "E009"
    (problem,) = problems(tmp_path, TEXT, "sites.clinic.scaners=3")
    assert (problem.code, marked(problem), problem.help) == (
        "E101",
        "sites.clinic.scaners",
        "did you mean 'scanners'?",
    )
    (problem,) = problems(tmp_path, TEXT, "demand.mix={modalities: {CT: 100 pct}}")
    assert marked(problem) == "100 pct"


def test_what_is_installed_is_asked_through_the_hook(tmp_path: Path) -> None:
    file = tmp_path / "s.yaml"
    file.write_text(
        TEXT.replace("replications: 2\n", "replications: 2\nquality_gate: lens\n"), encoding="utf-8"
    )

    def policy(choice: PolicyChoice) -> list[str]:
        return [] if choice.name != "rwoa" else ["there is no policy 'rwoa': did you mean 'rbsm'?"]

    def gate(choice: GateChoice) -> list[str]:
        return [f"gate '{choice.name}' does not exist: choose one of none, technologist"]

    assert load(file).cells[0].gate == GateChoice("lens")
    with pytest.raises(ScenarioInvalid) as caught:
        load(file, (), Installed(policy, gate))
    assert [(problem.code, marked(problem)) for problem in caught.value.problems] == [
        ("E206", "lens"),
        ("E206", "rwoa"),
    ]
    assert caught.value.problems[1].help == "did you mean 'rbsm'?"


def test_a_sweep_tells_a_mistake_once(tmp_path: Path) -> None:
    text = TEXT.replace("replications: 2\n", "replications: 2\nsweep: {seed: [1, 2, 3]}\n")
    found = problems(tmp_path, text.replace("[Brain, Thorax]", "[Brain, Thorx]"))
    assert [problem.code for problem in found] == ["E204"]


def test_every_number_in_use_is_in_the_catalogue_and_the_other_way_round() -> None:
    room = Path(__file__).parents[2] / "simgrid" / "scenario"
    code = re.compile(r'"([EW][0-9]{3})"')
    used = {
        number
        for file in room.glob("*.py")
        for line in file.read_text(encoding="utf-8").splitlines()
        if not re.match(r'\s+"[EW][0-9]{3}": ', line)
        for number in code.findall(line)
    }
    assert used == set(CATALOGUE)


def test_one_mistake_makes_no_second_problem(tmp_path: Path) -> None:
    (key,) = problems(tmp_path, f"{CHILD}units: {{desk: {{storage: 1 TB}}, 010: {{storage: 1 TB}}}}\n")
    assert (key.code, marked(key)) == ("E006", "010")
    found = problems(tmp_path, f"{CHILD}demand: {{mix: {{body_parts: [brain, THORAX]}}}}\n")
    assert {marked(one) for one in found} == {"brain", "THORAX"}
