"""START HERE: a scenario in; Figures 3 and 4 of one's own, and the log beside the model, out."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from simgrid.domain.scenario import Scenario
from simgrid.experiments.study import Study
from simgrid.reproduction.department.beside import LOGGED, Beside, beside
from simgrid.reproduction.department.figure import department_figure
from simgrid.reproduction.department.judging import Judged, judged
from simgrid.reproduction.department.log_window import Shown, shown_by
from simgrid.reproduction.department.mined_figure import mined_figure
from simgrid.reproduction.department.tables import account_table, beside_table, mined_table, verdict_table
from simgrid.reproduction.evidence import Evidence, measured
from simgrid.reproduction.exhibits import rendering
from simgrid.reproduction.exhibits.drawing import HOW_TO_READ
from simgrid.reproduction.exhibits.exhibit import Exhibit
from simgrid.reproduction.exhibits.figure_4 import MEASURED, absolute_figure, absolute_table

FOLDER = "department"
"""Below the results folder of the scenario."""


@dataclass(frozen=True, slots=True)
class Report:
    """What there is to tell of a scenario and its logs; ``remarks``: what there is not, and the way out."""

    shown: Shown | None
    found: Beside | None
    verdicts: tuple[Judged, ...]
    remarks: tuple[str, ...]


def report(scenario: Scenario, replications: int, told: Callable[[float], None] = lambda _: None) -> Report:
    """Mine the log, and hold the model against it where ``logged`` is among the policies.

    Raises as ``simgrid.reproduction.department.beside.beside``.
    """
    shown = shown_by(scenario)
    remarks = list(_remarks(scenario, shown))
    found = beside(scenario, replications, told) if _replays(scenario) else None
    verdicts = judged(found) if found is not None else ()
    return Report(shown, found, verdicts, tuple(remarks))


def runs_of(scenario: Scenario, replications: int) -> int:
    """How many runs ``report`` simulates."""
    return replications if _replays(scenario) else 0


def _replays(scenario: Scenario) -> bool:
    return scenario.demand.log is not None and LOGGED in scenario.policies


def _remarks(scenario: Scenario, shown: Shown | None) -> Iterator[str]:
    if shown is None:
        yield "Figure 3 is left out: no log is replayed or believed; give demand or belief a log"
    elif not shown.used:
        yield "Figure 3 is left out: no row of the log is of a radiologist of the scenario with a known kind"
    if scenario.demand.log is None:
        yield "nothing is held against a log: none is replayed; give demand: {log: {file: ...}}"
    elif LOGGED not in scenario.policies:
        yield "nothing is held against the log: put 'logged' among the policies"


def exhibits_of(scenario: Scenario, study: Study, made: Report) -> tuple[Exhibit, ...]:
    """What is written of it; all tables and figures are there already, so they need no evidence."""
    return tuple(_exhibits(scenario, study, made))


def _exhibits(scenario: Scenario, study: Study, made: Report) -> Iterator[Exhibit]:
    shown, found = made.shown, made.found
    if shown is not None and shown.used:
        yield Exhibit(
            "figure-3",
            "Figure 3 of the log",
            table=lambda _: mined_table(shown),
            figure=lambda _: mined_figure(shown),
        )
        yield Exhibit("figure-3-rows", "The rows of the log", table=lambda _: account_table(shown))
    runs = Evidence("own", study.design.replications, "", "", measured(study, MEASURED))
    note = (
        f"{HOW_TO_READ}\n{runs.worlds} replications; hollow, and dashed line: {study.design.baseline}. "
        "Ratings count as true as the scenario declares them."
    )
    baseline = study.design.baseline or study.design.policies[0]
    yield Exhibit(
        "figure-4",
        "Figure 4 of the scenario",
        table=lambda _: absolute_table(runs),
        figure=lambda _: absolute_figure(runs, baseline, f"Figure 4 of one's own: {scenario.title}", note),
    )
    if found is not None:
        yield Exhibit(
            "department",
            "The log beside the model",
            table=lambda _: beside_table(found),
            figure=lambda _: department_figure(
                found, made.verdicts, f"Does the model know the department? {scenario.title}"
            ),
        )
        yield Exhibit("department-verdicts", "Verdicts", table=lambda _: verdict_table(made.verdicts))


def write(scenario: Scenario, study: Study, made: Report, folder: Path) -> tuple[str, ...]:
    """Write everything below ``folder``/department; the files' names."""
    return rendering.write(exhibits_of(scenario, study, made), {}, folder / FOLDER)


def lines(made: Report) -> Iterator[str]:
    """The verdicts and remarks, for a screen."""
    if made.shown is not None:
        one = made.shown
        yield (
            f"{Path(one.file).name}: {one.rows} rows, {one.used} used for Figure 3 ({one.timed} timed), "
            f"{one.nobodys} assigned to nobody, {one.strangers} to others, {one.without_kind} of unknown kind"
        )
    for verdict in made.verdicts:
        chance = "" if math.isnan(verdict.p) else f" (p = {verdict.p:.2g})"
        yield f"{verdict.name}: {verdict.word}{chance}; {verdict.sentence}"
    yield from made.remarks
