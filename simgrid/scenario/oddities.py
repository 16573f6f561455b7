"""Warnings about what is legal but odd, from the forecast: they forbid nothing.

One error is found here too, since it takes the calendar: a demand whose hours lie outside the horizon.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from simgrid.domain.radiologist import Radiologist
from simgrid.domain.scenario import Scenario
from simgrid.domain.schedule import MINUTES_A_DAY
from simgrid.domain.units import BITS_PER_BYTE, DAY, MINUTE, Seconds
from simgrid.foresight.estimate import Estimate, estimate
from simgrid.foresight.load import heaviest_load
from simgrid.foresight.outlook import LONGEST, Outlook, outlook, readers
from simgrid.scenario.findings import Findings
from simgrid.scenario.hours import DAYS
from simgrid.scenario.marks import Path
from simgrid.scenario.odd_values import duration, warn_of_values

LONG_ENOUGH: Seconds = 400 * DAY
"""Who is off duty for so long, holidays and all, is so for good."""
MEGABYTE = 1e6
FULL = 1.0
"""Use of a link above which it is told."""
LATE = 0.01
"""Share of requests that wait too long above which it is told."""


def warn(scenario: Scenario, findings: Findings) -> None:
    """Note everything odd about a scenario that can be built, and one thing that forbids it."""
    warn_of_values(scenario, findings)
    _never_there(scenario, findings)
    ahead = outlook(scenario)
    if ahead is None:
        return
    if not any(any(one.expected) for one in ahead.requests):
        message = "gives no weight to any hour of the horizon"
        findings.add("E107", ("demand", "by_hour"), message, "move the start, or raise a weight")
        return
    _nobody_reads(scenario, ahead, findings)
    expected = estimate(scenario, ahead, ahead.edges_s[-1] + LONGEST)
    if not _load(scenario, ahead, expected, findings):
        _late(scenario, expected, findings)
    _full_links(scenario, ahead, expected, findings)
    _storage(scenario, ahead, findings)
    _deadlines(scenario, ahead, findings)


def _never_there(scenario: Scenario, findings: Findings) -> None:
    until_s = min(scenario.give_up_s, LONG_ENOUGH)
    end = scenario.start.astimezone(UTC) + timedelta(seconds=until_s)
    for name, one in {one.name: one for one in scenario.radiologists}.items():
        if not one.schedule.roster(scenario.start, end).total_s:
            message = f"{name} is never on duty before the run ends"
            findings.add(
                "W307", (*_radiologist(name, findings), "hours"), message, "look at hours and holidays"
            )


def _radiologist(name: str, findings: Findings) -> Path:
    """Where she is declared; one of several alike stands under their common name."""
    known = findings.tree.mapping["radiologists"].mapping
    return ("radiologists", name if name in known else name.rpartition("-")[0])


def _nobody_reads(scenario: Scenario, ahead: Outlook, findings: Findings) -> None:
    able = readers(scenario, ahead.kinds)
    for modality in ahead.modalities:
        if able[modality]:
            continue
        path = _requested_at(modality, findings)
        if not any(modality in one.reads for one in scenario.radiologists):
            findings.add("W304", path, f"nobody reads {modality}", "add it to somebody's reads")
            continue
        needed = min(kind.image_megapixels for kind in scenario.demand.mix.kinds if kind.modality == modality)
        message = f"nobody who reads {modality} has a monitor of {needed:g} MP"
        findings.add("W304", path, message, "give one of them such a monitor")


def _requested_at(modality: str, findings: Findings) -> Path:
    for site in findings.tree.mapping["sites"].mapping:
        path = ("sites", site, "demand", modality)
        if findings.tree.at(path) is not None:
            return path
    path = ("demand", "mix", "modalities", modality)
    return path if findings.tree.at(path) is not None else ("demand", "mix")


def _load(scenario: Scenario, ahead: Outlook, expected: Estimate, findings: Findings) -> bool:
    """Whether more work is requested than the rostered hours hold."""
    load = heaviest_load(scenario, ahead)
    if load is None:
        return False
    of = "" if len(load.modalities) == len(ahead.modalities) else f" of {', '.join(load.modalities)}"
    message = f"offered load{of} {weekly(load.who)} is {load.offered:.1f} radiologists, "
    message += f"{_number(load.rostered)} {'is' if load.rostered == 1 else 'are'} rostered"
    if abs(load.effective - load.rostered) > 0.005 * load.rostered:
        message += f" who read like {load.effective:.2g} (speed, desks, absence, other work)"
    grows = f"the backlog will grow to {expected.peak_h:.3g} h of reading: add hours, or request less"
    findings.add("W302", ("radiologists",), message, grows)
    return True


def _number(amount: float) -> str:
    return f"{amount:.0f}" if abs(amount - round(amount)) < 0.005 else f"{amount:.1f}"


def _full_links(scenario: Scenario, ahead: Outlook, expected: Estimate, findings: Findings) -> None:
    """Every link that is asked for more than it carries in some hour."""
    for link in expected.links:
        if link.most > FULL:
            hour = link.fullest
            when = _hour(scenario, ahead.edges_s[hour], ahead.edges_s[hour + 1])
            said = f"{100 * link.most:.{1 if link.most < 1.1 else 0}f} % used"
            message = f"{link.name} is {said} {when if None not in link.use else 'of the time it is there'}"
            findings.add("W303", link.place, message, "transfers will pile up: widen the link or send less")


def _late(scenario: Scenario, expected: Estimate, findings: Findings) -> None:
    """Work that fits into the hours and not in time, though somebody is on duty."""
    late = [one for one in expected.late if one.on_duty_share > LATE]
    if not late:
        return
    shares = " and ".join(
        f"{100 * one.on_duty_share:.0f} % of {'urgent' if one.urgent else 'routine'} requests" for one in late
    )
    when = _hour(scenario, late[0].worst_s, late[0].worst_s)
    message = f"{shares} will wait longer than allowed with somebody on duty, most of all {when}"
    if expected.peak_h:
        peak = _hour(scenario, expected.peak_s, expected.peak_s)
        message += f"; the backlog peaks at {expected.peak_h:.1f} h of reading {peak}"
    way_out = "'simgrid estimate' shows it by the hour: move hours there"
    findings.add("W314", ("radiologists",), message, way_out)


def _hour(scenario: Scenario, left: Seconds, right: Seconds) -> str:
    middle = scenario.start.timestamp() + (left + right) / 2
    local = datetime.fromtimestamp(middle, scenario.start.tzinfo)
    return f"{DAYS[local.weekday()]} {local.hour} h"


def _storage(scenario: Scenario, ahead: Outlook, findings: Findings) -> None:
    """Units that have no room for one study of mean size of what is read there."""
    able = readers(scenario, ahead.kinds)
    for unit in scenario.units:
        sizes = [
            (ahead.size_bytes[name], name)
            for name in ahead.modalities
            if any(one.unit == unit.name for one in able[name])
        ]
        largest, name = max(sizes, default=(0.0, ""))
        if unit.storage_bytes < largest:
            message = f"one {name} of mean size, {largest / MEGABYTE:.3g} MB, has no room there"
            findings.add("W311", ("units", unit.name, "storage"), message, "give it room for a day's studies")


def _deadlines(scenario: Scenario, ahead: Outlook, findings: Findings) -> None:
    """The worst pair of site and modality whose time is too short for one study, urgent and routine."""
    able = readers(scenario, ahead.kinds)
    worst: dict[str, tuple[float, str, Path]] = {}
    for requests in ahead.requests:
        for modality in (name for name, share in requests.shares.items() if share > 0 and able[name]):
            transfer = _transfer(scenario, requests.site, able[modality], ahead.size_bytes[modality])
            reading = ahead.minutes[modality] * MINUTE * min(one.speed for one in able[modality])
            for word, allowed, path in _allowed(scenario, requests.site, modality):
                lacking = (transfer + reading) / allowed
                if lacking > max(1.0, worst[word][0] if word in worst else 0.0):
                    said = (
                        f"{word} {modality} from {requests.site} needs {duration(transfer)} of transfer and "
                    )
                    said += f"{duration(reading)} of reading, {duration(allowed)} are allowed"
                    worst[word] = (lacking, said, path)
    for _, message, path in worst.values():
        findings.add("W305", path, message, "even alone in the network it will be late: allow more time")


def _allowed(scenario: Scenario, site: str, modality: str) -> Iterator[tuple[str, Seconds, Path]]:
    urgency, place = scenario.demand.urgency, ("demand", "required")
    for flow in scenario.demand.arrivals.flows:
        if (flow.site, flow.modality) == (site, modality) and flow.urgency != urgency:
            urgency, place = flow.urgency, ("sites", site, "demand", modality, "required")  # type: ignore[assignment]
    if urgency.urgent_share > 0:
        yield "urgent", urgency.urgent_within_s, (*place, "urgent")
    if urgency.urgent_share < 1:
        yield "routine", urgency.routine_within_s, (*place, "routine")


def _transfer(scenario: Scenario, site: str, who: Sequence[Radiologist], size_bytes: float) -> Seconds:
    """Seconds for one study of mean size alone on the network, to the best connected of its readers."""
    bits, centre = size_bytes * BITS_PER_BYTE, scenario.data_centre.access
    up = next(one.access.up_bps for one in scenario.sites if one.name == site)
    units = {one.unit for one in who}
    down = max(one.access.down_bps for one in scenario.units if one.name in units)
    return bits / min(up, centre.down_bps) + bits / min(centre.up_bps, down)


def weekly(who: Sequence[Radiologist]) -> str:
    """When any of them is on duty, as ``Mon-Fri 17-20 h, Sat 22-6 h``."""
    by_day: dict[int, list[tuple[int, int]]] = {day: [] for day in range(7)}
    for span in sorted({span for one in who for span in one.schedule.spans}):
        joined = by_day[span.weekday]
        if joined and span.start_minute <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], span.end_minute))
        else:
            joined.append((span.start_minute, span.end_minute))
    if all(spans == [(0, MINUTES_A_DAY)] for spans in by_day.values()):
        return "round the clock"
    parts, day = [], 0
    while day < 7:
        last = day
        while last < 6 and by_day[last + 1] == by_day[day]:
            last += 1
        if by_day[day]:
            days = DAYS[day] if last == day else f"{DAYS[day]}-{DAYS[last]}"
            times = " and ".join(f"{_clock(start)}-{_clock(end)}" for start, end in by_day[day])
            parts.append(f"{days} {times} h")
        day = last + 1
    return ", ".join(parts)


def _clock(minute: int) -> str:
    hour, rest = divmod(minute, 60)
    hour = hour if hour <= 24 else hour - 24
    return f"{hour}:{rest:02d}" if rest else str(hour)
