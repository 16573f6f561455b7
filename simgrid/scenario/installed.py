"""What is installed beside the scenario language: a scenario names it, others know whether it exists."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from simgrid.domain.demand import LogSource
from simgrid.domain.scenario import GateChoice, PolicyChoice


def _anything(_: object) -> Sequence[str]:
    return ()


@dataclass(frozen=True, slots=True)
class Installed:
    """Each function gives the sentences, ``problem: way out``, that forbid a choice; none if it can be made.

    The default lets every name pass: this room is blind to policies, gates and readers
    of logs.
    """

    policy: Callable[[PolicyChoice], Sequence[str]] = _anything
    gate: Callable[[GateChoice], Sequence[str]] = _anything
    log: Callable[[LogSource], Sequence[str]] = _anything
