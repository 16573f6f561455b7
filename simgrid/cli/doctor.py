"""``simgrid doctor``: does this installation work?"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

import click

from simgrid.cli import options
from simgrid.cli.exits import ENVIRONMENT

_CLEAR_LINE = "\r\x1b[K"


@click.command()
@options.as_json
@click.pass_context
def doctor(context: click.Context, as_json: bool) -> None:
    """Check Python, packages, plug-ins, the solver, figures and write access. Exit code 4 if one fails.

    Takes up to a minute; what is being checked is told on stderr, what was found on stdout.
    """
    from simgrid.cli.installation import examine

    healthy = True
    for finding in examine(_begins):
        _forget()
        healthy = healthy and finding.ok
        if as_json:
            click.echo(json.dumps(asdict(finding), ensure_ascii=False))
            continue
        click.echo(f"{'ok  ' if finding.ok else 'FAIL'}  {finding.subject}: {finding.said}")
        if finding.way_out:
            click.echo(f"      = help: {finding.way_out}")
    if not as_json:
        click.echo(
            "everything works" if healthy else "something is wrong: see the lines that begin with FAIL"
        )
    context.exit(0 if healthy else ENVIRONMENT)


def _begins(subject: str) -> None:
    """Say what is checked next: on a terminal in a line that its finding replaces."""
    click.echo(f"checking {subject} ...", err=True, nl=not _on_terminal())


def _forget() -> None:
    if _on_terminal():
        click.echo(_CLEAR_LINE, err=True, nl=False)


def _on_terminal() -> bool:
    return sys.stderr.isatty()
