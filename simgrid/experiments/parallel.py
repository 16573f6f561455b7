"""Runs on many processes: chunks of tasks out, run files on disk, the same bytes for any number of workers.

A worker stores each run the moment it is finished, so whatever ends a campaign (Ctrl-C, a killed worker, a
power cut) costs at most the runs under way.
"""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from simgrid.domain.scenario import PolicyChoice, Scenario
from simgrid.experiments.campaign import Task
from simgrid.experiments.processes import begin_worker, closing_quietly, workers_start
from simgrid.experiments.receipts import note
from simgrid.experiments.store import Run, RunStore
from simgrid.metrics import Measurement

Progress: TypeAlias = Callable[[float], None]
"""Is told how many more runs are done, or what further share of one."""
RunOnce: TypeAlias = Callable[[Scenario, PolicyChoice, int, Progress], tuple[Measurement, ...]]

Item = TypeVar("Item")
Result = TypeVar("Result")

CHUNKS_A_WORKER = 8
LARGEST_CHUNK = 16


class RunFailed(RuntimeError):
    """The model failed in one run; ``details`` is the traceback from where it happened."""

    def __init__(self, message: str, details: str) -> None:
        super().__init__(message, details)
        self.message = message
        self.details = details

    def __str__(self) -> str:
        return self.message


class WorkerLost(RuntimeError):
    """A worker process was ended from outside, most often for want of memory."""


class ClusterFailed(RuntimeError):
    """A cluster that cannot be reached, would not compute the same runs, or has gone."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """An existing Dask scheduler at ``address``, ``tcp://HOST:PORT`` or ``tls://HOST:PORT``.

    Without any worker for ``patience_s`` a campaign gives up. ``tell`` is given what a person should know
    meanwhile: workers that are gone, or awaited.
    """

    address: str
    patience_s: float = 60.0
    tell: Callable[[str], None] = field(default=lambda _: None, compare=False)


@dataclass(frozen=True, slots=True)
class _Chunk:
    """Neighbouring tasks of one cell, with the cell itself, so that it travels once.

    Where values of it are drawn, it is the cell of the tasks' one replication: no worker reads a scenario.
    """

    cell: Scenario
    tasks: tuple[Task, ...]


def compute(
    cells: Sequence[Scenario],
    tasks: Sequence[Task],
    store: RunStore,
    run: RunOnce,
    jobs: int | Cluster,
    progress: Progress,
) -> None:
    """Compute and store every task; ``progress`` is told how many more runs are done.

    ``jobs``: so many processes of this machine, or the cluster that does the work. ``jobs`` = 1 stays in this
    process, where a long run tells how far it is. Raises RunFailed for a model failure, WorkerLost for a
    killed worker, ClusterFailed for a cluster that cannot go on, OSError when the disk refuses; all keep what
    was finished.
    """
    if isinstance(jobs, Cluster):
        _on_cluster()(jobs, cells, tasks, store, run, progress)
        return
    chunks = _chunks(cells, tasks, jobs)
    if jobs == 1 or len(tasks) == 1:
        for chunk in chunks:
            for task in chunk.tasks:
                within = _Within(progress)
                _compute_one(chunk.cell, task, store, run, within.told)
                within.ended()
        return
    _in_processes(chunks, store, run, jobs, progress)


def each(function: Callable[[Item], Result], items: Sequence[Item], jobs: int) -> Iterator[Result]:
    """What ``function`` makes of each item, in their order, on so many processes; 1 stays in this one.

    Raises WorkerLost for a killed worker, and whatever ``function`` raises.
    """
    if jobs == 1 or len(items) < 2:
        yield from map(function, items)
        return
    from joblib import delayed

    yield from _spread((delayed(function)(item) for item in items), jobs, "generator")


def _in_processes(
    chunks: Iterator[_Chunk], store: RunStore, run: RunOnce, jobs: int, progress: Progress
) -> None:
    from joblib import delayed

    # Workers that are kept from before may be in another folder than this process is now.
    folder = store.folder.absolute()
    tasks = (delayed(_compute_chunk)(chunk, folder, run) for chunk in chunks)
    for finished in _spread(tasks, jobs, "generator_unordered"):
        progress(finished)


def _spread(tasks: Iterator[Any], jobs: int, order: str) -> Iterator[Any]:
    from joblib import Parallel, parallel_config
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    begin = {"initializer": begin_worker, "initargs": (os.getpid(),)}
    with parallel_config(backend="loky", inner_max_num_threads=1, **begin):
        parallel = Parallel(n_jobs=jobs, return_as=order, batch_size=1)
        try:
            with workers_start():
                results = parallel(tasks)
            with closing_quietly(results):
                yield from results
        except TerminatedWorkerError as error:
            raise WorkerLost(
                "a worker process was killed, perhaps for want of memory; finished runs are kept, "
                "the same command goes on from here (with fewer workers: -j 1)"
            ) from error


def _on_cluster() -> Callable[..., None]:
    if find_spec("distributed") is None:
        raise ClusterFailed(
            "a cluster needs Dask, which is not installed here: "
            "python -m pip install 'simgrid-telerad[cluster]'"
        )
    from simgrid.experiments.cluster import compute_on

    return compute_on


def default_jobs() -> int:
    """One worker per processor that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _chunks(cells: Sequence[Scenario], tasks: Sequence[Task], jobs: int) -> Iterator[_Chunk]:
    """Smaller and smaller ones, so that workers end together."""
    left = len(tasks)
    for (index, replication), group in groupby(tasks, key=lambda task: _world(cells, task)):
        of_cell, cell = tuple(group), cells[index].of(replication)
        while of_cell:
            size = _size(left, len(cell.policies), jobs)
            chunk, of_cell = of_cell[:size], of_cell[size:]
            left -= len(chunk)
            yield _Chunk(cell, chunk)


