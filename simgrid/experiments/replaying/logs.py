"""What a converted event log gives to its scenario: window, demand, places, and the team that it shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from math import ceil
from zoneinfo import ZoneInfo

from simgrid.domain.units import DAY, HOUR, MINUTE
from simgrid.experiments.replaying.load import Load, load_of, usual_link, usual_storage
from simgrid.experiments.replaying.scenario_text import Line, Parts
from simgrid.experiments.replaying.team import LEAST_DAYS, LEAST_EVENTS, Member, members
from simgrid.scenario.hours import weekly_schedule
from simgrid.scenario.writing import scalar
from simgrid.workload.replay.event_log import EventLog
from simgrid.workload.replay.from_log import natural_horizon_s, natural_start

URGENT_SHARE = 0.2
USE = 0.7
"""Of a declared team: share of its time that the log's work takes."""
LEAST_TEAM, MOST_TEAM = 2, 1000
DAYS_STORED = 7


def log_parts(log: EventLog, zone: str, log_name: str, rejected_name: str) -> tuple[Parts, tuple[str, ...]]:
    """The parts of the scenario, and what is to be said about them; the log has at least one row."""
    where = ZoneInfo(zone)
    start, horizon_s = natural_start(log, where), natural_horizon_s(log, where)
    load = load_of(log)
    team = members(log, where, horizon_s / DAY)
    size = team_size(load.work_min, horizon_s)
    kinds = {kind for pattern in log.patterns for kind in pattern.kinds}
    days = round(horizon_s / DAY)
    names = log.sites or ("site-01",)
    amounts = ((len(log), "inspection"), (len(names), "site"), (days, "day"))
    parts = Parts(
        title=f"Replayed: {', '.join(_many(*one) for one in amounts)}",
        opening=_opening(log, log_name),
        start=start.date().isoformat(),
        zone=zone,
        horizon=f"{days} d" if horizon_s == days * DAY else f"{horizon_s / HOUR:g} h",
        demand=_demand(load, log_name),
        sites=tuple(_sites(names, load)),
        unit_link=usual_link(load.all_bps),
        storage=usual_storage(load.day_bytes * DAYS_STORED),
        monitor=f"{max(5, ceil(max(kind.image_megapixels for kind in kinds)))} MP",
        reads=tuple(sorted({kind.modality for kind in kinds})),
        team=team,
        team_size=size,
        ledger=tuple(_ledger(log, load, team, rejected_name)),
    )
    return parts, tuple(_said(log, load, team, size, zone, horizon_s))


def team_size(work_min: float, horizon_s: float) -> int:
    """How many radiologists who are always on duty the work keeps busy for ``USE`` of their time."""
    return min(MOST_TEAM, max(LEAST_TEAM, ceil(work_min / (horizon_s / MINUTE) / USE)))


def _opening(log: EventLog, log_name: str) -> tuple[str, ...]:
    account = log.account
    return (
        f"A real log, replayed: {log_name} holds {account.accepted} of the {account.read} rows read.",
        "The requests are the log's: when, where, what and how urgent. The network around them is assumed;",
        "the ledger at the end says so of each value, and your own values belong there.",
    )


def _demand(load: Load, log_name: str) -> tuple[str, ...]:
    share = URGENT_SHARE if load.urgent is None else load.urgent
    return (
        f"log: {{file: {scalar(log_name)}}}",
        f"urgent: {100 * share:.3g} %   # of requests without a priority; the others have the log's",
        "required: {urgent: 60 min, routine: 24 h}",
    )


def _sites(names: Sequence[str], load: Load) -> Iterator[tuple[str, str]]:
    """Requests without a site may fall to any, so each has room for them."""
    unnamed = load.site_bps[-1]
    named = load.site_bps[:-1] or (0.0,)
    for name, bps in zip(names, named, strict=True):
        yield scalar(name), usual_link(bps + unnamed)


def _ledger(log: EventLog, load: Load, team: Sequence[Member], rejected_name: str) -> Iterator[Line]:
    account = log.account
    rows = f"{account.accepted} of {account.read} rows of the log"
    others = f"; the others are in {rejected_name}" if account.rejected else ""
    yield Line("demand.log", "stated", rows + others)
    yield Line("calendar", "stated", "begins on the day of the log's first request")
    yield Line("horizon", "stated", "to the end of the day of the log's last request")
    if load.urgent is None:
        yield Line("demand.urgent", "assumed", "the log has no priorities; shares of 5 to 60 % are published")
    else:
        yield Line("demand.urgent", "derived", "the share among the log's requests with a priority")
    if not team:
        yield Line(
            "radiologists.reader", "assumed", "nobody is named in the log: enough colleagues, always there"
        )
        return
    yield Line(
        "radiologists.*.reads", "derived", "what each has read; the rest, and what few have read, everybody"
    )
    shown = all(one.hours for one in team)
    hours = "weekdays and hours between which 96 % of the readings lie" if shown else ""
    short = (
        f"always, where the log shows under {LEAST_DAYS} days, or {LEAST_EVENTS} times of reading a person"
    )
    yield Line("radiologists.*.hours", "derived" if shown else "assumed", hours or short)
    if any(one.absence for one in team):
        yield Line("radiologists.*.absence", "derived", "share of such days without any reading")
    if any(one.speed is not None for one in team):
        yield Line(
            "radiologists.*.speed", "derived", "median from opened to reported over the code table's minutes"
        )


def _said(
    log: EventLog, load: Load, team: Sequence[Member], size: int, zone: str, horizon_s: float
) -> Iterator[str]:
    work = f"{load.work_min / 60:,.0f} h of reading by the code tables"
    if not team:
        yield f"team: nobody is named, so {size} radiologists always on duty are assumed ({work})"
        return
    left = len(log.radiologists) - len(team)
    more = f" of {len(log.radiologists)} (those who read most)" if left else ""
    duty = _duty_h(log, team, zone, horizon_s)
    short = "" if any(one.hours for one in team) else ", always on duty: the log does not show their hours"
    yield f"team: {_many(len(team), 'radiologist')}{more} as the log shows them{short}"
    use = load.work_min / 60 / duty if duty else float("inf")
    over = "; work will pile up: look at hours and speeds" if use > 1 else ""
    yield f"work: {work}, {100 * use:.0f} % of what they can read in {duty:,.0f} h on duty{over}"


def _duty_h(log: EventLog, team: Sequence[Member], zone: str, horizon_s: float) -> float:
    """Hours on duty within the log, as worth to a reader of speed 1."""
    start = natural_start(log, ZoneInfo(zone))
    end = start + timedelta(seconds=horizon_s)
    total = 0.0
    for one in team:
        roster = weekly_schedule(one.hours or "always", zone).roster(start, end)
        total += roster.total_s * (1 - one.absence) / (one.speed or 1.0)
    return total / HOUR


def _many(number: int, one: str) -> str:
    return f"{number} {one}{'s' * (number != 1)}"
