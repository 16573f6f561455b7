"""Stress tests of runs that come to what is said of them, so that every answer can be asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from simgrid.domain.scenario import PolicyChoice, Scenario
from simgrid.domain.stress import StressTest
from simgrid.domain.targets import Target
from simgrid.planning.busiest import traffic
from simgrid.planning.looking import looks
from simgrid.planning.observed import Values
from simgrid.planning.recovery import EXTRA_BACKLOG, EXTRA_WAIT, RECOVERY
from simgrid.planning.states import STATE
from simgrid.planning.stress import Stressed, stress
from simgrid.scenario import load

URGENT = Target("urgent", "urgency=urgent", "response_time_success", 0.8, "higher")
TAIL = Target("tail", "all", "tat_p95_min", 100.0, "lower", kind="metric")
SHARES = {"met": 1.0, "missed": 0.2}
N = 30


def cell(*targets: Target, **changed: Any) -> Scenario:
    plain = load("tiny/one-unit").cells[0]
    return replace(plain, targets=targets, **changed)


def measured(share: float | str, studies: int = 100) -> Values:
    """A state in which this share is in time in every world, or nothing in each fifth."""
    if share == "doubt":
        values = np.where(np.arange(N) % 10 < 2, 0.0, 1.0)
    else:
        values = np.full(N, SHARES.get(str(share), share if isinstance(share, float) else 0.0))
    zero = np.zeros(N)
    outage = {RECOVERY: zero + 2.0, EXTRA_WAIT: zero + 5.0, EXTRA_BACKLOG: zero + 3.0}
    own = {URGENT.column: values, "response_time_success": values, "tat_p95_min": 60 - values * 10}
    own |= {TAIL.column: own["tat_p95_min"], URGENT.counted: zero + 4.0}
    return Values({**own, "reported": zero + studies, "open_at_end": zero, **outage}, N)


class Said:
    """Runs that come to what is said of each state, by the name under which it is stored."""

    policy = PolicyChoice("rwoa")
    source = "its source"

    def __init__(self, words: Mapping[str, float | str], otherwise: float | str = "met") -> None:
        self.words, self.otherwise, self.asked = words, otherwise, list[str]()
        self.counts = dict[str, int]()

    def of(self, cells: Sequence[Scenario], replications: int) -> list[Values]:
        assert replications in looks((URGENT,), N)
        names = [dict(one.swept).get(STATE, "deployed") for one in cells]
        self.asked += names
        self.counts.update(dict.fromkeys(names, replications))
        whole = [measured(self.words.get(name, self.otherwise), self.studies(name)) for name in names]
        return [one.first(replications) for one in whole]

    @staticmethod
    def studies(name: str) -> int:
        _, _, scale = name.partition("load x ")
        return round(100 * float(scale or 1))

    def recoveries(self, cells: Sequence[Scenario], n: int, events: int) -> list[Values]:
        assert all(len(one.events) >= events for one in cells)
        return [measured("met") for _ in cells]


def outcome(words: Mapping[str, float | str], deployed: Scenario | None = None, **more: Any) -> Stressed:
    one = deployed or cell(URGENT, stress=StressTest(load_to=1.3))
    runs: Any = Said(words, **more)
    return stress(one, traffic(one), runs, N, lambda _: None)
