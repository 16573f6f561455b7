"""``simgrid explain-study``: what one study waited for, or which studies were the latest."""

from __future__ import annotations

import shutil

import click

from simgrid.cli import options
from simgrid.cli.exits import ENVIRONMENT, USAGE, leave, told
from simgrid.cli.export import wanted_run

_LATEST = 10


@click.command("explain-study")
@click.argument("run", metavar="RUN")
@click.argument("study", metavar="ID", required=False)
@click.option(
    "--worst", type=click.IntRange(min=1), help=f"List so many of the latest ('latest': {_LATEST})."
)
@click.option("--policy", help="NAME or NAME@VARIANT (default: the scenario's first).")
@click.option("--replication", type=click.IntRange(min=0), help="From 0, the default.")
@click.option(
    "--at", "--cell", "places", metavar="COLUMN=VALUE", multiple=True, help="Which cell of a sweep."
)
@options.as_json
def explain_study(
    run: str,
    study: str | None,
    worst: int | None,
    policy: str | None,
    replication: int | None,
    places: tuple[str, ...],
    as_json: bool,
) -> None:
    """Say where the time of study ID went, and why it was late; 'latest' lists the latest studies.

    RUN is the folder, or FOLDER:POLICY:REPLICATION:COLUMN=VALUE with all but the folder optional. The run is
    simulated again, and held against what was stored of it.
    """
    with told():
        from simgrid.experiments.installed import load_stored
        from simgrid.experiments.resimulation import CodeHasChanged, NotInStudy
        from simgrid.experiments.run_names import BadRunName, run_name
        from simgrid.experiments.waits import UnknownStudy, explain, explain_latest
        from simgrid.presentation import waits as shown

        lists = worst is not None or study in (None, "latest")
        if worst is not None and study not in (None, "latest"):
            leave(USAGE, f"--worst {worst} lists studies, '{study}' is one: give one of the two")
        width = max(shutil.get_terminal_size((100, 24)).columns, 60)
        try:
            named = run_name(run)
            wanted = wanted_run(named, policy, replication, places)
            if lists:
                found, late = explain_latest(named.folder, wanted, worst or _LATEST, load_stored)
                text = shown.latest_json(found, late) + "\n" if as_json else shown.latest_text(late, width)
            else:
                one = explain(named.folder, wanted, str(study), load_stored)
                text = shown.explained_json(one) + "\n" if as_json else shown.explained_text(one, width)
        except (BadRunName, NotInStudy, UnknownStudy) as error:
            leave(USAGE, str(error))
        except CodeHasChanged as error:
            leave(ENVIRONMENT, str(error))
        click.echo(text, nl=False)
