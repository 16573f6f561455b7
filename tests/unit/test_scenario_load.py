"""Loading: what a file becomes, what overrides, extends and sweeps do to it, and what identifies a cell."""

from __future__ import annotations

import json
import os
import shutil
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner

from simgrid.cli.validate import validate
from simgrid.domain.distribution import constant
from simgrid.domain.network import Access
from simgrid.domain.scenario import PolicyChoice, Source
from simgrid.scenario import Problem, ScenarioInvalid, load, shipped_names
from simgrid.scenario.files import read_extended, read_file, shipped_folder
from simgrid.scenario.findings import Findings
from simgrid.scenario.json_schema import FILE, as_text, json_schema
from simgrid.scenario.tables import Tables

TINY = Path(__file__).parents[2] / "scenarios" / "tiny" / "one-unit.yaml"
TEXT = TINY.read_text(encoding="utf-8")


# How long it takes is measured by benchmarks/hostile; this only tells work that grows without bound.
RUNAWAY_CPU_S = 10


def written(tmp_path: Path, text: str, name: str = "s.yaml") -> Path:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    return file


def refused(file: Path | str, *overrides: str) -> tuple[Problem, ...]:
    with pytest.raises(ScenarioInvalid) as caught:
        load(file, overrides)
    return caught.value.problems


def test_the_domain_holds_what_the_text_says() -> None:
    loaded = load(TINY)
    (cell,) = loaded.cells
    assert (loaded.sweep_columns, loaded.warnings, loaded.text) == ((), (), TEXT)
    assert (cell.name, cell.replications, cell.horizon_s, cell.give_up_s) == ("one-unit", 2, 7200.0, 180000.0)
    assert cell.start == datetime(2026, 1, 5, 8, tzinfo=UTC)
    assert cell.policies == tuple(PolicyChoice(name) for name in ("rwoa", "rbsm", "round-robin", "manual"))
    assert cell.baseline == "manual"
    assert cell.sites[0].access == Access(10e6, 10e6)
    assert (cell.units[0].storage_bytes, cell.units[0].monitor_megapixels) == (20e9, 5.0)
    assert cell.dispatch.every_s == 900.0
    ada, ben = cell.radiologists
    assert (ada.name, ada.unit, ada.reads, ada.ratings["Brain"]) == (
        "ada",
        "desk",
        frozenset({"CT", "DX"}),
        0.9,
    )
    assert ben.ratings["Brain"] == 0.5
    mix = cell.demand.mix
    by_modality = {
        one: sum(w for k, w in zip(mix.kinds, mix.weights, strict=True) if k.modality == one)
        for one in ("CT", "DX")
    }
    assert by_modality == pytest.approx({"CT": 0.5, "DX": 0.5})
    assert {kind.icd10 for kind in mix.kinds} == {"C39", "C71", "S02"}
    assert mix.reading_cv == {"CT": 0.5, "DX": 0.5}
    assert mix.size_bytes["CT"] == constant(179e6)
    assert mix.images["CT"] == 342
    assert Source("horizon", "assumed", "a morning's first hours") in cell.sources


def test_the_json_schema_is_fresh_and_refuses_unknown_keys() -> None:
    assert (shipped_folder() / FILE).read_text(encoding="utf-8") == as_text()
    validator = jsonschema.Draft202012Validator(json_schema())
    plain = read_file(TINY).plain()
    assert isinstance(plain, dict)
    assert not list(validator.iter_errors(plain))
    assert list(validator.iter_errors({**plain, "horzion": "2 h"}))
    assert list(validator.iter_errors({**plain, "horizon": 2}))
    assert list(validator.iter_errors({key: value for key, value in plain.items() if key != "horizon"}))
    assert not list(
        validator.iter_errors({"extends": "one-unit.yaml", "demand": {"required": {"urgent": "2 h"}}})
    )
    assert list(validator.iter_errors({"extends": "one-unit.yaml", "demand": {"required": {"urgnt": "2 h"}}}))


