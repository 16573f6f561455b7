"""What nights and hours without a connection leave of each link, by the clock: the same in every world."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, timedelta

from simgrid.domain.events import LinkLimit
from simgrid.domain.lines import Line
from simgrid.domain.network import Access, Client, DataCentre
from simgrid.domain.reporting_unit import ReportingUnit
from simgrid.domain.scenario import Scenario
from simgrid.domain.schedule import Roster, WeeklySchedule
from simgrid.domain.site import Site
from simgrid.network.outages import profile_limits


def recurring_limits(scenario: Scenario) -> tuple[LinkLimit, ...]:
    """What nights and hours without a connection leave of each, the same in every world."""
    hours = _Hours(scenario)
    access = access_of(scenario)
    return tuple(
        limit for place, line in scenario.lines.items() for limit in hours.limits(place, access[place], line)
    )


def access_of(scenario: Scenario) -> dict[str, Access]:
    """Every place's own connection by its name."""
    places: list[DataCentre | Site | ReportingUnit | Client] = [scenario.data_centre]
    places += [*scenario.sites, *scenario.units, *scenario.clients]
    return {place.name: place.access for place in places}


class _Hours:
    """Schedules as spans of simulated seconds, each laid out once."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        # In UTC: adding to a local time moves the clock on the wall, not the instant.
        self._end = scenario.start.astimezone(UTC) + timedelta(seconds=scenario.give_up_s)
        self._known: dict[WeeklySchedule, Roster] = {}

    def limits(self, place: str, own: Access, line: Line) -> Iterator[LinkLimit]:
        """What the hours leave of one connection."""
        if line.by_hour:
            scenario = self._scenario
            yield from profile_limits({place: own}, line.by_hour, scenario.start, scenario.give_up_s)
        if line.night is not None and line.night.factor < 1:
            up, down = own.up_bps * line.night.factor, own.down_bps * line.night.factor
            for start_s, end_s in self._roster(line.night.schedule):
                yield LinkLimit(place, start_s, end_s, up, down)
        if line.connected is not None:
            always = Roster.of([(0.0, self._scenario.give_up_s)])
            for start_s, end_s in always.without(self._roster(line.connected)):
                yield LinkLimit(place, start_s, end_s)

    def _roster(self, schedule: WeeklySchedule) -> Roster:
        if schedule not in self._known:
            self._known[schedule] = schedule.roster(self._scenario.start, self._end)
        return self._known[schedule]
