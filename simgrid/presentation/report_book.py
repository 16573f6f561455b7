"""``report.xlsx``: what a report says, as tables that a spreadsheet can reckon with.

One sheet a question, each a table under one row of headings. Numbers have all their digits, and the unit
stands in the heading or, where it differs by row, in a column of its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from simgrid.domain.scenario import Source
from simgrid.domain.targets import Target
from simgrid.experiments.answers import comparisons, summaries
from simgrid.experiments.judged import judged
from simgrid.experiments.outdated import is_outdated
from simgrid.experiments.resimulation import RESOLVED_FILE
from simgrid.experiments.study import ALL_INSPECTIONS, STUDY_FILE, NotAStudy, Study, read_study
from simgrid.presentation.board.ledger import CHANGED, origin_of_changed
from simgrid.presentation.board.seen import headline, seen_of
from simgrid.presentation.board.unvaried import others, rosters
from simgrid.presentation.book_of_plans import plan_rows, said_by, stress_rows, target_rows
from simgrid.presentation.ends_in_words import BOUNDS, INTERVAL, ends
from simgrid.presentation.target_words import UNTOLD, says, verdict
from simgrid.presentation.workbook import Sheet, Value, workbook
from simgrid.scenario import Loaded
from simgrid.scenario.counts import many
from simgrid.scenario.files import read_resolved

Rows = list[Sequence[Value]]
_PLAN, _STRESS, _MANIFEST = "plan.json", "stress.json", "manifest.json"
_ANSWER = (
    *("results folder", "of", "what it says", "figure in it", "unit (1 = share of 1)"),
    *("mean", "low end", "high end", "what the ends are", "runs"),
)
_TARGETS = (
    *("results folder", "of", "policy or plan", "inputs", "target", "what must hold"),
    *("unit (1 = share of 1)", "mean", "low end", "high end", "what the ends are", "runs", "verdict"),
)
_SUMMARY = (
    *("results folder", "policy", "inputs", "group", "metric", "unit (1 = share of 1)"),
    *("mean", "low end", "high end", "what the ends are", "runs"),
)
_COMPARED = (
    *("results folder", "policy", "against", "inputs", "group", "metric", "unit (1 = share of 1)"),
    *("difference", "low end", "high end", "what the ends are", "runs"),
    *("p (Holm)", "role", "verdict"),
)
_MOST_DETAILED = 5_000
"""Rows of a summary up to which every group is told, and not only all inspections together."""


def book(folders: Sequence[Path]) -> bytes:
    """The workbook of folders that ``simgrid run``, ``plan`` or ``stress`` wrote; nothing is computed.

    The same folders give the same bytes.

    :raises NotAStudy: a folder holds none of the three, or a damaged one.
    """
    found = [_Found(folder) for folder in folders]
    return workbook(next((one.title for one in found if one.title), "Report"), list(_sheets(found)))


class _Found:
    """What one folder holds."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = folder.resolve().name
        self.study = read_study(folder) if (folder / STUDY_FILE).is_file() else None
        self.plan = _object(folder / _PLAN)
        self.stress = {} if is_outdated(folder) else _object(folder / _STRESS)
        self.manifest = _object(folder / _MANIFEST)
        if self.study is None and not self.plan and not self.stress:
            raise NotAStudy(
                f"{folder} holds no {STUDY_FILE}, {_PLAN} or {_STRESS}: give a folder that 'simgrid run', "
                "'simgrid plan' or 'simgrid stress' wrote"
            )

    @property
    def title(self) -> str:
        """What the scenario is called."""
        if self.study is not None:
            return self.study.design.title or self.study.design.name
        return str(self.plan.get("title") or self.stress.get("title") or self.name)

    @property
    def loaded(self) -> Loaded | None:
        """The scenario; None where its files have gone."""
        if not (self.folder / RESOLVED_FILE).is_file():
            return None
        from simgrid.experiments.installed import load_stored
        from simgrid.scenario import ScenarioInvalid

        try:
            return load_stored(self.folder / RESOLVED_FILE)
        except ScenarioInvalid:
            return None

    @property
    def kept(self) -> Iterator[Sequence[Value]]:
        """What the plan does not vary, in the rows of its sheet; of a plan without values nothing."""
        file, values = self.folder / RESOLVED_FILE, self.plan.get("plan")
        if not isinstance(values, Mapping) or not file.is_file():
            return
        tree = read_resolved(file).tree
        for what, value in (
            *rosters(tree, values),
            *others(tree, values, str(self.plan.get("policy") or "")),
        ):
            yield "not varied, as written", what, value, None, None

    @property
    def sources(self) -> tuple[Source, ...]:
        """The scenario's assumption ledger, empty where its files have gone."""
        loaded = self.loaded
        return loaded.cells[0].sources if loaded else ()


def _sheets(found: Sequence[_Found]) -> Iterator[Sheet]:
    answers = [row for one in found for row in _answers(one)]
    yield Sheet("answer", _ANSWER, answers)
    yield Sheet(
        "targets", _TARGETS, [row for one in found for row in _targets(one)], "No targets are declared."
    )
    yield Sheet(
        "plan",
        ("results folder", "part", "what", "as text", "as a number", "unit of the number"),
        [(one.name, *row) for one in found if one.plan for row in (*plan_rows(one.plan), *one.kept)],
        "No plan: give a folder that 'simgrid plan' wrote, too.",
    )
    studies = [(one.name, one.study) for one in found if one.study is not None]
    no_study = "No study: give a folder that 'simgrid run' wrote, too."
    compared = [row for name, study in studies for row in _comparisons(name, study)]
    yield Sheet("comparisons", _COMPARED, compared, no_study if not studies else "There is one policy only.")
    yield Sheet(
        "summary", _SUMMARY, [row for name, study in studies for row in _summary(name, study)], no_study
    )
    yield Sheet(
        "stress",
        (
            "results folder",
            "part",
            "what",
            "target or metric (unit)",
            "mean",
            "low end",
            "high end",
            "what the ends are",
            "verdict, or what is missing",
        ),
        [(one.name, *row) for one in found if one.stress for row in stress_rows(one.stress)],
        "No stress test: give a folder that 'simgrid stress' wrote, too.",
    )
    yield Sheet(
        "assumptions",
        ("results folder", "value", "where it comes from", "why"),
        [(one.name, line.place, _origin(line), line.reason) for one in found for line in one.sources],
        "The scenario says of none of its values where it comes from.",
    )
    made = [(one.name, *row) for one in found for row in _flat(one.manifest)]
    yield Sheet("provenance", ("results folder", "what", "value"), made, "No manifest.json was found.")


