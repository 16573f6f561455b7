"""Problems found while the parts of a scenario are held against each other."""

from __future__ import annotations

import pathlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from simgrid.scenario.marks import Located, Mark, Path
from simgrid.scenario.near_files import file_meant
from simgrid.scenario.problems import Problem


@dataclass(slots=True)
class Findings:
    """Collects problems, each marked in the tree.

    ``ignored``: paths whose values stand in for refused ones, so that nothing is said of them, of what holds
    them or of what they hold.
    """

    tree: Located
    ignored: Sequence[Path] = ()
    problems: list[Problem] = field(default_factory=list)

    @property
    def forbid(self) -> bool:
        """Whether any of them is an error."""
        return any(problem.severity == "error" for problem in self.problems)

    def add(self, code: str, path: Path, message: str, way_out: str = "") -> None:
        """Note a problem; a block, or a place that does not exist, is marked at its nearest key."""
        self._note(code, self.tree.spot(path), path, message, way_out)

    def add_at_key(self, code: str, path: Path, message: str, way_out: str = "") -> None:
        """Note a problem with the key itself rather than with its value."""
        near = self.tree.nearest(path)
        self._note(code, near.key or near.mark, path, message, way_out)

    def file_named(self, path: Path, name: str | None) -> pathlib.Path | None:
        """The file or folder that the value at the path names, relative to where the value was written."""
        found = self.tree.at(path)
        if name is None or found is None:
            return None
        return pathlib.Path(found.mark.source.folder) / name

    def near_file(self, path: Path, name: str, endings: Sequence[str]) -> str:
        """Which file was probably meant by a name of none, as the text would name it; empty where none is."""
        found = self.tree.at(path)
        folder = None if found is None else pathlib.Path(found.mark.source.folder)
        return file_meant(pathlib.Path(name), endings, folder)

    def _note(self, code: str, mark: Mark, path: Path, message: str, way_out: str) -> None:
        if not any(_overlap(path, one) for one in self.ignored):
            self.problems.append(Problem.at(code, mark, path, message, way_out))


def _overlap(one: Path, other: Path) -> bool:
    shorter = min(len(one), len(other))
    return one[:shorter] == other[:shorter]
