"""From a scenario to a finished study: find what is stored, compute what is missing, read it all back."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from simgrid.experiments.campaign import Campaign, Task
from simgrid.experiments.parallel import Cluster, Progress, RunOnce, compute
from simgrid.experiments.store import DamagedRun, Run, RunStore
from simgrid.experiments.study import Study, study_of


@dataclass(frozen=True, slots=True)
class Stock:
    """What a results folder already holds of a campaign; ``damaged`` names run files that must be redone."""

    stored: dict[str, Run]
    missing: tuple[Task, ...]
    damaged: tuple[str, ...] = field(default=())


def take_stock(asked: Campaign, folder: Path) -> Stock:
    """Look for every run of the campaign in ``folder``; nothing is computed or written."""
    store = RunStore(folder / "runs")
    stored: dict[str, Run] = {}
    missing: list[Task] = []
    damaged: list[str] = []
    for task in asked.tasks():
        try:
            run = store.load(task.key)
        except DamagedRun as damage:
            damaged.append(f"{store.path(task.key).name}: {damage}")
            run = None
        if run is None:
            missing.append(task)
        else:
            stored[task.key] = run
    return Stock(stored, tuple(missing), tuple(damaged))


def replicate(
    asked: Campaign,
    folder: Path,
    run: RunOnce,
    *,
    stock: Stock | None = None,
    jobs: int | Cluster = 1,
    progress: Progress = lambda _: None,
) -> Study:
    """Compute the runs of ``asked`` that ``folder`` lacks, and return the study of exactly what was asked.

    ``stock``: what ``take_stock`` found there a moment ago. ``jobs`` as in ``parallel.compute``; the
    answer does not depend on it or on what else is stored. Raises as ``parallel.compute``.
    """
    stock = stock or take_stock(asked, folder)
    runs = stock.stored
    if stock.missing:
        store = RunStore(folder / "runs")
        store.prepare()
        compute(asked.cells, stock.missing, store, run, jobs, progress)
        runs = {**runs, **_read(store, stock.missing)}
    return study_of(asked, runs)


def _read(store: RunStore, tasks: tuple[Task, ...]) -> dict[str, Run]:
    found = {task.key: store.load(task.key) for task in tasks}
    lost = [key for key, run in found.items() if run is None]
    if lost:
        raise FileNotFoundError(f"{len(lost)} runs vanished from {store.folder} while they were computed")
    return {key: run for key, run in found.items() if run is not None}
