"""What the computing commands are given: a scenario, and the processes that compute."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from simgrid.experiments.parallel import Cluster
    from simgrid.scenario import Loaded

_ADDRESS = re.compile(r"(tcp|tls)://(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):[0-9]{1,5}")


def where_computed(jobs: int | None, cluster: str | None) -> int | Cluster:
    """The processes that compute; raises click's UsageError."""
    from simgrid.experiments.parallel import Cluster, default_jobs

    if cluster is None:
        return jobs or default_jobs()
    if jobs is not None:
        raise click.UsageError("--cluster and --jobs exclude each other: the cluster's workers compute")
    if not _ADDRESS.fullmatch(cluster) or not 0 < int(cluster.rpartition(":")[2]) < 65536:
        raise click.BadParameter(
            f"'{cluster}' is no address: expected tcp://HOST:PORT (or tls://HOST:PORT), "
            "as 'dask scheduler' prints it",
            param_hint="'--cluster'",
        )
    return Cluster(cluster, tell=lambda said: click.echo(said, err=True))


def load_scenario(
    file: str,
    overrides: tuple[str, ...],
    *,
    analyse: bool = False,
    planned: bool = False,
    warned: bool = True,
) -> Loaded:
    """A scenario with everything that is installed; its warnings are told on stderr.

    ``analyse``, ``planned`` and ``warned`` as for ``load``.
    """
    from simgrid.experiments.installed import installed
    from simgrid.scenario import load
    from simgrid.scenario.problems import written

    loaded = load(file, overrides, installed(), analyse=analyse, planned=planned, warned=warned)
    for warning in written(loaded.warnings):
        click.echo(warning + "\n", err=True)
    return loaded
