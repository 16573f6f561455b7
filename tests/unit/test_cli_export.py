"""``simgrid export``: the stored run and no other, in every format; refused if it comes out otherwise."""

from __future__ import annotations

import csv
import json
import re
import shutil
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from simgrid.cli.main import cli
from simgrid.experiments.store import RunStore
from simgrid.experiments.study import read_study
from tests.hospital_logs import csv_log
from tests.replaying import replayed

SWEPT = "{dispatch.every: [5 min, 15 min]}"


def simgrid(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, [str(one) for one in arguments])


def ran(parent: Path, *arguments: str | Path) -> Path:
    result = simgrid("run", *arguments, "-j", "1", "-o", parent)
    assert result.exit_code == 0, result.output
    (folder,) = parent.iterdir()
    return folder


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A results folder of the tiny scenario."""
    return ran(tmp_path_factory.mktemp("tiny"), "tiny/one-unit")


@pytest.fixture
def copied(tiny: Path, tmp_path: Path) -> Path:
    """The same, to be spoilt."""
    return Path(shutil.copytree(tiny, tmp_path / tiny.name))


@pytest.mark.parametrize("form", ["xes", "ocel", "vidigi", "csv"])
def test_a_stored_run_is_written_in_each_format(tiny: Path, tmp_path: Path, form: str) -> None:
    file = tmp_path / "out" / "log"
    result = simgrid("export", tiny, "--format", form, "--policy", "rbsm", "--replication", "1", "-o", file)
    assert result.exit_code == 0, result.output
    assert result.stdout == f"{file}\n"
    assert "12 inspections of policy rbsm, replication 1" in result.stderr
    found = {
        "xes": lambda: len(ET.parse(file).findall("{*}trace")),  # noqa: S314
        "ocel": lambda: sum(one["type"] == "inspection" for one in json.loads(file.read_text())["objects"]),
        "vidigi": lambda: len({one["entity_id"] for one in rows_of(file)}),
        "csv": lambda: len(rows_of(file)),
    }[form]()
    assert found == 12


def test_a_stored_run_is_written_as_tables(tiny: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out" / "tables"
    asked = ("export", tiny, "--format", "parquet", "--policy", "rbsm", "-o", folder)
    result = simgrid(*asked)
    assert result.exit_code == 0, result.output
    assert result.stdout == f"{folder}\n"
    assert json.loads((folder / "about.json").read_text())["policy"] == "rbsm"
    assert len(pd.read_parquet(folder / "inspections.parquet")) == 12
    assert {path.name for path in folder.parent.iterdir()} == {"tables"}
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert simgrid(*asked).exit_code == 2
    assert simgrid(*asked, "--force").exit_code == 0
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_a_folder_is_not_written_over_by_a_file_nor_a_file_by_a_folder(
    tiny: Path, tmp_path: Path, form: str
) -> None:
    there = tmp_path / "there"
    if form == "csv":
        there.mkdir()
    else:
        there.write_text("mine")
    result = simgrid("export", tiny, "--format", form, "-o", there, "--force")
    assert result.exit_code == 2
    assert f"which --format {form} does not write" in result.stderr
    assert there.is_dir() == (form == "csv")


def test_the_reference_names_every_table_and_column(tiny: Path, tmp_path: Path) -> None:
    folder = tmp_path / "tables"
    assert simgrid("export", tiny, "--format", "parquet", "-o", folder).exit_code == 0
    page = (Path(__file__).parents[2] / "docs/reference/journal.md").read_text(encoding="utf-8")
    for file in folder.glob("*.parquet"):
        _, _, section = page.partition(f"\n## {file.stem}\n")
        section, _, _ = section.partition("\n## ")
        assert [name for name in pd.read_parquet(file).columns if f"| `{name}` |" not in section] == [], (
            file.stem
        )


def test_it_is_the_run_that_was_asked_for(tiny: Path, tmp_path: Path) -> None:
    """Turnaround of the exported run, by hand, is the stored measurement of that very run."""
    study = read_study(tiny)
    column = study.column("tat_mean_min")
    for policy, label in enumerate(study.design.policies):
        for replication in range(study.design.replications):
            file = tmp_path / f"{label}-{replication}.csv"
            options = ("--policy", label, "--replication", str(replication), "-o", file)
            assert simgrid("export", tiny, "--format", "csv", *options).exit_code == 0
            assert _mean_turnaround_min(file) == pytest.approx(
                study.values[0, policy, replication, column], rel=1e-6
            )


def _mean_turnaround_min(file: Path) -> float:
    times = [
        (
            datetime.fromisoformat(one["reported_at"]) - datetime.fromisoformat(one["requested_at"])
        ).total_seconds()
        for one in rows_of(file)
    ]
    return sum(times) / len(times) / 60


def test_a_run_exported_and_replayed_has_the_same_arrivals(tiny: Path, tmp_path: Path) -> None:
    first = tmp_path / "first.csv"
    assert simgrid("export", tiny, "--format", "csv", "-o", first).exit_code == 0
    result, scenario = replayed(first, tmp_path / "made", "--keep", "sites")
    assert result.exit_code == 0, result.output
    again = ran(tmp_path / "results", scenario, "-r", "1", "--set", "policies=[manual]")
    second = tmp_path / "second.csv"
    assert simgrid("export", again, "--format", "csv", "-o", second).exit_code == 0
    same = ("site", "requested_at", "modality", "body_part", "icd10", "priority", "size_bytes", "images")
    one, two = ([[row[name] for name in same] for row in rows_of(file)] for file in (first, second))
    assert one == two
    assert len(one) == 12


def test_a_smoke_run_of_a_replayed_log_is_found_from_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stored scenario names the log relative to the results folder."""
    _, scenario = replayed(csv_log(tmp_path), tmp_path / "made")
    monkeypatch.chdir(scenario.parent)
    folder = ran(tmp_path / "results", scenario.name, "--smoke")
    assert re.search(
        r'file: "?\.\./\.\./made/night\.log\.csv', (folder / "scenario-resolved.yaml").read_text()
    )
    monkeypatch.chdir("/")
    result = simgrid("export", folder, "--format", "csv", "-o", tmp_path / "out.csv")
    assert result.exit_code == 0, result.output
    assert len(rows_of(tmp_path / "out.csv")) == 6


