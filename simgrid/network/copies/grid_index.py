"""The Grid Index: patient to examinations, and what each agent has heard of it by now.

Every change is pushed to every agent and arrives, in order, its latency later. What an agent knows at any
moment is therefore the index as it was at one moment before, its *horizon*: no copy an agent is kept, only
the latest state of each entry and, for as long as somebody has not heard of a change, the state before it.
"""

from __future__ import annotations

import math
from array import array
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from simgrid.domain.units import Seconds
from simgrid.network.copies.replicas import MASK_BITS, mask_column

_NEVER = -math.inf
_SLACK = 64
"""Changes that are always borne in memory, heard or not."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One examination as an agent knows it. ``version`` counts its changes from 1; ``holders`` is a bit mask
    of locations (see ``Replicas.mask``), 0 when no copy is known; ``stale``: a later version exists.
    """

    examination: int
    version: int
    holders: int
    stale: bool


class GridIndex:
    """Entries of examinations 0 to ``len(patient)`` - 1, ``patient[i]`` being whose examination i is (a
    ``memoryview`` of integers is kept as it is).

    ``latency_s``: seconds from a change to each agent's knowledge of it. All times given, of changes and of
    questions, must not run back. About 16 bytes an examination and 4 a patient (more with more than 64
    ``locations``), plus the changes that somebody has still to hear of; a look-up passes through those.
    """

    def __init__(
        self, patient: Sequence[int], latency_s: Sequence[Seconds], locations: int = MASK_BITS
    ) -> None:
        late = [f"agent {agent}: {value!r}" for agent, value in enumerate(latency_s) if not value >= 0]
        if late:
            raise ValueError(f"latency_s must be 0 or more, got {', '.join(late)}")
        self._patient = patient if isinstance(patient, memoryview) else array("i", patient)
        self._latency_s = tuple(latency_s)
        self._slowest_s = max(latency_s, default=0.0)
        self._ever_cut = False
        # While an agent is cut off its horizon stands still, and for one latency after it is back.
        self._frozen_s = [math.inf] * len(latency_s)
        self._thaw_s = [_NEVER] * len(latency_s)
        count = len(patient)
        self._version = array("i", [0]) * count
        self._holders = mask_column(locations, count)
        self._earlier = array("i", [-1]) * count
        self._latest = array("i", [-1]) * (max(self._patient, default=-1) + 1)
        # Time, examination, and its version and holders before: what is known is the latest state, or what
        # the first unheard change of it found.
        self._news: deque[tuple[Seconds, int, int, int]] = deque()
        self._borne = _SLACK
        self.changes = 0
        self.lookups = 0
        self.stale_lookups = 0

    @property
    def pushes(self) -> int:
        """Messages sent: every change to every agent."""
        return self.changes * len(self._latency_s)

    @property
    def stale_share(self) -> float:
        """Looked-up entries that were out of date, of all that were looked up; nan without any."""
        return self.stale_lookups / self.lookups if self.lookups else math.nan

    def change(self, examination: int, holders: int, now_s: Seconds) -> int:
        """A new or changed entry, pushed to all; its version."""
        version = self._version[examination]
        if not version:
            owner = self._patient[examination]
            self._earlier[examination] = self._latest[owner]
            self._latest[owner] = examination
        self._news.append((now_s, examination, version, self._holders[examination]))
        self._version[examination] = version + 1
        self._holders[examination] = holders
        self.changes += 1
        if len(self._news) > self._borne:
            self._forget(now_s)
        return version + 1

    def cut_off(self, agent: int, now_s: Seconds) -> None:
        """The agent hears nothing after this instant: what is on its way is lost to it until it is back."""
        self._ever_cut = True
        self._frozen_s[agent] = self.horizon_s(agent, now_s)
        self._thaw_s[agent] = math.inf

    def back(self, agent: int, now_s: Seconds) -> None:
        """The agent is connected again; one latency later it knows everything up to now."""
        if self._thaw_s[agent] == math.inf:
            self._thaw_s[agent] = now_s + self._latency_s[agent]

    def horizon_s(self, agent: int, now_s: Seconds) -> Seconds:
        """The moment whose index the agent knows now."""
        if now_s < self._thaw_s[agent]:
            return self._frozen_s[agent]
        return now_s - self._latency_s[agent]

    def look_up(self, agent: int, examination: int, now_s: Seconds) -> Entry | None:
        """The entry as the agent knows it, counted; None while it has not heard of the examination."""
        self.lookups += 1
        known = self._known(examination, self.horizon_s(agent, now_s))
        if known is None:
            self.stale_lookups += self._version[examination] > 0
            return None
        self.stale_lookups += known.stale
        return known

    def view(self, agent: int, patient: int, now_s: Seconds) -> tuple[Entry, ...]:
        """The patient's examinations that the agent knows of, last indexed first; not counted."""
        horizon_s = self.horizon_s(agent, now_s)
        found = []
        examination = self._latest[patient]
        while examination >= 0:
            if known := self._known(examination, horizon_s):
                found.append(known)
            examination = self._earlier[examination]
        return tuple(found)

    def unheard(self, agent: int, now_s: Seconds) -> int:
        """Entries of which the agent's version, or its not knowing any, is out of date now."""
        horizon_s = self.horizon_s(agent, now_s)
        return len({examination for examination, *_ in self._unheard(horizon_s)})

    def _unheard(self, horizon_s: Seconds) -> Iterator[tuple[int, int, int]]:
        """The changes after the horizon, last first: examination, and the version and holders before."""
        for at_s, examination, version, holders in reversed(self._news):
            if at_s <= horizon_s:
                return
            yield examination, version, holders

    def _known(self, examination: int, horizon_s: Seconds) -> Entry | None:
        latest = version = self._version[examination]
        holders = self._holders[examination]
        for changed, before, held in self._unheard(horizon_s):
            if changed == examination:
                version, holders = before, held
        return Entry(examination, version, holders, version < latest) if version else None

    def _forget(self, now_s: Seconds) -> None:
        """Drop the changes of which every agent has heard, once they might be half of all kept."""
        heard_s = now_s - self._slowest_s
        if self._ever_cut:
            agents = range(len(self._latency_s))
            heard_s = min((self.horizon_s(agent, now_s) for agent in agents), default=now_s)
        while self._news and self._news[0][0] <= heard_s:
            self._news.popleft()
        self._borne = 2 * len(self._news) + _SLACK
