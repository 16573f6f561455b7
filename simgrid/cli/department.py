"""``simgrid department``: does a scenario that replays a log know the department that wrote it?"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from simgrid.cli import options
from simgrid.cli.exits import CHECK_SAID_NO, USAGE, leave, told

if TYPE_CHECKING:
    from simgrid.reproduction.department.own_department import Report


@click.command()
@click.argument("file")
@click.option(
    "-r", "--replications", type=click.IntRange(min=1), help="Instead of the scenario's number; 60 are good."
)
@options.jobs
@options.overrides
@options.output()
@options.as_json
def department(
    file: str,
    replications: int | None,
    jobs: int | None,
    overrides: tuple[str, ...],
    output: Path,
    as_json: bool,
) -> None:
    """Hold FILE, a scenario that replays a log, against that log, and draw Figures 3 and 4 of one's own.

    Figure 3 is what the log shows of each radiologist, Figure 4 how the scenario's policies compare. With
    'logged' among them, the logged time is simulated with the logged assignments, and turnaround, wait, load
    and transfer stand beside the log with a verdict each. Exit code 1 where the log contradicts the model.
    """
    from simgrid.cli.given import load_scenario, where_computed

    where = where_computed(jobs, None)
    with told():
        from simgrid.cli.progress import progress
        from simgrid.cli.run import ask, replicated
        from simgrid.experiments.results_folder import write_results
        from simgrid.reproduction.department.own_department import report, runs_of, write

        instead = () if replications is None else (f"replications={replications}",)
        loaded = load_scenario(file, (*overrides, *instead))
        if len(loaded.cells) > 1:
            leave(USAGE, f"{file} has {len(loaded.cells)} cells: take sweep out, a log is of one department")
        asked, folder = ask(loaded, output, smoke=False)
        study = replicated(asked, folder, where)
        resolved = loaded.resolved_in(folder)
        write_results(folder, asked, study, scenario_text=loaded.text, resolved_text=resolved)
        scenario = asked.cells[0]
        with progress(runs_of(scenario, asked.replications)) as advance:
            made = report(scenario, asked.replications, advance)
        names = write(scenario, study, made, folder)
        _show(made, names, folder, as_json=as_json)
        if any(one.no for one in made.verdicts):
            sys.exit(CHECK_SAID_NO)


def _show(made: Report, names: tuple[str, ...], folder: Path, *, as_json: bool) -> None:
    from simgrid.reproduction.department.own_department import FOLDER, lines

    if as_json:
        for one in made.verdicts:
            p = None if math.isnan(one.p) else one.p
            told_one = {"kind": one.name, "verdict": one.word, "p": p, "why": one.sentence}
            click.echo(json.dumps(told_one))
        click.echo(json.dumps({"exhibits": [str(folder / FOLDER / name) for name in names]}))
        return
    click.echo("\n".join(lines(made)))
    click.echo(f"{folder / FOLDER}: {', '.join(names)}")
