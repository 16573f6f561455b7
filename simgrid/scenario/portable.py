"""A scenario in one piece: its text with every file it leans on under a bare name, told by its content.

For a machine that has nothing but that text. Files that travel with simgrid are found there again, an earlier
stage goes along as text, and all others have to be brought.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from simgrid.scenario.files import read_resolved, shipped_folder
from simgrid.scenario.marks import Located, Source
from simgrid.scenario.problems import Problem, ScenarioInvalid, shown
from simgrid.scenario.relocated import PLUG_INS, renamed
from simgrid.scenario.writing import as_yaml
from simgrid.scenario.yaml_tree import read_tree

STAGE = "belief.stage"


@dataclass(frozen=True, slots=True)
class Needed:
    """A file or folder that a scenario names: ``name`` in its text, ``what`` the place that names it.

    ``shipped``: where it lies among the scenarios that travel with simgrid, empty for somebody's own.
    ``sha256`` of its content, empty for a folder and for what was not there.
    """

    name: str
    what: str
    shipped: str = ""
    sha256: str = ""

    @property
    def executed(self) -> bool:
        """Whether a run executes it."""
        return self.what == PLUG_INS


@dataclass(frozen=True, slots=True)
class Portable:
    """``text`` is YAML that names only ``needed`` and ``stages``: texts of earlier stages by their names."""

    text: str
    needed: tuple[Needed, ...] = ()
    stages: Mapping[str, str] = field(default_factory=dict)


def portable(file: Path) -> Portable:
    """The scenario of a file in one piece; its values are not checked, and its files need not be there.

    :raises ScenarioInvalid: it cannot be read.
    """
    packed = _Packed()
    text = packed.text_of(file)
    return Portable(text, tuple(packed.needed.values()), packed.stages)


class _Packed:
    def __init__(self) -> None:
        self.needed: dict[Path, Needed] = {}
        self.stages: dict[str, str] = {}
        self._stage_names: dict[Path, str] = {}
        self._taken: set[str] = set()

    def text_of(self, file: Path) -> str:
        return as_yaml(renamed(read_resolved(file).tree, self._name))

    def _name(self, what: str, name: str, at: Located) -> str:
        path = Path(at.mark.source.folder, name).resolve()
        if what == STAGE:
            if path not in self._stage_names:
                self._stage_names[path] = self._free(path.name)
                self.stages[self._stage_names[path]] = self.text_of(path)
            return self._stage_names[path]
        if path not in self.needed:
            ours = shipped_folder().resolve()
            shipped = path.relative_to(ours).as_posix() if path.is_relative_to(ours) else ""
            digest = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
            self.needed[path] = Needed(self._free(path.name), what, shipped, digest)
        return self.needed[path].name

    def _free(self, name: str) -> str:
        """The name itself, which identifies a run; in a numbered folder where another file has it too."""
        free, number = name, 1
        while free in self._taken:
            number += 1
            free = f"{number}/{name}"
        self._taken.add(free)
        return free


def settled(text: str, label: str, places: Mapping[str, Path]) -> str:
    """A text of ``Portable`` with its bare names where the files lie.

    ``places`` by name; ``label`` is what errors call the text.

    :raises ScenarioInvalid: the text cannot be read, or names anything else.
    """

    def place(what: str, name: str, at: Located) -> str:
        if name not in places:
            way_out = "a sealed scenario names only files that are listed with it"
            message = f"{what} names {shown(name)}, which is not among its files"
            raise ScenarioInvalid([Problem.at("E201", at.mark, (), message, way_out)])
        return str(places[name])

    return as_yaml(renamed(read_tree(Source(label, text)), place))


def is_bare(name: str) -> bool:
    """Whether the name is one that ``portable`` gives: of a file beside, or in a numbered folder there."""
    parts = name.split("/")
    bare = len(parts) == 1 or (len(parts) == 2 and parts[0].isdecimal())
    return bare and parts[-1] not in ("", ".", "..") and not any(mark in name for mark in "\\:\0")
