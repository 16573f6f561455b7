"""How a log's own words are to be read: the file after ``simgrid replay --map``.

Either own column names to ours, one a line (``Accession: inspection_id``), or up to six blocks: ``columns``
(so), ``values`` (by field, own words to ours), ``times`` (forms of times that are not ISO 8601), ``events``
(names of XES events to their meaning), ``site_from`` (fields of HL7 messages, in order of preference) and
``encoding`` (of CSV files).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from simgrid.experiments.replaying.time_forms import as_iso, form_problem
from simgrid.scenario.files import read_file
from simgrid.workload.replay.hl7_orders import SiteFrom
from simgrid.workload.replay.log_files import LogError
from simgrid.workload.replay.rows import CANONICAL, RawRow, Rejected
from simgrid.workload.replay.xes_log import MEANINGS

_BLOCKS = ("columns", "values", "times", "events", "site_from", "encoding")
_TIMES = tuple(name for name in CANONICAL if name.endswith("_at"))
_PLACES: tuple[SiteFrom, ...] = get_args(SiteFrom)


@dataclass(frozen=True, slots=True)
class LogMapping:
    """``columns``, ``events``: own names to ours. ``values``: by field own words, in lower case, to ours.

    ``times``: forms of times, see ``time_forms``.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    events: Mapping[str, str] = field(default_factory=dict)
    site_from: tuple[SiteFrom, ...] = ("MSH-4", "PV1-3", "ORC-17")
    encoding: str | None = None
    times: tuple[str, ...] = ()

    def reworded(self, rows: Iterable[RawRow | Rejected]) -> Iterator[RawRow | Rejected]:
        """The rows with their values replaced where the mapping has the word."""
        if not self.values and not self.times:
            yield from rows
            return
        for row in rows:
            yield self._reworded(row) if isinstance(row, RawRow) else row

    def _reworded(self, row: RawRow) -> RawRow:
        fields = dict(row.fields)
        for name, words in self.values.items():
            if name in fields:
                fields[name] = words.get(fields[name].strip().casefold(), fields[name])
        for name in _TIMES if self.times else ():
            if name in fields:
                fields[name] = as_iso(fields[name], self.times)
        return RawRow(row.source, row.line, fields)


def read_mapping(path: Path | None) -> LogMapping:
    """The mapping of a YAML or JSON file, an empty one for None.

    Raises:
        ScenarioInvalid: the file is no YAML mapping.
        LogError: it holds what no mapping holds; every problem at once.
    """
    if path is None:
        return LogMapping()
    plain: Any = read_file(path).plain()
    blocks: dict[str, Any] = plain if any(name in _BLOCKS for name in plain) else {"columns": plain}
    problems = [
        f"{path}: unknown block {name!r}: expected {', '.join(_BLOCKS)}"
        for name in blocks
        if name not in _BLOCKS
    ]
    columns = _words(path, "columns", blocks.get("columns"), problems)
    events = _words(path, "events", blocks.get("events"), problems)
    values = _values(path, blocks.get("values"), problems)
    times = _forms(path, blocks.get("times"), problems)
    site_from = _listed(path, blocks.get("site_from"), problems)
    encoding = blocks.get("encoding")
    if encoding is not None and not isinstance(encoding, str):
        problems.append(f"{path}: encoding is {encoding!r}: give a name such as cp1252")
    problems += [
        f"{path}: events: {name!r} is mapped to {to!r}: expected one of {', '.join(MEANINGS)}"
        for name, to in events.items()
        if to not in MEANINGS
    ]
    if problems:
        raise LogError(problems)
    return LogMapping(_own_to_ours(columns), values, events, site_from, encoding, times)


def _words(path: Path, block: str, given: Any, problems: list[str]) -> dict[str, str]:
    """A mapping of text to text; null sets a column aside."""
    if given is None:
        return {}
    if not isinstance(given, dict):
        problems.append(f"{path}: {block} is no mapping: write it like {block}: {{Own name: our_name}}")
        return {}
    for name, to in given.items():
        if to is not None and not isinstance(to, str):
            problems.append(f"{path}: {block}: {name!r} is mapped to {to!r}: expected a name")
    return {str(name): to or "" for name, to in given.items() if to is None or isinstance(to, str)}


def _own_to_ours(columns: Mapping[str, str]) -> dict[str, str]:
    """Own names first; an entry that can only be meant the other way round is turned."""
    turned = {own for own, to in columns.items() if own in CANONICAL and to and to not in CANONICAL}
    return {to if own in turned else own: own if own in turned else to for own, to in columns.items()}


def _values(path: Path, given: Any, problems: list[str]) -> dict[str, dict[str, str]]:
    if given is None:
        return {}
    if not isinstance(given, dict):
        problems.append(f"{path}: values is no mapping: write it like values: {{priority: {{P1: stat}}}}")
        return {}
    for name in given:
        if name not in CANONICAL:
            problems.append(f"{path}: values: there is no field {name!r}: expected {', '.join(CANONICAL)}")
    return {
        name: {
            own.strip().casefold(): to for own, to in _words(path, f"values.{name}", words, problems).items()
        }
        for name, words in given.items()
    }


def _forms(path: Path, given: Any, problems: list[str]) -> tuple[str, ...]:
    if given is None:
        return ()
    listed: Sequence[Any] = given if isinstance(given, list) else [given]
    for one in listed:
        problem = form_problem(one) if isinstance(one, str) else "expected a text such as %d.%m.%Y %H:%M"
        if problem:
            problems.append(f"{path}: times: {one!r} is no form of times: {problem}")
    return tuple(one for one in listed if isinstance(one, str))


def _listed(path: Path, given: Any, problems: list[str]) -> tuple[SiteFrom, ...]:
    if given is None:
        return LogMapping().site_from
    listed: Sequence[Any] = given if isinstance(given, list) else [given]
    strange = [one for one in listed if one not in _PLACES]
    if strange or not listed:
        problems.append(f"{path}: site_from is {given!r}: expected some of {', '.join(_PLACES)}")
    return tuple(one for one in listed if one in _PLACES)
