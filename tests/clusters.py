"""Small real Dask clusters for tests: a scheduler and workers as processes of their own, on loopback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
PATIENCE_S = 60.0


@dataclass
class SmallCluster:
    """A scheduler; ``workers`` by process number."""

    folder: Path
    scheduler: subprocess.Popen[bytes]
    workers: dict[int, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def address(self) -> str:
        import json

        file = self.folder / "scheduler.json"
        until(file.exists, "the scheduler tells its address")
        return str(json.loads(file.read_text())["address"])

    def add_worker(self) -> int:
        process = _started(
            self.folder,
            *("distributed.cli.dask_worker", "--scheduler-file", "scheduler.json", "--no-nanny"),
            *("--nthreads", "1", "--host", "127.0.0.1", "--no-dashboard"),
        )
        self.workers[process.pid] = process
        return process.pid

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        process.kill()
        process.wait()


@contextmanager
def small_cluster(folder: Path, workers: int) -> Iterator[SmallCluster]:
    """The processes start at once; whoever asks the cluster waits for them. All are killed in the end."""
    folder.mkdir(parents=True, exist_ok=True)
    scheduler = _started(
        folder,
        *("distributed.cli.dask_scheduler", "--scheduler-file", "scheduler.json"),
        *("--host", "127.0.0.1", "--port", "0", "--no-dashboard"),
    )
    made = SmallCluster(folder, scheduler)
    try:
        for _ in range(workers):
            made.add_worker()
        yield made
    finally:
        for process in (*made.workers.values(), scheduler):
            continued(process.pid)
            made.kill(process)


def until(true: Callable[[], object], what: str, patience_s: float = PATIENCE_S) -> None:
    deadline = time.monotonic() + patience_s
    while not true():
        assert time.monotonic() < deadline, f"not within {patience_s:.0f} s: {what}"
        time.sleep(0.02)


def continued(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGCONT)
    except ProcessLookupError:
        return


def _started(folder: Path, module: str, *arguments: str) -> subprocess.Popen[bytes]:
    log = (folder / "cluster.log").open("ab")
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
