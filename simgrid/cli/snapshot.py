"""``simgrid snapshot``: what there was in a stored run at one moment, to begin other runs from."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from simgrid.cli.exits import ENVIRONMENT, USAGE, leave, told
from simgrid.cli.export import wanted_run


@click.command()
@click.argument("run", metavar="RUN")
@click.option("--at", "at", required=True, metavar="TIME", help="Local time, such as '2026-01-05 18:30'.")
@click.option("--policy", help="NAME or NAME@VARIANT (default: the scenario's first).")
@click.option("--replication", type=click.IntRange(min=0), help="From 0, the default.")
@click.option("--cell", "places", metavar="COLUMN=VALUE", multiple=True, help="Which cell of a sweep.")
@click.option("--hand-back", is_flag=True, help="What nobody has begun waits for a decision again.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), required=True)
@click.option("--force", is_flag=True, help="Write over what exists.")
def snapshot(
    run: str,
    at: str,
    policy: str | None,
    replication: int | None,
    places: tuple[str, ...],
    hand_back: bool,
    output: Path,
    force: bool,
) -> None:
    """Write what was in queues, on lines and at desks of a run at TIME, for 'start_from' of a scenario.

    RUN is the folder, or FOLDER:POLICY:REPLICATION:COLUMN=VALUE with all but the folder optional. The run is
    simulated again, and held against what was stored of it. Many studies go into a table beside the file.
    """
    with told():
        from simgrid.experiments.atomic import write_text
        from simgrid.experiments.installed import load_stored
        from simgrid.experiments.resimulation import CodeHasChanged, NotInStudy
        from simgrid.experiments.run_names import BadRunName, run_name
        from simgrid.experiments.snapshots import NotInRun, snapshot_of
        from simgrid.scenario.backlog_text import backlog_texts

        moment, table = _moment(at), output.with_suffix(".csv")
        if output.suffix not in (".yaml", ".yml"):
            leave(USAGE, f"{output}: a snapshot is YAML: give a name that ends in .yaml")
        if not force and (exists := [str(one) for one in (output, table) if one.exists()]):
            leave(USAGE, f"{' and '.join(exists)}: exists: give --force, or another -o")
        try:
            named = run_name(run)
            wanted = wanted_run(named, policy, replication, places)
            found, backlog = snapshot_of(named.folder, wanted, moment, load_stored)
        except (BadRunName, NotInStudy, NotInRun) as error:
            leave(USAGE, str(error))
        except CodeHasChanged as error:
            leave(ENVIRONMENT, str(error))
        backlog = backlog.handed_back() if hand_back else backlog
        text, rows = backlog_texts(backlog, found.scenario.start, table.name)
        output.parent.mkdir(parents=True, exist_ok=True)
        if rows is not None:
            write_text(table, rows)
        write_text(output, text)
        states = [one.state for one in backlog.studies]
        counted = ", ".join(f"{states.count(one)} {one}" for one in dict.fromkeys(states))
        click.echo(f"{len(states)} studies without a report: {counted or 'none'}", err=True)
        click.echo(output)


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        leave(USAGE, f"--at '{text}' is no moment: write it like '2026-01-05 18:30'")
