"""XES event logs (IEEE 1849): one trace is one inspection, its events are the times.

Trace attributes, and those of events where the trace has none, fill the canonical columns by their names or
by ``ALIASES``. Events are understood by ``concept:name`` and ``lifecycle:transition``:

============  ==========================================================================================
requested_at  request, requested, order, ordered
opened_at     open, opened; or reading, interpretation, report started (transition ``start``)
reported_at   report, reported, report sent, signed, verified; else reading, interpretation completed
assigned_to   org:resource of reported_at's event, else of opened_at's, else of an event named assign or
              assigned or with transition ``assign``; an attribute assigned_to goes before all
============  ==========================================================================================

The first event of each counts. Other events are passed over; a request that is withdrawn or aborted, or an
event named cancel, refuses the trace. What counts as read is a trace.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from simgrid.workload.replay.log_files import LogError, Told
from simgrid.workload.replay.rows import CANONICAL, RawRow, Rejected, refuse
from simgrid.workload.replay.xes_events import tell

LONGEST_CELL = 1000
"""Characters; a longer value of an attribute that is used refuses its trace."""

ALIASES: Mapping[str, str] = {
    **{name.replace("_", ""): name for name in CANONICAL},
    "conceptname": "inspection_id",
    "caseid": "inspection_id",
    "accessionnumber": "inspection_id",
    "facility": "site",
    "hospital": "site",
    "bodypartexamined": "body_part",
    "procedurecode": "protocol",
    "icd10code": "icd10",
    "icd": "icd10",
    "diagnosis": "icd10",
    "urgency": "priority",
    "numberofimages": "images",
    "imagecount": "images",
    "radiologist": "assigned_to",
}
"""Names of attributes in lower case without prefix ``case:``, blanks and signs, to canonical names."""

_REQUEST, _ASSIGN, _OPEN, _READ, _REPORT, _CANCEL = "request", "assign", "open", "read", "report", "cancel"
_EVENTS: Mapping[str, str] = {
    **dict.fromkeys(("request", "requested", "order", "ordered"), _REQUEST),
    **dict.fromkeys(("assign", "assigned"), _ASSIGN),
    **dict.fromkeys(("open", "opened"), _OPEN),
    **dict.fromkeys(("read", "reading", "interpret", "interpretation"), _READ),
    **dict.fromkeys(("report", "reported", "reporting", "reportsent", "signed", "verified"), _REPORT),
    **dict.fromkeys(("cancel", "cancelled", "canceled"), _CANCEL),
}
MEANINGS = tuple(dict.fromkeys(_EVENTS.values()))
"""What an event may mean; ``read_xes`` takes a log's own names for each."""

_STARTED, _DONE = "start", "complete"
_ABORTED = frozenset({"withdraw", "pi_abort", "ate_abort"})
_PLACED = frozenset({"trace", "event"})
_SIMPLE = frozenset({"string", "date", "int", "float", "boolean", "id"})
_SIGNS = re.compile(r"[\W_]+")
_WITHDRAWN = "the request was withdrawn or cancelled: nothing was to be read"
_LOOSE = "an event outside any trace: put it into the trace of its inspection"
_TOO_LONG = f"a value of over {LONGEST_CELL} characters: is the attribute what its name says?"


def read_xes(
    path: str | Path,
    *,
    attributes: Mapping[str, str] | None = None,
    events: Mapping[str, str] | None = None,
    told: Told | None = None,
) -> Iterator[RawRow | Rejected]:
    """Every trace of the log, streamed; ``line`` is that of the file where the trace begins.

    ``attributes``: the log's own names of attributes to canonical ones; ``events``: its own names of events
    to one of ``MEANINGS``. Both are read without regard to case, blanks and signs, and go before ours.
    ``told`` hears of the bytes read.

    Raises:
        LogError: the file cannot be read as XES (see ``xes_events.tell``), or a name to map to is none.
    """
    own_attributes = _checked(attributes or {}, CANONICAL, "column of a log")
    own_events = _checked(events or {}, MEANINGS, "meaning of an event")
    return _Traces(str(path), {**ALIASES, **own_attributes}, {**_EVENTS, **own_events}).read(path, told)


def _checked(own: Mapping[str, str], known: tuple[str, ...], what: str) -> dict[str, str]:
    problems = [
        f"XES mapping: {name!r} is mapped to {to!r}, which is no {what}: expected one of {', '.join(known)}"
        for name, to in own.items()
        if to not in known
    ]
    if problems:
        raise LogError(problems)
    return {_plain(name): to for name, to in own.items()}


def _plain(name: str) -> str:
    return _SIGNS.sub("", name.lower().removeprefix("case:"))


