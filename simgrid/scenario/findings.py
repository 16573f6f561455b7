"""Problems found while the parts of a scenario are held against each other."""

from __future__ import annotations

from dataclasses import dataclass, field

from simgrid.scenario.marks import Located, Path
from simgrid.scenario.problems import Problem


@dataclass(slots=True)
class Findings:
    """Collects problems, each marked in the tree; ``key`` marks the key instead of the value."""

    tree: Located
    problems: list[Problem] = field(default_factory=list)

    def add(self, code: str, path: Path, message: str, way_out: str = "") -> None:
        """Note a problem; a mapping, or a place that does not exist, is marked at its nearest key."""
        found = self.tree.at(path)
        near = found or self.tree.nearest(path)
        block = found is None or isinstance(near.value, (dict, list))
        mark = near.key if block and near.key is not None else near.mark
        self.problems.append(Problem.at(code, mark, path, message, way_out))
