"""Campaigns killed at moments uniform over their length, and resumed: for the quick and the long suite."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from simgrid.experiments.receipts import Receipt, computed_again, read_receipts
from simgrid.randomness import stream
from tests.forked_commands import Command, Commands, left

Victim: TypeAlias = Literal["parent", "worker"]

ARGUMENTS = (
    *("run", "tiny/one-unit", "-r", "8"),
    *("--set", "policies=[rwoa, round-robin]", "--set", "baseline=round-robin", "--set", "demand.count=200"),
)
"""16 runs of about a tenth of a second."""


@dataclass(frozen=True, slots=True)
class Undisturbed:
    """What the campaign leaves when nobody disturbs it, and how long the command takes with two workers."""

    files: dict[str, bytes]
    seconds: float


@dataclass(frozen=True, slots=True)
class Killed:
    """What one kill has met: whether the command was under way, and how many runs were stored."""

    victim: Victim
    under_way: bool
    stored: int


def files_in(parent: Path) -> dict[str, bytes]:
    """Every file of the only results folder in ``parent`` by its path, receipts excepted.

    Receipts are all that tells who computed and when; everything else must be the same bytes.
    """
    (folder,) = parent.iterdir()
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.parent.name != "receipts"
    }


def receipts_in(parent: Path) -> tuple[Receipt, ...]:
    """The receipts of the only results folder in ``parent``, in order of time."""
    return tuple(one for folder in parent.iterdir() for one in read_receipts(folder / "receipts"))


def runs_in(parent: Path) -> set[str]:
    """The keys of the runs that are stored."""
    return {path.stem for path in parent.glob("*/runs/*.json")}


def undisturbed(commands: Commands, parent: Path) -> Undisturbed:
    """Run the campaign in peace."""
    began = time.monotonic()
    commands.run(*ARGUMENTS, "-j", "2", "-o", str(parent))
    took = time.monotonic() - began
    assert computed_again(receipts_in(parent)) == ()
    return Undisturbed(files_in(parent), took)


def kill_and_resume(
    commands: Commands, parent: Path, peace: Undisturbed, victim: Victim, number: int
) -> Killed:
    """Kill the parent or a worker at the ``number``-th moment, resume, and hold the folder against peace."""
    parent.mkdir()
    draw = stream(20260105, number, "kill")
    begun = time.monotonic()
    command = commands.start(*ARGUMENTS, "-j", "2", "-o", str(parent))
    time.sleep(max(0.0, begun + draw.uniform(0.0, peace.seconds) - time.monotonic()))
    under_way = _kill(command, victim, int(draw.integers(2)))
    stored = runs_in(parent)
    before = receipts_in(parent)
    if victim == "worker":
        assert command.ended() in (0, 4), command.said()
    no_torn_file(parent, peace.files)
    jobs = "12"[number % 2]
    commands.run(*ARGUMENTS, "-j", jobs, "-o", str(parent))  # while orphans may still be there
    assert left(command.pid, within_s=5.0) == [], "a worker outlives its campaign"
    found = files_in(parent)
    assert found.keys() == peace.files.keys()
    assert [name for name, content in found.items() if content != peace.files[name]] == []
    after = receipts_in(parent)
    assert computed_again(after) == ()
    assert not {one.run for one in after[len(before) :] if one.event == "began"} & stored
    return Killed(victim, under_way, len(stored))


def no_torn_file(parent: Path, whole: dict[str, bytes]) -> None:
    """Whatever has a final name has its final content; the campaigns here never replace a file by another."""
    for name, content in files_in(parent).items() if any(parent.iterdir()) else ():
        if not name.endswith(".tmp"):
            assert content == whole[name], f"{name} is torn"


def _kill(command: Command, victim: Victim, choice: int) -> bool:
    """Kill the parent, or one of its workers as soon as there is one; whether it was under way."""
    if victim == "parent":
        with suppress(ProcessLookupError):  # it has ended by itself
            os.kill(command.pid, signal.SIGKILL)
        return command.ended() == -signal.SIGKILL
    workers = command.workers()
    try:
        if workers:
            os.kill(workers[choice % len(workers)], signal.SIGKILL)
    except ProcessLookupError:
        return False
    return bool(workers)
