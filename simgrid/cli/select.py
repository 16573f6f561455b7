"""``simgrid select``: the best of a scenario's policies or cells, with a promise or from a budget."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from simgrid.cli import options
from simgrid.cli.computing import computing, damaged
from simgrid.cli.exits import CHECK_SAID_NO, USAGE, leave, told
from simgrid.cli.given import load_scenario, where_computed

if TYPE_CHECKING:
    from simgrid.experiments.campaign import Campaign
    from simgrid.experiments.candidates import Candidate, Observations
    from simgrid.experiments.parallel import Cluster
    from simgrid.experiments.selecting import Selection
    from simgrid.scenario import Loaded
    from simgrid.statistics.ranking import Promise

MOST = 1000


@click.command()
@click.argument("file")
@click.option("--metric", required=True, help="By its mean over the replications, such as tat_p95_min.")
@click.option(
    "--indifference", metavar="AMOUNT", help="The smallest difference that matters, such as '5 min'."
)
@click.option("--probability", metavar="SHARE", help="Of selecting the best.  [default: 95%]")
@click.option("--max", "most", type=click.IntRange(min=1), help=f"The most replications.  [default: {MOST}]")
@click.option("--budget", type=click.IntRange(min=1), help="So many runs in all, and no promise (OCBA).")
@click.option("--across", metavar="COLUMN", help="Choose among the values of a swept column, or 'variant'.")
@click.option("--policy", metavar="POLICY", help="The policy under which --across chooses.")
@options.jobs
@options.cluster
@options.overrides
@options.dry_run
@options.output()
@options.as_json
def select(
    file: str,
    metric: str,
    indifference: str | None,
    probability: str | None,
    most: int | None,
    budget: int | None,
    across: str | None,
    policy: str | None,
    jobs: int | None,
    cluster: str | None,
    overrides: tuple[str, ...],
    dry_run: bool,
    output: Path,
    as_json: bool,
) -> None:
    """Select the best policy of FILE (or cell, with --across) by the mean of one metric.

    With --indifference replications go on until one candidate is left, and what is promised is said; exit
    code 1 where --max comes first. With --budget there is no promise. Finished runs are kept, and shared
    with 'simgrid run'.
    """
    _one_way(indifference, probability, most, budget)
    where = where_computed(jobs, cluster)
    with told():
        from simgrid.experiments.campaign import campaign
        from simgrid.experiments.candidates import candidates, check_metric
        from simgrid.experiments.identity import folder_name

        check_metric(metric)
        promise = None if indifference is None else _promise(metric, indifference, probability)
        loaded = load_scenario(file, overrides)
        asked = campaign(loaded.cells, loaded.sweep_columns)
        those = candidates(asked, across, policy)
        folder = output / folder_name(asked.cells)
        if dry_run:
            _describe(those, budget, most or MOST, folder, as_json=as_json)
            return
        found = _find(those, metric, across or "policy", promise, most or MOST, budget, folder, where)
        _write(folder, asked, found, loaded)
        drawn = tuple(one.place for one in asked.cells[0].uncertain)
        _show(found, drawn, folder, as_json=as_json)
        if found.selected is None:
            sys.exit(CHECK_SAID_NO)


def _one_way(indifference: str | None, probability: str | None, most: int | None, budget: int | None) -> None:
    """Leave unless either a promise or a budget is asked for."""
    if (indifference is None) == (budget is None):
        given = "neither was" if budget is None else "both were"
        wanted = "give --indifference AMOUNT (with a promise) or --budget N (without)"
        leave(USAGE, f"{wanted}; {given} given")
    if budget is not None and (probability is not None or most is not None):
        leave(USAGE, "--budget makes no promise and has its own end: leave out --probability and --max")


def _describe(
    those: tuple[Candidate, ...], budget: int | None, most: int, folder: Path, *, as_json: bool
) -> None:
    """Who stands for selection, and how many runs that takes at least and at most, for ``--dry-run``."""
    import json

    from simgrid.statistics.ranking import FIRST_STAGE

    names = [one.name for one in those]
    least, largest = (FIRST_STAGE * len(those), most * len(those)) if budget is None else (budget, budget)
    if as_json:
        told = {"candidates": names, "runs": {"least": least, "most": largest}, "folder": str(folder)}
        click.echo(json.dumps(told))
        return
    runs = f"{least} to {largest} runs" if least < largest else f"{largest} runs"
    click.echo(f"{len(those)} candidates, {runs}: {', '.join(names)}")
    click.echo(folder)


def _promise(metric: str, indifference: str, probability: str | None) -> Promise:
    from simgrid.scenario.metric_amounts import option_amount, option_share
    from simgrid.statistics.ranking import PROBABILITY, Promise

    amount = option_amount("--indifference", indifference, metric)
    share = PROBABILITY if probability is None else option_share("--probability", probability)
    return Promise(amount, share)


def _find(
    those: tuple[Candidate, ...],
    metric: str,
    what: str,
    promise: Promise | None,
    most: int,
    budget: int | None,
    folder: Path,
    where: int | Cluster,
) -> Selection:
    from simgrid.experiments.candidates import independent
    from simgrid.experiments.selecting import select as select_by_kn
    from simgrid.experiments.selecting import spend
    from simgrid.presentation.selection import stretch_line

    def tell(found: Selection) -> None:
        click.echo(stretch_line(found), err=True)

    if promise is not None:
        return select_by_kn(_observed(those, metric, folder, where), what, promise, most, tell)
    return spend(_observed(independent(those), metric, folder, where), what, budget or 0, tell)


def _observed(those: tuple[Candidate, ...], metric: str, folder: Path, where: int | Cluster) -> Observations:
    from simgrid.experiments.candidates import Observations
    from simgrid.experiments.store import RunStore

    store = RunStore(folder / "runs")
    return Observations(those, metric, store, computing(store, where), damaged)


def _write(folder: Path, asked: Campaign, found: Selection, loaded: Loaded) -> None:
    from simgrid.experiments.results_folder import write_exhibits
    from simgrid.presentation.selection import file_name, selection_text

    texts = {
        "scenario.yaml": loaded.text,
        "scenario-resolved.yaml": loaded.resolved_in(folder),
        file_name(found): selection_text(found),
    }
    write_exhibits(folder, {name: text.encode() for name, text in texts.items()})


def _show(found: Selection, drawn: tuple[str, ...], folder: Path, *, as_json: bool) -> None:
    import json

    from simgrid.presentation.blocks import as_text
    from simgrid.presentation.selection import selection_blocks, selection_lines

    if as_json:
        for line in selection_lines(found):
            click.echo(line)
        click.echo(json.dumps({"folder": str(folder)}))
        return
    click.echo(as_text(selection_blocks(found, drawn), shutil.get_terminal_size((80, 24)).columns))
    click.echo(folder)
