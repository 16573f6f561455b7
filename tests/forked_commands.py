"""Commands of ours in processes that may be killed: one process has everything imported, and forks for each.

A forked command is the real one (its own session, its own signal handlers, its own workers), begun a second
earlier than from a shell. Run as a module, this file is that one process.
"""

from __future__ import annotations

import fnmatch
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Command:
    """A command under way; ``ended`` waits for its exit code, or minus the signal that ended it."""

    pid: int
    ended: Callable[[], int]
    out: Path
    err: Path

    def said(self) -> str:
        """Its stderr so far."""
        return self.err.read_text()

    def signal_group(self, number: int) -> None:
        """As a terminal does: to every process of the command."""
        os.killpg(self.pid, number)

    def workers(self) -> list[int]:
        """Its living worker processes."""
        return [one for one in members(self.pid) if b"popen_loky" in _read(one, "cmdline")]


@dataclass(frozen=True, slots=True)
class Commands:
    """The process that forks, and where commands may write what they say."""

    server: subprocess.Popen[str]
    folder: Path

    def start(self, *arguments: str, hook: tuple[str, ...] = ()) -> Command:
        """Begin a command; ``hook`` names a function of this module, with arguments, that is called first."""
        number = sum(1 for _ in self.folder.iterdir())
        out, err = self.folder / f"{number}.out", self.folder / f"{number}.err"
        order = {"arguments": arguments, "hook": hook, "out": str(out), "err": str(err)}
        assert self.server.stdin is not None
        self.server.stdin.write(json.dumps(order) + "\n")
        self.server.stdin.flush()
        return Command(self._number(), self._number, out, err)

    def run(self, *arguments: str, hook: tuple[str, ...] = ()) -> Command:
        """Begin a command, and see that it ends well."""
        command = self.start(*arguments, hook=hook)
        code = command.ended()
        assert code == 0, f"exit {code}: {command.said()}"
        return command

    def _number(self) -> int:
        assert self.server.stdout is not None
        return int(self.server.stdout.readline())


@contextmanager
def commands(folder: Path) -> Iterator[Commands]:
    """Start the process that forks, and end it."""
    folder.mkdir()
    with subprocess.Popen(
        [sys.executable, "-m", "tests.forked_commands"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        try:
            yield Commands(server, folder)
        finally:
            assert server.stdin is not None
            server.stdin.close()


def members(session: int) -> list[int]:
    """The living processes of a session; those that have ended and wait to be asked for do not count."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            state = _read(int(entry.name), "stat").rpartition(b") ")[2].split()
            if state and state[0] != b"Z" and int(state[3]) == session:
                found.append(int(entry.name))
    return found


def left(session: int, within_s: float) -> list[bytes]:
    """What the processes of the session are that do not end by themselves in this time."""
    until = time.monotonic() + within_s
    while (there := members(session)) and time.monotonic() < until:
        time.sleep(0.02)
    return [_read(one, "cmdline") for one in there]


def _read(process: int, name: str) -> bytes:
    try:
        return Path(f"/proc/{process}/{name}").read_bytes()
    except OSError:  # it has ended meanwhile
        return b""


def kill_before_rename(pattern: str, number: str) -> None:
    """Have the process killed when the n-th file of such names is written but has its temporary name."""
    true_replace, left = Path.replace, [int(number)]

    def replace(self: Path, target: Path) -> Path:
        if fnmatch.fnmatch(target.name, pattern):
            left[0] -= 1
            if left[0] == 0:
                assert self.name.endswith(".tmp"), self
                os.kill(os.getpid(), signal.SIGKILL)
        return true_replace(self, target)

    setattr(Path, "replace", replace)  # noqa: B010 - mypy: a method of another class


def kill_at_receipt(event: str, number: str) -> None:
    """Have the process killed at the n-th receipt of an event, when half of its line is on the disk."""
    from simgrid.experiments import receipts

    true_append, left = receipts._append, [int(number)]

    def append(path: Path, line: bytes) -> None:
        if json.loads(line)["event"] == event:
            left[0] -= 1
            if left[0] == 0:
                true_append(path, line[: len(line) // 2])
                os.kill(os.getpid(), signal.SIGKILL)
        true_append(path, line)

    receipts._append = append


def slow_exhibits(seconds: str) -> None:
    """Have every figure take longer to write, so that there is time to interrupt it."""
    from simgrid.experiments import results_folder
    from simgrid.experiments.atomic import write_bytes as true_write

    def write_bytes(path: Path, content: bytes) -> None:
        (path.parent / ".under-way").touch()
        time.sleep(float(seconds))
        true_write(path, content)

    setattr(results_folder, "write_bytes", write_bytes)  # noqa: B010 - mypy: imported there, not exported


def deaf_run() -> None:
    """Have a run be one long call in C, which hears of no signal before it returns."""
    import hashlib

    from simgrid.experiments import assemble

    def run_once(*_: object) -> tuple[object, ...]:
        hashlib.pbkdf2_hmac("sha256", b"", b"", 10**9)
        return ()

    setattr(assemble, "run_once", run_once)  # noqa: B010 - mypy: another type


def limit_file_size(largest: str) -> None:
    """Have the system refuse files of more bytes than that, to the command and to its workers."""
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (int(largest), int(largest)))


def _import_everything() -> None:
    import importlib

    for name in (
        "joblib.externals.loky.process_executor",
        "matplotlib.backends.backend_agg",
        "matplotlib.backends.backend_svg",
        "simgrid.experiments.installed",
        "simgrid.cli.run",
        "simgrid.experiments.assemble",
        "simgrid.experiments.results_folder",
        "simgrid.presentation.figures",
        "simgrid.presentation.json_lines",
        "simgrid.presentation.tables",
        "simgrid.scenario",
    ):
        importlib.import_module(name)
    _ask_for_the_commit_once()


def _ask_for_the_commit_once() -> None:
    """A commit made while tests run is no difference between two of their folders."""
    import simgrid
    from simgrid.experiments import provenance

    found = provenance._commit(Path(simgrid.__file__).parent)
    setattr(provenance, "_commit", lambda _: found)  # noqa: B010 - mypy: another type


def _become(order: dict[str, Any]) -> None:
    """In the forked process: go where the order says, and run its command."""
    os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    to_write = os.O_WRONLY | os.O_CREAT
    streams = ((os.devnull, os.O_RDONLY), (order["out"], to_write), (order["err"], to_write))
    for number, (name, flags) in enumerate(streams):
        opened = os.open(name, flags)
        os.dup2(opened, number)
        os.close(opened)
    if order["hook"]:
        globals()[order["hook"][0]](*order["hook"][1:])
    from simgrid.cli.main import main

    main(list(order["arguments"]))


def serve(orders: Sequence[str] | Iterator[str]) -> None:
    """Fork for each order, a line of JSON; answer with the process's number and then with how it ended."""
    _import_everything()
    for order in orders:
        process = os.fork()
        if process == 0:
            _become(json.loads(order))
            return
        print(process, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), flush=True)


if __name__ == "__main__":
    serve(iter(sys.stdin.readline, ""))
