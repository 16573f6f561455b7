"""``simgrid qa fetch-data``: the real images into a cache, pinned and checked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from simgrid.cli.exits import CHECK_SAID_NO, ENVIRONMENT, leave, told
from simgrid.scenario.counts import many

if TYPE_CHECKING:
    from simgrid.quality.sources.fetch import Fetched

_FOLDER = click.Path(file_okay=False, path_type=Path)
_THERE = click.Path(exists=True, file_okay=False, path_type=Path)  # else all would come from the network


@click.command("fetch-data")
@click.option(
    "--cache", type=_FOLDER, help="Folder for the images (default: $SIMGRID_DATA or the user's cache)."
)
@click.option("--from", "offered", type=_THERE, help="Folder of package files downloaded already.")
@click.pass_context
def fetch_data(context: click.Context, cache: Path | None, offered: Path | None) -> None:
    """Bring packages of real images, as pinned in the catalogue, into a cache outside the repository.

    Each is checked against its SHA-256 before it is opened; what is there is not fetched again. Exit code
    1 if some are absent (Debian's packages need apt-get), 4 if a hash differs or none can be had.
    """
    with told():
        from simgrid.quality.sources.fetch import cache_folder, fetch

        done = fetch(cache, offered, lambda one: click.echo(_line(one), err=True))
        there = sum(one.state in ("there", "fetched") for one in done)
        click.echo(f"{there} of {many(len(done), 'package')} there, {_images(done)}")
        click.echo(cache or cache_folder())
        refused = [one.package.name for one in done if one.state == "refused"]
        if refused:
            leave(ENVIRONMENT, f"not what the catalogue says, nothing of it was kept: {', '.join(refused)}")
        if not there:
            leave(ENVIRONMENT, "no package can be had: is this machine offline? See --from")
        context.exit(CHECK_SAID_NO if there < len(done) else 0)


def _line(one: Fetched) -> str:
    said = f"{one.package.name} {one.package.version} ({one.package.licence}): {one.state}"
    return f"{said}: {one.why}" if one.why else said


def _images(done: tuple[Fetched, ...]) -> str:
    """The roles of the sources that are there now."""
    from simgrid.quality.sources.catalogue import ROLES, sources

    there = {one.package for one in done if one.state in ("there", "fetched")}
    counted = ((role, sum(one.role == role and one.package in there for one in sources())) for role in ROLES)
    return ", ".join(f"{count} sources for {role}" for role, count in counted if count)
