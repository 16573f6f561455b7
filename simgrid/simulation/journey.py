"""START HERE: the life of an inspection, leg by leg, in the order in which it happens.

    requested -> acquired -> uploaded -> assigned -> delivered -> opened, read -> reported
                                   `-> archived, where nobody asked for a report

Long-lived processes and callbacks do the work (a scanner, a radiologist, the wires, the dispatcher); this
module is the map: each method is one arrival, notes it, and hands the inspection to the next leg.

==========  =================================================  ===============================
leg         what happens                                       where
==========  =================================================  ===============================
requested   queues for a scanner at its imaging site           ``acquisition.Scanners``
acquired    passed the quality gate; its agent sends it up     ``agents``, ``transfers``
uploaded    is filed at the data centre, waits for a decision  ``data_platform``, ``dispatch``
assigned    a policy chose; needs room at the unit             ``delivery.UnitStorage``
delivered   lies on the radiologist's desk, urgent first       ``reading.Desks``
read        the report goes back to the site                   ``transfers.Wires``
reported    the journey ends
==========  =================================================  ===============================

Where places keep copies, ``storage.Copies`` lets an acquired study on and finds the source of a delivery.
A study may go back from the desk to the dispatcher where shifts end with a hand-over, and to the scanner
where a missed defect comes to light (``recalls``).
What happens on schedule (links that carry less, people who are away) is in ``outages``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import simpy

from simgrid.domain.decision import UNASSIGNED, Assignment, Policy, QualityGate, Team, Worklist
from simgrid.domain.inspection import Inspections
from simgrid.domain.observer import NOBODY, Observer
from simgrid.domain.prior_studies import PriorStudies
from simgrid.domain.schedule import Roster
from simgrid.domain.study import EarlierStudies, Studies
from simgrid.domain.units import BoolArray, FloatArray, IntArray
from simgrid.domain.world import World
from simgrid.network import down, route
from simgrid.simulation.acquisition import Scanners
from simgrid.simulation.agents import GridAgents
from simgrid.simulation.backlogs import Backlogs
from simgrid.simulation.clock import Clock
from simgrid.simulation.data_platform import Platform
from simgrid.simulation.delivery import UnitStorage
from simgrid.simulation.dispatch import Dispatcher, Timing, concerned
from simgrid.simulation.faults import Faults
from simgrid.simulation.imaging_books import ImagingBooks
from simgrid.simulation.link_use import LinkUse
from simgrid.simulation.monitoring import Monitor
from simgrid.simulation.outages import Outages
from simgrid.simulation.prior_imports import PriorImports
from simgrid.simulation.reading import Desks
from simgrid.simulation.recalls import Recalls
from simgrid.simulation.recorder import ACQUIRED, REQUESTED, Event, Recorder
from simgrid.simulation.reviews import Learning, Reviews
from simgrid.simulation.stalls import Stalls
from simgrid.simulation.storage.copies import Copies, are_kept
from simgrid.simulation.transfer_log import BROADCAST, DELIVERY, UPLOAD, TransferLog
from simgrid.simulation.viewing import Viewing
from simgrid.simulation.wiring import wires_of


@dataclass(frozen=True, slots=True)
class Deciders:
    """The real decision modules that this run drives, and when the policy is asked.

    ``learning``: None where what is believed of radiologists stays as it is.
    """

    team: Team
    policy: Policy
    timing: Timing
    gate: QualityGate
    learning: Learning | None = None


class Journey:
    """One run's legs, joined."""

    def __init__(
        self,
        env: Clock,
        world: World,
        inspections: Inspections,
        studies: Studies,
        deciders: Deciders,
        in_hours: Roster,
        all_ended: Callable[[], simpy.Event],
        priors: PriorStudies | None = None,
        observer: Observer = NOBODY,
    ) -> None:
        self._env = env
        self._world = world
        self.inspections = inspections
        self._studies = studies
        # Buffers give plain numbers, several times as fast as the arrays themselves.
        self._study_site, self._size = studies.site.data, studies.size_bytes.data
        self._images, self._asked_s = studies.images.data, studies.requested_s.data
        self._to_report = studies.to_report
        self._centre = world.data_centre.name
        self._team = deciders.team
        self._unit_of = [int(unit) for unit in deciders.team.unit_of]
        self._all_ended = all_ended
        self._open = len(studies)
        self.archived = bytearray(len(studies))
        self._upload_path = [route(site.name, world.data_centre.name) for site in world.sites]
        only_archived, sink = len(studies) - studies.to_report, observer.sink
        self.recorder = Recorder(studies.to_report, sink, only_archived, observer.marked)
        self.carried = TransferLog(studies.to_report, sink)
        self.stalls = Stalls(env, studies.to_report, self.recorder.mark)
        self.backlogs = Backlogs(env, world)
        self._counts = self.backlogs.counts
        self.wires = wires_of(env, world, self.carried, self.stalls)
        self.outages = Outages(env, world, self.wires, self.recorder)
        self.platform = Platform.of(env, world, studies)
        self._file = self.uploaded if self.platform is None else partial(self.platform.file, self.uploaded)
        self.link_use = LinkUse.of(env, world, self.wires)
        self.books, self.scanners, self.recalls = self._at_sites(deciders.gate)
        self.agents = GridAgents(env, world, studies, self._send_up, self._send_to_unit, self.stalls)
        self.copies = self._copies(priors)
        self._take_in = self.agents.take_in if self.copies is None else self.copies.take_in
        self._pulls = world.grid.delivery == "pull"
        self.storage = self._storage()
        self._delivered = [partial(self.delivered, unit) for unit in range(len(world.units))]
        self.priors, self.viewing = self._screens(priors)
        hand_on = self.read, self.handed_over
        self.desks = Desks(env, world, inspections, self.recorder, *hand_on, self.viewing, self.recalls)
        self.monitor = Monitor(
            env, world, deciders.team, inspections, self.desks, self.storage, self.outages.present, self.wires
        )
        self.faults = Faults(world, self.agents, self.copies, self.wires, self.monitor, self.desks)
        self.dispatcher = self._dispatcher(deciders, in_hours)
        self.outages.listen(self.backlogs.heard)
        self.outages.listen(self.faults.heard)
        self.reviews = Reviews.of(env, deciders.learning, inspections, world.rosters, self.dispatcher.use)
        self.radiologist: IntArray = np.full(len(inspections), UNASSIGNED, dtype=np.int64)
        self.planned_s: FloatArray = np.full(len(inspections), np.nan)
        self.relaxed: BoolArray = np.zeros(len(inspections), dtype=np.bool_)

    def _at_sites(self, gate: QualityGate) -> tuple[ImagingBooks | None, Scanners, Recalls | None]:
        """Who counts, scans and calls back at the imaging sites."""
        world, work = self._world, self.inspections
        books = ImagingBooks.of(self._env, world, work)
        pools = tuple(site.scanners for site in world.sites)
        rules = world.acquisition, gate, self.recorder, self.acquired, books
        scanners = Scanners(self._env, work, pools, *rules)
        return books, scanners, Recalls.of(world, work, scanners, books)

    def _dispatcher(self, deciders: Deciders, in_hours: Roster) -> Dispatcher:
        return Dispatcher(
            self._env,
            self.inspections,
            self._studies.patient[: len(self.inspections)].astype(np.int64),
            self._world.dispatch,
            deciders.timing,
            deciders.policy,
            self.monitor,
            in_hours,
            self.assigned,
        )

    def requested(self, row: int) -> None:
        """A patient is at the site: queue for a scanner. What is only archived has its images at once."""
        self.recorder.event(REQUESTED, row, self._env.now)
        if row < self._to_report:
            self.scanners.acquire(row)
        else:
            self.acquired(row)

    def acquired(self, row: int) -> None:
        """The images passed the gate: the site's agent sends them to the data centre."""
        self.recorder.event(ACQUIRED, row, self._env.now)
        if self._counts:
            self.backlogs.ordered(self._world.sites[self._study_site[row]].name, self._centre)
        self._take_in(row)

    def uploaded(self, row: int) -> None:
        """The images are filed at the data centre: wait for a decision, or rest there."""
        if self.copies is not None:
            self.copies.uploaded(row)
        if row < self._to_report:
            self.recorder.event(Event.UPLOADED, row, self._env.now)
            self.storage.uploaded(row)
            if self.recalls is not None and self.recalls.called_back(row):
                self.dispatcher.returned([row])  # its effort was seen before
            else:
                self.dispatcher.arrived(row)
        else:
            self.recorder.archived(row, self._asked_s[row], self._env.now)
            self.archived[row] = True
            self._ended()

    def assigned(self, worklist: Worklist, assignment: Assignment) -> None:
        """The policy has chosen: deliver each chosen study to its radiologist's unit."""
        planned = assignment.planned(worklist, self._team)
        for relaxed in assignment.relaxed:
            self.recorder.relaxed(relaxed, self._env.now)
            self.relaxed[concerned(relaxed, worklist, assignment, self._team)] = True
        for index, who in enumerate(assignment.radiologist.tolist()):
            if who == UNASSIGNED:
                continue
            row = int(worklist.inspection[index])
            self.recorder.event(Event.ASSIGNED, row, self._env.now, who)
            self.radiologist[row] = who
            self.planned_s[row] = planned[index]
            self.desks.pauses.ended(row, self._env.now)
            self.monitor.assigned(row, who)
            if self.reviews is not None:
                self.reviews.assigned(row, who)
            unit = self._unit_of[who]
            if self.priors is not None:
                self.priors.assigned(row, unit)
            if self._pulls:
                self.agents.announce(row, unit, self._on_desk)
            else:
                self._order(row, unit)

    def some_images(self, unit: int, row: int, share: float) -> None:
        """So much of the study is at the unit: whose it is may open it, or read on."""
        first = self.storage.images(row, unit) is None
        if self.storage.begun(row, unit, share):
            (self._may_open if first else self._more_there)(row)

    def delivered(self, unit: int, row: int) -> None:
        """The images are at the unit: lay the study on the desk, if it does not lie there."""
        first = self.storage.images(row, unit) is None
        wanted = self.storage.arrived(row, unit)
        self.agents.fetched(unit)
        if wanted:
            (self._may_open if first else self._more_there)(row)

    def read(self, row: int, radiologist: int) -> None:
        """The reading is done: free the room, send the report to the site, or the study back."""
        if self.recalls is not None and self.recalls.finds(row):
            self._send_back(self.recalls, row, radiologist)
            return
        self.monitor.read(row, radiologist)
        unit = self._unit_of[radiologist]
        self.storage.read(row, unit)
        if self.viewing is not None:
            self.viewing.read(row)
        if self.copies is not None:
            self.copies.read(row, unit)
        site = self._study_site[row]
        self.backlogs.ordered(self._world.units[unit].name, self._world.sites[site].name)
        self.agents.through((unit, self.agents.of_site(site)), lambda: self._report(row, unit), row)

    def handed_over(self, rows: list[int], radiologist: int) -> None:
        """Her shift is over and these lie unopened on her desk: decide anew; the images stay there."""
        for row in rows:
            self.recorder.handed_over(row, self._env.now, radiologist)
            self.monitor.handed_over(row, radiologist)
            self.radiologist[row], self.planned_s[row] = UNASSIGNED, np.nan
            self.storage.keep(row, self._unit_of[radiologist])
        self.dispatcher.returned(rows)

    def reported(self, row: int) -> None:
        """The report has reached the site."""
        if self._counts:
            unit = self._unit_of[int(self.radiologist[row])]
            self.backlogs.finished(self._world.units[unit].name, self._site(row))
        self.recorder.event(Event.REPORTED, row, self._env.now)
        self.stalls.over(row)
        if self.books is not None and self.books.billing is not None:
            self.books.billing.reported(row)
        if self.reviews is not None:
            self.reviews.reported(row, int(self.radiologist[row]))
        self._ended()

    def close(self) -> None:
        """The run is over: whoever takes the whole journal gets the rest of it."""
        self.wires.close()
        self.recorder.close()

    def _send_back(self, recalls: Recalls, row: int, radiologist: int) -> None:
        """Nobody can read it: it is nobody's until the patient has come again."""
        opened_s = self.recorder.time(Event.OPENED, row)
        self.monitor.handed_over(row, radiologist)
        self.storage.read(row, self._unit_of[radiologist])
        self.stalls.assigned(row, None)
        self.recorder.sent_back(row, self._env.now, radiologist)
        self.radiologist[row], self.planned_s[row] = UNASSIGNED, np.nan
        recalls.send_back(row, radiologist, opened_s, self._env.now)

    def _ended(self) -> None:
        self._open -= 1
        if not self._open:
            self._all_ended()

    def _send_up(self, row: int) -> None:
        path = self._upload_path[self._study_site[row]]
        self.wires.send_images(UPLOAD, row, path, self._size[row], self._images[row], self._sent_up)

    def _sent_up(self, row: int) -> None:
        if self._counts:
            self.backlogs.finished(self._world.sites[self._study_site[row]].name, self._centre)
        self.agents.sent(row, self._file)

    def _copies(self, priors: PriorStudies | None) -> Copies | None:
        """Who knows where copies lie, if any system asks."""
        earlier = EarlierStudies.none() if priors is None else priors.earlier
        if not are_kept(self._world, earlier):
            return None
        return Copies(
            self._env,
            self._world,
            self._studies,
            earlier,
            self.agents,
            self.wires,
            self.outages.present,
            self.recorder,
            self.stalls,
            self.agents.take_in,
            self.platform,
            () if priors is None else (priors.ahead, priors.wanted),
        )

    def _send_to_unit(self, row: int, unit: int) -> None:
        if self.copies is not None:
            self.copies.deliver(row, unit, self._delivered[unit], self._leg(row, unit))
            return
        if self.platform is None:
            self._deliver(unit, row)
            return
        self.platform.fetch(partial(self._deliver, unit), row)

    def _deliver(self, unit: int, row: int) -> None:
        path = route(self._world.data_centre.name, self._world.units[unit].name)
        size, images = self._size[row], self._images[row]
        self.wires.send_images(self._leg(row, unit), row, path, size, images, self._delivered[unit])

    def _leg(self, row: int, unit: int) -> str:
        return BROADCAST if self.storage.is_copy(row, unit) else DELIVERY

    def _storage(self) -> UnitStorage:
        broadcast = self._world.grid.delivery == "broadcast"
        units, send = self._world.units, self.agents.fetch
        return UnitStorage(units, self.inspections, send, self._may_open, self.stalls, broadcast)

    def _screens(self, priors: PriorStudies | None) -> tuple[PriorImports | None, Viewing | None]:
        """Who waits for images and priors at the desks, if any system has her wait."""
        on = self._world.grid
        if on.delivery is None and on.viewer is None and priors is None:
            return None, None
        imports = None
        if priors is not None and self.copies is not None:
            told = self.recorder, self._more_there
            imports = PriorImports(self._env, self.inspections, priors, self.copies, *told)
        pull = self._order if self._pulls else None
        viewing = Viewing(
            self._env, self.inspections, on.viewer, self.storage, imports, pull, self.recorder, self.stalls
        )
        if on.viewer is not None and on.viewer.streaming:
            units = enumerate(self._world.units)
            self.wires.stream(
                on.viewer, {down(unit.name): partial(self.some_images, number) for number, unit in units}
            )
        return imports, viewing

    def _more_there(self, row: int) -> None:
        if self.viewing is not None:
            self.viewing.changed(row)

    def _order(self, row: int, unit: int) -> None:
        """Have the study sent to the unit of its radiologist."""
        self.backlogs.ordered(self._world.units[unit].name, self._centre)
        self.storage.deliver(row, unit)

    def _may_open(self, row: int) -> None:
        """Something of the study is where its reader sits; what is pulled lies on her desk already."""
        unit = self._unit_of[int(self.radiologist[row])]
        self.backlogs.finished(self._world.units[unit].name, self._centre)
        if self._pulls:
            self._more_there(row)
        else:
            self._on_desk(row)

    def _on_desk(self, row: int) -> None:
        who = int(self.radiologist[row])
        self.recorder.event(Event.DELIVERED, row, self._env.now)
        self.desks.put(row, who)
        fell_ill_s = self.faults.fell_ill_s(who)
        if fell_ill_s is not None and self.recorder.time(Event.ASSIGNED, row) < fell_ill_s:
            self.desks.give_back(who)

    def _report(self, row: int, unit: int) -> None:
        path = route(self._world.units[unit].name, self._site(row))
        self.wires.send("report", row, path, self._world.report_bytes, self.reported)

    def _site(self, row: int) -> str:
        return self._world.sites[int(self.inspections.site[row])].name
