"""A table of real incidents, read into events: what is not used of it is told row by row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

from simgrid.domain.events import LinkLimit
from simgrid.scenario.findings import Findings
from simgrid.scenario.links import links_of
from simgrid.scenario.schema import ScenarioSpec

MOST_BYTES = 20_000_000
_TOLD = 20
_PLACE = ("incidents",)


@dataclass(frozen=True, slots=True)
class BuiltIncidents:
    """The outages of a table, and its SHA-256 by its path; nothing of either without a table."""

    events: tuple[LinkLimit, ...] = ()
    inputs: Mapping[str, str] = field(default_factory=dict)


def build_incidents(spec: ScenarioSpec, findings: Findings) -> BuiltIncidents:
    """The outages of the file that the scenario names.

    A file that cannot be used is an error, rows that cannot are one warning: accepted and refused together
    are what was read.
    """
    file = findings.file_named(_PLACE, spec.incidents)
    if file is None:
        return BuiltIncidents()
    raw = _content(file, findings)
    if raw is None:
        return BuiltIncidents()
    from simgrid.network.incidents import read_incidents  # the engine comes with it

    zone = ZoneInfo(spec.calendar.zone)
    start = spec.calendar.start.replace(tzinfo=zone)
    try:
        found = read_incidents(raw.decode("utf-8-sig").splitlines(), tuple(links_of(spec)), start, zone)
    except UnicodeDecodeError:
        findings.add("E208", _PLACE, f"{file.name} is not UTF-8", "save the table as UTF-8")
        return BuiltIncidents()
    except ValueError as error:
        findings.add("E208", _PLACE, str(error).replace("\n", "; "), "see docs/reference/scenario.md")
        return BuiltIncidents()
    if found.refused:
        listed = "; ".join(str(one) for one in found.refused[:_TOLD])
        more = f"; and {len(found.refused) - _TOLD} more" if len(found.refused) > _TOLD else ""
        message = f"{len(found.refused)} of {found.read} rows of {file.name} are not used: {listed}{more}"
        used = f"the other {len(found.accepted)} {'is' if len(found.accepted) == 1 else 'are'}; "
        findings.add("W309", _PLACE, message, f"{used if found.accepted else ''}mend or remove these")
    return BuiltIncidents(found.accepted, {str(file): sha256(raw).hexdigest()})


def _content(file: Path, findings: Findings) -> bytes | None:
    try:
        if not file.is_file():
            near = findings.near_file(_PLACE, file.name, (".csv",))
            way_out = near or "name a CSV file beside this scenario"
            findings.add("E208", _PLACE, f"no such file: {file.name}", way_out)
            return None
        if file.stat().st_size > MOST_BYTES:
            message = f"{file.name} is larger than {MOST_BYTES // 1_000_000} MB"
            findings.add("E208", _PLACE, message, "keep the incidents of the simulated time")
            return None
        return file.read_bytes()
    except (OSError, ValueError) as error:
        message = f"cannot read {file.name}: {getattr(error, 'strerror', None) or error}"
        findings.add("E208", _PLACE, message, "name a CSV file beside this scenario")
        return None
