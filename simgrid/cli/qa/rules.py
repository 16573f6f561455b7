"""``simgrid qa rules``: what each finding means, and what to do about it."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from simgrid.cli import options
from simgrid.cli.exits import told


@click.command()
@options.as_json
def rules(as_json: bool) -> None:
    """Print every rule that a finding of 'qa check' can name: meaning, way out and source.

    error: against the standard, or the image cannot be used. warning: something to look after. note: worth
    knowing, or nothing that the file decides.
    """
    with told():
        from simgrid.dicom.iod.rules import RULES as OF_HEADERS
        from simgrid.dicom.reading_rules import RULES as OF_READING
        from simgrid.quality.rules.names import RULES as OF_PIXELS

        groups = {
            "reading the file": OF_READING,
            "the header against its kind of file": OF_HEADERS,
            "the header against the pixels, and files against each other": OF_PIXELS,
        }
        for title, group in groups.items():
            if not as_json:
                click.echo(f"\n{title}")
            for rule in group.values():
                if as_json:
                    click.echo(json.dumps(asdict(rule)))
                else:
                    said = f"  {rule.severity:<8} {rule.name:<26} {rule.meaning}"
                    click.echo(f"{said}\n{'':38}{rule.way_out} ({rule.source})")
