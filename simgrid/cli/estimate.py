"""``simgrid estimate``: what to expect of a scenario by the hour, by arithmetic; nothing runs."""

from __future__ import annotations

import shutil

import click

from simgrid.cli import options
from simgrid.cli.exits import USAGE, leave, told


@click.command()
@click.argument("file")
@options.overrides
@options.as_json
def estimate(file: str, overrides: tuple[str, ...], as_json: bool) -> None:
    """Estimate load, backlog, waiting and links of FILE by the hour, cell by cell.

    Means and formulas, no simulation: what does not fit here will not fit in a run.
    """
    with told():
        from simgrid.dicom.errors import DicomFolderError
        from simgrid.experiments.expectation import expectation
        from simgrid.experiments.installed import installed
        from simgrid.presentation.expectations import expectation_lines, expectation_text
        from simgrid.scenario import load
        from simgrid.scenario.problems import written
        from simgrid.workload.errors import WorkloadError

        loaded = load(file, overrides, installed())
        for warning in written(loaded.warnings):
            click.echo(warning + "\n", err=True)
        for place, cell in enumerate(loaded.cells):
            try:
                found = expectation(cell)
            except (WorkloadError, DicomFolderError) as error:
                leave(USAGE, f"the workload cannot be read:\n{error}")
            if as_json:
                for line in expectation_lines(found):
                    click.echo(line)
            else:
                text = expectation_text(found, shutil.get_terminal_size((100, 24)).columns)
                click.echo(("\n" if place else "") + text, nl=False)
