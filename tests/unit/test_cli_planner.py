"""Where a planner who programs nothing came to a halt: what commands tell her, and what they count."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from simgrid.cli import doctor as doctor_module
from simgrid.cli.app import STOPPED
from simgrid.cli.installation import Finding, examine
from simgrid.cli.main import cli

PATIENCE_S = 60.0


def simgrid(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments)


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("planning/region", "5 radiologists (evening 4, night 1), "),
        ("tiny/plan", "2 radiologists (day 2, late 0)\n"),
        ("tiny/one-unit", "2 radiologists\n"),
    ],
)
def test_validate_says_of_whom_its_radiologists_are(file: str, said: str) -> None:
    assert said in simgrid("validate", file).stdout


def test_radiologists_of_rosters_with_like_names_are_counted_once(tmp_path: Path) -> None:
    file = tmp_path / "s.yaml"
    more = "{unit: desk, reads: [CT], hours: 'daily 00:00-24:00', ratings: {CT: 0.5}, count: 2}"
    file.write_text(f"extends: tiny/one-unit\nradiologists: {{ada-late: {more}, nina: {more}}}\n")
    said = simgrid("validate", str(file)).output
    assert "6 radiologists (ada 1, ben 1, ada-late 2, nina 2)" in said


def test_doctor_says_on_stderr_what_it_is_about_to_check(monkeypatch: pytest.MonkeyPatch) -> None:
    def one_check(begins: Callable[[str], None]) -> list[Finding]:
        begins("scenarios")
        return [Finding("scenarios", True, "all valid")]

    monkeypatch.setattr("simgrid.cli.installation.examine", one_check)
    done = simgrid("doctor")
    assert done.stderr == "checking scenarios ...\n"
    assert done.stdout == "ok    scenarios: all valid\neverything works\n"
    monkeypatch.setattr(doctor_module, "_on_terminal", lambda: True)
    assert simgrid("doctor").stderr == "checking scenarios ...\r", "its finding takes the line"


def test_every_check_is_announced_before_it_begins() -> None:
    begun: list[str] = []
    checks = examine(begun.append)
    assert begun == []
    next(checks)
    assert begun == ["python"]


@pytest.mark.skipif(os.name != "posix", reason="a signal as a terminal of Unix sends it")
def test_ctrl_c_is_the_normal_end_of_the_editor(tmp_path: Path) -> None:
    pytest.importorskip("streamlit")
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "simgrid_telerad", "app", "--no-browser", "--port", "8593"],
        cwd=tmp_path,
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert "Ctrl-C ends it" in process.stdout.readline()
        while "URL" not in process.stdout.readline():
            assert process.poll() is None
        time.sleep(0.5)
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(timeout=PATIENCE_S) == 0
        assert process.stderr.read() == f"{STOPPED}\n"


@pytest.fixture
def two_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for seed in ("1", "2"):
        done = simgrid("run", "tiny/one-unit", "--smoke", "-j", "1", "--set", f"seed={seed}")
        assert done.exit_code == 0, done.output
    return tmp_path


def test_a_star_that_the_shell_leaves_is_a_star_all_the_same(two_runs: Path) -> None:
    assert len(list(two_runs.glob("results/one-unit-*"))) == 2
    (two_runs / "results" / "one-unit-notes.txt").write_text("no folder")
    assert simgrid("compare", "results/one-unit-*").exit_code == 0
    done = simgrid("report", "results/one-unit-*", "--waits", "0", "-o", "board.html")
    assert done.exit_code == 0, done.output
    assert simgrid("verify", "boa*.html", "--runs", "1", "-j", "1").exit_code == 0
    (two_runs / "mine.yaml").write_text("extends: tiny/one-unit\n")
    assert simgrid("validate", "*.yaml", "tiny/plan").stdout.startswith("mine.yaml: ok: ")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("report", "results/two-*"), "no such folder: results/two-*: results lie below"),
        (("compare", "results/*"), "no such folder: results/*: results lie below"),
        (("verify", "*.html"), "*.html: no such file: give a report.html"),
        (("validate", "mine/*.yaml"), "mine/*.yaml"),
    ],
)
def test_a_star_that_matches_nothing_is_told(
    arguments: tuple[str, ...], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = simgrid(*arguments)
    assert done.exit_code == 2
    assert said in done.stderr


def test_one_report_at_a_time_is_verified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a.html", "b.html"):
        (tmp_path / name).write_text("")
    assert (
        "several files match '*.html', and one is wanted: a.html, b.html"
        in simgrid("verify", "*.html").stderr
    )
    (tmp_path / "[1].html").write_text("")
    assert "several" not in simgrid("verify", "[1].html").stderr
