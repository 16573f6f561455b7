"""The first event at which two stored runs part, and what each had seen there.

Both runs are simulated again and held against what was stored. Of each block of events a digest is kept; the
first block that differs is then simulated once more, this time with its events and decisions. So nothing
grows with the runs but their journals.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from simgrid.domain.journal import Journal
from simgrid.domain.observer import Observer
from simgrid.domain.units import Seconds
from simgrid.experiments.assemble import run_journal, setting_of
from simgrid.experiments.event_stream import Codes, Decision, Digests, EnoughSeen, Excerpt, Lines, Translation
from simgrid.experiments.resimulation import Found, again, find
from simgrid.experiments.run_names import RunName
from simgrid.experiments.setting import Setting
from simgrid.scenario import Loaded
from simgrid.simulation.recorder import EVENT_LINE, Event

COMMON = 5
"""Events before the difference that are told."""
_NOTHING: Lines = np.zeros(0, dtype=EVENT_LINE)


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two runs, and its event at which they part: one line, none where it has ended before.

    ``decision``: what was shown and answered at that moment, where an assignment differs.
    """

    found: Found
    setting: Setting
    journal: Journal
    event: Lines = field(default_factory=_NOTHING.copy)
    decision: Decision | None = None


@dataclass(frozen=True, slots=True)
class Parting:
    """Two runs that part after ``same`` events (None: never), the last of which are ``common``.

    The lines are side A's and ``b`` 's own: radiologists, places and events by their numbers there.
    """

    a: Side
    b: Side
    same: int | None
    common: Lines


def first_difference(a: RunName, b: RunName, load: Callable[[Path], Loaded], common: int = COMMON) -> Parting:
    """Simulate both runs again and find the first event that differs in time, kind, whom or with whom.

    Raises as ``resimulation.find`` and ``again``, for either run.
    """
    found = find(a.folder, a.wanted, load), find(b.folder, b.wanted, load)
    codes = Codes()
    one, other = (_Run(run, codes) for run in found)
    block = _first_different(one.digests.blocks, other.digests.blocks)
    if block is None:
        return Parting(one.side, other.side, None, _NOTHING)
    seen = one.excerpt(block), other.excerpt(block)
    coded = [run.translation.codes(kept.lines) for run, kept in zip((one, other), seen, strict=True)]
    at = _first_different(*([line.tobytes() for line in lines] for lines in coded))
    if at is None:
        raise RuntimeError("two runs differed when they were simulated, and no more when they were again")
    a_event, b_event = (kept.lines[at : at + 1] for kept in seen)
    moment_s = min(float(event["at_s"][0]) for event in (a_event, b_event) if len(event))
    assigns = any((event["kind"] == Event.ASSIGNED).any() for event in (a_event, b_event))
    a_decided, b_decided = (_decided(kept, at, moment_s) if assigns else None for kept in seen)
    return Parting(
        replace(one.side, event=a_event, decision=a_decided),
        replace(other.side, event=b_event, decision=b_decided),
        seen[0].first + at,
        seen[0].lines[max(at - common, 0) : at],
    )


class _Run:
    """A run that has been simulated once more, and can be another time."""

    def __init__(self, found: Found, codes: Codes) -> None:
        setting = setting_of(found.scenario, found.replication)
        self.translation = Translation(setting, codes)
        self.digests = Digests(self.translation)
        journal = again(found, Observer(witness=self.digests)).journal
        self.side = Side(found, setting, journal)

    def excerpt(self, block: int) -> Excerpt:
        """A block of its events, and the one before."""
        found, kept = self.side.found, Excerpt(block)
        with suppress(EnoughSeen):
            run_journal(found.scenario, found.choice, found.replication, Observer(witness=kept))
        return kept


def _first_different(one: Sequence[object], other: Sequence[object]) -> int | None:
    """The first place at which two sequences differ, or at which one of them ends."""
    for place, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return place
    return None if len(one) == len(other) else min(len(one), len(other))


def _decided(kept: Excerpt, at: int, moment_s: Seconds) -> Decision | None:
    """The last decision before an event that was made at that moment."""
    before = [one for one in kept.decisions if one.events <= kept.first + at]
    return before[-1] if before and before[-1].worklist.now_s == moment_s else None
