"""The commands: exit codes, what goes to which stream, nothing torn, no traceback on a user's mistake."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from simgrid.cli.main import cli
from simgrid.domain.scenario import PolicyChoice, Scenario
from simgrid.experiments import assemble
from simgrid.metrics import Measurement

TINY = ("run", "tiny/one-unit", "--smoke", "-j", "1")
TABLES = ("summary.csv", "comparisons.csv", "replications.csv")


def simgrid(*arguments: str) -> Result:
    return CliRunner().invoke(cli, list(arguments))


def folder_in(parent: Path) -> Path:
    (folder,) = parent.iterdir()
    return folder


@pytest.fixture(scope="module")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, Path]:
    """One run and the parent of its folder; a test that changes the folder takes a copy."""
    parent = tmp_path_factory.mktemp("results")
    return simgrid(*TINY, "-o", str(parent)), parent


@pytest.fixture
def copied(first_run: tuple[Result, Path], tmp_path: Path) -> Path:
    shutil.copytree(first_run[1], tmp_path / "copy")
    return tmp_path / "copy"


def test_help_imports_nothing_heavy() -> None:
    script = (
        "import sys\n"
        "from simgrid.cli.main import main\n"
        "try:\n    main(['--help'])\n"
        "except SystemExit:\n    pass\n"
        "heavy = {'numpy', 'rich', 'pydantic', 'matplotlib', 'joblib', 'scipy', 'simpy', 'asyncio'}\n"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "run " in done.stdout
    assert "compare " in done.stdout


def test_run_leaves_a_complete_folder_and_prints_it_last(first_run: tuple[Result, Path]) -> None:
    done, parent = first_run
    assert done.exit_code == 0, done.output
    folder = folder_in(parent)
    assert done.stdout.splitlines()[-1] == str(folder)
    assert "runs to compute" in done.stderr
    assert "runs to compute" not in done.stdout
    assert max(len(line) for line in done.stdout.splitlines()[:-1]) <= 80
    found = {path.name for path in folder.iterdir()}
    assert found >= {
        *TABLES, "manifest.json", "study.json", "scenario.yaml", "scenario-resolved.yaml",
        "comparison.md", "comparison.svg", "comparison.png", "runs",
    }  # fmt: skip
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["model_version"] >= 1
    assert manifest["packages"]["numpy"]
    assert set(manifest["policy_sources_sha256"]) == {
        label.partition("@")[0] for label in manifest["policies"]
    }
    assert all(len(digest) == 64 for digest in manifest["inputs_sha256"].values())


def test_a_second_run_computes_nothing_and_writes_the_same_bytes(copied: Path) -> None:
    folder = folder_in(copied)
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    again = simgrid(*TINY, "-o", str(copied))
    assert again.stderr.startswith("1 cell x 4 policies x 2 replications = 8 runs: 0 runs to compute")
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()} == before


def test_a_damaged_run_is_reported_and_mended(copied: Path) -> None:
    victim = sorted((folder_in(copied) / "runs").iterdir())[0]
    whole = victim.read_bytes()
    victim.write_bytes(whole[:50])
    again = simgrid(*TINY, "-o", str(copied))
    assert again.exit_code == 0
    assert f"a stored run is damaged and will be computed again: {victim.name}" in again.stderr
    assert victim.read_bytes() == whole


def test_json_is_one_object_a_line(copied: Path) -> None:
    done = simgrid(*TINY, "--json", "-o", str(copied))
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert rows[-1] == {"folder": str(folder_in(copied))}
    assert {row["table"] for row in rows[:-1]} >= {"summary", "comparisons"}


def test_dry_run_counts_and_leaves_no_trace(tmp_path: Path) -> None:
    done = simgrid("run", "paper/table-1-orderings", "--dry-run", "-r", "2", "-o", str(tmp_path / "none"))
    assert done.exit_code == 0
    first = done.stdout.splitlines()[0]
    assert first == "54 cells x 6 policies x 2 replications = 648 runs, 0 of them stored"
    assert not (tmp_path / "none").exists()


def test_dry_run_says_what_is_missing_and_touches_nothing(copied: Path) -> None:
    folder = folder_in(copied)
    runs = sorted((folder / "runs").iterdir())
    runs[0].unlink()
    left = folder / "runs" / f".{runs[0].name}.elsewhere-1-0.tmp"
    left.write_text("half")
    before = {
        path: (path.stat().st_mtime_ns, path.is_file() and path.read_bytes()) for path in folder.rglob("*")
    }
    done = simgrid(*TINY, "--dry-run", "-o", str(copied))
    assert done.exit_code == 0
    assert f"= {len(runs)} runs, {len(runs) - 1} of them stored" in done.stdout
    assert before == {
        path: (path.stat().st_mtime_ns, path.is_file() and path.read_bytes()) for path in folder.rglob("*")
    }


def test_compare_reads_stored_folders_only(
    copied: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    simgrid(*TINY, "--seed", "2", "-o", str(tmp_path / "b"))
    one, two = folder_in(copied), folder_in(tmp_path / "b")
    monkeypatch.setattr(assemble, "run_once", lambda *_: pytest.fail("compare must compute nothing"))
    table = simgrid("compare", str(one))
    assert table.exit_code == 0, table.output
    assert simgrid("compare", str(one), "--format", "csv").stdout == (one / "comparisons.csv").read_text()
    assert simgrid("compare", str(one), "--format", "md").stdout == (one / "comparison.md").read_text()
    both = simgrid("compare", str(one), str(two), "--format", "csv").stdout.splitlines()
    assert both[0].startswith("policy,baseline,study,")
    assert {line.split(",")[2] for line in both[1:]} == {one.name, two.name}
    other = json.loads((one / "study.json").read_text())["design"]["policies"][0]
    swapped = simgrid("compare", str(one), "--baseline", other, "--format", "csv").stdout.splitlines()
    assert {line.split(",")[1] for line in swapped[1:]} == {other}


def test_compare_pairs_the_values_of_a_swept_column(tmp_path: Path) -> None:
    scenario = tmp_path / "two.yaml"
    scenario.write_text(
        "extends: tiny/one-unit\nvariants:\n  seldom: {dispatch: {every: 4 h}}\nprimary: [tat_mean_min]\n"
    )
    assert simgrid("run", str(scenario), "--smoke", "-j", "1", "-o", str(tmp_path / "out")).exit_code == 0
    folder = str(folder_in(tmp_path / "out"))
    asked = ("compare", folder, "--across", "variant", "--group", "urgency=routine")
    lines = simgrid(*asked, "--format", "csv").stdout.splitlines()
    assert lines[0].startswith("variant,baseline,policy,group,")
    rows = [line.split(",") for line in lines[1:]]
    assert {(row[0], row[1], row[3]) for row in rows} == {("seldom", "base", "urgency=routine")}
    waits = [float(row[6]) for row in rows if row[4] == "wait_mean_min"]
    assert waits
    assert min(waits) > 0
    drawn = simgrid(*asked, "--baseline", "seldom", "--figures", str(tmp_path / "drawn"))
    assert "compared with seldom" in drawn.stdout
    assert {path.suffix for path in (tmp_path / "drawn").iterdir()} == {".svg", ".png"}
    wrong = simgrid("compare", folder, "--across", "variants")
    assert wrong.exit_code == 2
    assert "'variants' is no swept column of the study; its columns are: variant" in wrong.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("run",), "FILE"),
        (("run", "nowhere.yaml"), "no such file"),
        (("run", "tiny/one-unit", "--set", "policies=[rwao]"), "did you mean 'rwoa'"),
        (("run", "tiny/one-unit", "-r", "0"), "0 is not in the range"),
        (("frobnicate",), "there are: run, "),
        (("compare", "."), "study.json"),
        (("compare", "no-such-folder"), "no such folder: no-such-folder"),
    ],
)
def test_a_users_mistake_is_exit_2_without_a_traceback(arguments: tuple[str, ...], said: str) -> None:
    done = simgrid(*arguments)
    assert done.exit_code == 2, done.output
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_an_unknown_baseline_names_the_policies(first_run: tuple[Result, Path]) -> None:
    done = simgrid("compare", str(folder_in(first_run[1])), "--baseline", "nobody")
    assert done.exit_code == 2
    assert "rwoa" in done.stderr


def test_a_failing_model_is_exit_3_and_keeps_finished_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    true_run = assemble.run_once

    def failing(
        cell: Scenario, policy: PolicyChoice, replication: int, _: Any = None
    ) -> tuple[Measurement, ...]:
        if replication == 1:
            raise ZeroDivisionError("planted")
        return true_run(cell, policy, replication)

    monkeypatch.setattr(assemble, "run_once", failing)
    done = simgrid(*TINY, "-o", str(tmp_path))
    assert done.exit_code == 3, done.output
    assert "replication 1: ZeroDivisionError: planted" in done.stderr
    kept = len(list((folder_in(tmp_path) / "runs").iterdir()))
    monkeypatch.setattr(assemble, "run_once", true_run)
    assert simgrid(*TINY, "-o", str(tmp_path)).stderr.strip().endswith(f"{kept} stored")
    assert kept >= 1


@pytest.mark.parametrize("below", ["a file", "/proc"])
def test_a_folder_that_cannot_be_made_is_exit_4_and_says_what_to_give(tmp_path: Path, below: str) -> None:
    (tmp_path / "a file").write_text("not a folder")
    if below == "/proc" and not Path(below).is_dir():
        pytest.skip("this system has no /proc")
    done = simgrid(*TINY, "-o", str(tmp_path / below / "results"))
    assert done.exit_code == 4, done.output
    assert "give another folder with -o" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "damage",
    [
        b"", b"[]", b"{}", b"\xff", b"null", b'{"fk": 1}', b'{"schema": 1, "design": [], "keys": []}', "half",
        "a design without a name", "a key less", "a policy more", "a number for a key", "a word for a number",
    ],
)  # fmt: skip
def test_a_damaged_study_is_told_in_words(copied: Path, damage: bytes | str) -> None:
    file = folder_in(copied) / "study.json"
    file.write_bytes(damage if isinstance(damage, bytes) else damaged(file.read_bytes(), damage))
    done = simgrid("compare", str(folder_in(copied)))
    assert done.exit_code == 2, done.output
    assert f"{file} is damaged (cut short or edited): run the scenario again" in done.stderr
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert simgrid(*TINY, "-o", str(copied)).exit_code == 0
    assert simgrid("compare", str(folder_in(copied))).exit_code == 0


def damaged(whole: bytes, how: str) -> bytes:
    study = json.loads(whole)
    match how:
        case "half":
            return whole[: len(whole) // 2]
        case "a design without a name":
            del study["design"]["name"]
        case "a key less":
            study["keys"][0][0].pop()
        case "a policy more":
            study["design"]["policies"].append("nobody")
        case "a number for a key":
            study["keys"][0][0][0] = 5
        case "a word for a number":
            study["design"]["replications"] = "many"
    return json.dumps(study).encode()


def test_ctrl_c_is_exit_130_and_the_same_command_goes_on(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from simgrid.cli.main import main; main()"]
    arguments = ["run", "paper/table-1", "-r", "8", "-j", "2", "-o", str(tmp_path)]
    with subprocess.Popen(
        [*command, *arguments],
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        assert "runs to compute" in process.stderr.readline()
        while not list(tmp_path.glob("*/runs/*.json")):
            assert process.poll() is None
        os.killpg(process.pid, signal.SIGINT)
        said = process.stderr.read()
        assert process.wait(timeout=10) == 130
    assert "the same command goes on from here" in said
    assert "Traceback" not in said
    stored = list(tmp_path.glob("*/runs/*.json"))
    assert stored
    assert all(json.loads(path.read_text())["key"] == path.stem for path in stored)
    dry = simgrid(*arguments, "--dry-run").stdout
    assert f"{len(stored)} of them stored" in dry


def test_a_reader_that_has_read_enough_is_no_failure(tmp_path: Path) -> None:
    command = f"{sys.executable} -m simgrid_telerad run tiny/one-unit --json -j 1 -o {tmp_path} | head -1"
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
