"""From any number of readers to one event log: duplicates out, order of request, names replaced."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from simgrid.codes.tables import CodeTables
from simgrid.workload.replay.event_log import Account, EventLog, FieldCount, Typical
from simgrid.workload.replay.intake import CONSTANT, DERIVED, UNKNOWN, UNNAMED, Intake, OnRejected
from simgrid.workload.replay.patterns import CODED
from simgrid.workload.replay.pseudonyms import Naming
from simgrid.workload.replay.rows import RawRow, Reader, Rejected, refuse
from simgrid.workload.replay.rules import Rules
from simgrid.workload.replay.shifts import LEAST_DAYS, seconds_moved

Index: TypeAlias = npt.NDArray[np.int64]
_BYTES_PER_MB = 1e6
_REPEATED = "repeats an inspection_id: the first row with it was kept"


def collect(
    readers: Sequence[Reader | Iterable[RawRow | Rejected]],
    codes: CodeTables,
    rules: Rules,
    naming: Naming,
    on_rejected: OnRejected,
) -> EventLog:
    """Read everything. Refused rows go to ``on_rejected`` one by one, repeated inspections last.

    Of rows with the same inspection_id the first accepted one is kept. Simultaneous requests stay in the
    order in which they were read.

    Raises:
        LogError: a declared constant is no value of its field.
    """
    intake = Intake(codes, rules, naming, on_rejected)
    remarks: list[str] = []
    for number, reader in enumerate(readers, 1):
        intake.take(reader)
        said: Any = getattr(reader, "remarks", tuple)
        remarks += [f"{f'log {number}: ' if len(readers) > 1 else ''}{remark}" for remark in said()]
    remarks += _own_remarks(intake)
    if intake.weeks:
        remarks.append(_move(intake))
    return finish(intake, codes, remarks)


def finish(intake: Intake, codes: CodeTables, remarks: Sequence[str]) -> EventLog:
    """The log of all rows taken; each column leaves the intake as it is taken over: memory holds it once."""
    kept = _without_repeats(intake)
    requested = np.frombuffer(intake.columns.requested_s, dtype=np.float64)[kept]
    kept = kept[np.argsort(requested, kind="stable")]
    del requested
    site, sites = _renamed(intake, "site", "site", intake.sites, kept)
    assigned, radiologists = _renamed(intake, "radiologist", "assigned", intake.radiologists, kept)
    by_code = {code: pattern for pattern, code in intake.patterns.items()}
    labels = {code: (one.modality, one.body_part, one.icd10) for code, one in by_code.items()}
    pattern, order = _compact(_taken(intake, "pattern", kept), labels)
    log = EventLog(
        inspection=_taken(intake, "inspection", kept),
        site=site,
        requested_s=_taken(intake, "requested_s", kept),
        pattern=pattern,
        priority=_taken(intake, "priority", kept),
        size_bytes=_taken(intake, "size_bytes", kept),
        images=_taken(intake, "images", kept),
        assigned=assigned,
        opened_s=_taken(intake, "opened_s", kept),
        reported_s=_taken(intake, "reported_s", kept),
        sites=sites,
        radiologists=radiologists,
        patterns=tuple(by_code[code] for code in order),
        typical=tuple(_typical(codes)),
        account=Account(intake.read, len(kept), intake.rejected),
    )
    origin = _taken(intake, "origin", kept)
    return replace(log, account=_account(intake, log, origin, remarks))


def _without_repeats(intake: Intake) -> Index:
    """Rows whose inspection occurs for the first time, ascending; the others are refused, in their order."""
    columns = intake.columns
    inspection = np.frombuffer(columns.inspection, dtype=np.uint64)
    if not len(inspection):
        return np.zeros(0, dtype=np.int64)
    order = np.argsort(inspection, kind="stable")
    again = np.zeros(len(order), dtype=np.bool_)
    again[1:] = inspection[order[1:]] == inspection[order[:-1]]
    if not again.any():
        return np.arange(len(order))
    starts = np.flatnonzero(~again)
    group = np.cumsum(~again) - 1
    repeats = np.flatnonzero(again)
    first = order[starts[group[repeats]]]
    rows = order[repeats]
    sources = list(intake.sources)
    for position in np.argsort(rows):
        row, original = int(rows[position]), int(first[position])
        source, first_source = sources[columns.source[row]], sources[columns.source[original]]
        where = "" if source == first_source else f" of file {columns.source[original] + 1}"
        reason = f"repeats the inspection of line {columns.line[original]}{where}, which was kept"
        intake.reject(refuse(source, columns.line[row], "inspection_id", "", reason), counted_as=_REPEATED)
    keep = np.ones(len(order), dtype=np.bool_)
    keep[rows] = False
    return np.flatnonzero(keep)


_TYPES = {"h": np.int16, "d": np.float64, "i": np.int32, "b": np.int8, "Q": np.uint64, "I": np.uint32}


def _taken(intake: Intake, name: str, kept: Index) -> npt.NDArray[Any]:
    """The column's kept rows in order; the growing column itself is let go."""
    column = getattr(intake.columns, name)
    taken = np.frombuffer(column, dtype=_TYPES[column.typecode])[kept]
    setattr(intake.columns, name, None)
    return taken


