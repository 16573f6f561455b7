"""A report held against itself: its page made again from the values of runs that it carries.

Every text, number, drawing and piece of data of the page is compared with what today's code makes of those
values; the values themselves are held against the seals, whose runs can be computed again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from simgrid import __version__
from simgrid.experiments.atomic import write_text
from simgrid.experiments.campaign import campaign
from simgrid.experiments.installed import installed
from simgrid.experiments.kept import KeptRuns, KeptStudy, Replaying, contradictions, lay_out, plain
from simgrid.experiments.resimulation import RESOLVED_FILE
from simgrid.experiments.sealed import STUDY, NotSealed, Sealed, without_seals
from simgrid.experiments.study import Design, NotAStudy, design_of, design_plain
from simgrid.experiments.verifying import CannotBeCompared, write_scenario
from simgrid.planning.sealing import PLAN, STRESS
from simgrid.presentation.board.contents import (
    CELLS,
    HEAT,
    MAP,
    Contents,
    KeptFolder,
    contents_in,
    made_again,
    stripped,
)
from simgrid.presentation.board.given import MANIFEST_FILE, PLAN_FILE, SCHEMA, STRESS_FILE, read_given
from simgrid.presentation.board.making import shown
from simgrid.presentation.board.page_items import Difference, Item, differences, items
from simgrid.scenario import ScenarioInvalid, load
from simgrid.scenario.portable import is_bare

_FILES = {PLAN: PLAN_FILE, STRESS: STRESS_FILE}
_DESIGNED = ("title", "sweep_columns", "points", "policies", "baseline", "primary", "targets")
_LACKING = {
    HEAT: ("the table of hours", ("heat", "heat-table", "missing")),
    MAP: ("the map of links", ("map", "map-data", "missing")),
    CELLS: (
        "all inputs but the answer's (sliders, their data, frontier, tornado)",
        ("sliders", "runs", "frontier", "tornado", "heat", "missing"),
    ),
}
NO_CONTENTS = "the page does not carry the values that its figures are made of"


@dataclass(frozen=True, slots=True)
class Shown:
    """What came of it: each difference, how many places were compared, and what of the page was not.

    ``proven``: whether the headline follows from values of runs that the page carries. ``kept``: by the
    number of its seal, what is kept of a study.
    """

    differs: tuple[Difference, ...] = ()
    compared: int = 0
    lacking: tuple[str, ...] = ()
    proven: bool = False
    kept: Mapping[int, KeptStudy] = field(default_factory=dict)


def compared(html: str, seals: Sequence[Sealed], beside: Path, folder: Path) -> Shown:
    """Make a page again from what it carries, in the empty ``folder``, and compare.

    Where the time goes is simulated again, as ``simgrid report`` did. The page's files lie ``beside``.

    :raises NotSealed: what it carries is damaged. :raises CannotBeCompared: another version made it.
    :raises FilesLacking: its scenario reads files that are not there.
    """
    contents = contents_in(html)
    if contents is None:
        return Shown(lacking=(NO_CONTENTS,))
    if contents.made_by != __version__:
        theirs = contents.made_by[:40]
        message = f"made by simgrid {theirs}, this is {__version__}: its figures cannot be compared"
        raise CannotBeCompared(f"{message}; install simgrid-telerad {theirs}")
    if sum(one.seals for one in contents.folders) != len(seals):
        raise NotSealed("its seals and what it is made of do not belong together: it was changed")
    made = _Made()
    try:
        for place, one in enumerate(contents.folders):
            _lay_out(made, one, seals, beside, folder / str(place))
        expected = shown(read_given(made.folders), contents.replications)
    except (NotAStudy, ScenarioInvalid, KeyError, TypeError, AttributeError, IndexError) as error:
        raise NotSealed(f"its page cannot be made again from what it carries: {error}") from error
    return _held(html, expected, contents, made)


@dataclass(slots=True)
class _Made:
    folders: list[Path] = field(default_factory=list)
    kept: dict[int, KeptStudy] = field(default_factory=dict)
    against: list[Difference] = field(default_factory=list)
    bare: list[str] = field(default_factory=list)
    seals: int = 0


def _lay_out(made: _Made, one: KeptFolder, seals: Sequence[Sealed], beside: Path, folder: Path) -> None:
    """A results folder as ``simgrid report`` found it, as far as the page tells of it."""
    numbers = range(made.seals, made.seals + one.seals)
    made.seals = numbers.stop
    by_kind = {seals[number].kind: number for number in numbers}
    if not numbers or not is_bare(one.name) or "/" in one.name:
        raise NotSealed("what it is made of is damaged: it was changed")
    root = folder / one.name
    write_scenario(seals[numbers[0]], beside, root, RESOLVED_FILE)
    write_text(root / MANIFEST_FILE, json.dumps(seals[numbers[0]].made_with))
    made.folders.append(root)
    if one.study is not None:
        if STUDY not in by_kind:
            raise NotSealed("its study has no seal: it was changed")
        seal = seals[by_kind[STUDY]]
        made.kept[by_kind[STUDY]] = one.study
        made.against += [
            Difference(where, f"the figures of {told}", f"{sealed} in its seal")
            for where, told, sealed in contradictions(one.study, seal)
        ]
        made.against += _redesigned(one.study, root / RESOLVED_FILE)
        lay_out(one.study, seal, root)
    for kind, kept in ((PLAN, one.plan), (STRESS, one.stress)):
        if kept is not None:
            sealed = seals[by_kind[kind]] if kind in by_kind else None
            _tell(made, kind, kept, one, sealed, root)
    if one.outdated:
        write_text(root / STRESS_FILE, json.dumps({"schema": SCHEMA, "asked": "another scenario"}))


def _tell(
    made: _Made,
    kind: str,
    kept: KeptRuns | Mapping[str, Any],
    one: KeptFolder,
    seal: Sealed | None,
    root: Path,
) -> None:
    """Write ``plan.json`` or ``stress.json``: made again, or as the page has it."""
    name = _FILES[kind]
    if isinstance(kept, KeptRuns):
        store = Replaying(root / "runs", kept)
        told: Mapping[str, Any] = made_again(name, root / RESOLVED_FILE, one.asked[name], store)
        made.against += [] if seal is None else _otherwise_sealed(seal, store)
    else:
        told = kept
        made.bare.append(name)
    write_text(root / name, json.dumps(told))


def _otherwise_sealed(seal: Sealed, store: Replaying) -> Iterator[Difference]:
    """Sealed runs of which a plan or stress test is made with another value."""
    for run in seal.runs:
        found = store.given.get(run.key)
        measured = {} if found is None else {one.metric: one.value for one in found.measurements}
        for column, value in zip(seal.columns, run.values, strict=True):
            if column.metric in measured and plain(value) != measured[column.metric]:
                where = f"{column.metric} of replication {run.replication} of the {seal.kind}"
                yield Difference(where, str(measured[column.metric]), f"{value} in its seal")


def _redesigned(kept: KeptStudy, file: Path) -> list[Difference]:
    """Where the page's study was asked otherwise than its scenario asks: its targets, inputs, names."""
    known = installed()
    found: list[Difference] = []
    for analyse in (False, True):
        with suppress(ValueError):
            loaded = load(file, (), known, analyse=analyse, warned=False)
            design = design_of(campaign(loaded.cells, loaded.sweep_columns))
            found = list(_otherwise_asked(kept.design, design))
            if not found:
                break
    return found


