"""What is installed beside the scenario language: a scenario names it, others know whether it exists."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from simgrid.domain.demand import LogSource
from simgrid.domain.imaging import ImagePool
from simgrid.domain.plug_in import PlugIn
from simgrid.domain.scenario import GateChoice, PolicyChoice
from simgrid.domain.units import Seconds


@dataclass(frozen=True, slots=True)
class LogSeen:
    """What a log holds: the ``sites`` and ``modalities`` that it states, how many requests, and when.

    ``first_s`` and ``last_s`` are seconds since 1970-01-01 00:00 UTC. ``outside`` tells how many requests
    come before and after the window that begins at an aware instant and has so many seconds, ``readers`` how
    many within it were given to whom (to nobody: an empty name).
    """

    sites: tuple[str, ...]
    modalities: tuple[str, ...]
    requests: int
    first_s: Seconds
    last_s: Seconds
    outside: Callable[[datetime, Seconds], tuple[int, int]]
    readers: Callable[[datetime, Seconds], Mapping[str, int]]


def _anything(_: object) -> Sequence[str]:
    return ()


def _any_images(_: ImagePool) -> Sequence[str]:
    return ()


def _nothing(_: str) -> str:
    return ""


def _usable(_: PlugIn, __: str) -> str:
    return ""


def _unseen(_: LogSource, __: str | None) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Installed:
    """Each function gives the sentences, ``problem: way out``, that forbid a choice; none if it can be made.

    ``taken`` tells what is installed under a name (``a policy``, ``a gate``), or nothing. ``plug_in``
    executes the file of a plug-in and gives the sentence that forbids it, if there is one; the other argument
    is the method that its class must have. ``images`` looks into a pool of images.

    ``seen`` tells what is in a log that is read by the code tables of a folder, or the sentences that forbid
    it; None where nobody looks. The defaults let everything pass: this room is blind to policies, gates and
    readers of logs.
    """

    policy: Callable[[PolicyChoice], Sequence[str]] = _anything
    gate: Callable[[GateChoice], Sequence[str]] = _anything
    log: Callable[[LogSource], Sequence[str]] = _anything
    seen: Callable[[LogSource, str | None], LogSeen | Sequence[str] | None] = _unseen
    taken: Callable[[str], str] = _nothing
    plug_in: Callable[[PlugIn, str], str] = _usable
    images: Callable[[ImagePool], Sequence[str]] = _any_images
