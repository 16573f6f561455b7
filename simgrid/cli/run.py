"""``simgrid run``: a scenario's cells x policies x replications, computed, stored, compared and shown."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from simgrid.cli import options
from simgrid.cli.exits import CHECK_SAID_NO, told
from simgrid.cli.given import load_scenario, where_computed

if TYPE_CHECKING:
    from simgrid.experiments.campaign import Campaign
    from simgrid.experiments.parallel import Cluster
    from simgrid.experiments.replicate import Stock
    from simgrid.experiments.study import Study
    from simgrid.experiments.variance_split import Split
    from simgrid.scenario import Loaded

MANY_WORLDS = 500
"""So many take a second and longer, in which nothing else is told."""


@click.command()
@click.argument("file")
@click.option(
    "-r",
    "--replications",
    type=click.IntRange(min=1),
    help="Instead of the scenario's number; the most, where a precision is asked for.",
)
@click.option(
    "--precision", metavar="SHARE", help="Replications until each mean is within 2%, say, of itself."
)
@click.option(
    "--split-variance",
    "split",
    is_flag=True,
    help="Run every world twice, and say how much of the spread the uncertain values make.",
)
@options.jobs
@options.cluster
@options.overrides
@options.seed
@options.dry_run
@options.output()
@options.as_json
@options.smoke
def run(
    file: str,
    replications: int | None,
    precision: str | None,
    split: bool,
    jobs: int | None,
    cluster: str | None,
    overrides: tuple[str, ...],
    seed: int | None,
    dry_run: bool,
    output: Path,
    as_json: bool,
    smoke: bool,
) -> None:
    """Run FILE (a scenario, or a shipped one such as paper/table-1) and compare its policies.

    Finished runs are kept: the same command again computes only what is missing. Exit code 1 where the
    precision that was asked for was not reached, or a target is missed under the plan's policy (by default
    the first).
    """
    from simgrid.experiments.workloads import brief

    where = where_computed(jobs, cluster)
    with told():
        given = (*overrides, *_instead(replications, precision, seed))
        loaded = load_scenario(file, given)
        asked, folder = ask(loaded, output, smoke=smoke)
        other = _elsewhere(asked) if split else None
        if dry_run:
            describe_campaign(asked, stock_of(asked, folder), folder, as_json=as_json)
            if other is not None and not as_json:
                click.echo("and as many in other worlds with the same draws")
            return
        from simgrid.presentation.finished import write_finished

        asked, study = _compute(asked, folder, where)
        rows = _split(replace(other, replications=asked.replications), study, folder, where) if other else ()
        write_finished(folder, asked, study, loaded, rows if split else None)
        _show(study, brief(asked.cells[0]), folder, rows if split else None, as_json=as_json)
        short = study.design.stopping is not None and not study.design.stopping.reached
        if short or (not smoke and _missed(asked, study)):
            sys.exit(CHECK_SAID_NO)


def _missed(asked: Campaign, study: Study) -> bool:
    """Whether a target is missed under the policy that plans are made with, by default the first."""
    from simgrid.experiments.judged import judged

    plan = asked.cells[0].plan
    policy = plan.policy if plan is not None else asked.policies[0]
    return any(one.found.met == "missed" for one in judged(study) if one.policy == policy)


def _instead(replications: int | None, precision: str | None, seed: int | None) -> Iterator[str]:
    """The options as overrides."""
    if precision is not None:
        yield f"replications.precision={precision}"
    if replications is not None:
        yield f"{'replications' if precision is None else 'replications.max'}={replications}"
    if seed is not None:
        yield f"seed={seed}"


def ask(loaded: Loaded, output: Path, *, smoke: bool) -> tuple[Campaign, Path]:
    """The campaign, and the folder of its results."""
    from simgrid.experiments.campaign import campaign
    from simgrid.experiments.identity import folder_name
    from simgrid.experiments.smoke import cut_short

    cells = tuple(cut_short(cell) for cell in loaded.cells) if smoke else loaded.cells
    asked = campaign(cells, loaded.sweep_columns)
    return asked, output / folder_name(asked.cells)


def stock_of(asked: Campaign, folder: Path) -> Stock:
    """What the folder holds; damaged runs are told."""
    from simgrid.experiments.replicate import take_stock

    worlds = len(asked.cells) * asked.replications
    if asked.cells[0].uncertain and worlds >= MANY_WORLDS:
        click.echo(f"drawing the values of {worlds} worlds, to see which runs are stored", err=True)
    stock = take_stock(asked, folder)
    for damage in stock.damaged:
        click.echo(f"warning: a stored run is damaged and will be computed again: {damage}", err=True)
    return stock


def describe_campaign(asked: Campaign, stock: Stock, folder: Path, *, as_json: bool) -> None:
    """What would be computed, for ``--dry-run``."""
    import json

    from simgrid.presentation.precision import asked_for
    from simgrid.statistics.stopping import looks

    counts = {
        "cells": len(asked.cells),
        "policies": len(asked.policies),
        "replications": asked.replications,
        "runs": len(stock.stored) + len(stock.missing),
        "stored": len(stock.stored),
    }
    if as_json:
        click.echo(json.dumps({**counts, "folder": str(folder)}))
        return
    at_most = asked.cells[0].precision is not None
    click.echo(f"{_counted(asked, at_most=at_most)}, {counts['stored']} of them stored")
    if (precision := asked.cells[0].precision) is not None:
        click.echo(asked_for(precision, looks(asked.replications)))
    for column in asked.sweep_columns:
        values = dict.fromkeys(dict(cell.swept)[column] for cell in asked.cells)
        click.echo(f"  {column}: {', '.join(values)}")
    for one in asked.cells[0].uncertain:
        reach = f"from {one.low:.6g} to {one.high:.6g} {one.unit}".rstrip()
        click.echo(f"  {one.place}: drawn in each world, {reach}")
    click.echo(folder)


def _counted(asked: Campaign, *, at_most: bool = False) -> str:
    from simgrid.scenario.counts import counted

    return counted(len(asked.cells), len(asked.policies), asked.replications, at_most=at_most)


def _compute(asked: Campaign, folder: Path, where: int | Cluster) -> tuple[Campaign, Study]:
    """The campaign with the replications that it came to, and its study."""
    from simgrid.experiments.until_precise import until_precise
    from simgrid.presentation.precision import asked_for, look_line
    from simgrid.statistics.stopping import looks

    precision = asked.cells[0].precision
    if precision is None:
        return asked, replicated(asked, folder, where)
    click.echo(asked_for(precision, looks(asked.replications)), err=True)
    return until_precise(
        asked,
        precision,
        lambda part: replicated(part, folder, where),
        lambda course: click.echo(look_line(course), err=True),
    )


def replicated(asked: Campaign, folder: Path, where: int | Cluster) -> Study:
    """The study, what is missing computed with progress on stderr."""
    from simgrid.cli.progress import progress
    from simgrid.experiments.assemble import run_once
    from simgrid.experiments.replicate import replicate

    stock = stock_of(asked, folder)
    missing = len(stock.missing)
    at = ""
    if missing:
        at = f" with {where} worker{'s' * (where != 1)}" if isinstance(where, int) else f" at {where.address}"
    click.echo(f"{_counted(asked)}: {missing} runs to compute{at}, {len(stock.stored)} stored", err=True)
    with progress(missing) as advance:
        return replicate(asked, folder, run_once, stock=stock, jobs=where, progress=advance)


def _elsewhere(asked: Campaign) -> Campaign:
    from simgrid.experiments.variance_split import elsewhere

    return elsewhere(asked)


def _split(other: Campaign, study: Study, folder: Path, where: int | Cluster) -> tuple[Split, ...]:
    """The rows of the split, the other worlds computed where they are missing."""
    from simgrid.experiments.variance_split import splits

    click.echo("the same draws in other worlds:", err=True)
    return tuple(splits(study, replicated(other, folder, where)))


def _show(
    study: Study, workload: tuple[str, ...], folder: Path, rows: Sequence[Split] | None, *, as_json: bool
) -> None:
    import json

    from simgrid.presentation.blocks import as_text
    from simgrid.presentation.json_lines import study_lines
    from simgrid.presentation.tables import comparison_blocks
    from simgrid.presentation.targets import target_lines
    from simgrid.presentation.variance_split import split_blocks, split_lines

    if workload:
        click.echo("\n".join([*workload, ""]), err=as_json)
    if as_json:
        for line in (*study_lines(study), *target_lines(study), *split_lines(study, rows or ())):
            click.echo(line)
        click.echo(json.dumps({"folder": str(folder)}))
        return
    blocks = comparison_blocks(study) + (split_blocks(study, rows) if rows is not None else [])
    click.echo(as_text(blocks, shutil.get_terminal_size((80, 24)).columns))
    click.echo(folder)
