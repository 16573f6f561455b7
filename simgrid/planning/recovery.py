"""How long one outage is felt: the backlog with it against the backlog of the same world without it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from simgrid.domain.journal import Journal
from simgrid.domain.observer import Observer, unheard
from simgrid.domain.scenario import PolicyChoice, Scenario
from simgrid.domain.units import HOUR, FloatArray, Seconds
from simgrid.experiments.assemble import run_journal
from simgrid.experiments.study import ALL_INSPECTIONS
from simgrid.metrics import Measurement

RECOVERY, EXTRA_WAIT = "outage_recovery_h", "outage_extra_wait_h"
EXTRA_BACKLOG = "outage_extra_backlog"


def recovery_once(
    scenario: Scenario,
    policy: PolicyChoice,
    replication: int,
    told: Callable[[float], None] = unheard,
    *,
    events: int = 1,
) -> tuple[Measurement, ...]:
    """Simulate one replication with and without the cell's last ``events``, and measure what lies between.

    ``outage_recovery_h``: hours from their end until no more studies wait than without them, infinite where
    that is not before the run gives up. ``outage_extra_wait_h``: hours that all studies together wait longer
    for their reports. ``outage_extra_backlog``: the most studies at one time that wait more than without.
    """
    hit = scenario.of(replication)
    before, outage = hit.events[:-events], hit.events[-1]
    spared = replace(hit, events=before, canonical=hit.canonical and f"{hit.canonical}\nspared")
    observer = Observer(lambda share: told(share / 2))
    with_it = run_journal(hit, policy, replication, observer)
    without = run_journal(spared, policy, replication, observer)
    extra_h = _waited_h(with_it, hit.give_up_s) - _waited_h(without, hit.give_up_s)
    return (
        Measurement(ALL_INSPECTIONS, RECOVERY, "h", recovery_h(with_it, without, outage.end_s)),
        Measurement(ALL_INSPECTIONS, EXTRA_WAIT, "h", extra_h),
        Measurement(ALL_INSPECTIONS, EXTRA_BACKLOG, "inspections", extra_backlog(with_it, without)),
    )


def recovery_h(with_it: Journal, without: Journal, end_s: Seconds) -> float:
    """Hours from ``end_s`` until as many studies are reported as without the outage; infinite for never.

    Both runs have the same requests, so the backlogs are equal when the reports are.
    """
    late, early = _reported(with_it), _reported(without)
    instants = np.concatenate([[end_s], late[late > end_s]])
    done = np.searchsorted(late, instants, side="right")
    due = np.searchsorted(early, instants, side="right")
    back = np.flatnonzero(done >= due)
    return float(instants[back[0]] - end_s) / HOUR if len(back) else float("inf")


def extra_backlog(with_it: Journal, without: Journal) -> float:
    """The most studies at one time that are reported without the outage and are not with it; at least 0."""
    late, early = _reported(with_it), _reported(without)
    behind = np.arange(1, len(early) + 1) - np.searchsorted(late, early, side="right")
    return float(behind.max(initial=0))


def _reported(journal: Journal) -> FloatArray:
    reported = journal.inspections.reported_s
    return np.sort(reported[~np.isnan(reported)])


def _waited_h(journal: Journal, give_up_s: Seconds) -> float:
    one = journal.inspections
    until = np.where(np.isnan(one.reported_s), give_up_s, one.reported_s)
    return float((until - one.requested_s).sum()) / HOUR
