"""``simgrid export``: a stored run as an event log that other tools read; a study as a checklist."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from simgrid.cli.exits import ENVIRONMENT, USAGE, leave, told

if TYPE_CHECKING:
    from simgrid.experiments.resimulation import Resimulated, Wanted
    from simgrid.experiments.run_names import RunName


@click.command()
@click.argument("run", metavar="RUN")
@click.option(
    "--format",
    "form",
    type=click.Choice(["xes", "ocel", "vidigi", "csv", "parquet", "stress-des"]),
    required=True,
    help="XES (IEEE 1849), OCEL 2.0 (JSON), vidigi's columns, CSV that 'simgrid replay' reads, a folder "
    "of Parquet tables with the whole journal, or the STRESS-DES checklist of the whole study (Markdown).",
)
@click.option("--policy", help="NAME or NAME@VARIANT (default: the scenario's first).")
@click.option("--replication", type=click.IntRange(min=0), help="From 0, the default.")
@click.option("--at", "places", metavar="COLUMN=VALUE", multiple=True, help="Which cell of a sweep.")
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True)
@click.option("--force", is_flag=True, help="Write over what exists.")
def export(
    run: str,
    form: str,
    policy: str | None,
    replication: int | None,
    places: tuple[str, ...],
    output: Path,
    force: bool,
) -> None:
    """Write one run of a results folder as an event log, or the checklist of its study.

    RUN is the folder, or FOLDER:POLICY:REPLICATION:COLUMN=VALUE with all but the folder optional. The run is
    simulated again, and held against what was stored of it.
    """
    with told():
        from simgrid.experiments.resimulation import CodeHasChanged, NotInStudy
        from simgrid.experiments.run_names import BadRunName, RunName, run_name

        if output.exists() and not force:
            leave(USAGE, f"{output} exists: give --force, or another -o")
        if output.is_dir() != (form == "parquet") and output.exists():
            what = "a folder" if output.is_dir() else "a file"
            leave(USAGE, f"{output} is {what}, which --format {form} does not write: give another -o")
        try:
            named = run_name(run)
            if form == "stress-des":
                if (policy, replication, places) != (None, None, ()) or named != RunName(named.folder):
                    leave(USAGE, "a checklist is of the whole study: name the folder and no run in it")
                _checklist(named.folder, output)
                return
            wanted = wanted_run(named, policy, replication, places)
            again = (_tables if form == "parquet" else _log)(named.folder, wanted, form, output)
        except (BadRunName, NotInStudy) as error:
            leave(USAGE, str(error))
        except CodeHasChanged as error:
            leave(ENVIRONMENT, str(error))
        where = "".join(f", {name} {value}" for name, value in again.point)
        many = len(again.journal.inspections)
        which = f"policy {again.policy}, replication {again.replication}{where}"
        click.echo(f"{many} inspections of {which}; the run came out as it was stored", err=True)
        click.echo(output)


def _checklist(folder: Path, output: Path) -> None:
    """The STRESS-DES checklist of a results folder."""
    from simgrid.experiments.atomic import write_text
    from simgrid.experiments.installed import load_stored
    from simgrid.presentation.stress_des import execution, stress_des

    scenario, manifest = folder / "scenario-resolved.yaml", folder / "manifest.json"
    if missing := [one.name for one in (scenario, manifest) if not one.is_file()]:
        leave(USAGE, f"{folder}: no {' and no '.join(missing)}: give a folder that 'simgrid run' made")
    try:
        ran = execution(manifest.read_text(encoding="utf-8"))
    except ValueError as error:
        leave(USAGE, f"{manifest}: {error}: run the scenario again")
    output.parent.mkdir(parents=True, exist_ok=True)
    write_text(output, stress_des(load_stored(scenario).cells, ran))
    click.echo(output)


def _log(run_folder: Path, wanted: Wanted, form: str, output: Path) -> Resimulated:
    """The run as one file."""
    from simgrid.experiments.installed import load_stored
    from simgrid.experiments.resimulation import resimulate
    from simgrid.presentation import logs

    again = resimulate(run_folder, wanted, load_stored)
    writers = {"xes": logs.to_xes, "ocel": logs.to_ocel, "vidigi": logs.to_vidigi, "csv": logs.to_csv_log}
    output.parent.mkdir(parents=True, exist_ok=True)
    writers[form](again.journal, again.start, output)
    return again


def _tables(run_folder: Path, wanted: Wanted, _: str, output: Path) -> Resimulated:
    """The run as a folder of tables, written while it runs."""
    from simgrid.domain.observer import Observer
    from simgrid.experiments.installed import load_stored
    from simgrid.experiments.resimulation import resimulate
    from simgrid.presentation.logs.parquet import journal_tables

    with journal_tables(output) as tables:
        again = resimulate(run_folder, wanted, load_stored, Observer(sink=tables))
        about = {
            "policy": again.policy,
            "replication": again.replication,
            "cell": dict(again.point),
            "start": again.start.isoformat(),
        }
        tables.rest(again.journal, about)
    return again


def wanted_run(
    named: RunName, policy: str | None, replication: int | None, places: tuple[str, ...]
) -> Wanted:
    """What the name and the options say together; neither may say the same twice."""
    from simgrid.experiments.resimulation import Wanted

    for option, one, other in (
        ("--policy", named.policy, policy),
        ("--replication", named.replication, replication),
    ):
        if one is not None and other is not None:
            leave(USAGE, f"{option} {other}: RUN already names {one}; give one of the two")
    number = named.replication if replication is None else replication
    return Wanted(named.policy or policy, number or 0, dict(named.at) | _places(places))


def _places(given: tuple[str, ...]) -> dict[str, str]:
    wrong = [one for one in given if "=" not in one]
    if wrong:
        leave(USAGE, f"--at '{wrong[0]}': write COLUMN=VALUE as in summary.csv")
    return {name.strip(): value.strip() for name, _, value in (one.partition("=") for one in given)}
