"""The Grid Index: who holds which examination, and what each agent has heard of it by now.

Every change is pushed to every agent and arrives, in order, its latency later. What an agent knows at any
moment is therefore the index as it was at one moment before, its *horizon*: no copy an agent is kept, only
the latest state of each entry and, for as long as somebody has not heard of a change, the state before it.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from simgrid.domain.units import Seconds
from simgrid.network.copies.states import States

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
    """Entries of examinations 0 to ``examinations`` - 1.

    ``latency_s``: seconds from a change to each agent's knowledge of it. All times given, of changes and of
    questions, must not run back. Two bytes an examination, plus the changes that somebody has still to hear
    of; a look-up passes through those.
    """

    def __init__(self, examinations: int, latency_s: Sequence[Seconds]) -> None:
        late = [f"agent {agent}: {value!r}" for agent, value in enumerate(latency_s) if not value >= 0]
        if late:
            raise ValueError(f"latency_s must be 0 or more, got {', '.join(late)}")
        self._latency_s = tuple(latency_s)
        self._slowest_s = max(latency_s, default=0.0)
        self._ever_cut = False
        # While an agent is cut off its horizon stands still, and for one latency after it is back.
        self._frozen_s = [math.inf] * len(latency_s)
        self._thaw_s = [_NEVER] * len(latency_s)
        # Version and holders; many entries have the same, and go the same way.
        self._entries = States(examinations, (0, 0))
        self._next: dict[tuple[int, int], int] = {}
        # Time, examination, and the number of its state before: what is known is the latest state, or what
        # the first unheard change of it found.
        self._news: deque[tuple[Seconds, int, int]] = deque()
        self._borne = _SLACK
        self.changes = 0
        self.lookups = 0
        self.stale_lookups = 0

    def change(self, examination: int, holders: int, now_s: Seconds) -> None:
        """A new or changed entry, pushed to all."""
        entries = self._entries
        before = entries.rows[examination]
        after = self._next.get((before, holders))
        if after is None:
            version, _ = entries.states[before]
            after = self._next[before, holders] = entries.number((version + 1, holders))
        entries.rows[examination] = after
        news = self._news
        news.append((now_s, examination, before))
        self.changes += 1
        if len(news) > self._borne:
            self._forget(now_s)

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
            self.stale_lookups += self._entries.of(examination)[0] > 0
            return None
        self.stale_lookups += known.stale
        return known

    def unheard(self, agent: int, now_s: Seconds) -> int:
        """Entries of which the agent's version, or its not knowing any, is out of date now."""
        horizon_s = self.horizon_s(agent, now_s)
        return len({examination for examination, _ in self._unheard(horizon_s)})

    def _unheard(self, horizon_s: Seconds) -> Iterator[tuple[int, int]]:
        """The changes after the horizon, last first: examination, and the number of its state before."""
        for at_s, examination, before in reversed(self._news):
            if at_s <= horizon_s:
                return
            yield examination, before

    def _known(self, examination: int, horizon_s: Seconds) -> Entry | None:
        latest = known = self._entries.rows[examination]
        for changed, before in self._unheard(horizon_s):
            if changed == examination:
                known = before
        version, holders = self._entries.states[known]
        return Entry(examination, version, holders, known != latest) if version else None

    def _forget(self, now_s: Seconds) -> None:
        """Drop the changes of which every agent has heard, once they might be half of all kept."""
        heard_s = now_s - self._slowest_s
        if self._ever_cut:
            agents = range(len(self._latency_s))
            heard_s = min((self.horizon_s(agent, now_s) for agent in agents), default=now_s)
        while self._news and self._news[0][0] <= heard_s:
            self._news.popleft()
        self._borne = 2 * len(self._news) + _SLACK
