"""Policies and gates out of a researcher's own file: found, refused in words, run, and hashed."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from simgrid.domain.decision import GateVerdict
from simgrid.domain.plug_in import PlugIn
from simgrid.domain.scenario import GateChoice, PolicyChoice
from simgrid.experiments.assemble import run_once
from simgrid.experiments.campaign import Campaign, campaign
from simgrid.experiments.identity import folder_name
from simgrid.experiments.installed import installed
from simgrid.experiments.provenance import manifest_text
from simgrid.experiments.replicate import replicate, take_stock
from simgrid.plug_ins import PlugInError, load, plug_in
from simgrid.policies import registry
from simgrid.quality import gates
from simgrid.scenario import Loaded, Problem, ScenarioInvalid
from simgrid.scenario import load as load_scenario

POLICY = """import numpy as np
from simgrid.domain.decision import Assignment


class FirstFree:
    variants = {"patient": {"wait_s": 60.0}}

    def __init__(self, team, ontology, *, wait_s=0.0):
        self.team = team
        self.wait_s = wait_s

    def assign(self, worklist):
        allowed = self.team.eligible(worklist.kind)
        free = np.where(allowed, worklist.desks.available_in_s, np.inf)
        return Assignment(np.where(np.isfinite(free.min(axis=1)), free.argmin(axis=1), -1))


class LastFree(FirstFree):
    def assign(self, worklist):
        return Assignment(np.full(len(worklist.kind), len(self.team.radiologists) - 1))
"""
GATE = """from dataclasses import dataclass

from simgrid.domain.decision import GateVerdict


@dataclass
class EveryImageTwice:
    check_s: float = 30.0

    def judge(self, image):
        return GateVerdict("accept" if image.attempt else "repeat", self.check_s)
"""
SCENARIO = """extends: tiny/one-unit.yaml
plug_ins: {first-free: code/policy.py:FirstFree, last-free: code/policy.py:LastFree}
policies: [first-free, first-free@patient, round-robin]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "policy.py").write_text(POLICY)
    (tmp_path / "code" / "gate.py").write_text(GATE)
    (tmp_path / "mine.yaml").write_text(SCENARIO)
    return tmp_path


def loaded(file: Path, *overrides: str) -> Loaded:
    return load_scenario(file, overrides, installed())


def asked(file: Path, *overrides: str) -> Campaign:
    made = loaded(file, *overrides)
    return campaign(made.cells, made.sweep_columns)


def refused(file: Path, *overrides: str) -> tuple[Problem, ...]:
    with pytest.raises(ScenarioInvalid) as caught:
        loaded(file, *overrides)
    return caught.value.problems


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_a_policy_by_file_runs_as_any_other(folder: Path) -> None:
    made = asked(folder / "mine.yaml")
    study = replicate(made, folder / "out", run_once)
    assert study.design.policies == ("first-free", "first-free@patient", "round-robin")
    reported = study.column("reported")
    assert reported is not None
    assert (study.values[0, :, :, reported] == 12).all()
    digest = hashlib.sha256((folder / "code" / "policy.py").read_bytes()).hexdigest()
    assert json.loads(manifest_text(made))["policy_sources_sha256"]["first-free"] == digest