@dataclass(slots=True)
class _Trace:
    """One trace so far. ``own``: cells of the trace itself; ``found``: times and readers by events."""

    line: int
    own: dict[str, str] = field(default_factory=dict)
    of_events: dict[str, str] = field(default_factory=dict)
    at: dict[str, str] = field(default_factory=dict)
    by: dict[str, str] = field(default_factory=dict)
    problem: tuple[str, str] = ("", "")

    def row(self, source: str) -> RawRow | Rejected:
        """The row, or why there is none."""
        if self.problem[0]:
            return refuse(source, self.line, self.problem[1], "", self.problem[0])
        if _CANCEL in self.at:
            return refuse(source, self.line, "", "", _WITHDRAWN)
        times = {
            "requested_at": self.at.get(_REQUEST, ""),
            "opened_at": self.at.get(_OPEN, "") or self.at.get(f"{_READ} {_STARTED}", ""),
            "reported_at": self.at.get(_REPORT, "") or self.at.get(f"{_READ} {_DONE}", ""),
            "assigned_to": self._reader(),
        }
        cells = {**times, **self.of_events, **self.own}
        return RawRow(source, self.line, {name: value for name, value in cells.items() if value})

    def _reader(self) -> str:
        order = (_REPORT, f"{_READ} {_DONE}", _OPEN, f"{_READ} {_STARTED}", _ASSIGN)
        return next((self.by[one] for one in order if self.by.get(one)), "")


class _Traces:
    """Reads the elements of one log; only ``log/trace/attribute`` and ``log/trace/event/attribute`` count."""

    def __init__(self, source: str, attributes: Mapping[str, str], events: Mapping[str, str]) -> None:
        self._source = source
        self._attributes = attributes
        self._events = events
        self._plain_names: dict[str, str] = {}
        self._done: list[RawRow | Rejected] = []
        self._trace: _Trace | None = None
        self._event: dict[str, str] | None = None

    def read(self, path: str | Path, told: Told | None) -> Iterator[RawRow | Rejected]:
        """Every trace, and every event that stands in none."""
        for _ in tell(path, self, told):
            yield from self._done
            self._done.clear()

    def begun(self, tag: str, depth: int, line: int, attributes: Mapping[str, str]) -> None:
        """An element opens: a trace, an event, or an attribute of either."""
        if depth == 0 and tag != "log":
            raise LogError([f"{self._source}:{line}: begins with <{tag[:40]}>, an XES log with <log>"])
        trace = self._trace
        if tag in _PLACED:
            if depth != 1 and (tag == "trace" or trace is None or depth != 2):
                raise LogError([f"{self._source}:{line}: <{tag}> does not belong here: is the file XES?"])
            if tag == "trace":
                self._trace = _Trace(line)
            elif trace is None:
                self._done.append(refuse(self._source, line, "", "", _LOOSE))
            else:
                self._event = {}
        elif trace is not None and tag in _SIMPLE:
            self._take(trace, depth, attributes.get("key", ""), attributes.get("value", "").strip())

    def ended(self, tag: str, depth: int) -> None:
        """An element closes."""
        if self._trace is None:
            return
        if tag == "event" and self._event is not None:
            self._happened(self._trace, self._event)
            self._event = None
        elif tag == "trace":
            self._done.append(self._trace.row(self._source))
            self._trace = None

    def _take(self, trace: _Trace, depth: int, key: str, value: str) -> None:
        """An attribute of the trace or of its current event; attributes of attributes are passed over."""
        is_of_event = self._event is not None
        if depth != (3 if is_of_event else 2) or not value:
            return
        if self._event is not None and key in _OF_AN_EVENT:
            self._event[key] = value if len(value) <= LONGEST_CELL else ""
            return
        name = self._canonical(key)
        if not name:
            return
        if len(value) > LONGEST_CELL:
            trace.problem = (_TOO_LONG, name)
        else:
            (trace.of_events if is_of_event else trace.own).setdefault(name, value)

    def _canonical(self, key: str) -> str:
        """The canonical name of an attribute; remembered, since every trace has the same few."""
        if key not in self._plain_names:
            if len(self._plain_names) > LONGEST_CELL:
                self._plain_names.clear()
            self._plain_names[key] = self._attributes.get(_plain(key), "")
        return self._plain_names[key]

    def _happened(self, trace: _Trace, event: Mapping[str, str]) -> None:
        """Note when and by whom; without a transition an event is a completed one, as the standard has it."""
        transition = event.get("lifecycle:transition", "").lower() or _DONE
        meaning = self._events.get(_plain(event.get("concept:name", "")), "")
        what = _understood(meaning, transition)
        if what:
            if event.get("time:timestamp") or what == _CANCEL:
                trace.at.setdefault(what, event.get("time:timestamp", ""))
            if event.get("org:resource"):
                trace.by.setdefault(what, event["org:resource"])


_OF_AN_EVENT = frozenset({"concept:name", "lifecycle:transition", "time:timestamp", "org:resource"})


def _understood(meaning: str, transition: str) -> str:
    """What an event of that meaning and transition tells, empty if nothing."""
    if meaning == _REQUEST and transition in _ABORTED:
        return _CANCEL
    if transition in {"assign", "reassign"} and meaning in {_ASSIGN, _OPEN, _READ, _REPORT}:
        return _ASSIGN
    if meaning in {_READ, _REPORT} and transition == _STARTED:
        return f"{_READ} {_STARTED}"
    if meaning == _READ and transition == _DONE:
        return f"{_READ} {_DONE}"
    if meaning in {_REQUEST, _ASSIGN, _CANCEL} and transition == "schedule":
        return meaning
    if meaning and transition in {_STARTED, _DONE}:
        return meaning
    return ""
