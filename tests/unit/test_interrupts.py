"""Ctrl-C, as a terminal sends it: exit 130 at once, nothing torn, no worker left, no traceback."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.forked_commands import Command, Commands, left

SECONDS = 3.0
"""Generous, since machines that test are loaded; alone it takes a tenth of a second."""

TINY = ("run", "tiny/one-unit", "--set", "policies=[round-robin, manual]", "--set", "baseline=manual")
LONG = (*TINY, "-r", "2", "--set", "demand.count=40000", "--set", "horizon=60 d")


def wait_for(what: Callable[[], object], command: Command) -> None:
    until = time.monotonic() + 60.0
    while not what():
        assert time.monotonic() < until, command.said()
        time.sleep(0.005)


def interrupted(command: Command, parent: Path, *after_s: float) -> None:
    """Interrupt the command, again after so many seconds, and see how it ends."""
    began = time.monotonic()
    command.signal_group(signal.SIGINT)
    for seconds in after_s:
        time.sleep(seconds)
        try:
            command.signal_group(signal.SIGINT)
        except ProcessLookupError:
            break
    assert command.ended() == 130, command.said()
    took = time.monotonic() - began
    assert took < SECONDS
    assert left(command.pid, within_s=SECONDS) == [], "a worker is left"
    said = command.said()
    assert said.endswith("error: interrupted; finished runs are kept, the same command goes on from here\n")
    assert said.count("interrupted") == 1
    assert "Traceback" not in said
    assert "Warning" not in said
    if not after_s:  # a second Ctrl-C may leave a temporary file to the next command
        assert not list(parent.rglob("*.tmp"))


@pytest.mark.parametrize("again", [(), (0.02, 0.02)], ids=["once", "three times"])
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_in_the_middle_of_a_long_run(
    forked: Commands, tmp_path: Path, jobs: str, again: tuple[float, ...]
) -> None:
    command = forked.start(*LONG, "-j", jobs, "-o", str(tmp_path))
    wait_for(lambda: list(tmp_path.glob("*/receipts/*.jsonl")), command)
    time.sleep(0.1)
    interrupted(command, tmp_path, *again)
    assert not list(tmp_path.glob("*/runs/*.json")), "the run was not long"


def test_in_a_long_call_that_hears_no_signal(forked: Commands, tmp_path: Path) -> None:
    command = forked.start(*TINY, "-j", "1", "-o", str(tmp_path), hook=("deaf_run",))
    wait_for(lambda: list(tmp_path.glob("*/receipts/*.jsonl")), command)
    time.sleep(0.1)
    interrupted(command, tmp_path)


@pytest.mark.parametrize("after_s", [0.0, 0.1, 0.4])
def test_while_workers_start(forked: Commands, tmp_path: Path, after_s: float) -> None:
    command = forked.start(*LONG, "-j", "2", "-o", str(tmp_path))
    wait_for(command.workers, command)
    time.sleep(after_s)
    interrupted(command, tmp_path)


@pytest.mark.parametrize("again", [(), (0.02,)], ids=["once", "twice"])
def test_while_figures_are_written(forked: Commands, tmp_path: Path, again: tuple[float, ...]) -> None:
    few = (*TINY, "-j", "1", "-o", str(tmp_path))
    command = forked.start(*few, hook=("slow_exhibits", "30"))
    wait_for(lambda: list(tmp_path.glob("*/.under-way")), command)
    interrupted(command, tmp_path, *again)
    assert not list(tmp_path.glob("*/comparison.*"))
    assert "0 runs to compute, 4 stored" in forked.run(*few).said()
    assert len(list(tmp_path.glob("*/comparison.*"))) == 3


def test_before_anything_is_written(forked: Commands, tmp_path: Path) -> None:
    command = forked.start(*LONG, "-j", "2", "-o", str(tmp_path))
    time.sleep(0.05)
    command.signal_group(signal.SIGINT)
    assert command.ended() == 130
    assert "Traceback" not in command.said()
    assert "finished runs" not in command.said()


def test_a_command_that_keeps_no_runs_does_not_say_so(forked: Commands, tmp_path: Path) -> None:
    command = forked.start("warm-up", *LONG[1:], "-j", "1", "-o", str(tmp_path))
    wait_for(lambda: command.err.exists() and "terminating" in command.said(), command)
    time.sleep(0.3)
    command.signal_group(signal.SIGINT)
    assert command.ended() == 130
    assert command.said().endswith("error: interrupted\n")
