"""``simgrid export``: a stored run as an event log that other tools read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from simgrid.cli.exits import ENVIRONMENT, USAGE, leave, told

if TYPE_CHECKING:
    from simgrid.scenario import Loaded


@click.command()
@click.argument("run_folder", metavar="RUN", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(["xes", "ocel", "vidigi", "csv"]),
    required=True,
    help="XES (IEEE 1849), OCEL 2.0 (JSON), vidigi's columns, or CSV that 'simgrid replay' reads.",
)
@click.option("--policy", help="NAME or NAME@VARIANT (default: the scenario's first).")
@click.option("--replication", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--at", "places", metavar="COLUMN=VALUE", multiple=True, help="Which cell of a sweep.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), required=True)
@click.option("--force", is_flag=True, help="Write over a file that exists.")
def export(
    run_folder: Path,
    form: str,
    policy: str | None,
    replication: int,
    places: tuple[str, ...],
    output: Path,
    force: bool,
) -> None:
    """Write one run of a results folder RUN as an event log.

    The run is simulated again, and held against what was stored of it.
    """
    with told():
        from simgrid.experiments.resimulation import CodeHasChanged, NotInStudy, Wanted, resimulate
        from simgrid.presentation import logs

        if output.exists() and not force:
            leave(USAGE, f"{output} exists: give --force, or another -o")
        wanted = Wanted(policy, replication, _places(places))
        try:
            again = resimulate(run_folder, wanted, _load)
        except NotInStudy as error:
            leave(USAGE, str(error))
        except CodeHasChanged as error:
            leave(ENVIRONMENT, str(error))
        writers = {
            "xes": logs.to_xes,
            "ocel": logs.to_ocel,
            "vidigi": logs.to_vidigi,
            "csv": logs.to_csv_log,
        }
        output.parent.mkdir(parents=True, exist_ok=True)
        writers[form](again.journal, again.start, output)
        where = "".join(f", {name} {value}" for name, value in again.point)
        many = len(again.journal.inspections)
        run = f"policy {again.policy}, replication {again.replication}{where}"
        click.echo(f"{many} inspections of {run}; the run came out as it was stored", err=True)
        click.echo(output)


def _places(given: tuple[str, ...]) -> dict[str, str]:
    wrong = [one for one in given if "=" not in one]
    if wrong:
        leave(USAGE, f"--at '{wrong[0]}': write COLUMN=VALUE as in summary.csv")
    return {name.strip(): value.strip() for name, _, value in (one.partition("=") for one in given)}


def _load(file: Path) -> Loaded:
    from simgrid.cli.installed import installed
    from simgrid.scenario import load

    return load(file, (), installed())
