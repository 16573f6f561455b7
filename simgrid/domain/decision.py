"""The seam: what a policy and a quality gate are given, and what they give back.

A policy gets a ``Team`` once and an immutable ``Worklist`` per decision; it returns an ``Assignment``. It
has no clock and does no I/O, so the same object serves the simulation and a hospital's own process. A
quality gate gets an image reference and returns a verdict. Neither ever sees the truth.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, Protocol, TypeAlias, get_args

import numpy as np

from simgrid.domain.imaging import PlantedImage
from simgrid.domain.kind import Kind
from simgrid.domain.radiologist import Profile, Radiologist
from simgrid.domain.units import BITS_PER_BYTE, MINUTE, BoolArray, FloatArray, IntArray, Seconds

UNASSIGNED = -1


@dataclass(frozen=True, slots=True)
class Team:
    """Who may be chosen and what is believed of them: constant over a run.

    R radiologists, U units, K kinds. ``unit_of`` (R,): index of each radiologist's unit. ``credentialed``
    (R, K) and ``monitor_suffices`` (R, K): hard conditions by kind. ``reading_s`` (R, K): expected reading
    seconds of that radiologist, speed estimate included. ``storage_factor`` is C1 of eq. 6,
    ``transfer_limit_s`` is C2 of eq. 7.
    """

    radiologists: tuple[Radiologist, ...]
    units: tuple[str, ...]
    unit_of: IntArray
    kinds: tuple[Kind, ...]
    belief: tuple[Profile, ...]
    credentialed: BoolArray
    monitor_suffices: BoolArray
    reading_s: FloatArray
    storage_factor: float = 1.0
    transfer_limit_s: Seconds = float("inf")

    @property
    def names(self) -> tuple[str, ...]:
        """The radiologists' names, in index order."""
        return tuple(one.name for one in self.radiologists)

    def eligible(self, kind: IntArray) -> BoolArray:
        """Credentials and monitor for the given kinds, shape (S,) to (S, R)."""
        return (self.credentialed & self.monitor_suffices).T[kind]

    @classmethod
    def of(
        cls,
        radiologists: tuple[Radiologist, ...],
        belief: tuple[Profile, ...],
        unit_monitors: Mapping[str, float],
        kinds: tuple[Kind, ...],
        *,
        shared_monitors: Mapping[str, float] = MappingProxyType({}),
        storage_factor: float = 1.0,
        transfer_limit_s: Seconds = float("inf"),
    ) -> Team:
        """Derive the arrays from the declared radiologists and the units' monitors, in megapixels by unit.

        ``unit_monitors`` stand at the desks, ``shared_monitors`` are for whoever needs one.
        """
        units = tuple(unit_monitors)
        reads = [[kind.modality in one.reads for kind in kinds] for one in radiologists]
        at_desk = [
            unit_monitors[one.unit] if one.monitor_megapixels is None else one.monitor_megapixels
            for one in radiologists
        ]
        shared = [shared_monitors.get(one.unit, 0.0) for one in radiologists]
        monitors = np.maximum(np.array(at_desk, dtype=np.float64), np.array(shared, dtype=np.float64))
        needed = np.array([kind.image_megapixels for kind in kinds], dtype=np.float64)
        minutes = [
            [one.minutes.get((kind.modality, kind.body_part), one.speed * kind.effort_min) for kind in kinds]
            for one in belief
        ]
        shape = (len(radiologists), len(kinds))
        return cls(
            radiologists=radiologists,
            units=units,
            unit_of=np.array([units.index(one.unit) for one in radiologists], dtype=np.int64),
            kinds=kinds,
            belief=belief,
            credentialed=np.array(reads, dtype=np.bool_).reshape(shape),
            monitor_suffices=monitors[:, None] >= needed[None, :],
            reading_s=np.array(minutes, dtype=np.float64).reshape(shape) * MINUTE,
            storage_factor=storage_factor,
            transfer_limit_s=transfer_limit_s,
        )


@dataclass(frozen=True, slots=True)
class Desks:
    """The radiologists' monitored state at one instant; every array has shape (R,).

    ``on_duty``: rostered now. ``available_in_s``: until the radiologist could begin a further study, after
    the current one, the queue and the hours off duty. ``queue_count``, ``queue_s``: studies assigned and
    unfinished, and their expected reading seconds. ``effort_done`` and ``effort_limit`` (minutes) and their
    ``points_`` twins: what was assigned in the limit's period, and l_j.
    """

    on_duty: BoolArray
    available_in_s: FloatArray
    queue_count: IntArray
    queue_s: FloatArray
    effort_done: FloatArray
    effort_limit: FloatArray
    points_done: FloatArray
    points_limit: FloatArray


@dataclass(frozen=True, slots=True)
class UnitState:
    """The reporting units' monitored state; every array has shape (U,).

    ``bandwidth_bps``: what the link to the unit carries at present, whoever uses it; 0 while it is down.
    """

    bandwidth_bps: FloatArray
    storage_free_bytes: FloatArray


