"""A scenario's plug-ins: the classes in its own Python files that its policies and its gate name.

This room reads the files and hashes them; whether they hold what they should, others know, who execute them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from simgrid.domain.plug_in import PlugIn
from simgrid.plug_ins import PlugInError, plug_in
from simgrid.scenario.findings import Findings
from simgrid.scenario.installed import Installed
from simgrid.scenario.schema import ScenarioSpec


@dataclass(frozen=True, slots=True)
class Plugged:
    """The plug-ins that a cell uses, by name; ``broken`` names those of which a problem is noted."""

    usable: Mapping[str, PlugIn]
    broken: frozenset[str]

    def check(self, name: str, sentences: Callable[[], Sequence[str]]) -> Iterator[tuple[str, str]]:
        """What forbids the choice of a name, as message and way out; broken plug-ins are told elsewhere."""
        if name in self.broken:
            return
        for sentence in sentences():
            message, _, way_out = sentence.partition(": ")
            yield message, way_out

    def inputs(self, name: str) -> Mapping[str, str]:
        """SHA-256 by file of a plug-in by which the name is meant."""
        found = self.usable.get(name)
        return {} if found is None else {found.file: found.sha256}


class PlugIns:
    """Reads and tries each plug-in once a load."""

    def __init__(self, installed: Installed) -> None:
        self._installed = installed
        self._seen: dict[tuple[Path, str, str], PlugIn | str] = {}

    def used(self, spec: ScenarioSpec, findings: Findings) -> Plugged:
        """Those that a policy or the gate names; what is wrong with them goes to ``findings``."""
        methods = dict.fromkeys((one.name for one in spec.policies), "assign")
        if spec.quality_gate is not None:
            methods[spec.quality_gate.name] = "judge"
        usable: dict[str, PlugIn] = {}
        broken = {str(path[1]) for path in findings.ignored if path[0] == "plug_ins" and len(path) > 1}
        for name, place in spec.plug_ins.items():
            if what := self._installed.taken(name):
                message = f"'{name}' is the name of {what} that is installed"
                findings.add_at_key("E202", ("plug_ins", name), message, "choose another name")
                broken.add(name)
                continue
            if name not in methods:
                continue
            file, _, class_name = place.rpartition(":")
            path = findings.file_named(("plug_ins", name), file)
            found = (
                self._found(path, class_name, methods[name]) if path is not None else "its file is not known"
            )
            if isinstance(found, PlugIn):
                usable[name] = found
                continue
            message, _, way_out = found.partition(": ")
            findings.add("E212", ("plug_ins", name), message, way_out)
            broken.add(name)
        return Plugged(usable, frozenset(broken))

    def _found(self, path: Path, class_name: str, method: str) -> PlugIn | str:
        """The plug-in, or the sentence that forbids it."""
        key = (path, class_name, method)
        if key not in self._seen:
            try:
                found = plug_in(path, class_name)
            except PlugInError as error:
                self._seen[key] = str(error)
            else:
                self._seen[key] = self._installed.plug_in(found, method) or found
        return self._seen[key]
