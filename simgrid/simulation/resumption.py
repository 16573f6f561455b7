"""A run that begins with a backlog: at one moment everything is put where it was, and goes on from there.

Before that moment nothing is requested and the world only keeps its calendar (links, absences, periods). A
run that is resumed from what ``stocktaking`` saw of it goes on as it did, as far as a backlog can say: what
is only archived, retrievals of clients and messages under way are not in it.
"""

from __future__ import annotations

from simgrid.domain.backlog import AT_UNIT, LEGS, Backlog, Held
from simgrid.domain.world import World
from simgrid.network import route
from simgrid.simulation.clock import Clock
from simgrid.simulation.journey import Journey
from simgrid.simulation.recorder import REQUESTED, Event
from simgrid.simulation.transfer_log import DELIVERY, UPLOAD

_LEG = dict(
    zip(
        LEGS,
        (Event.ACQUIRED, Event.UPLOADED, Event.ASSIGNED, Event.DELIVERED, Event.OPENED, Event.READ),
        strict=True,
    )
)
_LEG_OF = {"uploading": UPLOAD, "delivering": DELIVERY, "reporting": "report"}
_ORDER = (
    *("reporting", "uploading", "delivering", "begun", "reading", "at-desk"),
    *("waiting", "scanning", "requested"),
)
"""Who is worked on comes before who waits: workers, room, workstations and scanners are theirs."""


class Resumption:
    """Puts a world's backlog into its journey; its inspections are the first rows of the run."""

    def __init__(self, env: Clock, world: World, journey: Journey, backlog: Backlog) -> None:
        self._env = env
        self._journey = journey
        self._backlog = backlog
        self._who = {one.name: number for number, one in enumerate(world.radiologists)}
        self._sites = [site.name for site in world.sites]
        self._units = [unit.name for unit in world.units]
        self._unit_of = [self._units.index(one.unit) for one in world.radiologists]
        self._centre = world.data_centre.name
        self._report_bytes = world.report_bytes
        env.at_first(backlog.at_s, self._begin, None)

    def _begin(self, _: None) -> None:
        places = list(zip(self._backlog.rows, self._backlog.studies, strict=True))
        for row, held in sorted(places, key=lambda one: one[0]):
            self._note(row, held)
            if held.state in AT_UNIT:  # before anything else asks for the room
                self._journey.storage.lay(row, self._unit_of[self._who[str(held.radiologist)]])
        for desk in self._backlog.desks:
            who = self._who[desk.radiologist]
            self._journey.desks.busy(who, desk.busy_s)
            self._journey.monitor.had(who, desk)
        for state in _ORDER:
            of_state = [(row, held) for row, held in places if held.state == state]
            # What is under way holds the workers and the room for which the rest waits.
            for row, held in sorted(of_state, key=lambda one: one[1].left is None):
                self._place(row, held)
            if state == "waiting":
                self._journey.dispatcher.resumed([row for row, _ in of_state])

    def _note(self, row: int, held: Held) -> None:
        """The legs behind it happened: in the sequence of events now, in the journal when they did."""
        recorder, now = self._journey.recorder, self._env.now
        times = dict(held.times)
        recorder.event(REQUESTED, row, now)
        recorder.was(Event.REQUESTED, row, held.requested_s)
        known_s = held.requested_s
        who = -1 if held.radiologist is None else self._who[held.radiologist]
        for leg in held.behind:
            kind = _LEG[leg]
            known_s = min(max(times.get(leg, now), known_s), now)
            recorder.event(kind, row, now, who if kind in (Event.ASSIGNED, Event.OPENED, Event.READ) else 0)
            recorder.was(kind, row, known_s)
        if "uploaded" in held.behind:
            self._journey.monitor.seen(row)
        if who >= 0:
            self._belongs_to(row, who, counts=held.state != "reporting")

    def _belongs_to(self, row: int, who: int, *, counts: bool) -> None:
        """It was given to her; ``counts``: it is still in her queue."""
        journey = self._journey
        journey.radiologist[row] = who
        (journey.monitor.assigned if counts else journey.monitor.gave)(row, who)
        if journey.reviews is not None:
            journey.reviews.assigned(row, who)

    def _place(self, row: int, held: Held) -> None:
        journey = self._journey
        who = -1 if held.radiologist is None else self._who[held.radiologist]
        if held.left is not None and held.state in _LEG_OF:
            journey.wires.ahead[_LEG_OF[held.state], row] = held.left
            journey.agents.under_way.add(row)
        match held.state:
            case "reporting":
                self._send_report(row, self._unit_of[who], held.site)
            case "uploading":
                journey.backlogs.ordered(held.site, self._centre)
                journey.agents.take_in(row)
            case "delivering":
                journey.backlogs.ordered(self._units[self._unit_of[who]], self._centre)
                journey.storage.deliver(row, self._unit_of[who])
            case "reading" | "begun":
                journey.desks.take_up(row, who, held)
            case "at-desk":
                journey.desks.put(row, who)
            case "scanning" | "requested":
                journey.scanners.take_up(row, held.left if held.state == "scanning" else None)
            case "waiting":
                pass  # all of them at once, in their order

    def _send_report(self, row: int, unit: int, site: str) -> None:
        journey, name = self._journey, self._units[unit]
        journey.agents.under_way.discard(row)
        journey.backlogs.ordered(name, site)
        path, size = route(name, site), self._report_bytes
        agents = (unit, journey.agents.of_site(self._sites.index(site)))
        journey.agents.through(
            agents, lambda: journey.wires.send("report", row, path, size, journey.reported), row
        )
