"""What a label costs and saves at one radiologist in the steady state, when it is right only so often.

Poisson requests, one radiologist who is always there, labelled urgent first, nothing interrupted, order of
arrival within a label. The label knows nothing of an inspection but whether it is urgent, so each label's
queue is a mixture of urgent and routine inspections with the mixture's moments, and Cobham's formula for the
two labels (Operations Research 2 (1954) 70, doi 10.1287/opre.2.1.70) gives the mean waits; those of urgent
and routine are mixtures of these in turn. Derived in docs/explanation/triage.md. The question is that of
Thompson and others (doi 10.1007/s11134-024-09927-w).
"""

from __future__ import annotations

from dataclasses import dataclass

from simgrid.domain.demand import Triage
from simgrid.domain.units import Seconds


@dataclass(frozen=True, slots=True)
class Readings:
    """Reading times of one kind of inspections: mean and coefficient of variation."""

    mean_s: Seconds
    cv: float

    @property
    def second_moment(self) -> float:
        """E[S^2], square seconds."""
        return self.mean_s**2 * (1.0 + self.cv**2)


@dataclass(frozen=True, slots=True)
class TriageWaits:
    """Mean seconds from request to opening: by label, by urgency itself, and of all if none has one."""

    labelled_urgent_s: Seconds
    labelled_routine_s: Seconds
    urgent_s: Seconds
    routine_s: Seconds
    unlabelled_s: Seconds


def triage_waits(
    triage: Triage, per_second: float, urgent_share: float, urgent: Readings, routine: Readings
) -> TriageWaits:
    """The mean waits for ``per_second`` requests of which ``urgent_share`` are urgent.

    :raises ValueError: the radiologist cannot keep up, or a share lies outside [0, 1].
    """
    shares = (triage.sensitivity, triage.false_positives, urgent_share)
    if not all(0 <= share <= 1 for share in shares):
        raise ValueError(
            f"sensitivity, false positives and urgent share are {shares}: give shares from 0 to 1"
        )
    urgent_load = per_second * urgent_share * urgent.mean_s
    routine_load = per_second * (1.0 - urgent_share) * routine.mean_s
    load = urgent_load + routine_load
    if not 0 <= load < 1:
        raise ValueError(
            f"{load:.3g} of a radiologist's time is asked for: the steady state needs less than 1"
        )
    squares = urgent_share * urgent.second_moment + (1.0 - urgent_share) * routine.second_moment
    under_way_s = per_second * squares / 2
    first = 1.0 - triage.sensitivity * urgent_load - triage.false_positives * routine_load
    labelled_urgent_s = under_way_s / first
    labelled_routine_s = labelled_urgent_s / (1.0 - load)

    def mixed(share: float) -> Seconds:
        return share * labelled_urgent_s + (1.0 - share) * labelled_routine_s

    return TriageWaits(
        labelled_urgent_s=labelled_urgent_s,
        labelled_routine_s=labelled_routine_s,
        urgent_s=mixed(triage.sensitivity),
        routine_s=mixed(triage.false_positives),
        unlabelled_s=under_way_s / (1.0 - load),
    )