def test_overrides_win_and_null_removes(tmp_path: Path) -> None:
    file = written(tmp_path, TEXT)
    loaded = load(file, ["sites.clinic.link.bandwidth=4 Mbit/s", "seed=7", "baseline=rbsm", "baseline=null"])
    (cell,) = loaded.cells
    assert (cell.sites[0].access.up_bps, cell.seed, cell.baseline) == (4e6, 7, "manual")
    assert load(file, ["policies=[rwoa@online, random]"]).cells[0].policies == (
        PolicyChoice("rwoa", "online"),
        PolicyChoice("random"),
    )


def test_policies_in_the_long_form_and_the_baseline(tmp_path: Path) -> None:
    text = TEXT.replace(
        "[rwoa, rbsm, round-robin, manual]", "[{name: rwoa, variant: online, options: {gap: 0.01}}, rbsm]"
    )
    (cell,) = load(written(tmp_path, text)).cells
    assert cell.policies[0] == PolicyChoice("rwoa", "online", {"gap": 0.01})
    assert cell.baseline == "rwoa@online"


def test_extends_merges_deletes_and_keeps_the_place_of_every_value(tmp_path: Path) -> None:
    written(tmp_path, TEXT + "baseline: rbsm\n", "base.yaml")
    child = written(
        tmp_path,
        "extends: base.yaml\ntitle: child\nsites: {clinic: {scanners: 2}}\nbaseline: null\n",
        "child.yaml",
    )
    (cell,) = load(child).cells
    assert (cell.name, cell.sites[0].scanners, cell.sites[0].access.up_bps) == ("child", 2, 10e6)
    assert cell.baseline == "manual"
    tree = read_extended(child)
    scanners, bandwidth = (
        tree.at(("sites", "clinic", *path)) for path in (("scanners",), ("link", "bandwidth"))
    )
    assert scanners is not None
    assert bandwidth is not None
    assert Path(scanners.mark.source.name).name == "child.yaml"
    assert Path(bandwidth.mark.source.name).name == "base.yaml"
    other = written(
        tmp_path, "extends: child.yaml\nreading_time: {any: {gamma: {mean: 9 min, cv: 1}}}\n", "other.yaml"
    )
    assert load(other).cells[0].demand.mix.reading_min["CT"].family == "gamma"
    (problem,) = refused(written(tmp_path, "extends: base.yaml\nunits: {desk: null}\n", "worse.yaml"))
    assert (problem.code, problem.place) == ("E107", "units")


def test_extends_cannot_run_in_circles(tmp_path: Path) -> None:
    written(tmp_path, "extends: two.yaml\n", "one.yaml")
    two = written(tmp_path, "extends: one.yaml\n", "two.yaml")
    (problem,) = refused(two)
    assert problem.code == "E008"
    for number in range(12):
        written(tmp_path, f"extends: c{number + 1}.yaml\n", f"c{number}.yaml")
    assert refused(tmp_path / "c0.yaml")[0].code == "E008"


def test_what_changes_no_run_changes_no_canonical_text(tmp_path: Path) -> None:
    (cell,) = load(TINY).cells
    same = [
        ("10 Mbit/s", "10000 kbit/s"),
        ("horizon: 2 h", "horizon: 120 min  # two hours"),
        ("replications: 2", "replications: 200"),
        ("Tiny: one site", "Small: one site"),
        ("a morning's first hours", "two hours"),
        ("workstations: 2,", "workstations: 2, "),
        ("manual]", "manual, random]"),
        ("dispatch: {every: 15 min}", "dispatch: {every: 15 min, at_most: 10000}"),
    ]
    for old, new in same:
        assert TEXT.count(old) == 1
        assert load(written(tmp_path, TEXT.replace(old, new))).cells[0].canonical == cell.canonical, old
    different = [
        ("10 Mbit/s", "11 Mbit/s"),
        ("count: 12", "count: 13"),
        ("CT: 50 %, DX: 50 %", "DX: 50 %, CT: 50 %"),
    ]
    for old, new in different:
        assert load(written(tmp_path, TEXT.replace(old, new))).cells[0].canonical != cell.canonical, old
    assert json.loads(cell.canonical)["sites"]["clinic"]["link"]["bandwidth"] == 10e6


