"""What there is at one moment: queues, transfers and desks, from which a run can be begun.

Times are simulated seconds since the scenario's start, so those of what came before it are below 0.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, get_args

from simgrid.domain.kind import Kind
from simgrid.domain.units import Bytes, Minutes, Seconds

State: TypeAlias = Literal[
    "requested",
    "scanning",
    "uploading",
    "waiting",
    "delivering",
    "at-desk",
    "begun",
    "reading",
    "reporting",
]
STATES: tuple[State, ...] = get_args(State)
"""In the order of the journey."""
WITH_READER: tuple[State, ...] = ("delivering", "at-desk", "begun", "reading", "reporting")
"""States in which a study has a radiologist."""
TIMED: tuple[State, ...] = ("scanning", "begun", "reading")
"""States of which ``left`` is seconds."""
MOVING: tuple[State, ...] = ("uploading", "delivering", "reporting")
"""States of which ``left`` is bytes on the wire."""
AT_UNIT: tuple[State, ...] = ("at-desk", "begun", "reading")
"""States in which the images lie in the unit's storage."""
LEGS = ("acquired", "uploaded", "assigned", "delivered", "opened", "read")
"""The legs of the journey that a study may have behind it, after its request."""
_BEHIND = dict(zip(STATES, (0, 0, 1, 2, 3, 4, 5, 5, 6), strict=True))


@dataclass(frozen=True, slots=True)
class Held:
    """One study that is somewhere between its request and its report.

    ``left``: seconds of the scan or of reading, or bytes of the transfer, that are still to come; None where
    nobody knows: then all of it is, and what moves sets out anew. ``settle_s``: of reading that was
    interrupted, seconds to find the way back; None: as long as the scenario says. ``reading_min``: its true
    reading minutes at speed 1, None where they are to be drawn. ``times``: (leg, when) of the legs behind it
    that are known.
    """

    identifier: str
    state: State
    requested_s: Seconds
    site: str
    kind: Kind
    urgent: bool
    required_s: Seconds
    size_bytes: Bytes
    images: int
    radiologist: str | None = None
    left: float | None = None
    settle_s: Seconds | None = None
    reading_min: Minutes | None = None
    times: tuple[tuple[str, Seconds], ...] = ()

    def waiting_again(self) -> Held:
        """The same study in the data centre, nobody's, with all of its reading still to come."""
        times = tuple((leg, at_s) for leg, at_s in self.times if leg in ("acquired", "uploaded"))
        return replace(self, state="waiting", radiologist=None, left=None, settle_s=None, times=times)

    @property
    def behind(self) -> tuple[str, ...]:
        """The legs that its state says it has behind it, in their order."""
        return LEGS[: _BEHIND[self.state]]


@dataclass(frozen=True, slots=True)
class DeskBooks:
    """A radiologist at that moment: busy with other duties for so long, and the effort given to her in this
    period of the workload limit by studies that are not in the backlog any more, with the largest of them.
    """

    radiologist: str
    busy_s: Seconds = 0.0
    done_min: Minutes = 0.0
    done_points: float = 0.0
    largest_min: Minutes = 0.0
    largest_points: float = 0.0


@dataclass(frozen=True, slots=True)
class Backlog:
    """All that there is at ``at_s``; studies of one state stand in the order of their queue."""

    at_s: Seconds
    studies: tuple[Held, ...]
    desks: tuple[DeskBooks, ...] = ()

    def handed_back(self) -> Backlog:
        """The same, with whatever nobody has begun waiting for a decision again."""
        unopened = ("delivering", "at-desk")
        return replace(
            self,
            studies=tuple(one.waiting_again() if one.state in unopened else one for one in self.studies),
        )

    @property
    def rows(self) -> tuple[int, ...]:
        """The row of each study among a run's inspections, which are in order of request."""
        order = sorted(range(len(self.studies)), key=lambda place: self.studies[place].requested_s)
        row = {place: row for row, place in enumerate(order)}
        return tuple(row[place] for place in range(len(order)))