def _world(cells: Sequence[Scenario], task: Task) -> tuple[int, int]:
    """The cell, and where it is another in each replication which of these."""
    return task.cell, task.replication if cells[task.cell].realise is not None else 0


def _size(left: int, policies: int, jobs: int) -> int:
    """Whole replications, whose policies share a world that is drawn once; at last one run each."""
    size = min(LARGEST_CHUNK, left // (jobs * CHUNKS_A_WORKER))
    if size >= policies:
        return size - size % policies
    return min(LARGEST_CHUNK, policies) if left > 2 * jobs * policies else 1


def _compute_chunk(chunk: _Chunk, folder: Path, run: RunOnce) -> int:
    store = RunStore(folder)
    for task in chunk.tasks:
        _compute_one(chunk.cell, task, store, run, lambda _: None)
    return len(chunk.tasks)


class _Within:
    """Passes on what a run tells of itself, so that it comes to one run in all."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._share = 0.0

    def told(self, share: float) -> None:
        self._share += share
        self._progress(share)

    def ended(self) -> None:
        self._progress(1 - self._share)


def _compute_one(cell: Scenario, task: Task, store: RunStore, run: RunOnce, told: Progress) -> None:
    """Compute and store a run, unless somebody else has meanwhile: a chunk may be given out twice."""
    if store.holds(task.key):
        return
    note(store.receipts, task.key, "began")
    store.save(computed(cell, task, run, told))
    note(store.receipts, task.key, "stored")


def computed(cell: Scenario, task: Task, run: RunOnce, told: Progress) -> Run:
    """One run, nothing stored; raises RunFailed."""
    try:
        measurements = run(cell, task.policy, task.replication, told)
    except Exception as error:
        where = named(cell, task)
        raise RunFailed(f"{where}: {type(error).__name__}: {error}", traceback.format_exc()) from None
    return Run(task.key, task.policy.label, cell.swept, task.replication, tuple(measurements))


def named(cell: Scenario, task: Task) -> str:
    """Which run, in words."""
    point = "".join(f", {name} = {value}" for name, value in cell.swept)
    return f"policy {task.policy.label}, replication {task.replication}{point}"
