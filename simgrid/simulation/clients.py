"""Non-local clients: each retrieval asks the data centre for a study and takes its bytes off the links."""

from __future__ import annotations

from collections.abc import Generator
from functools import partial
from typing import Any

import numpy as np
import simpy

from simgrid.domain.grid_records import RetrievalRecords
from simgrid.domain.inspection import Retrievals
from simgrid.domain.study import Studies
from simgrid.domain.units import FloatArray
from simgrid.domain.world import World
from simgrid.network import route
from simgrid.simulation.data_platform import Platform
from simgrid.simulation.recorder import Event, Recorder
from simgrid.simulation.transfers import Wires

FIRST_IMAGE, RETRIEVAL = "first-image", "retrieval"
_NO_STUDY = -1


class Clients:
    """One process that retrieves what was drawn for all clients.

    Whose study a retrieval asks for depends on its own draw and on what had been requested before, so every
    policy sees the same.
    """

    def __init__(
        self,
        env: simpy.Environment,
        world: World,
        retrievals: Retrievals,
        studies: Studies,
        wires: Wires,
        platform: Platform | None,
        recorder: Recorder,
    ) -> None:
        self._env = env
        self._world = world
        self._retrievals = retrievals
        self._wires = wires
        self._platform = platform
        self._recorder = recorder
        self._client = retrievals.client.tolist()
        self._size = retrievals.size_bytes.tolist()
        self._path = [route(world.data_centre.name, client.name) for client in world.clients]
        self._study = [_NO_STUDY] * len(self._client)
        if platform is not None and self._client:
            self._study = _asked_for(world, retrievals, studies)
        self._asked = 0
        self._first_s: FloatArray = np.full(len(self._client), np.nan)
        self._ended_s: FloatArray = np.full(len(self._client), np.nan)
        env.process(self._retrieve())

    def records(self) -> RetrievalRecords | None:
        """The retrievals so far; None where nothing but bytes is modelled."""
        streamed = any(client.streaming for client in self._world.clients)
        if self._platform is None and not streamed:
            return None
        asked = slice(0, self._asked)
        return RetrievalRecords(self._retrievals.at_s[asked], self._first_s[asked], self._ended_s[asked])

    def _retrieve(self) -> Generator[simpy.Event, Any, None]:
        for number, at_s in enumerate(self._retrievals.at_s.tolist()):
            yield self._env.timeout(max(at_s - self._env.now, 0.0))
            self._asked += 1
            study = self._study[number]
            if self._platform is None or study == _NO_STUDY:
                self._send(number, study)
            else:
                self._platform.fetch(partial(self._send, number), study)

    def _send(self, number: int, _: int) -> None:
        client = self._client[number]
        streaming = self._world.clients[client].streaming
        if streaming is None:
            self._wires.send(RETRIEVAL, number, self._path[client], self._size[number], self._arrived)
            return
        first = self._size[number] / streaming.ratio / streaming.images
        self._wires.send(FIRST_IMAGE, number, self._path[client], first, self._shown)

    def _shown(self, number: int) -> None:
        self._first_s[number] = self._env.now
        client = self._client[number]
        streaming = self._world.clients[client].streaming
        if streaming is not None:
            rest = self._size[number] / streaming.ratio * (1 - 1 / streaming.images)
            self._wires.send(RETRIEVAL, number, self._path[client], rest, self._arrived)

    def _arrived(self, number: int) -> None:
        self._ended_s[number] = self._env.now
        if np.isnan(self._first_s[number]):
            self._first_s[number] = self._env.now
        self._recorder.event(Event.RETRIEVED, number, self._env.now)


def _asked_for(world: World, retrievals: Retrievals, studies: Studies) -> list[int]:
    """The row of each retrieval's study: evenly among those requested in the time its client looks back."""
    order = studies.order
    back_s = np.array([client.of_last_s for client in world.clients])[retrievals.client]
    first = order.requested_before(retrievals.at_s - back_s)
    count = order.requested_before(retrievals.at_s, or_then=True) - first
    luck = retrievals.luck if len(retrievals.luck) else np.full(len(count), 0.5)
    place = np.minimum(first + (luck * count).astype(np.int64), max(len(order) - 1, 0))
    study: list[int] = np.where(count > 0, order.rows(place), _NO_STUDY).tolist()
    return study
