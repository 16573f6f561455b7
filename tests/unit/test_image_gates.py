"""Gates that look at images, and the surrogate that stands for them."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from simgrid.domain.decision import GateVerdict, ImageReference, Verdict
from simgrid.domain.imaging import ImagePool, PlantedImage
from simgrid.domain.scenario import GateChoice
from simgrid.quality import gates, image_gates, surrogate
from simgrid.quality.gates import UnknownGate
from simgrid.quality.pool import pool
from simgrid.quality.surrogate import COLUMNS, Row, read_table, table_text
from simgrid.quality.verdicts import Judged

PLANTED = PlantedImage("pydicom", None, "CT_small.dcm#0", "noise", 0.5)


def image(
    luck: float = 0.5, defective: bool = True, planted: PlantedImage | None = PLANTED
) -> ImageReference:
    return ImageReference(0, "CT", "Brain", 0, defective, luck, planted)


class _Says:
    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict

    def of(self, _: PlantedImage) -> Judged:
        return Judged(self.verdict, ("noise",))


@pytest.mark.parametrize("verdict", ["accept", "accept-with-note", "repeat"])
def test_the_modules_own_verdict_stands(verdict: Verdict, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_gates, "shared", lambda _: _Says(verdict))
    for name in ("rules", "cnn", "rules+cnn"):
        answer = gates.make(GateChoice(name, {"check_s": 3.0})).judge(image())
        assert answer == GateVerdict(verdict, 3.0, ("noise",))


@pytest.mark.parametrize("verdict", ["abstain", "reject"])
@pytest.mark.parametrize(("luck", "says"), [(0.79, "repeat"), (0.81, "accept")])
def test_what_it_will_not_decide_the_technologist_does(
    verdict: Verdict, luck: float, says: Verdict, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(image_gates, "shared", lambda _: _Says(verdict))
    answer = gates.make(GateChoice("cnn", {"check_s": 3.0, "sensitivity": 0.8})).judge(image(luck))
    assert (answer.verdict, answer.took_s, answer.staff_s, answer.referred) == (says, 27.0, 24.0, True)


def test_without_an_image_there_is_nothing_to_look_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_gates, "shared", lambda _: pytest.fail("it looked"))
    assert gates.make(GateChoice("rules")).judge(image(planted=None)).referred


def rows(*said: tuple[str, bool, int, int, int]) -> bytes:
    made = [Row("rules", "j", "p", "CT", *one[:2], sum(one[2:]), *one[2:]) for one in said]
    return table_text(made).encode()


def test_a_surrogate_answers_as_often_as_was_counted(tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_bytes(rows(("noise", True, 10, 60, 30), ("noise", False, 95, 5, 0), ("none", False, 99, 1, 0)))
    options = {"gate": "rules", "table": str(file), "sensitivity": 0.5, "specificity": 1.0}
    gate = gates.make(GateChoice("surrogate", options))
    uniform = (np.arange(1000) + 0.5) / 1000
    answers = [gate.judge(image(float(one))) for one in uniform]
    assert sum(one.referred for one in answers) == 300
    assert (
        sum(one.verdict == "repeat" for one in answers) == 600 + 150
    )  # half of the referred ones are defective
    quiet = [gate.judge(image(float(one), defective=False)) for one in uniform]
    assert sum(one.verdict == "repeat" for one in quiet) == 50
    clean = PlantedImage("pydicom", None, "CT_small.dcm#0")
    sound = [gate.judge(image(float(one), False, clean)).verdict for one in uniform]
    assert sound.count("repeat") == 10
    blurred = PlantedImage("pydicom", None, "CT_small.dcm#0", "blur", 0.5)
    assert gate.judge(image(planted=blurred)).referred  # the table has no such row
    assert gates.inputs(GateChoice("surrogate", options)) == {
        "surrogate.csv": hashlib.sha256(file.read_bytes()).hexdigest()
    }


def test_a_table_comes_back_as_it_was_written() -> None:
    made = [
        Row("cnn", "j", "p", "MR", "bias", True, 7, 1, 2, 4),
        Row("cnn", "j", "p", "MR", "none", False, 1, 1, 0, 0),
    ]
    assert list(read_table(table_text(made).encode())) == made


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"\xff", "no CSV in UTF-8"),
        (b"", "has no row of rules"),
        (b"a,b\n1,2\n", "line 2 of its table is no row of gate, judge"),
        (
            rows(("noise", True, 1, 1, 1)).replace(b",3,1,1,1", b",4,1,1,1"),
            "line 2 of its table does not add up",
        ),
        (rows(("noise", True, 1, 1, 1)).replace(b"noise", b"dust"), "names no defect"),
        (rows(("noise", True, 1, 1, 1)).replace(b"True", b"perhaps"), "line 2 of its table is no row"),
        (rows(("noise", True, 1, 1, 1)).replace(b"rules", b"cnn"), "has no row of rules: it was not counted"),
    ],
)
def test_bad_tables_are_named(content: bytes, problem: str, tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_bytes(content)
    with pytest.raises(UnknownGate, match=problem):
        gates.make(GateChoice("surrogate", {"gate": "rules", "table": str(file)}))


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"gate": "oracle"}, "gate is 'oracle': expected rules, cnn, rules\\+cnn"),
        ({"table": "/no/such.csv"}, "make one with 'simgrid qa surrogate -o such.csv'"),
        ({"check_s": -1.0}, "expected 0 or more seconds"),
    ],
)
def test_bad_options_are_named(options: dict[str, float | str], problem: str) -> None:
    with pytest.raises(UnknownGate, match=problem):
        gates.make(GateChoice("surrogate", options))


def test_counting_asks_the_real_module_about_every_image_defect_and_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIMGRID_DATA", str(tmp_path))
    asked: list[PlantedImage] = []

    class Module:
        def of(self, planted: PlantedImage) -> Judged:
            asked.append(planted)
            return Judged("repeat" if planted.severity > 0.5 else "reject" if planted.defect else "accept")

    class Spoiled:
        def of(self, planted: PlantedImage) -> float:
            return planted.severity

    monkeypatch.setattr(surrogate, "shared", lambda _: Module())
    monkeypatch.setattr(surrogate, "shared_damages", Spoiled)
    rules = ImagePool(levels=(0.2, 0.8), shares=(0.5, 0.5), looks=3)
    found = {(one.modality, one.defect, one.relevant): one for one in surrogate.count(rules, "rules")}
    assert len(asked) == len(set(asked)) == sum(one.images for one in found.values())
    noise = found["CT", "noise", True]
    assert (noise.accepted, noise.repeated, noise.referred) == (0, noise.images, 0)
    mild = found["CT", "noise", False]
    assert (mild.images, mild.referred) == (noise.images, noise.images)
    assert found["CT", "none", False].accepted * 3 == noise.images
    assert {one.modality for one in found.values()} == {"CT", "MR"}
    assert ("MR", "ring", True) not in found and ("MR", "bias", True) in found
    assert set(COLUMNS) == set(Row.__dataclass_fields__)


def test_a_gate_says_what_it_reads(tmp_path: Path) -> None:
    weights = tmp_path / "own.onnx"
    weights.write_bytes(b"net")
    source = tmp_path / "own.py"
    source.write_text(
        "class Own:\n"
        "    def __init__(self, file):\n"
        "        self.reads = [file]\n"
        "    def judge(self, image): ...\n"
    )
    from simgrid.plug_ins import plug_in

    choice = GateChoice("own", {"file": str(weights)}, plug_in(source, "Own"))
    assert gates.inputs(choice) == {"own.onnx": hashlib.sha256(b"net").hexdigest()}
    assert gates.inputs(GateChoice("technologist")) == {}


def test_a_manifest_says_what_was_behind_a_gate(tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_bytes(rows(("noise", True, 10, 60, 30), ("none", False, 99, 1, 0)))
    said = gates.states(GateChoice("surrogate", {"gate": "rules", "table": str(file)}))
    assert said.startswith(
        "looks at no pixels: stands for rules, counted from 200 verdicts of the real module"
    )
    assert said.endswith("(judge j, another one) on the pool of images p")
    assert gates.states(GateChoice("rules+cnn")).startswith("the real module on real pixels (judge ")
    assert gates.states(GateChoice("technologist")) == ""


def test_the_shipped_table_counts_every_gate_on_the_shipped_images() -> None:
    found = read_table(surrogate.table_bytes(None))
    assert {one.gate for one in found} == {"rules", "cnn", "rules+cnn"}
    assert {one.pool for one in found} == {pool().digest}
    for gate in ("rules", "cnn", "rules+cnn"):
        clean = [one for one in found if (one.gate, one.defect) == (gate, "none")]
        assert sum(one.images for one in clean) == len(pool().images)
