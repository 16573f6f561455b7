"""What a report is made of: a finished study, a plan and a stress test, from the folders that hold them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simgrid.domain.targets import Target
from simgrid.experiments.combine import combine
from simgrid.experiments.installed import installed
from simgrid.experiments.outdated import is_outdated
from simgrid.experiments.resimulation import RESOLVED_FILE
from simgrid.experiments.study import STUDY_FILE, NotAStudy, Study, read_study
from simgrid.presentation.board.scenarios import Part, parts_of
from simgrid.scenario import Loaded, load
from simgrid.scenario.files import read_resolved
from simgrid.scenario.marks import Located

PLAN_FILE, STRESS_FILE, MANIFEST_FILE = "plan.json", "stress.json", "manifest.json"
SCHEMA = 1
OUTDATED = "its stress test is of the scenario before it was changed: run 'simgrid stress' again"


@dataclass(frozen=True, slots=True)
class Given:
    """Of several folders: their studies side by side, the first plan and the first stress test.

    ``plan`` and ``stress`` are the objects that these commands write, ``manifests`` what each folder says it
    was made with. ``outdated``: folders whose stress test is not told, being of the scenario as it was.
    ``plans`` and ``tests``: every folder that has one with its object, the first being the one that is told.
    """

    folders: tuple[Path, ...]
    study: Study | None
    loaded: Loaded | None
    plan: Mapping[str, Any] | None
    stress: Mapping[str, Any] | None
    manifests: tuple[Mapping[str, Any], ...]
    targets: tuple[Target, ...] = ()
    parts: tuple[Part, ...] = ()
    outdated: tuple[Path, ...] = ()
    plans: tuple[tuple[Path, Mapping[str, Any]], ...] = ()
    tests: tuple[tuple[Path, Mapping[str, Any]], ...] = ()

    @property
    def planned_of(self) -> Located | None:
        """The scenario of the plan that is told, as written; None where its folder keeps none."""
        return _tree(self.plans)

    @property
    def tested(self) -> Located | None:
        """The scenario of the stress test that is told."""
        return _tree(self.tests)

    @property
    def title(self) -> str:
        """What the scenario is called."""
        if self.study is not None:
            return self.study.design.title or self.study.design.name
        told = self.plan or self.stress or {}
        return str(told.get("title") or told.get("scenario") or "Report")


def read_given(folders: Sequence[Path]) -> Given:
    """Read results folders; nothing is computed.

    :raises NotAStudy: for a folder that holds none of the three, or a damaged one, or one named twice.
    """
    if len(set(folders)) < len(folders):
        raise NotAStudy("a results folder is named twice")
    studies = {folder: read_study(folder) for folder in folders if (folder / STUDY_FILE).is_file()}
    plans = tuple(_objects(folders, PLAN_FILE))
    old = tuple(folder for folder in folders if is_outdated(folder))
    fresh = [folder for folder in folders if folder not in old]
    tests = tuple(_objects(fresh, STRESS_FILE))
    for folder in folders:
        if not any((folder / name).is_file() for name in (STUDY_FILE, PLAN_FILE, STRESS_FILE)):
            raise NotAStudy(
                f"{folder} holds no {STUDY_FILE}, {PLAN_FILE} or {STRESS_FILE}: give a folder that "
                "'simgrid run', 'simgrid plan' or 'simgrid stress' wrote"
            )
    if old and not (studies or plans or tests):
        raise NotAStudy(f"{old[0]}: {OUTDATED}")
    noted = [read_object(folder / MANIFEST_FILE, None) for folder in folders]
    manifests = [found for found in noted if found is not None]
    loaded = _scenario(folders)
    return Given(
        tuple(folders),
        _together(studies),
        loaded,
        plans[0][1] if plans else None,
        tests[0][1] if tests else None,
        tuple(manifests),
        _targets(studies, loaded),
        parts_of(list(studies.values()), [found for _, found in plans], [found for _, found in tests]),
        old,
        plans,
        tests,
    )


@contextmanager
def as_written(what: str) -> Iterator[None]:
    """Read a part of an object that a command wrote; raises NotAStudy where it was edited since."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        if isinstance(error, NotAStudy):
            raise
        raise NotAStudy(f"{what} is damaged (cut short or edited): make it again") from error


def _objects(folders: Sequence[Path], name: str) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    for folder in folders:
        if (found := read_object(folder / name)) is not None:
            yield folder, found


def _tree(found: Sequence[tuple[Path, Mapping[str, Any]]]) -> Located | None:
    """The scenario that lies in the first folder."""
    file = found[0][0] / RESOLVED_FILE if found else None
    return read_resolved(file).tree if file is not None and file.is_file() else None


def _targets(studies: Mapping[Path, Study], loaded: Loaded | None) -> tuple[Target, ...]:
    """Those of the first study, else those that its scenario declares."""
    for study in studies.values():
        return study.design.targets
    return loaded.cells[0].targets if loaded else ()


def _together(studies: Mapping[Path, Study]) -> Study | None:
    if len(studies) < 2:
        return next(iter(studies.values()), None)
    told: dict[str, Study] = {}
    for folder, study in studies.items():
        name = folder.resolve().name
        number = sum(one.partition(" (")[0] == name for one in told)
        told[f"{name} ({number + 1})" if number else name] = study
    return combine(told)


def _scenario(folders: Sequence[Path]) -> Loaded | None:
    """The scenario of the first folder that keeps one; its targets, places and ledger are told."""
    for folder in folders:
        if (folder / RESOLVED_FILE).is_file():
            return load(folder / RESOLVED_FILE, (), installed(), warned=False)
    return None


def read_object(file: Path, schema: int | None = SCHEMA) -> Mapping[str, Any] | None:
    """The object of a file, of this schema if one is named; None where there is no file.

    :raises NotAStudy: it is damaged, or has another schema.
    """
    if not file.is_file():
        return None
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise NotAStudy(f"{file} is damaged (cut short or edited): make it again") from error
    if not isinstance(found, dict) or (schema is not None and found.get("schema") != schema):
        said = found.get("schema") if isinstance(found, dict) else None
        raise NotAStudy(f"{file} has schema {said!r}, expected {schema}: make it again")
    return found
