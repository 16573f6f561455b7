"""The Redundancy Service at the Grid Manager: it permits deletions and orders the copies that are missing."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from simgrid.simulation.agents import GridAgents
from simgrid.simulation.storage.holdings import Holdings
from simgrid.simulation.storage.sources import Sources
from simgrid.simulation.transfer_log import COPY

Answered = Callable[[int, list[int], list[int]], None]


class RedundancyService:
    """Every question and every answer is a message; the answer may wait for a copy that has to be made."""

    def __init__(self, holdings: Holdings, sources: Sources, agents: GridAgents, answered: Answered) -> None:
        self._holdings = holdings
        self._sources = sources
        self._agents = agents
        self._answered = answered
        self._waiting: dict[int, list[int]] = {}
        self.refused = 0
        self.ordered = 0

    def ask(self, place: int, victims: tuple[int, ...]) -> None:
        """A place's agent asks whether its copies of these studies may go: one message for all."""
        if self._agents.waits_for(self._holdings.agent(place), partial(self.ask, place, victims)):
            return
        self._agents.tell(lambda place: self._asked(place, victims), place)

    def _asked(self, place: int, victims: tuple[int, ...]) -> None:
        granted: list[int] = []
        refused: list[int] = []
        for study in victims:
            answer = self._holdings.replicas.ask(study, place)
            if answer == "granted":
                granted.append(study)
            elif answer == "too few copies":
                self._order(study, place)
            else:
                refused.append(study)
        self.refused += len(refused)
        if granted or refused:
            self._answer(granted, refused, place)

    def _answer(self, granted: list[int], refused: list[int], place: int) -> None:
        answer = partial(self._answer, granted, refused, place)
        if not self._agents.waits_for(self._holdings.agent(place), answer):
            self._agents.tell(lambda place: self._answered(place, granted, refused), place)

    def _order(self, study: int, place: int) -> None:
        """Have one more durable copy made; the question waits for it."""
        waiting = self._waiting.setdefault(study, [])
        waiting.append(place)
        if len(waiting) > 1:
            return
        replicas = self._holdings.replicas
        to = min(one for one in self._holdings.archives if not replicas.is_durable(study, one))
        source = self._sources.serving(study, to)
        self.ordered += 1
        self._sources.send(COPY, study, source, to, partial(self._copied, to))

    def _copied(self, to: int, study: int) -> None:
        self._holdings.appeared(study, to, durable=True)
        for place in self._waiting.pop(study):
            self._asked(place, (study,))
