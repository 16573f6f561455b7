"""The events of one inspection as stages that follow each other without a gap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from simgrid.domain.observer import Mark
from simgrid.domain.units import Seconds
from simgrid.experiments.waits.course import Happened
from simgrid.simulation.recorder import Event

_NEXT: dict[Event | Mark, str] = {
    Event.REQUESTED: "scanner",
    "scanner": "set",
    "gate": "gate",
    Event.REPEATED: "set",
    Event.ACQUIRED: "upload",
    Event.UPLOADED: "decision",
    Event.ASSIGNED: "delivery",
    Event.DELIVERED: "desk",
    Event.OPENED: "reading",
    Event.STALLED: "images",
    Event.WENT_ON: "reading",
    Event.INTERRUPTED: "aside",
    Event.PARKED: "aside",
    Event.RESUMED: "reading",
    Event.HANDED_OVER: "decision",
    Event.READ: "report",
    Event.SENT_BACK: "recall",
}
"""The stage that begins with an event or a mark."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage; ``who`` has the study, -1 for nobody."""

    name: str
    start_s: Seconds
    end_s: Seconds
    who: int


def stages_of(happened: Sequence[Happened], ended_s: Seconds) -> list[Stage]:
    """The stages from request to report, or to the run's end where it was not reported."""
    stages: list[Stage] = []
    name, since_s, who, scans = "", 0.0, -1, 0
    for one in happened:
        if one.what in ("stopped", "moves"):
            continue
        if name:
            stages.append(Stage(name, since_s, one.at_s, who))
        if one.what is Event.REPORTED:
            return _kept(stages)
        if one.what == "scan":
            name, scans = "scan" if scans == 0 else "repeat", scans + 1
        else:
            name = _NEXT[one.what]
        since_s = one.at_s
        if one.what is Event.ASSIGNED:
            who = one.who
        elif one.what is Event.SENT_BACK:
            stages = _in_vain(stages)
            who = -1
        elif one.what is Event.HANDED_OVER:
            who = -1
    if name:
        stages.append(Stage(name, since_s, ended_s, who))
    return _kept(stages)


def _in_vain(stages: list[Stage]) -> list[Stage]:
    """What was read up to now was looked at in vain."""
    return [replace(one, name="in-vain") if one.name == "reading" else one for one in stages]


def _kept(stages: list[Stage]) -> list[Stage]:
    return [one for one in stages if one.end_s > one.start_s]
