"""``simgrid schema``: the JSON Schema of scenario files, for editors."""

from __future__ import annotations

import click


@click.command()
def schema() -> None:
    """Print the JSON Schema of scenario files; 'simgrid new' puts it beside a new scenario."""
    from simgrid.scenario.json_schema import as_text

    click.echo(as_text(), nl=False)
