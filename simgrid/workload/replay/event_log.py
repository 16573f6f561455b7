"""A real log as columns: one row an inspection in order of request, without anybody's identity."""

from __future__ import annotations

import hashlib
import json
from dataclasses import astuple, dataclass, replace
from datetime import UTC, datetime
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from simgrid.domain.units import FloatArray
from simgrid.workload.replay.patterns import Pattern

Codes: TypeAlias = npt.NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class FieldCount:
    """Where the accepted cells of one field come from; the numbers add up to the accepted rows.

    ``log``: as the log has them; ``constant``: the declared constant; ``derived``: found in the protocol;
    ``open``: missing, ``unknown``: not in the tables, both left to be sampled (or empty for good where
    nothing is sampled); ``aside``: set aside on request, to be sampled.
    """

    field: str
    log: int = 0
    constant: int = 0
    derived: int = 0
    open: int = 0
    unknown: int = 0
    aside: int = 0


@dataclass(frozen=True, slots=True)
class Account:
    """Every row of the logs: ``read`` is ``accepted`` plus ``rejected``, always.

    ``reasons``: rejected rows by field and reason, most frequent first. ``remarks``: what else was passed
    over or counted, in words.
    """

    read: int
    accepted: int
    rejected: int
    reasons: tuple[tuple[str, str, int], ...] = ()
    fields: tuple[FieldCount, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Typical:
    """The code tables' mean study of a modality, for where neither log nor case mix has a size."""

    modality: str
    size_bytes: float
    images: int


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class EventLog:
    """S inspections; every array has shape (S,).

    ``inspection``: 64-bit pseudonym. ``site``, ``pattern``, ``assigned``: index into ``sites``, ``patterns``
    and ``radiologists``; ``priority`` into ``LEVELS``; -1 where the log has none. Times are seconds since
    1970-01-01 00:00 UTC, NaN where missing; ``requested_s`` is ascending and never missing. ``size_bytes``
    NaN and ``images`` 0 are missing.
    """

    inspection: npt.NDArray[np.uint64]
    site: Codes
    requested_s: FloatArray
    pattern: npt.NDArray[np.int32]
    priority: npt.NDArray[np.int8]
    size_bytes: FloatArray
    images: npt.NDArray[np.int32]
    assigned: Codes
    opened_s: FloatArray
    reported_s: FloatArray
    sites: tuple[str, ...]
    radiologists: tuple[str, ...]
    patterns: tuple[Pattern, ...]
    typical: tuple[Typical, ...]
    account: Account

    def __len__(self) -> int:
        return len(self.inspection)

    def __repr__(self) -> str:
        return f"EventLog({len(self)} inspections of {len(self.sites)} sites, digest {self.digest()[:8]})"

    def requests_only(self) -> EventLog:
        """Without when what was read: a replay does not need it, and saves nearly a third of its memory."""
        rows = len(self)
        return replace(
            self,
            opened_s=np.broadcast_to(np.nan, rows),
            reported_s=np.broadcast_to(np.nan, rows),
        )

    def digest(self) -> str:
        """SHA-256 of all that a draw depends on: two logs with one digest give the same inspections."""
        digest = hashlib.sha256()
        words = [self.sites, [astuple(one) for one in self.patterns], [astuple(one) for one in self.typical]]
        digest.update(json.dumps([len(self), words], separators=(",", ":")).encode())
        for column in (
            self.inspection,
            self.site,
            self.requested_s,
            self.pattern,
            self.priority,
            self.size_bytes,
            self.images,
        ):
            plain: npt.NDArray[Any] = np.ascontiguousarray(column)
            digest.update(plain.astype(plain.dtype.newbyteorder("<"), copy=False).data)
        return digest.hexdigest()

    def logged_digest(self) -> str:
        """SHA-256 of who was given what, which ``digest`` leaves out: nothing else is drawn by it."""
        digest = hashlib.sha256(json.dumps(self.radiologists, separators=(",", ":")).encode())
        digest.update(np.ascontiguousarray(self.assigned).astype("<i2", copy=False).data)
        return digest.hexdigest()

    def summary(self) -> tuple[str, ...]:
        """What was understood, as lines to print."""
        account = self.account
        lines = [f"{account.read} rows read: {account.accepted} accepted, {account.rejected} rejected"]
        lines += [
            f"  rejected: {number} x {f'{field} ' if field else ''}{reason}"
            for field, reason, number in account.reasons
        ]
        if len(self):
            span = f"{_instant(self.requested_s[0])} to {_instant(self.requested_s[-1])}"
            lines.append(
                f"requested from {span}, {len(self.sites)} sites, {len(self.radiologists)} radiologists named"
            )
        lines += [f"{one.field}: {_origins(one)}" for one in account.fields]
        return (*lines, *account.remarks)

    def brief(self) -> tuple[str, ...]:
        """How many requests, and what of them will be drawn, in two lines."""
        span = (
            f"{_instant(self.requested_s[0])} to {_instant(self.requested_s[-1])}" if len(self) else "never"
        )
        drawn = [(one.field, one.open + one.unknown + one.aside) for one in self.account.fields]
        listed = ", ".join(f"{field} of {number}" for field, number in drawn if number and field in _SAMPLED)
        return (f"{len(self)} requests of {len(self.sites)} sites, {span}", f"drawn: {listed or 'no cell'}")


_SAMPLED = frozenset({"site", "modality", "body_part", "icd10", "priority", "size_bytes", "images"})
"""Fields that a replication samples where the log has no value."""


def _origins(one: FieldCount) -> str:
    fate = "to be sampled" if one.field in _SAMPLED else "left empty"
    if one.field == "inspection_id":
        fate = "named after their place in the log"
    parts = [
        (one.log, "from the log"),
        (one.derived, "found in the protocol"),
        (one.constant, "missing: the declared constant"),
        (one.open, f"missing: {fate}"),
        (one.unknown, f"not in the tables: {fate}"),
        (one.aside, "set aside: to be sampled"),
    ]
    return ", ".join(f"{number} {what}" for number, what in parts if number) or "no row"


def _instant(seconds: float) -> str:
    return datetime.fromtimestamp(float(seconds), UTC).strftime("%Y-%m-%d %H:%M UTC")
