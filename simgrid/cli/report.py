"""``simgrid report``: finished studies, plans and stress tests as one HTML file to forward."""

from __future__ import annotations

from pathlib import Path

import click

from simgrid.cli import patterns
from simgrid.cli.exits import USAGE, leave, told


@click.command()
@click.argument(
    "folders",
    metavar="RUN...",
    nargs=-1,
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    callback=patterns.folders,
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file; report.html in the first folder unless stated.",
)
@click.option(
    "--waits",
    "replications",
    type=click.IntRange(min=0),
    help="Simulate so many of the answer's runs again to say where time goes (default: 5 short ones).",
)
@click.option("--xlsx", is_flag=True, help="Write a workbook of the same name beside it.")
def report(folders: tuple[Path, ...], output: Path | None, replications: int | None, xlsx: bool) -> None:
    """Write one self-contained HTML file of results folders: the answer first, then what it rests on.

    RUN: folders that 'simgrid run', 'simgrid plan' or 'simgrid stress' wrote. Nothing new is computed; the
    file asks nothing of a network and opens by double click.
    """
    with told():
        from simgrid.experiments.atomic import write_bytes, write_text
        from simgrid.experiments.study import must_be_there
        from simgrid.presentation.board.given import OUTDATED, read_given
        from simgrid.presentation.board.making import report as made
        from simgrid.presentation.html.page import PageTooLarge

        try:
            for folder in folders:
                must_be_there(folder)
            given = read_given(folders)
            for folder in given.outdated:
                click.echo(f"warning: {folder}: {OUTDATED}; it is not in the report", err=True)
            text = made(given, replications)
        except PageTooLarge as error:
            leave(USAGE, f"{error}: sweep fewer values, or report fewer folders")
        file = output or folders[0] / "report.html"
        file.parent.mkdir(parents=True, exist_ok=True)
        write_text(file, text)
        if xlsx:
            from simgrid.presentation.report_book import book

            write_bytes(file.with_suffix(".xlsx"), book(folders))
            click.echo(file.with_suffix(".xlsx"), err=True)
        click.echo(file)
