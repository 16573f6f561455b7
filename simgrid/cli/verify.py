"""``simgrid verify``: some runs of a report computed again, and held against its numbers."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from simgrid.cli import options, patterns
from simgrid.cli.exits import CHECK_SAID_NO, ENVIRONMENT, USAGE, leave, told
from simgrid.scenario.counts import many
from simgrid.scenario.near_files import file_meant

if TYPE_CHECKING:
    from simgrid.experiments.sealed import Sealed
    from simgrid.experiments.verifying import Chosen, Outcome
    from simgrid.presentation.board.comparing import Shown

LARGEST_PAGE = 50_000_000
UNCHANGED = "its check sum is right: nothing was changed by accident (it is no signature)"
MOST_TOLD = 20
OTHER_RUNS = (
    "(not among them: the runs of a plan with more load or other people, of an outage, and those for which "
    "the page has no room, all of which the report may count too; they are not drawn)"
)


@click.command()
@click.argument("report", type=click.Path(path_type=Path), callback=patterns.one_file)
@click.option("--runs", type=click.IntRange(min=1), default=3, show_default=True, help="How many.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Draws which runs.")
@click.option("--plug-ins", "trusted", is_flag=True, help="Execute the Python files that its scenario names.")
@options.jobs
@options.as_json
def verify(report: Path, runs: int, seed: int, trusted: bool, jobs: int | None, as_json: bool) -> None:
    """Make the figures of REPORT, a report.html, again, and compute random runs of it again.

    Every text and number of the page must come out of the runs that it carries, and these of the model, digit
    for digit. Nothing is needed but the report, and the files beside it that it names: replayed logs, tables,
    plug-ins. Exit code 1 if anything differs or the page was changed, 4 if another model made it.
    """
    with told():
        from simgrid.experiments.sealed import STUDY, NotSealed, is_as_written, seals_in
        from simgrid.experiments.verifying import (
            CannotBeCompared,
            FilesLacking,
            choose,
            every_run,
            same_model,
        )

        html = _text(report)
        try:
            seals = seals_in(html)
            as_written = is_as_written(html)
            _tell_page(report, as_written, as_json=as_json)
            same_model(seals)
            _permitted(seals, trusted=trusted)
            shown = _compared(html, seals, report)
            _tell_shown(shown, as_json=as_json)
            outcomes = _computed(choose(seals, runs, seed, shown.kept), report, jobs)
        except NotSealed as error:
            leave(USAGE, f"{report}: {error}")
        except FilesLacking as error:
            leave(USAGE, f"{report}: its runs read files that must lie beside it:\n  {_indented(error)}")
        except CannotBeCompared as error:
            leave(ENVIRONMENT, f"{report}: {error}")
        _tell(outcomes, len(every_run(seals, shown.kept)), seed, as_json=as_json)
        if not as_json and any(one.kind != STUDY for one in seals):
            click.echo(OTHER_RUNS)
        if not as_written or shown.differs or not shown.proven or any(one.differs for one in outcomes):
            sys.exit(CHECK_SAID_NO)


def _text(report: Path) -> str:
    if not report.is_file():
        near = "" if report.exists() else file_meant(report, (".html",))
        what = "is no file" if report.exists() else "no such file"
        leave(USAGE, f"{report}: {what}: {near or 'give a report.html'}")
    if report.stat().st_size > LARGEST_PAGE:
        leave(USAGE, f"{report}: larger than {LARGEST_PAGE // 1_000_000} MB, which no report is")
    try:
        return report.read_bytes().decode()
    except UnicodeDecodeError:
        leave(USAGE, f"{report}: its bytes are not UTF-8: give a report.html that 'simgrid report' wrote")


def _permitted(seals: list[Sealed], *, trusted: bool) -> None:
    from simgrid.experiments.verifying import executed

    if (files := executed(seals)) and not trusted:
        listed = ", ".join(files)
        leave(USAGE, f"its runs execute {listed}: look into {listed}, and give --plug-ins if you trust it")


def _compared(html: str, seals: list[Sealed], report: Path) -> Shown:
    from simgrid.presentation.board.comparing import compared

    with tempfile.TemporaryDirectory(prefix="simgrid-verify-") as folder:
        return compared(html, seals, report.resolve().parent, Path(folder))


def _computed(chosen: list[Chosen], report: Path, jobs: int | None) -> list[Outcome]:
    from simgrid.cli.progress import progress
    from simgrid.experiments.parallel import default_jobs
    from simgrid.experiments.verifying import computed_again
    from simgrid.planning.sealing import CELLS

    with tempfile.TemporaryDirectory(prefix="simgrid-verify-") as folder, progress(len(chosen)) as advance:
        beside = report.resolve().parent
        return list(computed_again(chosen, beside, Path(folder), jobs or default_jobs(), advance, CELLS))


def _indented(error: Exception) -> str:
    return str(error).replace("\n", "\n  ")


def _tell_page(report: Path, as_written: bool, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"page": str(report), "as_written": as_written}))
    elif as_written:
        click.echo(f"{report}: {UNCHANGED}")
    else:
        click.echo(f"{report}: CHANGED since it was written: its check sum is wrong")


def _tell_shown(shown: Shown, *, as_json: bool) -> None:
    if as_json:
        differs = [
            {"place": one.place, "shown": one.shown, "expected": one.expected} for one in shown.differs
        ]
        facts = {"places": shown.compared, "headline_proven": shown.proven, "not_compared": shown.lacking}
        click.echo(json.dumps({"figures": "differ" if differs else "same", "differs": differs, **facts}))
        return
    for one in shown.differs[:MOST_TOLD]:
        click.echo(f"  {one.place}: shown {one.shown}, expected {one.expected}")
    if len(shown.differs) > MOST_TOLD:
        click.echo(f"  and {len(shown.differs) - MOST_TOLD} more")
    if shown.differs:
        click.echo(f"{many(len(shown.differs), 'place')} of the page CHANGED: not what its runs say")
    elif shown.compared:
        click.echo(f"its figures: {shown.compared} texts, numbers and marks made again, all as shown")
    if shown.lacking:
        click.echo(f"NOT compared: {'; '.join(shown.lacking)}")
    if not shown.proven:
        click.echo("so its headline is not shown to be right: ask for the results folder and report it anew")


def _tell(outcomes: list[Outcome], of: int, seed: int, *, as_json: bool) -> None:
    same = sum(not one.differs for one in outcomes)
    for one in outcomes:
        click.echo(json.dumps(_facts(one)) if as_json else _sentence(one))
    if as_json:
        click.echo(json.dumps({"runs": len(outcomes), "of": of, "seed": seed, "same": same}))
        return
    drawn = f"{len(outcomes)} of the {of} runs, drawn with --seed {seed}"
    if same == len(outcomes):
        click.echo(f"{drawn}: computed again, the same to the last digit")
        return
    click.echo(f"{drawn}: only {same} came out the same")
    for line in dict.fromkeys(line for one in outcomes for line in one.otherwise):
        click.echo(f"  {line}")


def _facts(one: Outcome) -> dict[str, object]:
    chosen = one.chosen
    return {
        "study": chosen.seal.name,
        "policy": chosen.policy,
        "replication": chosen.run.replication,
        "cell": chosen.point,
        "key": chosen.run.key,
        "compared": one.compared,
        "verdict": "differs" if one.differs else "same",
        "differs": one.differs,
        "otherwise": one.otherwise,
    }


def _sentence(one: Outcome) -> str:
    chosen = one.chosen
    where = "".join(f", {name} = {value}" for name, value in chosen.point.items() if value)
    run = f"  {chosen.seal.name}: {chosen.policy}, replication {chosen.run.replication}{where}"
    if not one.differs:
        return f"{run}: same ({one.compared} values, and the fingerprint of all)"
    return "\n".join([f"{run}: DIFFERS", *(f"    {line}" for line in one.differs)])