def _origin(line: Source) -> str:
    return origin_of_changed(line.reason) if line.provenance == CHANGED else line.provenance


def _answers(one: _Found) -> Iterator[Sequence[Value]]:
    yield one.name, "title", one.title
    for what, told in (("plan", one.plan), ("stress", one.stress)):
        yield from ((one.name, what, line) for line in said_by(told))
    if one.study is not None:
        yield from ((one.name, "study", *row) for row in _headline(one.study, one.loaded))
        yield from ((one.name, "study", line) for line in _verdicts(one.study))


def _headline(study: Study, loaded: Loaded | None) -> Iterator[Sequence[Value]]:
    """The sentence at the head of the report's page, with the figure in it."""
    seen = seen_of(study, study.design.targets, loaded)
    if seen is not None:
        said, aim, one = headline(seen)
        unit = "1" if aim.share or not aim.unit else aim.unit
        yield said, aim.name, unit, one.mean, *ends(one.low, one.high, one.n, _kind(aim.target)), one.n


def _verdicts(study: Study) -> Iterator[str]:
    """A sentence a policy with targets, counted over the inputs; the comparison's words without any."""
    rows = list(judged(study))
    for policy in study.design.policies if rows else ():
        words = [verdict(row.found.met) for row in rows if row.policy == policy]
        counts = [(words.count(word), word) for word in ("met", "missed", UNTOLD)]
        told = ", ".join(f"{number} {word}" for number, word in counts if number)
        yield (
            f"{policy}: of {len(words)} targets {told}"
            if len(study.values) == 1
            else (f"{policy}: of {len(words)} targets over {len(study.values)} inputs {told}")
        )
    if not rows:
        design = study.design
        kinds = f"{many(len(design.policies), 'policy', 'policies')}, {many(len(design.points), 'input')}"
        runs = many(design.replications, "run")
        yield f"No targets are declared; see comparisons and summary ({kinds}, {runs})"


def _targets(one: _Found) -> Iterator[Sequence[Value]]:
    for row in judged(one.study) if one.study is not None else ():
        unit = "1" if row.target.periods else row.target.unit
        where = _inputs(one.study, row.cell) if one.study is not None else ""
        between = ends(row.found.low, row.found.high, row.found.n, _kind(row.target))
        said = (row.target.name, says(row.target), unit, row.found.mean, *between)
        yield (one.name, "study", row.policy, where, *said, row.found.n, verdict(row.found.met))
    for what, told in (("plan", one.plan), ("stress", one.stress)):
        yield from ((one.name, what, "", "", *row) for row in target_rows(told))


def _comparisons(name: str, study: Study) -> Iterator[Sequence[Value]]:
    for row in comparisons(study, group=ALL_INSPECTIONS):
        at = (name, row.policy, row.baseline, _inputs(study, row.cell), row.column.group, row.column.metric)
        told = ends(row.low, row.high, row.n, INTERVAL)
        yield (*at, row.column.unit, row.difference, *told, row.n, row.p_holm, row.role, row.word)


def _summary(name: str, study: Study) -> Iterator[Sequence[Value]]:
    many = len(study.design.points) * len(study.design.policies) * len(study.columns) > _MOST_DETAILED
    judged_by = {name: one for one in study.design.targets for name in (one.column, one.kept)}
    for row in summaries(study, ALL_INSPECTIONS if many else None):
        at = (name, row.policy, _inputs(study, row.cell), row.column.group, row.column.metric)
        target = judged_by.get(row.column.metric) if row.column.group == ALL_INSPECTIONS else None
        yield (*at, row.column.unit, row.mean, *ends(row.low, row.high, row.n, _kind(target)), row.n)


def _kind(target: Target | None) -> str:
    """What the ends of a figure are: what is judged as a target has the two bounds that judge it."""
    return INTERVAL if target is None else BOUNDS


def _inputs(study: Study, cell: int) -> str:
    named = zip(study.design.sweep_columns, study.design.points[cell], strict=True)
    return "; ".join(f"{name} = {value}" for name, value in named if value)


def _object(file: Path) -> Mapping[str, Any]:
    """What a command wrote; empty where it wrote none."""
    if not file.is_file():
        return {}
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise NotAStudy(f"{file} is damaged (cut short or edited): make it again") from error
    if not isinstance(found, dict):
        raise NotAStudy(f"{file} is damaged (cut short or edited): make it again")
    return found


def _flat(told: Mapping[str, Any], above: str = "") -> Iterator[tuple[Value, Value]]:
    """Entries of a manifest, one a line."""
    for name, value in told.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{above}{name}: ")
        elif isinstance(value, list):
            yield f"{above}{name}", ", ".join(map(str, value))
        elif value is None or isinstance(value, str | int | float):
            yield f"{above}{name}", "yes" if value is True else "no" if value is False else value
