"""``simgrid explain``: what a number of an error or a warning means, with an example wrong and right."""

from __future__ import annotations

import click

from simgrid.cli.exits import USAGE, leave


@click.command()
@click.argument("number", required=False)
def explain(number: str | None) -> None:
    """Explain NUMBER, such as E103 or W302; without one, list them all."""
    from simgrid.scenario.explanations import explanations
    from simgrid.scenario.problems import CATALOGUE, did_you_mean

    if number is None:
        for code, meaning in CATALOGUE.items():
            click.echo(f"{code}  {meaning}")
        return
    found = explanations().get(number.upper().strip("[]"))
    if found is None:
        leave(USAGE, f"there is no number {number}; {did_you_mean(number, CATALOGUE, 'there are')}")
    click.echo(found.render())
