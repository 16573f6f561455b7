"""Which files of a scenario lie outside a folder; none of those is opened here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from simgrid.scenario.files import MAX_EXTENDS, Draft, read_text, shipped, shipped_folder
from simgrid.scenario.marks import Located, Mark, Source
from simgrid.scenario.problems import Problem, ScenarioInvalid, shown
from simgrid.scenario.relocated import renamed
from simgrid.scenario.yaml_tree import read_tree

_STAGE = "belief.stage"


def outside(draft: Draft, folder: Path) -> tuple[Problem, ...]:
    """A problem for each file that the scenario names outside ``folder`` and simgrid's own scenarios.

    Files that it extends are followed, and earlier stages. A text that cannot be read is a problem too.
    """
    allowed = (folder.resolve(), shipped_folder().resolve())
    return tuple(_outside(draft, allowed, MAX_EXTENDS))


def inside(path: Path, folder: Path) -> bool:
    """Whether the path, its links followed, lies in the folder or among simgrid's own scenarios."""
    return _within(path, (folder.resolve(), shipped_folder().resolve()))


def _within(path: Path, allowed: Sequence[Path]) -> bool:
    try:
        return any(path.resolve().is_relative_to(one) for one in allowed)
    except (OSError, RuntimeError, ValueError):  # a loop of links, a name that no file can have
        return False


def _outside(draft: Draft, allowed: Sequence[Path], deeper: int) -> Iterator[Problem]:
    try:
        tree = read_tree(Source(draft.path.name, draft.text, str(draft.path.parent)))
    except ScenarioInvalid as invalid:
        yield from invalid.problems
        return
    found: list[tuple[str, Path, Mark]] = []

    def note(what: str, name: str, at: Located) -> str:
        found.append((what, draft.path.parent / name, at.mark))
        return name

    renamed(tree, note)
    parent = tree.mapping.get("extends")
    if parent is not None and isinstance(parent.value, str):
        named = draft.path.parent / parent.value
        found.append(("extends", named if _exists(named) else shipped(parent.value) or named, parent.mark))
    for what, path, mark in found:
        if not _within(path, allowed):
            message = f"{shown(str(path))} lies outside the working folder"
            way_out = "start the command in a folder that holds it"
            yield Problem.at("E201", mark, (what,), message, way_out)
        elif what in ("extends", _STAGE) and deeper > 0 and path.is_file():
            try:
                yield from _outside(Draft(path, read_text(path)), allowed, deeper - 1)
            except ScenarioInvalid as invalid:
                yield from invalid.problems


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False
