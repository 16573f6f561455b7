"""A slice of the archive of 52 sites: it says how far it is, and goes on where it was interrupted."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import simgrid.simulation  # noqa: F401, its modules are patched
from simgrid.cli import progress
from simgrid.cli.main import cli

SLICE = (
    *("run", "paper/archive-52-sites", "-j", "1"),
    *("--set", "horizon=1 d", "--set", "demand.count=12", "--set", "demand.archive.count=500"),
)
LINE = re.compile(r"^(?P<done>[\d.]+) of 1 runs, about (?P<left>\d+) (?:s|min) left$", re.MULTILINE)


def test_one_long_run_says_how_far_it_is_and_what_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the archive itself, with thousands of times as many, a block of them is fed at once."""
    monkeypatch.setattr(progress, "SECONDS_BETWEEN_LINES", 0.0)
    monkeypatch.setattr(sys.modules["simgrid.simulation.run"], "_FED_AT_ONCE", 100)
    done = CliRunner().invoke(cli, [*SLICE, "-o", str(tmp_path)])
    assert done.exit_code == 0, done.output
    shares = [float(line["done"]) for line in LINE.finditer(done.stderr)]
    assert len(shares) >= 5
    assert shares == sorted(shares)
    assert shares[0] < 0.9  # whoever polls a busy machine may come late
    assert 0.7 < shares[-1] <= 1.0


def test_an_interrupted_archive_goes_on_between_replications(tmp_path: Path) -> None:
    arguments = [*SLICE, "-r", "3", "-o", str(tmp_path)]
    command = [sys.executable, "-c", "from simgrid.cli.main import main; main()", *arguments]
    with subprocess.Popen(
        command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        while not list(tmp_path.glob("*/runs/*.json")):
            assert process.poll() is None
        os.killpg(process.pid, signal.SIGINT)
        said = process.stderr.read()
        assert process.wait(timeout=30) == 130
    assert "the same command goes on from here" in said
    stored = {path: path.read_bytes() for path in tmp_path.glob("*/runs/*.json")}
    assert 1 <= len(stored) < 3
    done = CliRunner().invoke(cli, arguments)
    assert done.exit_code == 0, done.output
    assert f"{3 - len(stored)} runs to compute with 1 worker, {len(stored)} stored" in done.stderr
    assert len(list(tmp_path.glob("*/runs/*.json"))) == 3
    assert all(path.read_bytes() == content for path, content in stored.items())
