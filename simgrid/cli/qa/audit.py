"""``simgrid qa audit``: does the bot's diary hold together?"""

from __future__ import annotations

from pathlib import Path

import click

from simgrid.cli.exits import CHECK_SAID_NO, USAGE, leave, told
from simgrid.scenario.counts import many


@click.command()
@click.argument("log", type=click.Path(path_type=Path))
@click.option("--expect", metavar="HASH", help="The last hash as it was kept elsewhere.")
@click.option("--files", is_flag=True, help="Also hold every filed file against the log, and the results.")
@click.pass_context
def audit(context: click.Context, log: Path, expect: str | None, files: bool) -> None:
    """Verify LOG, an audit.jsonl or the bot's output folder: each line holds the hash of the one before.

    Of a folder, also whether the log tells of all that is filed, and results.jsonl says the same. Exit code 1
    and what does not hold, if anything does not.
    """
    with told():
        from simgrid.quality.bot.audit import verify
        from simgrid.quality.bot.kept import damaged_files, false_results, untold_folders

        path = log / "audit.jsonl" if log.is_dir() else log
        if not path.is_file():
            leave(USAGE, f"'{path}' does not exist: give an audit.jsonl, or the folder with one")
        found = verify(path.read_bytes())
        problems = [f"{path}:{found.broken}: {found.why}"] if found.broken else []
        if expect is not None and expect not in {one.hash for one in found.entries}:
            problems.append(f"{path}: no line has the hash {expect}: lines were cut off or written anew")
        output, named = path.parent, list[tuple[str, str]]()
        if (files or log.is_dir()) and not found.broken:  # behind a broken line, every folder lacks its own
            named += untold_folders(output, found.entries)
        if files or log.is_dir():
            named += false_results(output)
        if files:
            named += damaged_files(output, found.entries)
        problems += [f"{output / name}: {why}" for name, why in named]
        for problem in problems:
            click.echo(problem)
        click.echo(f"{many(len(found.entries), 'line')} hold; last hash {found.head}")
        context.exit(CHECK_SAID_NO if problems else 0)
