"""``simgrid compare``: finished studies told again, beside each other, or against another baseline."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from os.path import realpath
from pathlib import Path
from typing import TYPE_CHECKING

import click

from simgrid.cli import patterns
from simgrid.cli.exits import USAGE, leave, told

if TYPE_CHECKING:
    from simgrid.experiments.stopping import Stopping
    from simgrid.experiments.study import Study


@click.command()
@click.argument(
    "folders",
    metavar="RUN...",
    nargs=-1,
    required=True,
    type=click.Path(path_type=Path),
    callback=patterns.folders,
)
@click.option("--baseline", metavar="POLICY", help="Compare with this policy instead of the scenario's.")
@click.option("--across", metavar="COLUMN", help="Compare the values of a swept column: variant, for one.")
@click.option("--group", metavar="GROUP", help="Of these inspections only, such as urgency=urgent.")
@click.option(
    "--figures",
    metavar="FOLDER",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write the figures of what is shown there.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "md", "csv", "json"]),
    default="table",
    show_default=True,
    help="csv: the rows of comparisons.csv.",
)
def compare(
    folders: tuple[Path, ...],
    baseline: str | None,
    across: str | None,
    group: str | None,
    figures: Path | None,
    form: str,
) -> None:
    """Compare the policies of finished runs (results folders); nothing is computed.

    Several folders stand beside each other; policies are paired within each of them. With --across the
    values of a swept column are compared instead, by the same replications, and --baseline is one of them.
    """
    with told():
        from simgrid.experiments.combine import combine
        from simgrid.experiments.study import read_study

        named = dict(zip(_names(folders), map(read_study, folders), strict=True))
        study = _seen(combine(named), across, group)
        if baseline is not None and baseline not in study.design.policies:
            known = ", ".join(study.design.policies)
            among = "the policies" if across is None else f"the values of {across}"
            leave(USAGE, f"'{baseline}' is not among {among}: {known}")
        if figures is not None:
            _draw(study, figures)
        ended = {name: one.design.stopping for name, one in named.items()} if len(named) > 1 else {}
        click.echo(_told(study, baseline, form, ended), nl=False)


def _names(folders: tuple[Path, ...]) -> list[str]:
    """Each folder's own name where that tells them apart, else the paths as given, once each."""
    unique = tuple(dict.fromkeys(folders))
    if len(unique) < len(folders):
        leave(USAGE, "a results folder is named twice")
    names = [Path(realpath(folder)).name for folder in folders]
    return names if len(set(names)) == len(names) else [str(folder) for folder in folders]


def _seen(study: Study, axis: str | None, group: str | None) -> Study:
    """The study along the axis and of the group that are asked for."""
    from simgrid.experiments.views import NotInStudy, across, of_group

    try:
        study = study if axis is None else across(study, axis)
        return study if group is None else of_group(study, group)
    except NotInStudy as error:
        leave(USAGE, str(error))


def _draw(study: Study, folder: Path) -> None:
    from simgrid.experiments.results_folder import write_exhibits
    from simgrid.presentation.figures import figure_files

    folder.mkdir(parents=True, exist_ok=True)
    write_exhibits(folder, figure_files(study))


def _told(study: Study, baseline: str | None, form: str, ended: Mapping[str, Stopping | None]) -> str:
    """``ended``: how the replications of each study ended, where several stand beside each other."""
    from simgrid.experiments.answers import comparisons
    from simgrid.experiments.csv_files import comparisons_csv
    from simgrid.presentation.blocks import as_markdown, as_text
    from simgrid.presentation.json_lines import study_lines
    from simgrid.presentation.precision import precision_block, precision_line
    from simgrid.presentation.tables import comparison_blocks

    ends = [block for name, course in ended.items() for block in precision_block(course, name)]
    match form:
        case "csv":
            return comparisons_csv(study, comparisons(study, baseline))
        case "json":
            courses = [precision_line(course, name) for name, course in ended.items() if course is not None]
            return "".join(f"{line}\n" for line in [*courses, *study_lines(study, baseline)])
        case "md":
            return as_markdown([*ends, *comparison_blocks(study, baseline, in_full=True)])
        case _:
            width = shutil.get_terminal_size((80, 24)).columns
            return as_text([*ends, *comparison_blocks(study, baseline)], width)
