"""``simgrid stress``: what breaks first when a link, a unit, a shard or a radiologist is missing."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from simgrid.cli import options
from simgrid.cli.exits import CHECK_SAID_NO, USAGE, leave, told
from simgrid.cli.given import load_scenario, where_computed

if TYPE_CHECKING:
    from simgrid.domain.scenario import Scenario
    from simgrid.experiments.campaign import Campaign, Task
    from simgrid.experiments.parallel import Cluster, RunOnce
    from simgrid.experiments.store import RunStore
    from simgrid.planning.busiest import Traffic
    from simgrid.planning.extent import Extent
    from simgrid.planning.observed import Runs
    from simgrid.planning.stress import Stressed
    from simgrid.scenario import Loaded

BESIDE = ("sweep", "sample", "exclude", "variants", "sensitivity")
"""Blocks that ask for other states than the one as written."""


@click.command()
@click.argument("file")
@click.option(
    "--policy", metavar="POLICY", help="One of the scenario's.  [default: its plan's, or its first]"
)
@click.option(
    "-r", "--replications", type=click.IntRange(min=2), help="[default: the scenario's; 60 with targets]"
)
@options.jobs
@options.cluster
@options.overrides
@options.seed
@options.dry_run
@options.output()
@options.as_json
def stress(
    file: str,
    policy: str | None,
    replications: int | None,
    jobs: int | None,
    cluster: str | None,
    overrides: tuple[str, ...],
    seed: int | None,
    dry_run: bool,
    output: Path,
    as_json: bool,
) -> None:
    """Take from FILE each link, unit, shard and radiologist in turn, and raise its load step by step.

    Which of that makes the scenario miss its targets is said first. Exit code 1 where a target is missed
    already as deployed. Finished runs are kept, and shared with 'simgrid run'.
    """
    where = where_computed(jobs, cluster)
    with told():
        from simgrid.dicom.errors import DicomFolderError
        from simgrid.experiments.identity import folder_name
        from simgrid.experiments.kept import Recording
        from simgrid.planning.busiest import traffic
        from simgrid.planning.stress import replications_for
        from simgrid.planning.stress import stress as stressed
        from simgrid.workload.errors import WorkloadError

        given = (*overrides, *([] if seed is None else [f"seed={seed}"]))
        loaded, asked = _as_written(file, given)
        folder = output / folder_name(asked.cells)
        noted = Recording(folder / "runs")
        runs = _runs(asked, policy, noted, where)
        (cell,) = asked.cells
        number = replications_for(cell, replications)
        try:
            ahead = traffic(cell)
        except (WorkloadError, DicomFolderError) as error:
            leave(USAGE, f"the workload cannot be read:\n{error}")
        if dry_run:
            _describe(cell, ahead, runs, number, folder, where, as_json=as_json)
            return
        _clear(folder, cell)
        _announce(cell, ahead, runs, number, where)
        found = stressed(cell, ahead, runs, number, lambda said: click.echo(said, err=True))
        _write(folder, loaded, asked, found, noted.order)
        _show(found, folder, as_json=as_json)
        if any(one.verdict == "missed" for one in found.deployed):
            sys.exit(CHECK_SAID_NO)


def _as_written(file: str, overrides: tuple[str, ...]) -> tuple[Loaded, Campaign]:
    """The scenario without its variants and its sweep, which are other states than the deployed one."""
    from simgrid.experiments.campaign import campaign

    loaded = load_scenario(file, overrides)
    if loaded.sweep_columns:
        aside = [one for one in BESIDE if one in loaded.tree.mapping]
        click.echo(f"stress looks at the scenario as written: {', '.join(aside)} left aside", err=True)
        loaded = load_scenario(file, (*overrides, *(f"{one}=null" for one in aside)), warned=False)
    return loaded, campaign(loaded.cells)


def _runs(asked: Campaign, policy: str | None, noted: RunStore, where: int | Cluster) -> Runs:
    from simgrid.experiments.campaign import CannotBeAsked
    from simgrid.experiments.store import RunStore
    from simgrid.planning.observed import Runs
    from simgrid.scenario.problems import did_you_mean, shown

    planned = asked.cells[0].plan
    label = policy or (planned.policy if planned is not None else asked.policies[0])
    if label not in asked.policies:
        way_out = did_you_mean(label, asked.policies, "the policies are")
        raise CannotBeAsked(f"--policy: there is no policy {shown(label)}: {way_out}")
    choice = next(one for one in asked.cells[0].policies if one.label == label)
    store = RunStore(noted.folder)

    def compute(cells: Sequence[Scenario], tasks: Sequence[Task], run: RunOnce) -> None:
        _compute(cells, tasks, run, store, where)

    def damaged(which: str) -> None:
        click.echo(f"warning: a stored run is damaged and will be computed again: {which}", err=True)

    return Runs(choice, dict(asked.sources)[choice.name], noted, compute, damaged)


def _compute(
    cells: Sequence[Scenario], tasks: Sequence[Task], run: RunOnce, store: RunStore, where: int | Cluster
) -> None:
    from simgrid.cli.progress import progress
    from simgrid.experiments import parallel

    store.prepare()
    with progress(len(tasks)) as advance:
        parallel.compute(cells, tasks, store, run, where, advance)


def _clear(folder: Path, cell: Scenario) -> None:
    """Take away a test of the scenario as it was, before this one can be ended half-way beside it."""
    from simgrid.experiments.outdated import remove_outdated

    if remove_outdated(folder, cell):
        click.echo(
            f"the stress test in {folder} was of the scenario before it was changed: taken away", err=True
        )


def _announce(cell: Scenario, ahead: Traffic, runs: Runs, number: int, where: int | Cluster) -> None:
    """What it may cost, on stderr; in minutes once the deployed runs, which come first, are timed."""
    from simgrid.planning.extent import extent
    from simgrid.presentation.stress_cost import cost_sentence

    asked = extent(cell, ahead, number)
    click.echo(cost_sentence(asked), err=True)
    runs.of([cell], number)
    if minutes := _minutes(asked, number, runs, where):
        click.echo(minutes, err=True)


def _minutes(asked: Extent, done: int, runs: Runs, where: int | Cluster) -> str:
    """Nothing before a run has been timed, nor of a cluster, whose workers come and go."""
    from simgrid.experiments.receipts import FOLDER, read_receipts
    from simgrid.presentation.stress_cost import minutes_sentence, seconds_a_run

    seconds = seconds_a_run(read_receipts(runs.store.folder.parent / FOLDER))
    if seconds is None or not isinstance(where, int):
        return ""
    return minutes_sentence(asked, done, seconds, where)


def _describe(
    cell: Scenario,
    ahead: Traffic,
    runs: Runs,
    number: int,
    folder: Path,
    where: int | Cluster,
    *,
    as_json: bool,
) -> None:
    """What would be computed, for ``--dry-run``."""
    import json

    from simgrid.planning.extent import extent
    from simgrid.planning.states import states
    from simgrid.presentation.stress_cost import cost_sentence

    asked = extent(cell, ahead, number)
    those = states(cell, ahead, cell.stress)
    cells = [cell, *(one.cell for one in those)]
    stored = len(cells) * number - runs.missing(cells, number)
    if as_json:
        listed = [{"kind": one.kind, "name": one.name, "says": one.says} for one in those]
        parts = {name: getattr(asked, name) for name in ("deployed", "without", "load", "outage")}
        span = {"at_least": asked.at_least, "most": asked.most, "looks": list(asked.looks)}
        counts = {"replications": number, **span, "parts": parts, "stored": stored}
        click.echo(json.dumps({"without": listed, **counts, "folder": str(folder)}))
        return
    click.echo(
        f"as deployed and without each of {len(those)} things, at most {number} replications each: "
        f"{stored} of {len(cells) * number} runs are stored"
    )
    click.echo(cost_sentence(asked))
    if minutes := _minutes(asked, stored, runs, where):
        click.echo(minutes)
    for one in those:
        click.echo(f"  {one.kind} {one.name}: {one.says}")
    click.echo(f"nothing is computed; the results would be in {folder}")


def _write(folder: Path, loaded: Loaded, asked: Campaign, found: Stressed, order: str) -> None:
    from simgrid.experiments.identity import tested_digest
    from simgrid.experiments.outdated import STRESS_FILE, STRESS_ORDER, STRESS_PAGE, STRESS_TABLE
    from simgrid.experiments.provenance import manifest_text
    from simgrid.experiments.results_folder import write_exhibits
    from simgrid.presentation.blocks import as_markdown
    from simgrid.presentation.stress import stress_blocks
    from simgrid.presentation.stress_csv import stress_csv
    from simgrid.presentation.stress_json import stress_text

    texts = {
        "scenario.yaml": loaded.text,
        "scenario-resolved.yaml": loaded.resolved_in(folder),
        "manifest.json": manifest_text(asked),
        STRESS_PAGE: as_markdown(stress_blocks(found, folded=False)),
        STRESS_TABLE: stress_csv(found),
        STRESS_ORDER: order,
        STRESS_FILE: stress_text(found, tested_digest(asked.cells[0], found.policy)),
    }
    write_exhibits(folder, {name: text.encode() for name, text in texts.items()})


def _show(found: Stressed, folder: Path, *, as_json: bool) -> None:
    import json

    from simgrid.presentation.blocks import as_text
    from simgrid.presentation.stress import stress_blocks
    from simgrid.presentation.stress_json import stress_facts

    if as_json:
        click.echo(json.dumps(stress_facts(found), ensure_ascii=False, allow_nan=False))
        click.echo(json.dumps({"folder": str(folder)}))
        return
    click.echo(as_text(stress_blocks(found), shutil.get_terminal_size((100, 24)).columns))
    click.echo(folder)