def _otherwise_asked(kept: Mapping[str, Any], design: Design) -> Iterator[Difference]:
    asked = json.loads(json.dumps(design_plain(design)))
    for name in _DESIGNED:
        if (kept.get(name) or []) != (asked.get(name) or []):
            place = f"{name} of its study"
            yield Difference(
                place, str(kept.get(name))[:160], f"{str(asked.get(name))[:160]} in its scenario"
            )


def _held(html: str, expected: str, contents: Contents, made: _Made) -> Shown:
    page = without_seals(stripped(html))
    left, right = items(page), items(expected)
    there = {name for one in left for name in one.ids}
    lacking = [
        _LACKING[one][0]
        for one in (HEAT, MAP, CELLS)
        if one in contents.without and there & set(_LACKING[one][1][:2])
    ]
    aside = {name for one in contents.without if one in _LACKING for name in _LACKING[one][1]}
    proven = not made.bare
    if CELLS in contents.without:
        targeted = any(one.design.get("targets") for one in made.kept.values())
        left, right = ([one for one in each if _is_text(one)] for each in (left, right))
        if not targeted:
            aside |= {"answer", "where", "answered", "policies", "waits", "latest"}
            lacking.append("the headline, which compares all inputs with the baseline")
            proven = False
    lacking += [f"{name} as a whole: the runs that it rests on are not in the page" for name in made.bare]
    left, right = ([one for one in each if not aside & set(one.ids)] for each in (left, right))
    found = [*made.against, *differences(left, right)]
    if not found and not contents.without and page != expected:
        found = [Difference("the page's markup", "other characters", "those of 'simgrid report'")]
    return Shown(tuple(found), len(left), tuple(lacking), proven, made.kept)


def _is_text(one: Item) -> bool:
    return ", " not in one.place or " of <" not in one.place
