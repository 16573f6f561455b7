"""``simgrid new``: a working example in a folder of one's own, with the schema beside it for the editor."""

from __future__ import annotations

import errno
from pathlib import Path

import click

from simgrid.cli.exits import ENVIRONMENT, USAGE, leave
from simgrid.scenario.problems import did_you_mean

TEMPLATES = {
    "minimal": "one hospital, one reporting unit, two radiologists",
    "region": "twenty hospitals out of hours, with targets, costs and a plan to be found",
    "regional-network": "four sites, two units, demand by modality, rosters, variants",
    "study-unit": "nine radiologists who read on weekday evenings, as in the study",
    "your-own-log": "requests replayed from a log, with a small one to try",
}
PLANNED = frozenset({"region"})
"""Those that stand among the planning scenarios, not in the folder of templates."""
SCHEMA = "schema/scenario.schema.json"
MODELINE = "# yaml-language-server: $schema="


class _Listed(click.Command):
    """A command whose help lists the templates."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Templates"):
            formatter.write_dl(list(TEMPLATES.items()))


@click.command(cls=_Listed)
@click.argument("template", default="minimal")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Folder to write into (default: the template's name); made where it is missing.",
)
def new(template: str, output: Path | None) -> None:
    """Start from a working example: write TEMPLATE (default: minimal) and its schema into a folder."""
    if template not in TEMPLATES:
        way_out = did_you_mean(template, TEMPLATES, "there are:")
        leave(USAGE, f"there is no template '{template}': {way_out}")
    folder = output if output is not None else Path(template)
    files = _files(template)
    try:
        there = [name for name in files if (folder / name).exists() and name != SCHEMA]
        if there:
            leave(USAGE, f"{folder / there[0]} is there already: give another folder with -o")
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        usage = error.errno in (errno.EEXIST, errno.ENOTDIR)
        leave(USAGE if usage else ENVIRONMENT, f"cannot write {error.filename}: {error.strerror}")
    file = folder / f"{template}.yaml"
    click.echo(f"next: simgrid validate {file}, then simgrid run {file}", err=True)
    click.echo(file)


def _files(template: str) -> dict[str, str]:
    """What is written, by name below the folder: the scenario, what it reads, and the schema."""
    from simgrid.scenario.files import shipped_folder

    shipped = shipped_folder()
    folder = shipped / ("planning" if template in PLANNED else "templates")
    found = {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob(f"{template}.*"))}
    name = f"{template}.yaml"
    found[name] = found[name].replace(f"{MODELINE}../{SCHEMA}", f"{MODELINE}{SCHEMA}", 1)
    found[SCHEMA] = (shipped / SCHEMA).read_text(encoding="utf-8")
    return found
