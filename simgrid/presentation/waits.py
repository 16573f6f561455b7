"""What a study waited for: a waterfall and sentences for a planner, one JSON object for a program."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from simgrid.domain.units import DAY, HOUR, MINUTE, Seconds
from simgrid.experiments.resimulation import Found
from simgrid.experiments.waits import Explained, Wait
from simgrid.experiments.waits.kinds import BY_NAME
from simgrid.presentation.blocks import Block, as_text

_BAR = 28
_MOST_SAID = 6
_SMALL = 0.01
"""A wait below this share of the turnaround is not said in a sentence."""

_BECAUSE = {
    "before": "before the backlog was taken up",
    "recall": "until the patient had come again for new images",
    "scanner": "for a scanner",
    "set": "for a set of material at the scanner",
    "upload-room": "for room in the cache of its site",
    "upload-agent": "with the agent of its site and the archive",
    "upload-down": "because an outage held up its way to the data centre",
    "upload-line": "because others shared its line to the data centre",
    "decision": "for the decision who reads it",
    "undecided": "because the policy gave it to nobody",
    "nobody": "because nobody was rostered",
    "delivery-room": "for room in the storage of {who}'s unit",
    "delivery-agent": "with the archive and the agent of {who}'s unit",
    "delivery-down": "because an outage held up its way to {who}'s unit",
    "delivery-line": "because others shared its line to {who}'s unit",
    "off-duty": "because {who}'s hours had not begun",
    "others": "behind {others} at {who}'s desk",
    "urgent-first": "laid aside by {who} for {others}",
    "seat": "until {who} had a workstation or monitor",
    "duties": "while {who} had other duties",
    "images": "open before {who} without all its images or priors",
    "report-agent": "with the agents while its report was sent",
    "report-down": "because an outage held up its report",
    "report-line": "because others shared the line of its report",
}
"""What follows 'it waited so long'; only kinds that are waiting."""


@dataclass(frozen=True, slots=True)
class _Row:
    """One line of the waterfall: all of one kind while the study was with one person."""

    wait: Wait
    before_s: Seconds
    seconds: Seconds


def explained_text(one: Explained, width: int = 100) -> str:
    """The study, its waterfall, and in sentences why it took so long."""
    scenario, found = one.found.scenario, one.found
    cell = "".join(f", {name} {value}" for name, value in scenario.swept)
    day = "%a %Y-%m-%d %H:%M"
    ended = "not reported" if one.reported_s is None else f"reported {one.at(one.reported_s):{day}}"
    head = Block(
        f"{one.identifier}: {one.about}",
        notes=(
            f"{found.folder}, policy {found.choice.label}, replication {found.replication}{cell}",
            f"requested {one.at(one.requested_s):{day}}, {ended} ({scenario.start.tzinfo})",
        ),
    )
    rows = tuple(_told(one, row) for row in _rows(one.waits))
    falls = Block("where its time went", ("from", "took", "", "what"), rows, keys=1)
    return as_text([head, falls, Block("in words", notes=sentences(one))], width)


def latest_text(studies: Sequence[Explained], width: int = 100) -> str:
    """The latest studies of a run, one a line, with what each waited for longest."""
    if not studies:
        return "no study was later than required\n"
    rows = []
    for one in studies:
        longest = _longest(one)
        what = "" if longest is None else f"{duration(longest[1])} {_because(one, longest[0])}"
        late_s = one.turnaround_s - one.required_s
        rows.append((one.identifier, one.about, duration(one.required_s), duration(late_s), what))
    headings = ("study", "what", "allowed", "late by", "longest wait")
    note = "'simgrid explain-study RUN STUDY' tells all its waits"
    return as_text([Block("the latest studies", headings, tuple(rows), (note,))], width)


def explained_json(one: Explained) -> str:
    """The study as one line of JSON; times are ISO 8601, null where there is none."""
    told = _summary(one) | {"run": _run(one.found), "says": list(sentences(one))}
    told["waits"] = [
        {
            "kind": wait.kind,
            "title": BY_NAME[wait.kind].title,
            "work": BY_NAME[wait.kind].work,
            "from": one.at(wait.start_s).isoformat(),
            "start_s": wait.start_s,
            "end_s": wait.end_s,
            "seconds": wait.seconds,
            "radiologist": one.reader(wait),
            "others": wait.others,
        }
        for wait in one.waits
    ]
    return json.dumps({"schema": 1, **told}, ensure_ascii=False)


def latest_json(found: Found, studies: Sequence[Explained]) -> str:
    """The latest studies of a run as one line of JSON."""
    told = {"schema": 1, "run": _run(found), "latest": [_summary(one) for one in studies]}
    return json.dumps(told, ensure_ascii=False)


def sentences(one: Explained) -> tuple[str, ...]:
    """What it waited for in order, what was work, and why it was late against its required time."""
    return tuple(_sentences(one))


def duration(seconds: Seconds) -> str:
    """``41 s``, ``5 min``, ``13 h 05 min``, ``2 d 03 h``, to the unit that is said last."""
    if 0 < seconds < 0.5:
        return "< 1 s"
    if seconds < MINUTE - 0.5:
        return f"{seconds:.0f} s"
    minutes = round(seconds / MINUTE)
    if minutes < HOUR / MINUTE:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < DAY / HOUR:
        return f"{hours} h {minutes:02d} min" if minutes else f"{hours} h"
    days, hours = divmod(round(seconds / HOUR), 24)
    return f"{days} d {hours:02d} h" if hours else f"{days} d"


def _sentences(one: Explained) -> Iterator[str]:
    rows = [row for row in _rows(one.waits) if not BY_NAME[row.wait.kind].work]
    told = [row for row in rows if row.seconds >= _SMALL * one.turnaround_s]
    first = sorted(told, key=lambda row: -row.seconds)[:_MOST_SAID]
    said = [f"{duration(row.seconds)} {_because(one, row.wait)}" for row in told if row in first]
    rest_s = sum(row.seconds for row in rows) - sum(row.seconds for row in first)
    if said:
        more = f"; and {duration(rest_s)} in other waits" if rest_s >= 1.0 else ""
        yield f"It waited {'; then '.join(said)}{more}."
    work_s = sum(wait.seconds for wait in one.waits if BY_NAME[wait.kind].work)
    yield f"Scans, transfers and reading took {duration(work_s)} of its {duration(one.turnaround_s)}."
    yield _verdict(one, rows, work_s)


def _verdict(one: Explained, rows: list[_Row], work_s: Seconds) -> str:
    """Late or not, by how much, and which waits made it so."""
    late_s = one.turnaround_s - one.required_s
    allowed = f"It was allowed {duration(one.required_s)}"
    if late_s <= 0:
        if one.reported_s is None:
            return f"{allowed}, which had not passed when the run ended."
        return f"{allowed} and was in time by {duration(-late_s)}."
    by = f"{allowed} and was {duration(late_s)} late"
    if one.reported_s is None:
        by += " when the run ended, without a report"
    if work_s > one.required_s:
        return f"{by}: even without any wait it would have been late."
    left_s, needed = late_s, []
    for kind, seconds in _by_kind(rows):
        needed.append(BY_NAME[kind].title)
        left_s -= seconds
        if left_s <= 0:
            break
    if len(needed) == 1:
        return f"{by}: without the time for '{needed[0]}' it would have been in time."
    return f"{by}: only without all of these would it have been in time: {', '.join(needed)}."


def _by_kind(rows: list[_Row]) -> list[tuple[str, Seconds]]:
    total: dict[str, Seconds] = {}
    for row in rows:
        total[row.wait.kind] = total.get(row.wait.kind, 0.0) + row.seconds
    return sorted(total.items(), key=lambda one: -one[1])


def _rows(waits: Sequence[Wait]) -> list[_Row]:
    """Parts of one kind within one shift and desk as one line, in order of their first moment."""
    together: dict[tuple[int, str], list[Wait]] = {}
    visit, who = 0, None
    for wait in waits:
        out_of_hours = wait.kind in ("nobody", "off-duty")
        if wait.radiologist != who or out_of_hours:
            visit, who = visit + 1, wait.radiologist
        together.setdefault((visit, wait.kind), []).append(wait)
        visit += out_of_hours
    found, before_s = [], 0.0
    for group in together.values():
        seconds = sum(wait.seconds for wait in group)
        most = Wait(
            group[0].kind,
            group[0].start_s,
            group[-1].end_s,
            group[0].radiologist,
            max(wait.others for wait in group) if len(group) == 1 else sum(wait.others for wait in group),
        )
        found.append(_Row(most, before_s, seconds))
        before_s += seconds
    return found


def _told(one: Explained, row: _Row) -> tuple[str, str, str, str]:
    total_s = one.turnaround_s or 1.0
    left = math.floor(_BAR * row.before_s / total_s)
    long = max(1, round(_BAR * row.seconds / total_s))
    left = min(left, _BAR - long)
    part = BY_NAME[row.wait.kind]
    mark = "#" if part.work else "="
    who = one.reader(row.wait)
    what = f"{part.title} ({who})" if "{who}" in _BECAUSE.get(part.name, "{who}") and who else part.title
    return f"{one.at(row.wait.start_s):%a %H:%M:%S}", duration(row.seconds), " " * left + mark * long, what


def _because(one: Explained, wait: Wait) -> str:
    others = "another one" if wait.others == 1 else f"{wait.others} others"
    return _BECAUSE[wait.kind].format(who=one.reader(wait), others=others)


def _longest(one: Explained) -> tuple[Wait, Seconds] | None:
    rows = [row for row in _rows(one.waits) if not BY_NAME[row.wait.kind].work]
    longest = max(rows, key=lambda row: row.seconds, default=None)
    return None if longest is None else (longest.wait, longest.seconds)


def _run(found: Found) -> dict[str, Any]:
    cell = dict(found.scenario.swept)
    where = {"folder": str(found.folder), "policy": found.choice.label}
    return {**where, "replication": found.replication, "cell": cell}


def _summary(one: Explained) -> dict[str, Any]:
    parts: dict[str, Seconds] = {}
    for wait in one.waits:
        parts[wait.kind] = parts.get(wait.kind, 0.0) + wait.seconds
    reported = None if one.reported_s is None else one.at(one.reported_s).isoformat()
    return {
        "inspection": one.identifier,
        "about": one.about,
        "requested": one.at(one.requested_s).isoformat(),
        "reported": reported,
        "turnaround_s": one.turnaround_s,
        "required_s": one.required_s,
        "late_s": one.turnaround_s - one.required_s,
        "parts_s": parts,
    }
