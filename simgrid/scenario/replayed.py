"""A scenario held against the log that it replays: can it be read, its sites, window and readers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from simgrid.domain.demand import LogSource
from simgrid.domain.scenario import PolicyChoice
from simgrid.scenario.findings import Findings
from simgrid.scenario.installed import Installed, LogSeen
from simgrid.scenario.problems import did_you_mean, shown
from simgrid.scenario.schema import ScenarioSpec

_FILE = ("demand", "log", "file")
_NAMED = 10


def check_log(
    spec: ScenarioSpec,
    log: LogSource | None,
    codes_folder: Path | None,
    policies: Sequence[PolicyChoice],
    installed: Installed,
    findings: Findings,
) -> None:
    """Look into the log, unless it is wrong already by what is said of it; problems go to ``findings``."""
    logged = [index for index, one in enumerate(policies) if one.replays]
    if log is None:
        for index in logged:
            message, way_out = "no log is replayed that could say who reads what", "give demand a log"
            findings.add("E206", ("policies", index), message, f"{way_out}, or take the policy out")
    if log is None or not Path(log.file).is_file():
        return
    if any(one.place.startswith("demand.log") for one in findings.problems):
        return
    seen = installed.seen(log, None if codes_folder is None else str(codes_folder))
    if isinstance(seen, LogSeen):
        _sites(spec, seen.sites, findings)
        _window(spec, seen, findings)
        _readers(spec, seen, findings)
        for index in logged:
            _given(spec, seen, index, findings)
    for sentence in () if seen is None or isinstance(seen, LogSeen) else seen:
        message, _, way_out = sentence.rpartition(": ")
        findings.add("E208", _FILE, message or way_out, way_out if message else "")


def _sites(spec: ScenarioSpec, sites: Sequence[str], findings: Findings) -> None:
    strange = [name for name in sites if name not in spec.sites]
    if not strange:
        return
    more = f" and {len(strange) - _NAMED} more" if len(strange) > _NAMED else ""
    listed = ", ".join(shown(name) for name in strange[:_NAMED])
    near = did_you_mean(strange[0], spec.sites)
    way_out = near if near.startswith("did") else "give each a link under sites, as 'simgrid replay' does"
    message = f"the log has requests of sites that are not declared: {listed}{more}"
    findings.add("E201", _FILE, message, f"{way_out} (or set the field aside: sampled: [site])")


def _window(spec: ScenarioSpec, seen: LogSeen, findings: Findings) -> None:
    if not seen.requests:
        findings.add(
            "E208", _FILE, "the log has no request", "convert its source again with 'simgrid replay'"
        )
        return
    start = spec.calendar.start.replace(tzinfo=ZoneInfo(spec.calendar.zone))
    before, after = seen.outside(start, spec.horizon)
    span = f"the log goes from {_local(seen.first_s, start)} to {_local(seen.last_s, start)}"
    if before + after == seen.requests:
        findings.add("E107", ("calendar", "start"), "no request of the log lies within the horizon", span)
    elif before + after:
        message = (
            f"{before + after} of the log's {seen.requests} requests are not replayed: {before} come before"
        )
        findings.add("W306", ("horizon",), f"{message} the start, {after} after the horizon", span)


def _given(spec: ScenarioSpec, seen: LogSeen, index: int, findings: Findings) -> None:
    """``logged`` among the policies: the log must name one of the scenario's for every request."""
    start = spec.calendar.start.replace(tzinfo=ZoneInfo(spec.calendar.zone))
    given = seen.readers(start, spec.horizon)
    strange = {name: number for name, number in given.items() if name not in spec.radiologists}
    if not strange:
        return
    nobody = strange.pop("", 0)
    parts = [f"{nobody} to nobody"] if nobody else []
    listed = [f"{number} to {shown(name)}" for name, number in strange.items()]
    more = f"{len(listed) - _NAMED} more who are no radiologists here"
    parts += listed if len(listed) <= _NAMED else [*listed[:_NAMED], more]
    message = f"the log gives {', '.join(parts)}, of {sum(given.values())} requests within the horizon"
    way_out = "declare who is missing under radiologists, take such rows out of the log, or the policy out"
    findings.add("E206", ("policies", index), message, way_out)


def _local(seconds: float, start: datetime) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC).astimezone(start.tzinfo):%Y-%m-%d %H:%M}"


def _readers(spec: ScenarioSpec, seen: LogSeen, findings: Findings) -> None:
    for modality in seen.modalities:
        if not any(modality in one.reads for one in spec.radiologists.values()):
            findings.add("W304", _FILE, f"nobody reads {modality}", "add it to somebody's reads")
