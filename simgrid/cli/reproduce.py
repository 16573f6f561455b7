"""``simgrid reproduce``: every claim of the study beside ours, with one verdict each."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from simgrid.cli import options
from simgrid.cli.exits import CHECK_SAID_NO, USAGE, leave, told

if TYPE_CHECKING:
    from collections.abc import Sequence

    from simgrid.experiments.parallel import Progress
    from simgrid.reproduction.finding import Finding
    from simgrid.reproduction.reproduce import Asked, Way


@click.command()
@click.argument("items", metavar="[ITEM]...", nargs=-1)
@click.option("--quick", "way", flag_value="quick", default=True, help="Few worlds, within two minutes.")
@click.option("--full", "way", flag_value="full", help="All worlds of the claims; says first how long.")
@click.option("--cached", "way", flag_value="cached", help="Compute nothing: what is stored is shown.")
@options.jobs
@click.option(
    "--claims",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Another claims file than the shipped one.",
)
@options.output("Parent of the results folders.")
@options.as_json
def reproduce(
    items: tuple[str, ...], way: Way, jobs: int | None, file: Path | None, output: Path, as_json: bool
) -> None:
    """Hold the study's claims against ours, and make its tables and figures again.

    ITEM is a claim (K4), an experiment (stage-2) or an exhibit (figure-2), all by default. Finished runs are
    kept: the same command again computes only what is missing. What is named has only its own worlds
    computed, and so have the claims of another file. Exit code 1 where a verdict is another than the
    expected one, or where --cached finds nothing stored for it.
    """
    with told():
        from simgrid.experiments.parallel import default_jobs
        from simgrid.reproduction.claims_file import read_claims, shipped_claims
        from simgrid.reproduction.compared import NothingToCompare
        from simgrid.reproduction.evidence import FOLDER
        from simgrid.reproduction.exhibits.rendering import write
        from simgrid.reproduction.reproduce import NoSuchItem, ask
        from simgrid.reproduction.reproduce import reproduce as reproduced

        claims_file = file or shipped_claims()
        try:
            asked = ask(read_claims(claims_file), items, all_exhibits=file is None)
        except (NoSuchItem, NothingToCompare) as error:
            leave(USAGE, str(error))
        workers = jobs or default_jobs()
        if way == "full":
            _say_minutes(asked, output, workers)
        try:
            answered = reproduced(asked, way, output, workers, _watch)
        except NothingToCompare as error:
            leave(USAGE, str(error))
        exhibits = write(asked.exhibits, answered.evidence, output / FOLDER)
        found = answered.findings
        if found:
            _write(found, way, output, claims_file)
        _show(found, exhibits, way, output, as_json=as_json)
        unproved = way == "cached" and any(one.verdict == "not run" for one in found)
        if unproved or any(one.changed for one in found):
            sys.exit(CHECK_SAID_NO)


def _say_minutes(asked: Asked, output: Path, jobs: int) -> None:
    from simgrid.reproduction.reproduce import cpu_minutes, minutes_said

    minutes = cpu_minutes(asked, output)
    click.echo(minutes_said(minutes, jobs) if minutes else "everything is stored", err=True)
    if left_out := [one.name for one in asked.left_out()]:
        click.echo(f"shown as stored, since no claim rests on them: {', '.join(left_out)}", err=True)
        click.echo(f"to compute them: simgrid reproduce --full {' '.join(left_out)}", err=True)


@contextmanager
def _watch(runs: int, of: str) -> Iterator[Progress]:
    """A line for each part of the work, then a bar or lines."""
    from simgrid.cli.progress import progress

    click.echo(f"{of}: {runs} runs to compute" if runs else f"{of}: all runs are stored", err=True)
    with progress(runs) as advance:
        yield advance


def _write(found: Sequence[Finding], way: Way, output: Path, claims_file: Path) -> None:
    from simgrid.experiments.results_folder import write_exhibits
    from simgrid.reproduction.evidence import FOLDER
    from simgrid.reproduction.provenance import provenance
    from simgrid.reproduction.verdict_page import verdict_page
    from simgrid.reproduction.verdict_table import as_csv

    folder = output / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    page = verdict_page(found, f"simgrid reproduce --{way}", provenance(claims_file, found))
    write_exhibits(
        folder, {f"verdicts-{way}.csv": as_csv(found).encode(), f"verdicts-{way}.html": page.encode()}
    )


def _show(
    found: Sequence[Finding], exhibits: Sequence[str], way: Way, output: Path, *, as_json: bool
) -> None:
    from simgrid.reproduction.evidence import FOLDER
    from simgrid.reproduction.verdict_table import json_lines, screen

    folder = output / FOLDER
    page = folder / f"verdicts-{way}.html"
    if as_json:
        for line in json_lines(found):
            click.echo(line)
        paths = [str(folder / name) for name in exhibits]
        click.echo(json.dumps(({"page": str(page)} if found else {}) | {"exhibits": paths}))
        return
    if found:
        click.echo(screen(found, shutil.get_terminal_size((120, 24)).columns))
        click.echo(page)
    click.echo(f"{folder}: {', '.join(exhibits)}" if exhibits else "no table or figure has its evidence yet")
