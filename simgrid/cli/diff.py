"""``simgrid diff``: what differs between two scenarios, or the first event at which two runs part."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict

import click

from simgrid.cli import options
from simgrid.cli.exits import CHECK_SAID_NO, ENVIRONMENT, USAGE, leave, told


@click.command()
@click.argument("a")
@click.argument("b")
@click.option("--events", is_flag=True, help="A and B are stored runs: where do they part?")
@options.as_json
@click.pass_context
def diff(context: click.Context, a: str, b: str, events: bool, as_json: bool) -> None:
    """Say where the scenarios A and B mean different things (8 Mbit/s and 8000 kbit/s are the same).

    With --events, A and B are runs of results folders, FOLDER:POLICY:REPLICATION:COLUMN=VALUE with all but
    the folder optional. Both are simulated again; told is the first event that differs, what each policy had
    been shown there, and why. Exit code 1 if any event differs.
    """
    if events:
        _events(context, a, b, as_json=as_json)
        return
    from simgrid.scenario import Problem, ScenarioInvalid
    from simgrid.scenario.differences import differences
    from simgrid.scenario.files import read_resolved

    trees, problems = [], list[Problem]()
    for name in (a, b):
        try:
            trees.append(read_resolved(name).tree)
        except ScenarioInvalid as invalid:
            problems += invalid.problems
    if problems:
        click.echo(str(ScenarioInvalid(problems)), err=True)
        context.exit(USAGE)
    found = differences(*trees)
    for one in found:
        click.echo(json.dumps(asdict(one), ensure_ascii=False) if as_json else one.sentence(a, b))
    if not found and not as_json:
        click.echo(f"{a} and {b} mean the same")


def _events(context: click.Context, a: str, b: str, *, as_json: bool) -> None:
    """Simulate both runs again and tell the first difference."""
    with told():
        from simgrid.experiments.first_difference import first_difference
        from simgrid.experiments.installed import load_stored
        from simgrid.experiments.resimulation import CodeHasChanged, NotInStudy
        from simgrid.experiments.run_names import BadRunName, run_name
        from simgrid.presentation.parting import parting_json, parting_text

        try:
            parting = first_difference(run_name(a), run_name(b), load_stored)
        except (BadRunName, NotInStudy) as error:
            leave(USAGE, str(error))
        except CodeHasChanged as error:
            leave(ENVIRONMENT, str(error))
        if as_json:
            click.echo(parting_json(parting))
        else:
            click.echo(parting_text(parting, shutil.get_terminal_size((100, 24)).columns), nl=False)
    if parting.same is not None:
        context.exit(CHECK_SAID_NO)
