"""``simgrid show``: the scenario as it is after ``extends`` and overrides, and where each value stands."""

from __future__ import annotations

import click

from simgrid.cli import options
from simgrid.cli.exits import USAGE


@click.command()
@click.argument("file")
@click.option("--origins", is_flag=True, help="Behind each value the file and line that it comes from.")
@options.overrides
@click.pass_context
def show(context: click.Context, file: str, origins: bool, overrides: tuple[str, ...]) -> None:
    """Print FILE (or a shipped scenario) after extends and overrides, as YAML; nothing is checked."""
    from simgrid.scenario import ScenarioInvalid
    from simgrid.scenario.files import read_resolved
    from simgrid.scenario.writing import as_yaml

    try:
        resolved = read_resolved(file, overrides)
    except ScenarioInvalid as invalid:
        click.echo(str(invalid), err=True)
        context.exit(USAGE)
    click.echo(as_yaml(resolved.tree, origins=origins), nl=False)