def test_the_bytes_do_not_depend_on_the_number_of_workers(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = ["plug_ins.twice=gate.py:EveryImageTwice", "quality_gate=twice"]
    monkeypatch.chdir(folder / "code")  # --set names files from where the command is given
    made = asked(folder / "mine.yaml", *gate)
    monkeypatch.chdir(folder)  # and workers may start elsewhere
    for jobs in (1, 2):
        replicate(made, folder / f"j{jobs}", run_once, jobs=jobs)
    one, two = (
        {file.name: file.read_bytes() for file in (folder / name / "runs").iterdir()} for name in ("j1", "j2")
    )
    assert one == two
    assert len(one) == 6


def test_an_edited_policy_recomputes_its_runs_and_no_others(folder: Path) -> None:
    before = asked(folder / "mine.yaml", "policies=[first-free, round-robin]")
    out = folder / folder_name(before.cells)
    replicate(before, out, run_once)
    edit(folder / "code" / "policy.py", "free.argmin(axis=1), -1))", "free.argmin(axis=1), -1))  # the same")
    after = asked(folder / "mine.yaml", "policies=[first-free, round-robin]")
    assert folder / folder_name(after.cells) == out
    assert {task.policy.name for task in take_stock(after, out).missing} == {"first-free"}
    assert len(take_stock(after, out).stored) == 2
    assert not take_stock(before, out).missing


def test_two_classes_of_one_file_have_keys_of_their_own(folder: Path) -> None:
    keys = [
        {task.key for task in asked(folder / "mine.yaml", f"plug_ins.x={file}", "policies=[x]").tasks()}
        for file in (folder / "code" / "policy.py:FirstFree", folder / "code" / "policy.py:LastFree")
    ]
    assert not keys[0] & keys[1]


def test_an_edited_gate_recomputes_every_run_of_its_cells_and_no_others(folder: Path) -> None:
    edit(
        folder / "mine.yaml",
        "plug_ins: {",
        "variants: {checked: {quality_gate: twice}}\nplug_ins: {twice: code/gate.py:EveryImageTwice, ",
    )
    keys = [{(task.cell, task.key) for task in asked(folder / "mine.yaml").tasks()}]
    edit(folder / "code" / "gate.py", "30.0", "31.0")
    keys.append({(task.cell, task.key) for task in asked(folder / "mine.yaml").tasks()})
    assert {cell for cell, _ in keys[0] & keys[1]} == {0}
    assert {cell for cell, _ in keys[0] - keys[1]} == {1}
    assert len(keys[0] & keys[1]) == len(keys[0] - keys[1]) == 6


def test_a_gate_by_file_judges_and_takes_its_options(folder: Path) -> None:
    over = [f"plug_ins.twice={folder}/code/gate.py:EveryImageTwice", "policies=[round-robin]"]
    plain = asked(folder / "mine.yaml", over[1])
    quick, slow = (
        asked(folder / "mine.yaml", *over, f"quality_gate={{name: twice, options: {{check_s: {check}}}}}")
        for check in (1.0, 600.0)
    )
    means = []
    for index, made in enumerate((plain, quick, slow)):
        study = replicate(made, folder / f"out{index}", run_once)
        wait = study.column("tat_mean_min")
        assert wait is not None
        means.append(study.values[0, 0, :, wait].mean())
    assert means[1] > means[0] + 10  # every image is taken twice, and a repeat takes ten minutes
    assert means[2] > means[1] + 15  # each of the two looks takes as long again


def test_the_path_belongs_to_the_file_in_which_it_stands(folder: Path) -> None:
    (folder / "below").mkdir()
    child = folder / "below" / "child.yaml"
    child.write_text("extends: ../mine.yaml\nplug_ins: {own: own.py:LastFree}\npolicies: [first-free, own]\n")
    (folder / "below" / "own.py").write_text(POLICY)
    (cell,) = loaded(child).cells
    files = [choice.plug_in.file for choice in cell.policies if choice.plug_in is not None]
    assert [Path(file).resolve() for file in files] == [
        (folder / "code" / "policy.py").resolve(),
        (folder / "below" / "own.py").resolve(),
    ]
    again = folder / "elsewhere"
    again.mkdir()
    (again / "resolved.yaml").write_text(loaded(child).resolved_in(again))
    (moved,) = loaded(again / "resolved.yaml").cells
    digests = [[choice.plug_in.sha256 for choice in one.policies if choice.plug_in] for one in (cell, moved)]
    assert digests[0] == digests[1]


def test_a_plug_in_that_nobody_names_is_not_executed(folder: Path) -> None:
    (folder / "code" / "policy.py").write_text("raise RuntimeError('executed')")
    assert len(loaded(folder / "mine.yaml", "policies=[round-robin, random]").cells) == 1
    assert [one.code for one in refused(folder / "mine.yaml")] == ["E212"]


def test_without_the_hook_nothing_is_executed(folder: Path) -> None:
    (folder / "code" / "policy.py").write_text("raise RuntimeError('executed')")
    (cell,) = load_scenario(folder / "mine.yaml").cells
    assert cell.policies[0].plug_in is not None


MISTAKES = [
    ("policy.py", None, "no such file", "did you mean 'policy2.py'?"),
    ("policy.py", "class FirstFre: pass", "has no class FirstFree", "did you mean 'FirstFre'?"),
    ("policy.py", "x = 1", "has no class FirstFree", "it defines no class"),
    ("policy.py", "FirstFree = 3", "is no class", "name a class"),
    ("policy.py", "x = 1\ndef f(self worklist):\n", "policy.py:2 is not Python", "def f(self worklist):"),
    ("policy.py", "\n\n1 / 0", "policy.py:3 raises ZeroDivisionError", "division by zero"),
    (
        "policy.py",
        "def f():\n    return 1 / 0\nf()",
        "policy.py:2 raises ZeroDivisionError",
        "division by zero",
    ),
    ("policy.py", "import nowhere_to_be_found", "policy.py:1 raises ModuleNotFoundError", "one file"),
    ("policy.py", "raise SystemExit(3)", "policy.py:1 raises SystemExit", "3"),
    ("policy.py", "x = 1\0", "is not Python", "null bytes"),
    (
        "policy.py",
        "class FirstFree:\n    def asign(self, w): pass",
        "has no method 'assign'",
        "call 'asign' so",
    ),
    ("gate.py", "class EveryImageTwice:\n    def look(self, i): pass", "has no method 'judge'", "def judge"),
]


@pytest.mark.parametrize(("name", "text", "message", "way_out"), MISTAKES)
def test_a_plug_in_that_cannot_be_used_is_told_at_its_place(
    folder: Path, name: str, text: str | None, message: str, way_out: str
) -> None:
    file = folder / "code" / name
    edit(
        folder / "mine.yaml",
        "plug_ins: {",
        "quality_gate: twice\nplug_ins: {twice: code/gate.py:EveryImageTwice, ",
    )
    if text is None:
        file.rename(file.with_name("policy2.py"))
    else:
        file.write_text(text)
    (problem,) = refused(folder / "mine.yaml")
    place = "plug_ins.first-free" if name == "policy.py" else "plug_ins.twice"
    assert (problem.code, problem.place, problem.line) == ("E212", place, 3)
    assert message in problem.message
    assert way_out in problem.help


@pytest.mark.parametrize(
    ("made", "message", "way_out"),
    [
        ("def __init__(self, team): pass", "cannot be made", "called with team and ontology"),
        ("def __init__(self, team, ontology):\n        team.foo", "policy.py:3 raises AttributeError", "foo"),
        ("variants = ['a']\n    def __init__(self, t, o): pass", "'variants' cannot be read", "a mapping"),
    ],
)
def test_a_policy_that_cannot_be_made_is_told_where_it_is_listed(
    folder: Path, made: str, message: str, way_out: str
) -> None:
    text = f"class FirstFree:\n    {made}\n    def assign(self, worklist): pass\n"
    (folder / "code" / "policy.py").write_text(text)
    (problem,) = refused(folder / "mine.yaml", "policies=[first-free, round-robin]")
    assert (problem.code, problem.place) == ("E206", "policies[0]")
    assert message in problem.message
    assert way_out in problem.help


@pytest.mark.parametrize(
    ("overrides", "code", "place", "way_out"),
    [
        (["plug_ins.rwoa=policy.py:FirstFree"], "E202", "plug_ins.rwoa", "choose another name"),
        (
            ["plug_ins.technologist=policy.py:FirstFree"],
            "E202",
            "plug_ins.technologist",
            "choose another name",
        ),
        (["plug_ins.first-free=policy.py"], "E212", "plug_ins.first-free", "write it like"),
        (["plug_ins.first-free=policy:FirstFree"], "E212", "plug_ins.first-free", "write it like"),
        (["plug_ins.first-free=policy.py:First Free"], "E212", "plug_ins.first-free", "write it like"),
        (["plug_ins.first-free=3"], "E212", "plug_ins.first-free", "write it like"),
        (["policies=[first-fre]"], "E206", "policies[0]", "did you mean 'first-free'?"),
        (["policies=[first-free@patent]"], "E206", "policies[0]", "did you mean 'patient'?"),
        (
            ["policies=[{name: first-free, options: {wait: 3}}]"],
            "E206",
            "policies[0]",
            "did you mean 'wait_s'?",
        ),
        (["quality_gate=last-fre"], "E206", "quality_gate", "did you mean 'last-free'?"),
        (["sweep={plug_ins.first-free: [a.py:A, b.py:B]}"], "E207", "sweep.plug_ins.first-free", "all cells"),
    ],
)
def test_names_that_do_not_fit(
    folder: Path, overrides: list[str], code: str, place: str, way_out: str
) -> None:
    (problem,) = refused(folder / "mine.yaml", *overrides)
    assert (problem.code, problem.place) == (code, place)
    assert way_out in problem.help


def test_strange_files_end_at_once(folder: Path) -> None:
    os.mkfifo(folder / "pipe.py")
    (folder / "folder.py").mkdir()
    (folder / "large.py").write_bytes(b"#" * 1_000_001)
    for name, said in (("pipe", "regular file"), ("folder", "regular file"), ("large", "larger than 1 MB")):
        (problem,) = refused(folder / "mine.yaml", f"plug_ins.first-free={folder}/{name}.py:FirstFree")
        assert said in problem.message


def test_what_a_plug_in_prints_goes_to_stderr(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(folder / "code" / "policy.py", "import numpy", "print('noise')\nimport numpy")
    loaded(folder / "mine.yaml")
    assert capsys.readouterr() == ("", "noise\n")


def test_a_file_that_changed_since_is_refused(folder: Path) -> None:
    file = folder / "code" / "policy.py"
    named = plug_in(file, "FirstFree")
    edit(file, "60.0", "61.0")
    with pytest.raises(PlugInError, match="has changed since"):
        load(named)
    choice = PolicyChoice("first-free", plug_in=named)
    assert "has changed since" in registry.check(choice)[0]
    assert "has changed since" in gates.check(GateChoice("x", plug_in=named))[0]


def test_the_code_executed_is_that_of_the_bytes_hashed(folder: Path) -> None:
    """Two edits within the clock's resolution: a cached ``.pyc`` would give the first class again."""
    file = folder / "code" / "policy.py"
    times = (file.stat().st_atime_ns, file.stat().st_mtime_ns)
    seen: list[Any] = []
    for number in (1, 2):
        file.write_text(f"class A:\n    number = {number}\n")
        os.utime(file, ns=times)
        seen.append(load(plug_in(file, "A")).number)  # type: ignore[attr-defined]
    assert seen == [1, 2]
    assert not (folder / "code" / "__pycache__").exists()


def test_a_run_fails_in_words_where_the_gate_gives_no_verdict() -> None:
    with pytest.raises(ValueError, match="'redo' is no verdict: it is one of accept, "):
        GateVerdict("redo")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"took -1\.0 s"):
        GateVerdict("accept", -1.0)


def test_the_class_is_data_in_the_scenario(folder: Path) -> None:
    (cell,) = loaded(folder / "mine.yaml").cells
    choice = cell.policies[0]
    assert choice.plug_in == PlugIn(
        str(folder / "code" / "policy.py"), "FirstFree", hashlib.sha256(POLICY.encode()).hexdigest()
    )
    assert replace(choice, plug_in=None) == PolicyChoice("first-free")
