"""A bench of two sites, a unit and their agents, on which storage is tried by hand."""

from __future__ import annotations

import numpy as np

from simgrid.domain.copies import CacheRules
from simgrid.domain.grid import Grid
from simgrid.domain.network import Access, DataCentre
from simgrid.domain.prior_studies import StudyLists
from simgrid.domain.reporting_unit import ReportingUnit
from simgrid.domain.site import Site
from simgrid.domain.study import EarlierStudies, Studies
from simgrid.network import SharedLinks, down, route, up
from simgrid.simulation.agents import GridAgents
from simgrid.simulation.clock import Clock
from simgrid.simulation.recorder import Recorder
from simgrid.simulation.stalls import Stalls
from simgrid.simulation.storage.copies import Copies
from simgrid.simulation.transfer_log import UPLOAD, TransferLog
from simgrid.simulation.transfers import Wires
from tests.worlds import world

SECOND = Access(800.0, 800.0)
CENTRE, A, B, UNIT = 0, 1, 2, 3


class Bench:
    """Sites a and b and a unit; every study has 100 bytes, is of site a and is uploaded in a second."""

    def __init__(
        self,
        grid: Grid,
        caches: tuple[CacheRules | None, CacheRules | None, CacheRules | None] = (None, None, None),
        earlier: int = 0,
        centre: Access = SECOND,
        asked_for: tuple[StudyLists, ...] = (),
        archived: bool = False,
    ) -> None:
        sites = (Site("a", SECOND, cache=caches[0]), Site("b", SECOND, cache=caches[1]))
        unit = ReportingUnit("unit", SECOND, 1e15, 1, 10.0, cache=caches[2])
        one = world(sites=sites, units=(unit,), data_centre=DataCentre(centre), grid=grid)
        self.env = Clock()
        number = 6
        studies = Studies(
            to_report=number,
            site=np.zeros(number, dtype=np.int16),
            requested_s=np.arange(number, dtype=np.float64),
            size_bytes=np.full(number, 100.0),
            images=np.ones(number, dtype=np.int32),
            urgent=np.zeros(number, dtype=np.bool_),
            patient=np.arange(number, dtype=np.int32),
        )
        before = EarlierStudies(
            site=np.ones(earlier, dtype=np.int16),
            size_bytes=np.full(earlier, 100.0),
            images=np.ones(earlier, dtype=np.int32),
            patient=np.zeros(earlier, dtype=np.int32),
            archived=np.full(earlier, archived),
        )
        capacity = {way(name): line.up_bps for name, line in one.access.items() for way in (up, down)}
        self.log = TransferLog(number)
        self.wires = Wires(self.env, SharedLinks(capacity), self.log)
        self.stalls = Stalls(self.env, number)
        self.agents = GridAgents(self.env, one, studies, self._send, lambda row, unit: None, self.stalls)
        self.recorder = Recorder(number)
        self.copies = Copies(
            self.env,
            one,
            studies,
            before,
            self.agents,
            self.wires,
            one.access,
            self.recorder,
            self.stalls,
            self._on,
            asked_for=asked_for,
        )
        self.admitted: dict[int, float] = {}
        self.came: list[tuple[int, float]] = []

    def _on(self, row: int) -> None:
        self.admitted[row] = self.env.now
        self.agents.take_in(row)

    def _send(self, row: int) -> None:
        self.wires.send(UPLOAD, row, route("a", "data-centre"), 100.0, self._sent)

    def _sent(self, row: int) -> None:
        self.agents.sent(row, self.copies.uploaded)

    def until(self, at_s: float) -> None:
        self.env.run(until=at_s)

    def fetch(self, study: int, to: int) -> None:
        self.copies.fetch(study, to, lambda study: self.came.append((study, self.env.now)))
