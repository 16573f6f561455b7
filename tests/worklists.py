"""Teams and worklists written by hand: small, with everything loose unless a test tightens it."""

from collections.abc import Mapping, Sequence

import numpy as np

from simgrid.domain.decision import Desks, Team, UnitState, Worklist
from simgrid.domain.kind import Kind
from simgrid.domain.radiologist import Profile, Radiologist
from simgrid.domain.schedule import ROUND_THE_CLOCK

CT_BRAIN = Kind("CT", "Brain", "Head", "C71", "Nervous system neoplasm", "ct-brain", 30.0, 10.0, 15.0, 0.25)
MR_KNEE = Kind("MR", "Knee", "Extremity", "S83", "Lower limb injury", "mr-knee", 60.0, 20.0, 30.0, 1.0)
MG_BREAST = Kind("MG", "Breast", "Breast", "C50", "Breast neoplasm", "mg", 20.0, 4.0, 8.0, 5.0)
KINDS = (CT_BRAIN, MR_KNEE, MG_BREAST)


def radiologist(
    name: str,
    skill: float | Mapping[str, float] = 1.0,
    *,
    unit: str = "north",
    reads: Sequence[str] = ("CT", "MR", "MG"),
    speed: float = 1.0,
    monitor: float | None = None,
    favour: float = 1.0,
    non_reading: float = 0.0,
    full_time: float = 1.0,
) -> Radiologist:
    """One skill for every condition of every kind, or ratings by condition."""
    every = {condition for kind in KINDS for condition in kind.conditions()}
    ratings = dict(skill) if isinstance(skill, Mapping) else dict.fromkeys(sorted(every), skill)
    return Radiologist(
        name,
        unit,
        frozenset(reads),
        ratings,
        ROUND_THE_CLOCK,
        speed,
        monitor_megapixels=monitor,
        favour=favour,
        non_reading=non_reading,
        full_time=full_time,
    )


def team(*people: Radiologist, kinds: Sequence[Kind] = KINDS, **limits: float) -> Team:
    """What is believed is what is declared; every unit has a monitor that suffices for all kinds."""
    belief = tuple(Profile(one.ratings, one.speed) for one in people)
    monitors = {one.unit: 8.0 for one in people}
    return Team.of(tuple(people), belief, monitors, tuple(kinds), **limits)


def worklist(
    team: Team,
    kind: Sequence[int],
    *,
    urgent: Sequence[bool] | None = None,
    required_s: float | Sequence[float] = 1e6,
    size_bytes: float | Sequence[float] = 1e6,
    age_s: float | Sequence[float] = 0.0,
    luck: Sequence[Sequence[float]] | None = None,
    inspection: Sequence[int] | None = None,
    session: int = 1,
    on_duty: Sequence[bool] | None = None,
    available_in_s: Sequence[float] | None = None,
    queue_count: Sequence[int] | None = None,
    queue_s: Sequence[float] | None = None,
    effort_done: Sequence[float] | None = None,
    effort_limit: Sequence[float] | None = None,
    points_limit: Sequence[float] | None = None,
    bandwidth_bps: Sequence[float] | None = None,
    storage_free_bytes: Sequence[float] | None = None,
    logged: Sequence[int] | None = None,
    patient: Sequence[int] | None = None,
) -> Worklist:
    """Rows of the given kinds; desks idle, on duty and unlimited, links fast and disks empty by default."""
    S, R, U = len(kind), len(team.radiologists), len(team.units)

    def floats(given: Sequence[float] | float | None, size: int, otherwise: float) -> np.ndarray:
        return np.broadcast_to(np.asarray(otherwise if given is None else given, np.float64), size).copy()

    kinds = np.array(kind, dtype=np.int64)
    return Worklist(
        now_s=0.0,
        session=session,
        inspection=np.array(range(S) if inspection is None else inspection, dtype=np.int64),
        kind=kinds,
        urgent=np.array([False] * S if urgent is None else urgent, dtype=np.bool_),
        size_bytes=floats(size_bytes, S, 0.0),
        effort_min=np.array([team.kinds[k].effort_min for k in kind], dtype=np.float64),
        effort_points=np.array([team.kinds[k].effort_points for k in kind], dtype=np.float64),
        age_s=floats(age_s, S, 0.0),
        required_s=floats(required_s, S, 0.0),
        luck=np.array([[0.5] * 3] * S if luck is None else luck, dtype=np.float64).reshape(S, 3),
        desks=Desks(
            on_duty=np.array([True] * R if on_duty is None else on_duty, dtype=np.bool_),
            available_in_s=floats(available_in_s, R, 0.0),
            queue_count=np.array([0] * R if queue_count is None else queue_count, dtype=np.int64),
            queue_s=floats(queue_s, R, 0.0),
            effort_done=floats(effort_done, R, 0.0),
            effort_limit=floats(effort_limit, R, np.inf),
            points_done=np.zeros(R),
            points_limit=floats(points_limit, R, np.inf),
        ),
        units=UnitState(floats(bandwidth_bps, U, 1e9), floats(storage_free_bytes, U, 1e15)),
        logged=None if logged is None else np.array(logged, dtype=np.int64),
        patient=None if patient is None else np.array(patient, dtype=np.int64),
    )
