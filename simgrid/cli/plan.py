"""``simgrid plan``: the cheapest plan that meets every target, searched for, then tested on unseen seeds."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from simgrid.cli import options
from simgrid.cli.computing import computing, damaged
from simgrid.cli.exits import CHECK_SAID_NO, told
from simgrid.cli.given import load_scenario, where_computed
from simgrid.scenario.counts import many

if TYPE_CHECKING:
    from simgrid.experiments.parallel import Cluster
    from simgrid.experiments.store import RunStore
    from simgrid.planning.answer import Answer
    from simgrid.planning.observing import Observatory
    from simgrid.planning.space import Plan
    from simgrid.scenario import Loaded


@click.command()
@click.argument("file")
@options.jobs
@options.cluster
@options.overrides
@options.seed
@options.dry_run
@options.output()
@options.as_json
def plan(
    file: str,
    jobs: int | None,
    cluster: str | None,
    overrides: tuple[str, ...],
    seed: int | None,
    dry_run: bool,
    output: Path,
    as_json: bool,
) -> None:
    """Find the cheapest plan of FILE that meets its targets: FILE has targets, costs and a plan.

    Plans that theory excludes are left out, the others are searched by simulation, and what is named has
    been tested on seeds that the search has not seen. Finished runs are kept: the same command goes on where
    it was ended. Exit code 1 where no plan is found.
    """
    where = where_computed(jobs, cluster)
    with told():
        from simgrid.experiments.kept import Recording

        given = overrides if seed is None else (*overrides, f"seed={seed}")
        loaded = load_scenario(file, given, planned=True)
        made, now, folder = _asked(loaded, output)
        if dry_run:
            _describe(made, now, folder, as_json=as_json)
            return
        noted = Recording(folder / "runs")
        seen = _observatory((*made, now), noted, where)
        found = _find(made, now, seen)
        text = _write(found, seen, loaded, folder, noted.order)
        _show(found, text, folder, as_json=as_json)
        if found.found.plan is None:
            sys.exit(CHECK_SAID_NO)


def _asked(loaded: Loaded, output: Path) -> tuple[tuple[Plan, ...], Plan, Path]:
    """The plans, the scenario as written, and the folder of the results: that of 'simgrid run'."""
    from dataclasses import replace

    from simgrid.experiments.campaign import campaign
    from simgrid.experiments.identity import folder_name
    from simgrid.experiments.workloads import identified
    from simgrid.planning.space import deployed, plans

    now = deployed(loaded)
    whole = () if loaded.deployed is None else (loaded.deployed,)
    asked = campaign(whole)
    made = tuple(replace(one, cell=identified(one.cell)) for one in plans(loaded))
    return made, replace(now, cell=identified(now.cell)), output / folder_name(asked.cells)


def _describe(made: tuple[Plan, ...], now: Plan, folder: Path, *, as_json: bool) -> None:
    """How many plans, how many of them theory excludes, and how many runs at most, for ``--dry-run``."""
    import json

    from simgrid.planning.answer import screened
    from simgrid.presentation.plan_words import money

    asked = now.cell.plan
    if asked is None:
        return
    excluded, _ = screened(made, asked)
    reasons = [one.why for one in excluded.values()]
    counts = {why: reasons.count(why) for why in ("calendar", "capacity")}
    if as_json:
        facts = {"plans": len(made), "screened": counts, "runs_a_plan": asked.runs}
        click.echo(json.dumps({**facts, "folder": str(folder)}))
        return
    click.echo(
        f"{many(len(made), 'plan')}, from {money(made[0])} to {money(made[-1])}; as written {money(now)}"
    )
    click.echo(f"excluded by theory: {counts['calendar']} by the calendar, {counts['capacity']} by capacity")
    click.echo(f"at most {asked.runs} replications of a plan in the search, and as many in its test")
    click.echo(f"nothing is computed; the results would be in {folder}")


def _observatory(made: tuple[Plan, ...], noted: RunStore, where: int | Cluster) -> Observatory:
    from simgrid.experiments.identity import policy_source_hash
    from simgrid.experiments.store import RunStore
    from simgrid.planning.observing import Observatory

    choices = {one.cell.policies[0].name: one.cell.policies[0] for one in made}
    sources = {name: policy_source_hash(choice) for name, choice in choices.items()}
    asked = made[0].cell.plan
    targets = () if asked is None else asked.meet
    return Observatory(targets, sources, noted, computing(RunStore(noted.folder), where), damaged)


def _find(made: tuple[Plan, ...], now: Plan, seen: Observatory) -> Answer:
    from simgrid.planning.answer import answer
    from simgrid.planning.space import NoPlans

    if now.cell.plan is None:
        raise NoPlans("the scenario asks for no plan")
    return answer(made, now, now.cell.plan, seen, lambda said: click.echo(said, err=True))


def _write(found: Answer, seen: Observatory, loaded: Loaded, folder: Path, order: str) -> str:
    from simgrid.experiments.campaign import campaign
    from simgrid.experiments.identity import asked_digest
    from simgrid.experiments.kept import order_file
    from simgrid.experiments.provenance import manifest_text
    from simgrid.experiments.results_folder import PLAN_FILE, PLAN_PAGE, PLAN_TABLE, write_exhibits
    from simgrid.presentation.blocks import as_markdown
    from simgrid.presentation.plan_csv import plan_csv
    from simgrid.presentation.plan_json import plan_text
    from simgrid.presentation.plan_text import plan_blocks

    text = plan_text(found, seen.keys(), asked_digest(found.deployed.cell))
    whole = () if loaded.deployed is None else (loaded.deployed,)
    texts = {
        "scenario.yaml": loaded.text,
        "scenario-resolved.yaml": loaded.resolved_in(folder),
        "manifest.json": manifest_text(campaign(whole)),
        PLAN_PAGE: as_markdown(plan_blocks(found)),
        order_file(PLAN_FILE): order,
        PLAN_TABLE: plan_csv(found),
        PLAN_FILE: text,
    }
    folder.mkdir(parents=True, exist_ok=True)
    write_exhibits(folder, {name: content.encode() for name, content in texts.items()})
    return text


def _show(found: Answer, text: str, folder: Path, *, as_json: bool) -> None:
    import json

    from simgrid.presentation.blocks import as_text
    from simgrid.presentation.plan_text import plan_blocks

    if as_json:
        click.echo(json.dumps(json.loads(text), ensure_ascii=False))
        click.echo(json.dumps({"folder": str(folder)}))
        return
    click.echo(as_text(plan_blocks(found), shutil.get_terminal_size((80, 24)).columns))
    click.echo(folder)
