"""Connections as the domain knows them: what they carry, and the rules of those that fail or have hours."""

from __future__ import annotations

from simgrid.domain.lines import Failures, Line, Night
from simgrid.domain.network import Access
from simgrid.domain.schedule import WeeklySchedule
from simgrid.scenario.hours import weekly_schedule
from simgrid.scenario.people import DATA_CENTRE
from simgrid.scenario.schema import ScenarioSpec
from simgrid.scenario.schema_links import FailuresSpec, LinkSpec, daily


def links_of(spec: ScenarioSpec) -> dict[str, LinkSpec]:
    """Every place's connection by the place's name."""
    return {
        **{name: site.link for name, site in spec.sites.items()},
        **{name: unit.link for name, unit in spec.units.items()},
        **{name: client.link for name, client in spec.clients.items()},
        DATA_CENTRE: spec.data_centre.link,
    }


def access(link: LinkSpec) -> Access:
    """What the connection carries each way."""
    up = link.bandwidth if link.up is None else link.up
    down = link.bandwidth if link.down is None else link.down
    if up is None or down is None:
        raise ValueError("a link states its bandwidth, or up and down")
    return Access(up, down)


def failures(spec: FailuresSpec | None) -> Failures | None:
    """The means of failure and repair, None where nothing fails."""
    return None if spec is None else Failures(spec.mtbf, spec.mttr)


def build_lines(spec: ScenarioSpec) -> dict[str, Line]:
    """The rules of every connection that has any."""
    made = {name: _line(name, link, spec) for name, link in links_of(spec).items()}
    return {name: line for name, line in made.items() if line != Line()}


def _line(name: str, link: LinkSpec, spec: ScenarioSpec) -> Line:
    connected = spec.sites[name].connected if name in spec.sites else None
    night = link.night
    return Line(
        failures=failures(link.outages),
        night=None if night is None else Night(_schedule(night.hours, spec), night.factor),
        by_hour=link.by_hour,
        connected=None if connected is None else _schedule(connected, spec),
    )


def _schedule(text: str, spec: ScenarioSpec) -> WeeklySchedule:
    return weekly_schedule(daily(text), spec.calendar.zone, frozenset(spec.calendar.holidays))
