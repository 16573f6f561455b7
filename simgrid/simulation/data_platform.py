"""The data centre's archive: files and a sharded database, behind a layer that remembers what was used last.

A study that has arrived is written by the file layer, and entered by the master into the shard of its
patient. Who wants one asks the application layer: a recent study is there at once, a frequent query saves the
database, anything else goes to the master, the shard and the file layer.
"""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Callable, Iterable
from functools import partial

import numpy as np

from simgrid.domain.data_platform import DataPlatform
from simgrid.domain.events import Event, PlatformDown
from simgrid.domain.grid_records import PlatformRecords
from simgrid.domain.study import Studies
from simgrid.domain.units import Seconds
from simgrid.domain.world import World
from simgrid.network.copies.recent import Recent
from simgrid.network.server import Server
from simgrid.network.shards import shard_column
from simgrid.simulation.clock import Clock

Then = Callable[[int], None]
INFINITY = float("inf")
_FURTHER = bytes(4 << 12)
"""Room for so many queries more, when there have been more than studies."""


class Platform:
    """Files, finds and reads studies by their row. Every part is one server, first come first served.

    ``pseudonym_seed`` gives the patients their identifiers. Of what is only archived nobody waits for the
    database: it is in the archive when it is written. Zero times take no event.
    """

    @classmethod
    def of(cls, env: Clock, world: World, studies: Studies) -> Platform | None:
        """That of a world; None where the data centre files and finds at once."""
        rules = world.data_centre.platform
        return None if rules is None else cls(env, rules, studies, world.pseudonym_seed, world.events)

    def __init__(
        self,
        env: Clock,
        rules: DataPlatform,
        studies: Studies,
        pseudonym_seed: int,
        events: Iterable[Event] = (),
    ) -> None:
        self._env = env
        self._rules = rules
        # A view of memory gives plain numbers, in half the time that an array takes.
        self._size = studies.size_bytes.data
        self._patient = studies.patient.data
        self._to_report = studies.to_report
        downs = [one for one in events if isinstance(one, PlatformDown)]
        stopped = [(one.start_s, one.end_s) for one in downs if one.shard is None]
        self._application = Server(stopped)
        self._disk = Server(stopped)
        self._master = Server(stopped)
        self._shards = [
            Server([*stopped, *((one.start_s, one.end_s) for one in downs if one.shard == shard)])
            for shard in range(rules.shards)
        ]
        patients = int(studies.patient.max(initial=-1)) + 1
        self._shard = shard_column(pseudonym_seed, patients, rules.shards).data
        self._recent = Recent(rules.recent_bytes)
        self._frequent = Recent(rules.frequent_queries)
        self._disk_s_per_byte = rules.disk_s_per_byte
        self._there = bytearray(len(studies))
        self._writing: deque[tuple[Then, int]] = deque()
        self._queries = [0] * rules.shards
        # Room for one of each study, which is most: a column of millions that grows leaves holes behind.
        self._sojourn_s = array("f", bytes(4 * len(studies)))
        self._answers = 0
        self._unanswered = 0
        self._fetched = 0
        self._recent_hits = 0
        self._query_hits = 0

    def file(self, then: Then, row: int) -> None:
        """Write and enter a study whose last byte has arrived, then go on with it."""
        now = self._env.now
        done_s = self._disk.serve(now, self._size[row] * self._disk_s_per_byte)
        if done_s <= now:
            self._written(then, row)
        elif done_s < INFINITY:
            # One after the other: the next that is written is the first that came.
            self._writing.append((then, row))
            self._env.after(done_s - now, self._next_written, None)

    def knows(self, row: int) -> bool:
        """Whether the study is of the run: earlier ones are in no database."""
        return row < len(self._there)

    def fetch(self, then: Then, row: int) -> None:
        """Find and read a study, then go on with it."""
        self._at(self._application.serve(self._env.now, 0.0), partial(self._look_up, then, row))

    def records(self) -> PlatformRecords:
        """What was asked and answered so far."""
        return PlatformRecords(
            queries=np.array(self._queries, dtype=np.int64),
            sojourn_s=np.asarray(self._sojourn_s)[: self._answers],
            unanswered=self._unanswered,
            filed=self._there.count(1),
            fetched=self._fetched,
            recent_hits=self._recent_hits,
            query_hits=self._query_hits,
        )

    def _next_written(self, _: object) -> None:
        self._written(*self._writing.popleft())

    def _written(self, then: Then, row: int) -> None:
        patient = self._patient[row]
        self._there[row] = True
        self._recent.put(row, self._size[row])
        self._frequent.forget(patient)
        entered_s = self._ask(patient, self._rules.insert_s)
        if row < self._to_report:
            self._at(entered_s, partial(_call, then, row))
        else:
            then(row)

    def _look_up(self, then: Then, row: int, _: object = None) -> None:
        self._fetched += 1
        if self._recent.get(row):
            self._recent_hits += 1
            then(row)
        elif self._frequent.get(self._patient[row]):
            self._query_hits += 1
            self._read(then, row)
        else:
            answered_s = self._ask(self._patient[row], self._rules.query_s)
            self._at(answered_s, partial(self._answered, then, row))

    def _answered(self, then: Then, row: int, _: object = None) -> None:
        self._frequent.put(self._patient[row])
        self._read(then, row)

    def _read(self, then: Then, row: int) -> None:
        """From the file layer; of what has not been written there is nothing to read."""
        work_s = self._size[row] * self._disk_s_per_byte if self._there[row] else 0.0
        self._at(self._disk.serve(self._env.now, work_s), partial(self._has_read, then, row))

    def _has_read(self, then: Then, row: int, _: object = None) -> None:
        if self._there[row]:
            self._recent.put(row, self._size[row])
        then(row)

    def _ask(self, patient: int, work_s: Seconds) -> Seconds:
        """When the patient's shard will have done the work, after the master has sent it there."""
        shard = self._shard[patient]
        self._queries[shard] += 1
        found_s = self._master.serve(self._env.now, self._rules.master_s)
        done_s = self._shards[shard].serve(found_s, work_s)
        if done_s < INFINITY:
            if self._answers == len(self._sojourn_s):
                self._sojourn_s.frombytes(_FURTHER)
            self._sojourn_s[self._answers] = done_s - found_s
            self._answers += 1
        else:
            self._unanswered += 1
        return done_s

    def _at(self, at_s: Seconds, then: Callable[[object], None]) -> None:
        """Directly where there is nothing to wait for; never where the data centre is gone for good."""
        if at_s <= self._env.now:
            then(None)
        elif at_s < INFINITY:
            self._env.after(at_s - self._env.now, then, None)


def _call(then: Then, row: int, _: object) -> None:
    then(row)
