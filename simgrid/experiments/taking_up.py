"""A workload behind a backlog: the studies that are there already, then what is requested from then on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from simgrid.domain.backlog import Backlog, Held
from simgrid.domain.inspection import Inspections, Labels, Retrievals
from simgrid.domain.kind import Kind
from simgrid.domain.scenario import Scenario
from simgrid.domain.study import Studies
from simgrid.domain.units import BoolArray
from simgrid.randomness import stream
from simgrid.workload.case_mix import draw_defects, draw_luck, draw_reading


def taken_up(
    scenario: Scenario,
    backlog: Backlog,
    replication: int,
    drawn: tuple[Inspections, Studies, Retrievals],
) -> tuple[Inspections, Studies, Retrievals]:
    """The replication's requests from the backlog's moment on, behind the studies of the backlog.

    What is drawn for the requests stays theirs; what a backlog does not say of its studies is drawn by their
    order in it, from streams of its own.
    """
    inspections, studies, retrievals = drawn
    comes = studies.requested_s >= backlog.at_s
    to_report = comes[: studies.to_report]
    asked = retrievals.at_s >= backlog.at_s
    held = [backlog.studies[place] for place in np.argsort(backlog.rows, kind="stable").tolist()]
    work = _joined(inspections, to_report, _of(scenario, backlog, replication, inspections, held))
    luck = retrievals.luck if len(retrievals.luck) else np.full(len(retrievals.at_s), 0.5)
    rest = Retrievals(
        retrievals.client[asked], retrievals.at_s[asked], retrievals.size_bytes[asked], luck[asked]
    )
    return work, _studies(work, studies, comes, len(held)), rest


def _studies(work: Inspections, drawn: Studies, comes: BoolArray, held: int) -> Studies:
    """The columns of all studies; each of the backlog is another patient's."""
    first, shown = int(drawn.patient.max(initial=-1)) + 1, work.as_labelled()
    patient = np.arange(first, first + held, dtype=np.int32)

    def behind(column: npt.NDArray[Any], rest: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return np.concatenate([column[:held], rest[comes]])

    return Studies(
        to_report=len(work),
        site=behind(work.site, drawn.site).astype(drawn.site.dtype),
        requested_s=behind(work.requested_s, drawn.requested_s),
        size_bytes=behind(work.size_bytes, drawn.size_bytes).astype(np.float64),
        images=behind(work.images, drawn.images).astype(np.int64),
        urgent=behind(shown.urgent, drawn.urgent),
        patient=behind(patient, drawn.patient),
    )


def _of(
    scenario: Scenario, backlog: Backlog, replication: int, like: Inspections, held: list[Held]
) -> Inspections:
    """The backlog's studies as inspections of their own kinds, in order of request."""
    kinds: tuple[Kind, ...] = tuple(dict.fromkeys((*like.kinds, *(one.kind for one in held))))
    numbers = {kind: number for number, kind in enumerate(kinds)}
    in_order = backlog.rows
    file_kinds = np.array([numbers[one.kind] for one in backlog.studies], dtype=np.int64)

    def streams(*purpose: str) -> np.random.Generator:
        return stream(scenario.seed, replication, "start-from", *purpose)

    demand, rows = scenario.demand, len(held)
    turn = np.argsort(in_order, kind="stable")
    reading = draw_reading(demand.mix, kinds, file_kinds, streams)[turn]
    known = np.array([np.nan if one.reading_min is None else one.reading_min for one in held])
    urgent = np.array([one.urgent for one in held], dtype=np.bool_)
    required = np.array([one.required_s for one in held], dtype=np.float64)
    return Inspections(
        identifier=tuple(one.identifier for one in held),
        kinds=kinds,
        sites=like.sites,
        kind=file_kinds[turn],
        site=np.array([like.sites.index(one.site) for one in held], dtype=np.int64),
        requested_s=np.array([one.requested_s for one in held], dtype=np.float64),
        required_s=required,
        urgent=urgent,
        size_bytes=np.array([one.size_bytes for one in held], dtype=np.float64),
        images=np.array([one.images for one in held], dtype=np.int64),
        reading_draw_min=np.where(np.isnan(known), reading, known),
        luck=draw_luck(rows, streams)[turn],
        defect=draw_defects(demand.defect_share, kinds, file_kinds, streams)[turn],
        logged=None if like.logged is None else np.full(rows, -1, dtype=np.int64),
        label=None if like.label is None else Labels(urgent, required),
    )


def _joined(drawn: Inspections, comes: BoolArray, held: Inspections) -> Inspections:
    """The backlog's rows first, then those of the drawn ones that come after it."""
    later = np.flatnonzero(comes)
    names = [drawn.identifier[row] for row in later.tolist()]
    taken = set(names)
    own = [f"s{name}" if name in taken else name for name in held.identifier]

    def both(name: str) -> Any:
        return np.concatenate([getattr(held, name), getattr(drawn, name)[later]])

    columns = ("site", "requested_s", "required_s", "urgent", "size_bytes", "images", "reading_draw_min")
    label = None
    if drawn.label is not None and held.label is not None:
        label = Labels(
            np.concatenate([held.label.urgent, drawn.label.urgent[later]]),
            np.concatenate([held.label.required_s, drawn.label.required_s[later]]),
        )
    return replace(
        drawn,
        identifier=(*own, *names),
        kinds=held.kinds,
        kind=np.concatenate([held.kind, drawn.kind[later].astype(np.int64)]),
        **{name: both(name) for name in columns},
        luck=np.concatenate([held.luck, drawn.luck[later, : held.luck.shape[1]]]),
        defect=np.concatenate([held.defect, drawn.defect[later, : held.defect.shape[1]]]),
        logged=None if drawn.logged is None else np.concatenate([held.logged, drawn.logged[later]]),
        label=label,
    )