def test_a_cell_of_a_sweep_is_chosen_by_its_values(tmp_path: Path) -> None:
    options = ("-r", "1", "--set", f"sweep={SWEPT}", "--set", "policies=[manual, rwoa]")
    folder = ran(tmp_path / "results", "tiny/one-unit", *options)
    out = tmp_path / "out.csv"
    vague = simgrid("export", folder, "--format", "csv", "-o", out)
    assert vague.exit_code == 2
    assert (
        "2 cells, and no --at leaves 2 of them: name one with --at 'dispatch.every=5 min'; "
        "--at 'dispatch.every=15 min'" in vague.stderr
    )
    wrong = simgrid("export", folder, "--format", "csv", "--at", "dispatch.every=7 min", "-o", out)
    assert "and --at 'dispatch.every=7 min' is none of them: name one with --at" in wrong.stderr
    for value in ("5 min", "15 min"):
        place = ("--at", f"dispatch.every={value}", "--policy", "rwoa")
        chosen = simgrid("export", folder, "--format", "csv", *place, "-o", out, "--force")
        assert f"dispatch.every {value}" in chosen.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--policy", "rvoa"), "'rvoa' is not among the policies: rwoa, rbsm"),
        (("--replication", "2"), "there is no replication 2: they are numbered 0 to 1"),
        (("--at", "seed=1"), "there is no cell --at 'seed=1': nothing was swept; leave it out"),
        (("--at", "seed"), "write COLUMN=VALUE"),
        (("--format", "xls"), "'xls' is not one of"),
        (("--replication", "-1"), "--replication"),
    ],
)
def test_wrong_options_are_named(tiny: Path, tmp_path: Path, options: tuple[str, ...], said: str) -> None:
    result = simgrid("export", tiny, "--format", "csv", "-o", tmp_path / "out.csv", *options)
    assert result.exit_code == 2, result.output
    assert said in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_folder_without_a_study_and_a_file_in_the_way_are_refused(tiny: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    assert "holds no study.json" in simgrid("export", tmp_path, "--format", "csv", "-o", out).stderr
    out.write_text("mine")
    result = simgrid("export", tiny, "--format", "csv", "-o", out)
    assert (result.exit_code, out.read_text()) == (2, "mine")
    assert "exists: give --force" in result.stderr


def test_a_run_that_comes_out_otherwise_is_not_exported(copied: Path, tmp_path: Path) -> None:
    store, key = RunStore(copied / "runs"), read_study(copied).keys[0][0][0]
    run = store.load(key)
    assert run is not None
    first, *others = run.measurements
    store.save(replace(run, measurements=(replace(first, value=first.value + 1), *others)))
    manifest = json.loads((copied / "manifest.json").read_text())
    manifest["model_version"] = 0
    manifest["policy_sources_sha256"]["rbsm"] = "0"
    (copied / "manifest.json").write_text(json.dumps(manifest))
    result = simgrid("export", copied, "--format", "csv", "-o", tmp_path / "out.csv")
    assert result.exit_code == 4
    assert "changed since this run was stored" in result.stderr
    assert f"{first.metric} ({first.group}) was {first.value + 1:.6g}, is {first.value:.6g}" in result.stderr
    assert "model version: 0 then" in result.stderr
    assert "the source of policy rbsm is another" in result.stderr
    assert not (tmp_path / "out.csv").exists()


def test_a_log_that_has_changed_since_is_named(tmp_path: Path) -> None:
    _, scenario = replayed(csv_log(tmp_path), tmp_path / "made")
    folder = ran(tmp_path / "results", scenario, "--smoke")
    log = scenario.with_name("night.log.csv")
    log.write_text(log.read_text().replace("T08:00:00", "T07:00:00", 1))
    result = simgrid("export", folder, "--format", "csv", "-o", tmp_path / "out.csv")
    assert result.exit_code == 4
    assert "the content of night.log.csv is another" in result.stderr
    log.unlink()
    gone = simgrid("export", folder, "--format", "csv", "-o", tmp_path / "out.csv")
    assert gone.exit_code == 2
    assert "error[E201]" in gone.stderr


def test_a_folder_whose_scenario_is_lost_says_so(copied: Path, tmp_path: Path) -> None:
    (copied / "scenario-resolved.yaml").unlink()
    result = simgrid("export", copied, "--format", "csv", "-o", tmp_path / "out.csv")
    assert result.exit_code == 2
    assert "run the scenario again" in result.stderr


def test_of_a_run_with_labels_a_log_has_the_labels_and_the_tables_have_both(tmp_path: Path) -> None:
    flag = "demand.triage={sensitivity: 0 %, false_positives: 100 %}"  # always wrong
    folder = ran(tmp_path, "tiny/one-unit", "-r", "1", "--set", flag, "--set", "policies=[rbsm]")
    assert simgrid("export", folder, "--format", "csv", "-o", tmp_path / "log.csv").exit_code == 0
    assert simgrid("export", folder, "--format", "parquet", "-o", tmp_path / "tables").exit_code == 0
    table = pd.read_parquet(tmp_path / "tables" / "inspections.parquet")
    assert (table["urgent"] != table["labelled_urgent"]).all()
    assert set(table["urgent"]) == {True, False}
    shown = ["urgent" if one else "routine" for one in table["labelled_urgent"]]
    assert [one["priority"] for one in rows_of(tmp_path / "log.csv")] == shown
    page = (Path(__file__).parents[2] / "docs/reference/journal.md").read_text(encoding="utf-8")
    assert "| `labelled_urgent` |" in page