def test_the_resolved_text_is_a_scenario_of_the_same_cells(tmp_path: Path) -> None:
    for name in shipped_names():
        loaded = load(name)
        for beside in loaded.path.parent.glob("*.*"):
            shutil.copy(beside, tmp_path)
        again = load(written(tmp_path, loaded.resolved))
        assert [cell.canonical for cell in again.cells] == [cell.canonical for cell in loaded.cells]
        assert [cell.swept for cell in again.cells] == [cell.swept for cell in loaded.cells]


def test_an_assumption_without_a_reason_is_a_warning(tmp_path: Path) -> None:
    for line in ("assumed", '{assumed: ""}', "{assumed: null}", "{assumed: }"):
        text = TEXT.replace('calendar: {assumed: "an ordinary Monday"}', f"calendar: {line}")
        assert text != TEXT
        loaded = load(written(tmp_path, text))
        assert [(one.code, one.place, one.severity) for one in loaded.warnings] == [
            ("W301", "sources.calendar", "warning")
        ]


def test_every_file_read_is_hashed(tmp_path: Path) -> None:
    (cell,) = load(TINY).cells
    assert {"ontology", "codes/protocols.csv", "codes/compatibility.csv"} <= set(cell.inputs)
    assert all(len(digest) == 64 for digest in cell.inputs.values())
    own = tmp_path / "mine"
    own.mkdir()
    from importlib import resources

    table = resources.files("simgrid.codes").joinpath("tables/resolution.csv").read_text(encoding="utf-8")
    (own / "resolution.csv").write_text(table.replace("CT,0.25", "CT,2"), encoding="utf-8")
    (changed,) = load(written(tmp_path, TEXT + "codes: mine\n")).cells
    assert changed.codes_folder == str(own)
    assert changed.inputs[str(own / "resolution.csv")] != cell.inputs["codes/resolution.csv"]
    assert {kind.image_megapixels for kind in changed.demand.mix.kinds if kind.modality == "CT"} == {2.0}


def test_the_conditions_that_can_be_rated_are_those_of_the_shipped_ontology() -> None:
    from simgrid.rating import Ontology

    read = Tables().ontology(None, Findings(read_file(TINY)))
    assert read is not None
    assert read.mapping is None
    assert read.conditions == tuple(one.name for one in Ontology.default().conditions)


def test_an_ontology_of_ones_own_and_its_mistakes(tmp_path: Path) -> None:
    from simgrid.rating import Ontology

    (tmp_path / "tree.json").write_text(json.dumps(Ontology.default().to_mapping()), encoding="utf-8")
    (cell,) = load(written(tmp_path, TEXT + "ontology: tree.json\n")).cells
    assert cell.ontology == Ontology.default().to_mapping()
    (tmp_path / "tree.yaml").write_text("children:\n  Subspecialty: {chldren: {}}\n", encoding="utf-8")
    (problem, *_) = refused(written(tmp_path, TEXT + "ontology: tree.yaml\n"))
    assert (problem.code, problem.file, problem.line) == ("E208", str(tmp_path / "tree.yaml"), 2)


def test_file_names_are_relative_to_where_they_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("base/images", "child/images", "here/images"):
        (tmp_path / folder).mkdir(parents=True)
    text = (
        TEXT[: TEXT.index("  mix:")] + "  dicom: {folder: images}\n\n" + TEXT[TEXT.index("reading_time:") :]
    )
    written(tmp_path, text, "base/base.yaml")
    child = written(tmp_path, "extends: ../base/base.yaml\n", "child/child.yaml")
    monkeypatch.chdir(tmp_path / "here")

    def folder(*overrides: str) -> Path:
        dicom = load(child, overrides).cells[0].demand.dicom
        assert dicom is not None
        assert dicom.folder is not None
        return Path(dicom.folder).resolve()

    assert folder() == tmp_path / "base" / "images"
    assert folder("demand.dicom.folder=images") == tmp_path / "here" / "images"
    (problem,) = refused(child, "demand.dicom.folder=nowhere")
    assert (problem.code, problem.place) == ("E201", "demand.dicom.folder")


