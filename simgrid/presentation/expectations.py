"""An estimate as a table by the hour for a planner, and as lines of JSON for a program."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from simgrid.domain.scenario import Scenario
from simgrid.domain.units import HOUR, MINUTE, Seconds
from simgrid.experiments.expectation import CODE_TABLES, READING_TIME, Expectation
from simgrid.foresight.estimate import Estimate, Hour
from simgrid.foresight.traffic import LinkLoad
from simgrid.presentation.blocks import Block, as_text

_MOST_HOURS = 200
"""Of a longer course the hours of the week are shown."""
_HOURS_A_WEEK = 168
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
NOTHING = "-"
_USE = 5
_HEADINGS = (
    "hour",
    "requests",
    "offered",
    "on duty",
    "reading\nlike",
    "use",
    "backlog\nh",
    "must\nwait",
    "urgent\nwait min",
    "routine\nwait min",
)


def expectation_text(found: Expectation, width: int = 100) -> str:
    """Summary, hours and links."""
    swept = "".join(f", {name} {value}" for name, value in found.scenario.swept)
    blocks = [Block(f"{found.scenario.name}{swept}", notes=(*_summary(found), *found.notes))]
    blocks += [_reading_block(found), _hours_block(found)]
    fullest = sorted(found.expected.links, key=lambda one: one.most, reverse=True)
    rows = tuple(_link_row(found, one) for one in fullest)
    idle = ("-: nothing crosses it, or it carries nothing then",) if any(_gaps(rows)) else ()
    headings = ("link", "in its fullest hour", "used", "over all")
    blocks.append(Block("links, the fullest first", headings, rows, idle))
    return as_text(blocks, width)


def expectation_lines(found: Expectation) -> Iterator[str]:
    """The summary, then the reading times, then every hour, then every link; ``table`` says which."""
    cell, expected = dict(found.scenario.swept), found.expected
    late = {
        "urgent" if one.urgent else "routine": {
            "requests": one.requests,
            "late_share": one.share,
            "late_on_duty_share": one.on_duty_share,
        }
        for one in expected.late
    }
    summary = {
        "offered_h": expected.offered_h,
        "capacity_h": expected.capacity_h,
        "backlog_peak_h": expected.peak_h,
        "backlog_peak_s": expected.peak_s,
        "backlog_clears_s": expected.clears_s,
        "unreported": expected.unreported,
        "late": late,
        "notes": list(found.notes),
    }
    yield json.dumps({"table": "estimate", "cell": cell, **summary}, ensure_ascii=False)
    for time in found.reading:
        yield json.dumps({"table": "reading", "cell": cell, **asdict(time)}, ensure_ascii=False)
    for one in expected.hours:
        yield json.dumps({"table": "hours", "cell": cell, **_plain(found.scenario, one)}, ensure_ascii=False)
    for link in expected.links:
        whole = link.whole if math.isfinite(link.whole) else None
        told = {"link": link.name, "used_of_all": whole, "used_by_hour": link.use}
        yield json.dumps({"table": "links", "cell": cell, **told}, ensure_ascii=False)


def _summary(found: Expectation) -> Iterator[str]:
    expected, scenario = found.expected, found.scenario
    requests = math.fsum(one.requests for one in expected.hours)
    yield (
        f"{requests:.1f} requests are {expected.offered_h:.1f} h of reading; "
        f"{expected.capacity_h:.1f} h can be read while they come"
    )
    if not expected.peak_h:
        yield "no hour leaves a backlog"
    else:
        peak = f"the backlog peaks at {expected.peak_h:.2f} h of reading, {_when(scenario, expected.peak_s)}"
        if expected.clears_s is None:
            yield f"{peak}, and is never read: {expected.unreported:.1f} inspections are left at the end"
        else:
            yield f"{peak}, and is read by {_when(scenario, expected.clears_s)}"
    for one in expected.late:
        word = "urgent" if one.urgent else "routine"
        yield (
            f"{_percent(one.share)} of {word} requests wait longer for a radiologist than they are allowed, "
            f"{_percent(one.on_duty_share)} with somebody on duty"
        )


def _reading_block(found: Expectation) -> Block:
    rows = tuple(
        (one.modality, f"{one.requests:.1f}", f"{one.mean_min:.1f}", f"{one.sd_min:.1f}", one.told_by)
        for one in found.reading
    )
    notes = ["speed 1 is the average radiologist; one of speed 1.25 takes a quarter longer"]
    if any(one.told_by.endswith(CODE_TABLES) for one in found.reading):
        first = found.reading[0].modality
        example = f"{READING_TIME}: {{{first}: {{lognormal: {{mean: 12 min, cv: 0.5}}}}}}"
        notes += [
            "code tables travel with simgrid; times of your own stand in the scenario, such as",
            example,
        ]
    headings = ("modality", "requests", "minutes,\nmean", "standard\ndeviation", "told by")
    return Block("how long a study is read, at speed 1", headings, rows, tuple(notes))


def _gaps(rows: Sequence[Sequence[str]]) -> Iterator[bool]:
    return (cell == NOTHING for row in rows for cell in row)


def _hours_block(found: Expectation) -> Block:
    expected, scenario = found.expected, found.scenario
    if len(expected.hours) > _MOST_HOURS:
        title, rows = "the hours of the week, means (backlog: the largest)", list(_week(scenario, expected))
    else:
        title = "every hour in which something happens"
        rows = [(_when(scenario, one.left_s), one) for one in expected.hours if _matters(one)]
    notes = [
        "offered, on duty, reading like: radiologists; the last in ones of speed 1 who do nothing else",
        "waits: by Erlang's formula, for one common queue; under a policy that gives each study to a desk at "
        "once they are longer",
    ]
    told = tuple(_row(label, one) for label, one in rows)
    if any(row[_USE] == NOTHING for row in told):
        notes.append("- under use: nobody is there to read")
    if any(NOTHING in row[_USE + 1 :] for row in told):
        notes.append(
            "- under a wait: no number, since the formula does not hold in that hour. It needs requests, a "
            "beginning without a backlog, the same radiologists throughout, less work than they manage, and "
            "readings so short that a queue settles within the hour"
        )
    return Block(title, _HEADINGS, told, tuple(notes))


def _percent(share: float, decimals: int = 1) -> str:
    return f"{100 * share:.{decimals}f} %"


def _matters(one: Hour) -> bool:
    return one.requests > 0 or one.rostered > 0 or one.backlog_h > 0


def _week(scenario: Scenario, expected: Estimate) -> Iterator[tuple[str, Hour]]:
    """The mean over all weeks of each hour of the week; waits where every one of them is known."""
    found: dict[int, list[Hour]] = {}
    for one in expected.hours:
        at = _local(scenario, (one.left_s + one.right_s) / 2)
        found.setdefault(at.weekday() * 24 + at.hour, []).append(one)
    for hour in range(_HOURS_A_WEEK):
        if hour in found and any(_matters(one) for one in found[hour]):
            yield f"{_DAYS[hour // 24]} {hour % 24:02d} h", _mean(found[hour])


def _mean(hours: Sequence[Hour]) -> Hour:
    def mean(values: Sequence[float]) -> float:
        return math.fsum(values) / len(values)

    uses = [one.use for one in hours if one.use is not None]
    return Hour(
        left_s=hours[0].left_s,
        right_s=hours[0].right_s,
        requests=mean([one.requests for one in hours]),
        offered=mean([one.offered for one in hours]),
        rostered=mean([one.rostered for one in hours]),
        capacity=mean([one.capacity for one in hours]),
        use=mean(uses) if uses else None,
        backlog_h=max(one.backlog_h for one in hours),
        waiting=hours[0].waiting if all(one.waiting == hours[0].waiting for one in hours) else None,
    )


def _row(label: str, one: Hour) -> tuple[str, ...]:
    amounts = (f"{one.requests:.2f}", f"{one.offered:.2f}", f"{one.rostered:.2f}", f"{one.capacity:.2f}")
    use = NOTHING if one.use is None else _percent(one.use, 0)
    waits = (NOTHING, NOTHING, NOTHING)
    if one.waiting is not None:
        known = one.waiting
        waits = (
            _percent(known.probability, 0),
            f"{known.urgent_s / MINUTE:.1f}",
            f"{known.routine_s / MINUTE:.1f}",
        )
    return (label, *amounts, use, f"{one.backlog_h:.2f}", *waits)


def _link_row(found: Expectation, one: LinkLoad) -> tuple[str, ...]:
    hour = found.expected.hours[one.fullest] if one.fullest < len(found.expected.hours) else None
    used = one.use[one.fullest]
    return (
        one.name.removeprefix("link "),
        NOTHING if hour is None or not used else _when(found.scenario, hour.left_s),
        NOTHING if used is None else _percent(used),
        _percent(one.whole),
    )


def _when(scenario: Scenario, at_s: Seconds) -> str:
    at = _local(scenario, at_s)
    minute = f":{at.minute:02d}" if at.minute else " h"
    return f"{_DAYS[at.weekday()]} {at:%Y-%m-%d} {at.hour:02d}{minute}"


def _local(scenario: Scenario, at_s: Seconds) -> datetime:
    return datetime.fromtimestamp(scenario.start.timestamp() + at_s, scenario.start.tzinfo)


def _plain(scenario: Scenario, one: Hour) -> dict[str, Any]:
    known = one.waiting
    return {
        "from": _local(scenario, one.left_s).isoformat(),
        "hours": (one.right_s - one.left_s) / HOUR,
        "requests": one.requests,
        "offered": one.offered,
        "on_duty": one.rostered,
        "capacity": one.capacity,
        "use": one.use,
        "backlog_h": one.backlog_h,
        "must_wait_share": None if known is None else known.probability,
        "urgent_wait_min": None if known is None else known.urgent_s / MINUTE,
        "routine_wait_min": None if known is None else known.routine_s / MINUTE,
    }
