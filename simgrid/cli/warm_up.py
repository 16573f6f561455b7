"""``simgrid warm-up``: pilot replications, a proposal for the warm-up, and Welch's figure."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import click

from simgrid.cli import options
from simgrid.cli.exits import CHECK_SAID_NO, USAGE, leave, told

SERIES_NAMES = ("turnaround", "waiting")


@click.command("warm-up")
@click.argument("file")
@click.option("--metric", "metrics", multiple=True, type=click.Choice(SERIES_NAMES), help="Default: both.")
@click.option("-r", "--replications", type=click.IntRange(min=1), default=10, show_default=True)
@click.option("--batch", metavar="DURATION", help="Instead of a week, a day or a twentieth of the horizon.")
@options.jobs
@options.overrides
@options.seed
@options.output()
@options.as_json
def warm_up(
    file: str,
    metrics: tuple[str, ...],
    replications: int,
    batch: str | None,
    jobs: int | None,
    overrides: tuple[str, ...],
    seed: int | None,
    output: Path,
    as_json: bool,
) -> None:
    """Propose a warm-up for FILE: where each policy's run has settled, by MSER-5, and Welch's figure.

    Of a sweep the first cell is looked at; --set chooses another. Exit code 1 where a run is too short to
    have settled.
    """
    from simgrid.experiments.campaign import campaign
    from simgrid.experiments.identity import folder_name
    from simgrid.experiments.installed import installed
    from simgrid.experiments.parallel import default_jobs
    from simgrid.experiments.pilot import TooShortToJudge, pilot
    from simgrid.experiments.results_folder import write_exhibits
    from simgrid.presentation.blocks import as_text
    from simgrid.presentation.warm_up import (
        proposed_s,
        verdict,
        warm_up_block,
        warm_up_csv,
        warm_up_files,
    )
    from simgrid.scenario import load

    with told():
        given = overrides if seed is None else (*overrides, f"seed={seed}")
        loaded = load(file, given, installed())
        asked = campaign(loaded.cells, loaded.sweep_columns)
        scenario = asked.cells[0]
        if scenario.regime == "terminating":
            click.echo("the study is terminating: its beginning belongs to what is asked", err=True)
        try:
            workers = jobs or default_jobs()
            found = pilot(scenario, metrics or SERIES_NAMES, replications, workers, _seconds(batch))
        except TooShortToJudge as error:
            leave(USAGE, f"{file}: {error}")
        folder = output / folder_name(asked.cells)
        folder.mkdir(parents=True, exist_ok=True)
        files = warm_up_files(found, f"{scenario.title or scenario.name}: when a run has settled")
        write_exhibits(folder, {"warm-up.csv": warm_up_csv(found).encode(), **files})
    if as_json:
        for one in found:
            row = {"table": "warm-up", "policy": one.policy, "series": one.series, "verdict": verdict(one)}
            click.echo(json.dumps({**row, "warm_up_s": one.warm_up_s}))
        click.echo(json.dumps({"proposed_s": proposed_s(found), "folder": str(folder)}))
    else:
        block = warm_up_block(found, replications, scenario.warmup_s)
        click.echo(as_text([block], shutil.get_terminal_size((80, 24)).columns))
        click.echo(folder)
    if proposed_s(found) is None:
        sys.exit(CHECK_SAID_NO)


def _seconds(text: str | None) -> float | None:
    from simgrid.scenario.units import DURATION, BadQuantity, quantity

    if text is None:
        return None
    try:
        seconds = quantity(text, DURATION)
    except BadQuantity as bad:
        leave(USAGE, f"--batch: {bad.message}; {bad.way_out}")
    if not seconds > 0:
        leave(USAGE, "--batch: it must be above 0")
    return seconds