def test_yaml_traps(tmp_path: Path) -> None:
    """17:00 is text, NO is text, and merge keys fill what is not there."""
    text = TEXT.replace("ada:\n", "NO:\n")
    assert load(written(tmp_path, text)).cells[0].radiologists[0].name == "NO"
    merged = (
        TEXT.replace("{bandwidth: 10 Mbit/s}", "&wire {bandwidth: 10 Mbit/s}")
        .replace("{bandwidth: 20 Mbit/s}", "{<<: *wire, bandwidth: 5 Mbit/s}")
        .replace("{bandwidth: 100 Mbit/s}", "*wire")
    )
    (cell,) = load(written(tmp_path, merged)).cells
    assert (cell.units[0].access.up_bps, cell.data_centre.access.up_bps) == (5e6, 10e6)
    assert load(written(tmp_path, "\ufeff" + TEXT.replace("\n", "\r\n"))).cells[0].canonical


def test_bombs_and_strange_files_end_at_once(tmp_path: Path) -> None:
    laughs = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n"
    laughs += "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10))
    hostile = {
        "laughs": (laughs, "E005"),
        "deep": ("a: " + "[" * 100_000, "E005"),
        "deeper": ("a: " + "{a: " * 100_000, "E005"),
        "wide": ("".join(f"k{n}: {n}\n" for n in range(40_000)), "E005"),
        "long": ("a: " + "x" * 10_000_000, "E005"),
        "empty": ("", "E007"),
        "comment": ("# nothing\n", "E007"),
        "list": ("- a\n", "E007"),
    }
    for name, (text, code) in hostile.items():
        began = time.process_time()
        assert refused(written(tmp_path, text, name))[0].code == code, name
        assert time.process_time() - began < RUNAWAY_CPU_S, name
    (tmp_path / "latin").write_bytes("title: Zürich\n".encode("latin-1"))
    (problem,) = refused(tmp_path / "latin")
    assert (problem.code, problem.line, problem.column) == ("E001", 1, 9)
    assert refused(tmp_path)[0].code == "E001"
    assert refused("no\0thing")[0].code == "E001"
    assert refused("x" * 5000)[0].code == "E001"


def test_a_pipe_is_refused_without_waiting(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.yaml"
    os.mkfifo(pipe)
    answer: list[str] = []
    thread = threading.Thread(target=lambda: answer.append(refused(pipe)[0].message), daemon=True)
    thread.start()
    thread.join(5)
    assert answer
    assert "not a regular file" in answer[0]


def test_validate_says_ok_or_everything_that_is_wrong(tmp_path: Path) -> None:
    good = CliRunner().invoke(validate, ["tiny/one-unit"])
    assert good.exit_code == 0
    assert good.stdout == (
        "tiny/one-unit: ok: 4 policies x 2 replications = 8 runs, "
        "12 inspections, 1 site, 1 unit, 2 radiologists\n"
    )
    bad = written(tmp_path, TEXT.replace("10 Mbit/s", "10 mbit/s").replace("round-robin", "round-robbin"))
    both = CliRunner().invoke(validate, [str(bad), "tiny/one-unit"])
    assert both.exit_code == 2
    assert both.stdout == good.stdout
    assert "error[E103]" in both.stderr
    assert "did you mean 'round-robin'?" in both.stderr
    as_json = CliRunner().invoke(validate, ["--json", str(bad)])
    assert [json.loads(line)["code"] for line in as_json.stdout.splitlines()] == ["E206", "E103"]
    assert CliRunner().invoke(validate, ["tiny/one-unit", "--set", "seed=x"]).exit_code == 2


def test_a_plug_in_that_does_not_import_is_a_located_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    from simgrid.policies import registry

    def broken(choice: PolicyChoice) -> tuple[str, ...]:
        if choice.name == "rbsm":
            raise ImportError("no module named torch")
        return ()

    monkeypatch.setattr(registry, "check", broken)
    answer = CliRunner().invoke(validate, ["tiny/one-unit", "--set", "policies=[rwoa, rbsm@share, manual]"])
    assert answer.exit_code == 2
    assert "the policy 'rbsm' cannot be loaded" in answer.stderr
    assert "no module named torch" in answer.stderr
