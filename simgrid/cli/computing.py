"""Runs computed for a command, with progress on stderr."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from simgrid.domain.scenario import Scenario
    from simgrid.experiments.campaign import Task
    from simgrid.experiments.parallel import Cluster
    from simgrid.experiments.store import RunStore


def computing(store: RunStore, where: int | Cluster) -> Callable[[Sequence[Scenario], Sequence[Task]], None]:
    """What computes and stores the runs of tasks, whose cells are numbered as given."""

    def compute(cells: Sequence[Scenario], tasks: Sequence[Task]) -> None:
        from simgrid.cli.progress import progress
        from simgrid.experiments import assemble, parallel

        store.prepare()
        with progress(len(tasks)) as advance:
            parallel.compute(cells, tasks, store, assemble.run_once, where, advance)

    return compute


def damaged(which: str) -> None:
    """Tell of a stored run that cannot be trusted."""
    click.echo(f"warning: a stored run is damaged and will be computed again: {which}", err=True)
