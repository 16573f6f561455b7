"""``simgrid sensitivity``: which of a scenario's values its results hang on, beside the noise of the runs."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from simgrid.cli import options
from simgrid.cli.exits import USAGE, leave, told
from simgrid.cli.given import load_scenario, where_computed
from simgrid.cli.run import ask, describe_campaign, replicated, stock_of

if TYPE_CHECKING:
    from simgrid.domain.analysis import Analysis
    from simgrid.experiments.campaign import Campaign
    from simgrid.experiments.study import Study
    from simgrid.scenario import Loaded


@click.command()
@click.argument("file")
@click.option("--method", type=click.Choice(["morris", "sobol"]), help="Instead of the scenario's.")
@click.option("--trajectories", type=click.IntRange(min=2), help="Morris: instead of the scenario's number.")
@click.option("--points", type=click.IntRange(min=2), help="Sobol': base points instead of the scenario's.")
@click.option("-r", "--replications", type=click.IntRange(min=1), help="At each point, the same at all.")
@options.jobs
@options.cluster
@options.overrides
@options.seed
@options.dry_run
@options.output()
@options.as_json
@options.smoke
def sensitivity(
    file: str,
    method: str | None,
    trajectories: int | None,
    points: int | None,
    replications: int | None,
    jobs: int | None,
    cluster: str | None,
    overrides: tuple[str, ...],
    seed: int | None,
    dry_run: bool,
    output: Path,
    as_json: bool,
    smoke: bool,
) -> None:
    """Say which of the values that FILE's block 'sensitivity' varies its results hang on.

    Every point of the design is run with the same seed and replications; finished runs are kept.
    """
    where = where_computed(jobs, cluster)
    options: dict[str, object] = {
        "sensitivity.method": method,
        "sensitivity.trajectories": trajectories,
        "sensitivity.points": points,
        "replications": replications,
        "seed": seed,
    }
    with told():
        loaded = load_scenario(file, (*overrides, *_given(options)), analyse=True)
        asked, folder = ask(loaded, output, smoke=smoke)
        if asked.cells[0].precision is not None:
            leave(USAGE, "a sensitivity analysis has the same number of replications at all points: give -r")
        if dry_run:
            describe_campaign(asked, stock_of(asked, folder), folder, as_json=as_json)
            return
        if (analysis := loaded.analysis) is not None:
            _answer(loaded, analysis, asked, replicated(asked, folder, where), folder, as_json=as_json)


def _given(options: dict[str, object]) -> Iterator[str]:
    return (f"{place}={value}" for place, value in options.items() if value is not None)


def _answer(
    loaded: Loaded, analysis: Analysis, asked: Campaign, study: Study, folder: Path, *, as_json: bool
) -> None:
    from simgrid.experiments.data_dictionary import SENSITIVITY
    from simgrid.experiments.results_folder import write_exhibits, write_study
    from simgrid.experiments.sensitivity import narrowed, outputs, sensitivity_csv
    from simgrid.presentation.blocks import as_markdown, as_text
    from simgrid.presentation.sensitivity import sensitivity_blocks, sensitivity_lines
    from simgrid.presentation.sensitivity_figures import sensitivity_figures

    found = tuple(outputs(study, analysis))
    write_study(
        folder,
        asked,
        narrowed(study, analysis),
        scenario_text=loaded.text,
        resolved_text=loaded.resolved_in(folder),
        tables={SENSITIVITY.file: sensitivity_csv(analysis, found)},
        crossed=analysis.crossed,
    )
    blocks = sensitivity_blocks(analysis, found)
    figures = sensitivity_figures(analysis, found, study.design.title or study.design.name)
    write_exhibits(folder, {"sensitivity.md": as_markdown(blocks).encode()} | figures)
    if as_json:
        for line in sensitivity_lines(analysis, found):
            click.echo(line)
        click.echo(json.dumps({"folder": str(folder)}))
        return
    click.echo(as_text(blocks, shutil.get_terminal_size((80, 24)).columns))
    click.echo(folder)