def _renamed(
    intake: Intake, kind: str, name: str, known: Mapping[str, int], kept: Index
) -> tuple[npt.NDArray[Any], tuple[str, ...]]:
    """The column as an index into the sorted new names of those that occur in it."""
    column = _taken(intake, name, kept)
    occurring = set(np.unique(column).tolist())
    names = intake.naming.names(kind, [given for given, code in known.items() if code in occurring])
    labels = {code: names[given] for given, code in known.items() if code in occurring}
    renumbered, order = _compact(column, labels)
    return renumbered, tuple(labels[code] for code in order)


def _compact(
    column: npt.NDArray[Any], labels: Mapping[int, str | tuple[str, ...]]
) -> tuple[npt.NDArray[Any], list[int]]:
    """Codes 0.. in the order of their labels, leaving out those that do not occur; -1 stays."""
    occurring = np.unique(column)
    order = sorted((int(code) for code in occurring if code >= 0), key=lambda code: labels[code])
    table = np.full(max(labels, default=-1) + 2, -1, dtype=column.dtype)
    table[order] = np.arange(len(order), dtype=column.dtype)
    return table[column], order


def _account(
    intake: Intake, log: EventLog, origin: npt.NDArray[np.uint32], remarks: Sequence[str]
) -> Account:
    reasons = sorted(intake.reasons.items(), key=lambda item: (-item[1], item[0]))
    return Account(
        read=intake.read,
        accepted=len(log),
        rejected=intake.rejected,
        reasons=tuple((field, reason, number) for (field, reason), number in reasons),
        fields=tuple(_field_counts(intake, log, origin)),
        remarks=tuple(remarks),
    )


def _field_counts(intake: Intake, log: EventLog, origin: npt.NDArray[np.uint32]) -> list[FieldCount]:
    stated = {
        field: np.array([bool(getattr(one, field)) for one in log.patterns], dtype=np.bool_)
        for field in CODED
    }
    has_value = {
        "site": log.site >= 0,
        **{field: known[log.pattern] for field, known in stated.items()},
        "priority": log.priority >= 0,
        "size_bytes": ~np.isnan(log.size_bytes),
        "images": log.images > 0,
    }
    unnamed = int(np.count_nonzero(origin & UNNAMED))
    counts = [
        FieldCount("inspection_id", len(log) - unnamed, open=unnamed),
        FieldCount("requested_at", len(log)),
    ]
    for field, known in has_value.items():
        if field in intake.rules.sampled:
            counts.append(FieldCount(field, aside=len(log)))
            continue
        constant, unknown, derived = (
            int(np.count_nonzero(origin & bits[field])) for bits in (CONSTANT, UNKNOWN, DERIVED)
        )
        present = int(np.count_nonzero(known))
        left = len(log) - present - unknown
        counts.append(FieldCount(field, present - constant - derived, constant, derived, left, unknown))
    for field, there in (
        ("assigned_to", log.assigned >= 0),
        ("opened_at", ~np.isnan(log.opened_s)),
        ("reported_at", ~np.isnan(log.reported_s)),
    ):
        present = int(np.count_nonzero(there))
        counts.append(FieldCount(field, present, open=len(log) - present))
    return counts


def _own_remarks(intake: Intake) -> list[str]:
    remarks = []
    if intake.clock.twice:
        remarks.append(f"{intake.clock.twice} local times exist twice (clocks go back): the earlier is meant")
    return remarks


def _move(intake: Intake) -> str:
    """Move the dates of every row by its weeks; a remark about it."""
    columns = intake.columns
    weeks = np.frombuffer(intake.weeks, dtype=np.int16)
    zone = intake.clock.zone or ZoneInfo("UTC")
    moved, within = seconds_moved(np.frombuffer(columns.requested_s, dtype=np.float64).copy(), weeks, zone)
    for name in ("requested_s", "opened_s", "reported_s"):
        column = np.frombuffer(getattr(columns, name), dtype=np.float64)
        setattr(columns, name, array("d", (column + moved).tobytes()))
    around = (
        "around the weeks of the log"
        if within
        else f"out of the log of under {LEAST_DAYS} days: each week now has a small part of its load"
    )
    return (
        f"dates of {len(weeks)} inspections moved by whole weeks with their patient, {around} "
        f"({intake.without_patient} name none and moved each by its own)"
    )


def _typical(codes: CodeTables) -> Iterable[Typical]:
    for modality in sorted({modality for modality, _ in codes.protocols}):
        size = codes.size(modality)
        yield Typical(modality, size.size_mb * _BYTES_PER_MB, max(1, round(size.images)))
