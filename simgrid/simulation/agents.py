"""The Grid Agents: what stands between a modality, the wires and the Grid Manager at each site and unit.

A study is taken in (interface layer), waits for a transfer worker at its site, and is known to the Manager a
message after its last byte. An assigned one is imported at its unit a message after the decision, as soon as
an import worker there is free.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from simgrid.domain.grid import Agents
from simgrid.domain.grid_records import AgentRecords
from simgrid.domain.study import Studies
from simgrid.domain.units import Bytes, Seconds
from simgrid.domain.world import World
from simgrid.network import down
from simgrid.simulation.clock import Clock
from simgrid.simulation.stalls import Stalls
from simgrid.simulation.workers import WorkerPool

Job = Callable[[int], None]


class GridAgents:
    """Every place's agent; where agents are off they pass everything on at once.

    ``down``: agents that are down, by number, and what each has to pass on when it is back.
    """

    def __init__(
        self,
        env: Clock,
        world: World,
        studies: Studies,
        upload: Job,
        deliver: Callable[[int, int], None],
        stalls: Stalls,
    ) -> None:
        rules, sites, units = world.grid.agents, len(world.sites), len(world.units)
        ideal = rules or Agents()
        self._env = env
        # Buffers give plain numbers, several times as fast as the arrays themselves.
        self._site, self._urgent = studies.site.data, studies.urgent.data
        self._receive_s = ideal.receive_s
        self._message_s = ideal.message_s
        self._counts = rules is not None
        self.messages = 0
        self.transfers = [WorkerPool(ideal.transfer_workers, ideal.ageing_s, upload) for _ in range(sites)]
        self._units = units
        self._last_link = [down(unit.name) for unit in world.units]
        self._stalls = stalls
        self.down: dict[int, list[Callable[[], None]]] = {}
        self.under_way: set[int] = set()  # studies with a worker already, when the run takes them up
        self._orders: dict[int, Callable[[], None]] = {}
        self._ordered = 0
        self.imports = [
            WorkerPool(ideal.import_workers, ideal.ageing_s, partial(self._begin_import, deliver, place))
            for place in range(units + sites)
        ]

    def take_in(self, row: int) -> None:
        """A study comes from the modality: it is sent when the interface is through and a worker is free."""
        if self.down and self.of_site(self._site[row]) in self.down:
            self.through((self.of_site(self._site[row]),), lambda: self.take_in(row), row)
        elif self.under_way and row in self.under_way:
            self.under_way.discard(row)
            self._send(row)
        else:
            self._after(self._receive_s, self._send, row)

    def sent(self, row: int, then: Job) -> None:
        """Its last byte is at the data centre: the worker is free, and the Manager learns of it."""
        self.transfers[self._site[row]].done()
        self.tell(then, row)

    def fetch(self, row: int, unit: int) -> None:
        """The unit's agent is told to import the study."""
        if unit in self.down:
            self.through((unit,), lambda: self.fetch(row, unit), row, self._last_link[unit])
        elif self.under_way and row in self.under_way:
            self.under_way.discard(row)
            self._import(unit, row)
        else:
            self.tell(partial(self._import, unit), row)

    def announce(self, row: int, unit: int, then: Job) -> None:
        """A unit's agent is told of a study whose images are not sent yet; while it is down this waits."""
        if unit in self.down:
            self.through((unit,), lambda: self.announce(row, unit, then), row)
        else:
            self.tell(lambda row: self.through((unit,), partial(then, row), row), row)

    def of_site(self, site: int) -> int:
        """The number of a site's agent: those of units come first."""
        return self._units + site

    def is_down(self, agent: int) -> bool:
        """Whether the agent takes nothing in and begins nothing now."""
        return agent in self.down

    def waits_for(self, agent: int, act: Callable[[], None]) -> bool:
        """Whether the agent is down; if it is, ``act`` is called when it has come back."""
        if agent not in self.down:
            return False
        self.down[agent].append(act)
        return True

    def through(
        self, agents: tuple[int, ...], act: Callable[[], None], row: int, to: str | None = None
    ) -> None:
        """Act as soon as none of the agents is down: at once, or in the order in which they were asked.

        Until then inspection ``row`` stands still; with ``to`` only if it is read there: see ``Stalls``.
        """
        for one in agents:
            if one in self.down:
                self._stalls.began(row, to)
                self.down[one].append(partial(self._held, agents, act, row, to))
                return
        act()

    def _held(self, agents: tuple[int, ...], act: Callable[[], None], row: int, to: str | None) -> None:
        self._stalls.ended(row, to)
        self.through(agents, act, row, to)

    def go_down(self, agent: int) -> None:
        """The agent begins nothing and passes nothing on; ``faults`` holds up the images that it moves."""
        self.down[agent] = []
        for pool in self._pools(agent):
            pool.pause()
        self._queued(agent, self._stalls.began)

    def come_back(self, agent: int) -> None:
        """It takes up its tasks, and what was held is passed on."""
        held = self.down.pop(agent)
        self._queued(agent, self._stalls.ended)
        for pool in self._pools(agent):
            pool.go_on()
        for act in held:
            act()

    def _pools(self, agent: int) -> list[WorkerPool]:
        own = [self.imports[agent]]
        return own if agent < self._units else [self.transfers[agent - self._units], *own]

    def _queued(self, agent: int, tell: Callable[[int, str | None], None]) -> None:
        """Tell of every inspection that waits for a worker of the agent; priors keep nobody by themselves."""
        to = self._last_link[agent] if agent < self._units else None
        for pool in self._pools(agent):
            for job in pool.queued():
                if job >= 0:
                    tell(job, to)

    def import_by(self, pool: int, begin: Callable[[], None], *, urgent: bool) -> None:
        """Have ``begin`` called when an import worker is free, which is then taken until its pool's ``done``.

        ``pool``: a unit's number, or a site's after all units.
        """
        self._ordered += 1
        self._orders[self._ordered] = begin
        self.imports[pool].submit(-self._ordered, self._env.now, urgent)

    def fetched(self, unit: int) -> None:
        """A study is at the unit: its import worker is free."""
        self.imports[unit].done()

    def tell(self, then: Job, row: int) -> None:
        """Send a message between an agent and the Manager, and go on when it has arrived."""
        if self._counts:
            self.messages += 1
        if self._message_s:
            self._env.after(self._message_s, then, row)
        else:
            then(row)

    def records(self, message_bytes: Bytes) -> AgentRecords:
        """What the agents have done so far."""
        return AgentRecords(
            messages=self.messages,
            message_bytes=self.messages * message_bytes,
            peak_waiting_transfers=max(pool.peak_waiting for pool in self.transfers),
            peak_waiting_imports=max(pool.peak_waiting for pool in self.imports),
        )

    def _send(self, row: int) -> None:
        self.transfers[self._site[row]].submit(row, self._env.now, self._urgent[row])
        if self.down and self.of_site(self._site[row]) in self.down:
            self._stalls.began(row)

    def _import(self, unit: int, row: int) -> None:
        self.imports[unit].submit(row, self._env.now, self._urgent[row])
        if unit in self.down:
            self._stalls.began(row, self._last_link[unit])

    def _begin_import(self, deliver: Callable[[int, int], None], unit: int, job: int) -> None:
        """Jobs are studies to deliver, or below 0 what ``import_by`` was given."""
        if job < 0:
            self._orders.pop(-job)()
        else:
            deliver(job, unit)

    def _after(self, wait_s: Seconds, then: Job, row: int) -> None:
        """Directly where there is nothing to wait for: an ideal agent leaves no trace."""
        if wait_s:
            self._env.after(wait_s, then, row)
        else:
            then(row)
