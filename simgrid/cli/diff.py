"""``simgrid diff``: what differs between two scenarios, in words and units."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from simgrid.cli.exits import USAGE


@click.command()
@click.argument("a")
@click.argument("b")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line on stdout.")
@click.pass_context
def diff(context: click.Context, a: str, b: str, as_json: bool) -> None:
    """Say where the scenarios A and B mean different things (8 Mbit/s and 8000 kbit/s are the same)."""
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
