"""``simgrid validate``: nothing runs; every problem of every file at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from simgrid.cli import options, patterns
from simgrid.scenario.counts import counted, many

if TYPE_CHECKING:
    from simgrid.domain.demand import Demand
    from simgrid.scenario import Loaded


MOST_NAMED = 4


@click.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True, callback=patterns.files)
@options.overrides
@click.option("-v", "--verbose", is_flag=True, help="Say what was understood of a log or of DICOM files.")
@options.as_json
@click.pass_context
def validate(
    context: click.Context, files: tuple[str, ...], overrides: tuple[str, ...], verbose: bool, as_json: bool
) -> None:
    """Check scenarios (files, or shipped ones such as paper/table-1). Exit code 2 if any is invalid."""
    from simgrid.experiments.installed import installed
    from simgrid.scenario import ScenarioInvalid, load
    from simgrid.scenario.problems import written

    invalid = False
    for file in files:
        try:
            loaded = load(file, overrides, installed())
        except ScenarioInvalid as error:
            problems, invalid = error.problems, True
        else:
            problems = loaded.warnings
            if not as_json:
                click.echo(f"{file}: {describe(loaded)}")
                for line in (*unsourced(loaded), *(_understood(loaded) if verbose else ())):
                    click.echo(f"  {line}")
        for text in written(problems, as_json=as_json):
            click.echo(text if as_json else text + "\n", err=not as_json)
    context.exit(2 if invalid else 0)


def unsourced(loaded: Loaded) -> Iterator[str]:
    """A line that names the values that were changed without a source, if there are any."""
    found = [one.place for one in loaded.cells[0].sources if one.provenance == "changed"]
    if found:
        more = f" and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else ""
        yield (
            f"new or changed, and no source is given of {'it' if len(found) == 1 else 'them'}: "
            f"{', '.join(found[:MOST_NAMED])}{more}"
        )


def _understood(loaded: Loaded) -> tuple[str, ...]:
    from simgrid.experiments import workloads

    return workloads.describe(loaded.cells[0])


def describe(loaded: Loaded) -> str:
    """What a scenario asks for, in a line: ``ok: 6 policies x 60 replications = 360 runs, ...``."""
    cell = loaded.cells[0]
    cells = len(loaded.cells) if loaded.sweep_columns else None
    parts = [
        counted(cells, len(cell.policies), cell.replications, at_most=cell.precision is not None),
        _requests(cell.demand),
        many(len(cell.sites), "site"),
        many(len(cell.units), "unit"),
        many(len(cell.radiologists), "radiologist") + _by_roster(loaded),
        *([many(len(cell.uncertain), "uncertain value")] if cell.uncertain else []),
    ]
    return f"ok: {', '.join(parts)}"


def _by_roster(loaded: Loaded) -> str:
    """`` (evening 4, night 1)`` where entries count several: a plan names only those that it varies."""
    names = [one.name for one in loaded.cells[0].radiologists]
    heads = {entry: _alike(entry, names) for entry in loaded.tree.mapping["radiologists"].mapping}
    if len(heads) > MOST_NAMED or all(number == 1 for number in heads.values()):
        return ""
    return f" ({', '.join(f'{entry} {number}' for entry, number in heads.items())})"


def _alike(entry: str, names: Sequence[str]) -> int:
    """How many radiologists an entry stands for: its own name, or the name with a number from 1 on."""
    numbered = re.compile(rf"{re.escape(entry)}(-[0-9]+)?")
    return sum(numbered.fullmatch(name) is not None for name in names)


def _requests(demand: Demand) -> str:
    if demand.log is not None:
        return f"requests of {Path(demand.log.file).name}"
    if demand.arrivals.count is not None:
        return many(demand.arrivals.count, "inspection")
    return f"{demand.arrivals.mean_per_day:g} inspections a day"
