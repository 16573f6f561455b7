"""Journals written by hand: rows of plain values, everything else filled with a quiet default."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np

from simgrid.domain.journal import InspectionRecords, Journal, RadiologistRecords, TransferRecords
from simgrid.metrics.turnaround import in_system_s

NEVER = float("nan")
STEPS = ("acquired", "uploaded", "assigned", "delivered", "opened", "read", "reported")
_DEFAULTS: Mapping[str, Any] = {
    "modality": "CT",
    "body_part": "Brain",
    "icd10": "C71",
    "protocol": "CT-BRAIN",
    "site": "site-1",
    "urgent": False,
    "required_s": 3600.0,
    "size_bytes": 1e6,
    "images": 2,
    "effort_min": 10.0,
    "effort_points": 30.0,
    "required_reading_min": 15.0,
    "requested_s": 0.0,
    "radiologist": -1,
    "fit_true": NEVER,
    "fit_true_best": NEVER,
    "fit_estimated": NEVER,
    "fit_estimated_best": NEVER,
    "planned_s": NEVER,
    "lookup_min": NEVER,
    "eligible": True,
    "relaxed": False,
    "repeats": 0,
    "defect_missed": False,
    "stalled": False,
    "stalled_s": 0.0,
}
_WHOLE = ("images", "radiologist", "repeats", "patient")
_FLAGS = ("urgent", "labelled_urgent", "eligible", "relaxed", "defect_missed", "stalled")
_TEXTS = ("identifier", "modality", "body_part", "icd10", "protocol", "site")


def row(times: Sequence[float] = (), **values: Any) -> dict[str, Any]:
    """One inspection. ``times``: seconds of acquired, uploaded, ... as far as it came, in that order."""
    reached = [*times, *[NEVER] * (len(STEPS) - len(times))]
    stamps = {f"{step}_s": at for step, at in zip(STEPS, reached, strict=True)}
    return {**_DEFAULTS, **stamps, **values}


def journal(
    rows: Sequence[Mapping[str, Any]], limit_min: Sequence[float] = (20.0, 20.0), **changes: Any
) -> Journal:
    """A journal of these rows and one radiologist a limit; two to a unit, each rostered for an hour."""
    named = [{"identifier": f"I{place}", "patient": place, **one} for place, one in enumerate(rows)]
    columns = {
        one.name: _column(one.name, [line[one.name] for line in named])
        for one in fields(InspectionRecords)
        if one.name != "labelled_urgent" or all(one.name in line for line in named)
    }
    inspections = InspectionRecords(**columns)
    R = len(limit_min)
    staff = RadiologistRecords(
        name=tuple(f"R{j}" for j in range(R)),
        unit=tuple(f"U{j // 2}" for j in range(R)),
        full_time=np.ones(R),
        rostered_s=np.full(R, 3600.0),
        reading_s=np.full(R, 900.0),
        scored_limit_min=np.array(limit_min, dtype=np.float64),
        scored_limit_points=np.full(R, 60.0),
    )
    ended_s = changes.pop("ended_s", 10_000.0)
    made = Journal(
        inspections=inspections,
        transfers=transfers(),
        radiologists=staff,
        in_hours=np.array([[0.0, ended_s]]),
        ended_s=ended_s,
        area_in_system_s=float(in_system_s(inspections, ended_s).sum()),
        peak_storage_share=np.full((R + 1) // 2, 0.5),
        peak_desks_busy=np.ones((R + 1) // 2, dtype=np.int64),
        events=0,
        fingerprint="",
    )
    return replace(made, **changes)


def transfers(*legs: tuple[str, int, float, float]) -> TransferRecords:
    """Transfers as (leg, inspection, started, finished)."""
    return TransferRecords(
        leg=tuple(leg for leg, *_ in legs),
        inspection=np.array([at for _, at, *_ in legs], dtype=np.int64),
        path=tuple(("link",) for _ in legs),
        size_bytes=np.full(len(legs), 1e6),
        started_s=np.array([start for *_, start, _ in legs], dtype=np.float64),
        finished_s=np.array([finish for *_, finish in legs], dtype=np.float64),
        broken=np.zeros(len(legs), dtype=np.bool_),
        weight=np.ones(len(legs)),
        cap_bps=np.full(len(legs), np.inf),
    )


def _column(name: str, values: list[Any]) -> Any:
    if name in _TEXTS:
        return tuple(values)
    if name in _WHOLE:
        return np.array(values, dtype=np.int64)
    return np.array(values, dtype=np.bool_ if name in _FLAGS else np.float64)