@dataclass(frozen=True, slots=True)
class Worklist:
    """What waits for assignment at one instant; every array has shape (S,) unless stated.

    ``inspection``: a stable row number. ``kind``: index into the team's kinds. ``age_s``: seconds since the
    request. ``required_s``: t_req. ``luck`` (S, L): uniforms in [0, 1) that belong to the inspections, the
    only randomness a policy may use. ``session``: counts the roster's working sessions begun so far.
    ``logged``: whom the replayed log names, -1 for nobody; None where no log is replayed. ``patient``: whose
    each is, by number; None where nobody says. ``urgent`` and ``required_s`` are as labelled.
    """

    now_s: Seconds
    session: int
    inspection: IntArray
    kind: IntArray
    urgent: BoolArray
    size_bytes: FloatArray
    effort_min: FloatArray
    effort_points: FloatArray
    age_s: FloatArray
    required_s: FloatArray
    luck: FloatArray
    desks: Desks
    units: UnitState
    logged: IntArray | None = None
    patient: IntArray | None = None

    def __len__(self) -> int:
        return len(self.inspection)

    def transfer_s(self, team: Team) -> FloatArray:
        """8 f_i / b_j of eq. 7 and 8: nominal seconds to each radiologist's unit, shape (S, R).

        Infinite where the unit's link is down.
        """
        bits, bandwidth = BITS_PER_BYTE * self.size_bytes[:, None], self.units.bandwidth_bps[None, :]
        by_unit = np.full((len(bits), bandwidth.shape[1]), np.inf)
        np.divide(bits, bandwidth, out=by_unit, where=bandwidth > 0)
        return by_unit[:, team.unit_of]

    def response_s(self, team: Team) -> FloatArray:
        """The left side of eq. 8 plus the time already waited, shape (S, R).

        Planned, not promised: it knows no link sharing and no queue behind other assignments of this batch.
        """
        waited = self.age_s[:, None] + self.desks.available_in_s[None, :]
        return waited + self.transfer_s(team) + team.reading_s.T[self.kind]


RelaxedKind: TypeAlias = Literal["deadline", "transfer", "effort", "storage", "unassigned", "eligibility"]


@dataclass(frozen=True, slots=True)
class Relaxed:
    """One condition that could not be kept, and by how much.

    ``inspection`` and ``radiologist`` name the pair, ``unit`` the storage; -1 where the condition does not
    belong to one. ``excess`` is in seconds (deadline, transfer), minutes or points (effort) or bytes
    (storage).
    """

    condition: RelaxedKind
    inspection: int
    radiologist: int
    excess: float
    unit: int = -1


@dataclass(frozen=True, slots=True)
class Assignment:
    """``radiologist`` (S,): the chosen index per worklist row, -1 to keep it waiting; what was relaxed.

    ``planned_s`` (S,): seconds from request to the end of reading that the policy itself plans, where it
    knows better than eq. 8 as printed (``Worklist.response_s``); None where it does not.
    """

    radiologist: IntArray
    relaxed: tuple[Relaxed, ...] = ()
    planned_s: FloatArray | None = None

    def planned(self, worklist: Worklist, team: Team) -> FloatArray:
        """What was planned for the chosen pairs, shape (S,): ``planned_s``, else eq. 8 as printed.

        Meaningless where a row is kept waiting.
        """
        if self.planned_s is not None:
            return self.planned_s
        return worklist.response_s(team)[np.arange(len(worklist)), self.radiologist]


class Policy(Protocol):
    """Decides who reads what. A fresh object per run: it may remember what it has assigned."""

    def assign(self, worklist: Worklist) -> Assignment:
        """Choose a radiologist for each row of the worklist."""
        ...


Verdict: TypeAlias = Literal["accept", "accept-with-note", "repeat", "reject", "abstain"]


@dataclass(frozen=True, slots=True)
class ImageReference:
    """What a gate is shown: which image, of what, taken at which attempt (0 is the first).

    ``planted`` names real pixels where the scenario has ``images``; ``simgrid.quality.seeing.seen`` gives
    them with the defect in them. ``defective`` is the planted truth: a gate that stands for a human being is
    a test with sensitivity and specificity, so it needs it; a gate that looks at pixels must read neither it
    nor what ``planted`` says of the defect. ``luck`` is the acquisition's own uniform in [0, 1).
    """

    inspection: int
    modality: str
    body_part: str
    attempt: int
    defective: bool
    luck: float
    planted: PlantedImage | None = None


@dataclass(frozen=True, slots=True)
class GateVerdict:
    """What the gate says and how long it took on the spot.

    ``staff_s``: the part of ``took_s`` that a person worked. ``referred``: the gate left it to a person.
    """

    verdict: Verdict
    took_s: Seconds = 0.0
    defects: tuple[str, ...] = field(default=())
    staff_s: Seconds = 0.0
    referred: bool = False

    def __post_init__(self) -> None:
        if self.verdict not in get_args(Verdict):
            raise ValueError(f"{self.verdict!r} is no verdict: it is one of {', '.join(get_args(Verdict))}")
        if not 0 <= self.took_s < float("inf"):
            raise ValueError(f"a verdict took {self.took_s!r} s: it takes 0 or more seconds")
        if not 0 <= self.staff_s <= self.took_s:
            raise ValueError(
                f"a person worked {self.staff_s!r} s of {self.took_s!r} s: give 0 to all of them"
            )


class QualityGate(Protocol):
    """Judges an acquired image before it leaves the site."""

    def judge(self, image: ImageReference) -> GateVerdict:
        """Accept it or ask for a repeat."""
        ...
