"""One study of a stored run, or the latest of them, with what they waited for."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from simgrid.domain.units import Seconds
from simgrid.experiments.resimulation import Found, Wanted, find
from simgrid.experiments.waits.course import Course
from simgrid.experiments.waits.parts import Wait, waits_of
from simgrid.experiments.waits.table import follow, table_of
from simgrid.scenario import Loaded

_MOST_NAMED = 5


class UnknownStudy(ValueError):
    """An identifier that no inspection of the run has, with those that come nearest."""


@dataclass(frozen=True, slots=True)
class Explained:
    """One inspection of a run, and the parts of its time in order."""

    found: Found
    course: Course
    row: int
    waits: tuple[Wait, ...]

    @property
    def identifier(self) -> str:
        """What the inspection is called."""
        return self.course.journal.inspections.identifier[self.row]

    @property
    def about(self) -> str:
        """What it is: ``urgent CT Brain C71 of clinic``."""
        of, row = self.course.journal.inspections, self.row
        words = ("urgent" if of.urgent[row] else "", of.modality[row], of.body_part[row], of.icd10[row])
        return f"{' '.join(word for word in words if word)} of {of.site[row]}"

    @property
    def requested_s(self) -> Seconds:
        """When it was requested."""
        return float(self.course.journal.inspections.requested_s[self.row])

    @property
    def reported_s(self) -> Seconds | None:
        """When its report was there; None where it never was."""
        reported_s = float(self.course.journal.inspections.reported_s[self.row])
        return None if reported_s != reported_s else reported_s  # noqa: PLR0124, NaN

    @property
    def turnaround_s(self) -> Seconds:
        """From request to report, or to the run's end."""
        ended_s = self.course.journal.ended_s if self.reported_s is None else self.reported_s
        return max(ended_s - self.requested_s, 0.0)

    @property
    def required_s(self) -> Seconds:
        """What it was allowed."""
        return float(self.course.journal.inspections.required_s[self.row])

    def at(self, at_s: Seconds) -> datetime:
        """The scenario's local time at a simulated second."""
        start = self.found.scenario.start
        return datetime.fromtimestamp(start.timestamp() + at_s, start.tzinfo)

    def reader(self, wait: Wait) -> str | None:
        """The name of the radiologist whom a part is about."""
        return None if wait.radiologist < 0 else self.course.world.radiologists[wait.radiologist].name


def explain(folder: Path, wanted: Wanted, identifier: str, load: Callable[[Path], Loaded]) -> Explained:
    """What one inspection of a stored run waited for; the run is simulated again.

    Raises as ``resimulation.find`` and ``again``, and ``UnknownStudy``.
    """
    found = find(folder, wanted, load)
    course = follow(found)
    names = tuple(course.journal.inspections.identifier)
    if identifier not in names:
        raise UnknownStudy(_unknown(identifier, names))
    return _explained(found, course, names.index(identifier))


def explain_latest(
    folder: Path, wanted: Wanted, most: int, load: Callable[[Path], Loaded]
) -> tuple[Found, tuple[Explained, ...]]:
    """The run, simulated again, and its inspections that were later than required by most, the worst first.

    Those requested within the warm-up are left out. Raises as ``resimulation.find`` and ``again``.
    """
    found = find(folder, wanted, load)
    course = follow(found)
    rows = table_of(course).latest(most)
    return found, tuple(_explained(found, course, int(row)) for row in rows)


def _explained(found: Found, course: Course, row: int) -> Explained:
    return Explained(found, course, row, waits_of(course, row))


def _unknown(identifier: str, names: tuple[str, ...]) -> str:
    """The identifier, those nearest to it, and the way to find others."""
    if not names:
        return f"there is no inspection '{identifier}': the run has none at all"
    number = _number(identifier)
    same = [name for name in names if number is not None and _number(name) == number]
    near = list(dict.fromkeys([*same, *difflib.get_close_matches(identifier, names, _MOST_NAMED, 0.5)]))
    near = near[:_MOST_NAMED]
    told = f"nearest are {', '.join(near)}" if near else f"they are called {names[0]} to {names[-1]}"
    return f"there is no inspection '{identifier}' among {len(names)}: {told}; 'latest' lists the latest"


def _number(name: str) -> int | None:
    """The number with which a name ends."""
    found = re.search(r"[0-9]{1,18}$", name)
    return int(found.group()) if found else None
