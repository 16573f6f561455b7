"""The optimisation service: what waits is shown to the policy, and what it decides is done.

Batched: at every multiple of the window while something waits, and at once when ``at_most`` studies wait.
Online (or with a window of 0): at every arrival. What stays unassigned is tried again at the next multiple
of the window, or of ``RETRY_S`` where there is no window. Where decisions are taken in hours only, what comes
between two sessions is decided as the next one begins.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Literal, TypeAlias

import numpy as np
import simpy

from simgrid.domain.decision import UNASSIGNED, Assignment, Policy, Relaxed, Team, Worklist
from simgrid.domain.inspection import POLICY_LUCK, Inspections
from simgrid.domain.schedule import Roster
from simgrid.domain.units import IntArray, Seconds
from simgrid.domain.world import Dispatch
from simgrid.simulation.monitoring import Monitor

RETRY_S: Seconds = 300.0

Timing: TypeAlias = Literal["batched", "online"]
Decided: TypeAlias = Callable[[Worklist, Assignment], None]


class Dispatcher:
    """Holds the waiting inspections in order of arrival and calls the policy."""

    def __init__(
        self,
        env: simpy.Environment,
        inspections: Inspections,
        patient: IntArray,
        rhythm: Dispatch,
        timing: Timing,
        policy: Policy,
        monitor: Monitor,
        in_hours: Roster,
        then: Decided,
    ) -> None:
        self._env = env
        self._inspections = inspections
        self._patient = patient
        self._rhythm = rhythm
        self._at_once = timing == "online" or rhythm.every_s == 0
        self._every_s = rhythm.every_s or RETRY_S
        self._policy = policy
        self._monitor = monitor
        self._in_hours = in_hours
        self._then = then
        self._witness: Decided | None = None
        self._effort_min = inspections.of_kind("effort_min")
        self._effort_points = inspections.of_kind("effort_points")
        self._waiting: list[int] = []
        self._fresh = 0
        self._ticking = False

    def arrived(self, row: int) -> None:
        """The inspection's images are at the data centre."""
        self._monitor.seen(row)
        self._wait([row])

    def use(self, policy: Policy) -> None:
        """From the next decision on, this policy is asked."""
        self._policy = policy

    def seen_by(self, witness: Decided) -> None:
        """The witness is shown every decision before it is carried out."""
        self._witness = witness

    def returned(self, rows: list[int]) -> None:
        """These were assigned before and are to be decided anew, together and behind all that waits."""
        self._wait(rows)

    @property
    def waiting(self) -> tuple[int, ...]:
        """Who waits for a decision, in order."""
        return tuple(self._waiting)

    def resumed(self, rows: list[int]) -> None:
        """These waited before the run took them up; a window of this very moment is still to come."""
        self._waiting += rows
        self._fresh += len(rows)
        if rows and self._env.now % self._every_s == 0 and self._open() and not self._ticking:
            self._ticking = True
            tick = self._env.timeout(0.0)
            tick.callbacks.append(self._tick)
        elif rows:
            self._tick_later()

    def _wait(self, rows: list[int]) -> None:
        self._waiting += rows
        self._fresh += len(rows)
        if (self._at_once or self._fresh >= self._rhythm.at_most) and self._open():
            self._decide()
        if self._waiting:
            self._tick_later()

    def _tick_later(self) -> None:
        at_s = self._next_window()
        if self._ticking or at_s == math.inf:  # nobody is rostered any more: it is never decided
            return
        self._ticking = True
        tick = self._env.timeout(max(at_s - self._env.now, 0.0))
        tick.callbacks.append(self._tick)

    def _next_window(self) -> Seconds:
        now_s = self._env.now
        window_s = (math.floor(now_s / self._every_s) + 1) * self._every_s
        if not self._rhythm.in_hours:
            return window_s
        return self._in_hours.next_start(window_s if self._open() else now_s)

    def _open(self) -> bool:
        return not self._rhythm.in_hours or self._in_hours.on_duty(self._env.now)

    def _tick(self, _: simpy.Event) -> None:
        self._ticking = False
        if self._waiting:
            self._decide()
        if self._waiting:
            self._tick_later()

    def _decide(self) -> None:
        """Show all that waits, at most ``at_most`` rows at a time: what nobody takes blocks nobody else."""
        self._fresh = 0
        shown, most = self._waiting, self._rhythm.at_most
        self._waiting = []
        for start in range(0, len(shown), most):
            worklist = self._worklist(np.array(shown[start : start + most], dtype=np.int64))
            assignment = _checked(worklist, self._policy.assign(worklist), len(worklist.desks.on_duty))
            refused = worklist.inspection[assignment.radiologist == UNASSIGNED]
            self._waiting += [int(row) for row in refused]
            if self._witness is not None:
                self._witness(worklist, assignment)
            self._then(worklist, assignment)

    def _worklist(self, rows: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Worklist:
        all_of = self._inspections
        return Worklist(
            now_s=self._env.now,
            session=self._in_hours.sessions_begun(self._env.now),
            inspection=rows,
            kind=all_of.kind[rows],
            urgent=all_of.urgent[rows],
            size_bytes=all_of.size_bytes[rows],
            effort_min=self._effort_min[rows],
            effort_points=self._effort_points[rows],
            age_s=self._env.now - all_of.requested_s[rows],
            required_s=all_of.required_s[rows],
            luck=all_of.luck[rows, :POLICY_LUCK],
            desks=self._monitor.desks(),
            units=self._monitor.units(),
            logged=None if all_of.logged is None else all_of.logged[rows].astype(np.int64),
            patient=self._patient[rows],
        )


class PolicyError(RuntimeError):
    """A policy answered something that is not an assignment."""


def _checked(worklist: Worklist, answer: object, radiologists: int) -> Assignment:
    """The policy's answer with its choices as integers; raises PolicyError for anything else."""
    if not isinstance(answer, Assignment):
        raise PolicyError(
            f"the policy returned a {type(answer).__name__}: expected simgrid.domain.decision.Assignment"
        )
    chosen = np.asarray(answer.radiologist)
    if chosen.shape != worklist.inspection.shape:
        raise PolicyError(
            f"the policy returned choices of shape {chosen.shape} for {len(worklist)} inspections: "
            "expected one each"
        )
    if len(chosen) and chosen.dtype.kind not in "iu":
        raise PolicyError(f"the policy returned choices of type {chosen.dtype}: expected whole numbers")
    wrong = np.flatnonzero((chosen < UNASSIGNED) | (chosen >= radiologists))
    if len(wrong):
        row = int(wrong[0])
        raise PolicyError(
            f"the policy chose radiologist {int(chosen[row])} for inspection "
            f"{int(worklist.inspection[row])}: expected -1 (keep waiting) to {radiologists - 1}"
        )
    planned_s = None if answer.planned_s is None else np.asarray(answer.planned_s)
    if planned_s is not None and (planned_s.shape != chosen.shape or planned_s.dtype.kind not in "iuf"):
        raise PolicyError(
            f"the policy returned planned_s of shape {planned_s.shape} and type {planned_s.dtype} for "
            f"{len(worklist)} inspections: expected seconds for each, or None"
        )
    return replace(answer, radiologist=chosen.astype(np.int64), planned_s=planned_s)


def concerned(relaxed: Relaxed, worklist: Worklist, assignment: Assignment, team: Team) -> IntArray:
    """The inspections for which a condition gave way: the one named, or all that share the exceeded limit."""
    if relaxed.inspection >= 0:
        return np.array([relaxed.inspection], dtype=np.int64)
    who = assignment.radiologist
    if relaxed.unit >= 0:
        shares = (who != UNASSIGNED) & (team.unit_of[who] == relaxed.unit)
    else:
        shares = (who != UNASSIGNED) & (who == relaxed.radiologist)
    concerned: IntArray = worklist.inspection[shares]
    return concerned
