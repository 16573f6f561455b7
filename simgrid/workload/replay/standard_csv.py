"""The standard form of an event log: canonical columns, UTC times, pseudonyms. What scenarios refer to."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from typing import Any, TextIO

import numpy as np
import numpy.typing as npt

from simgrid.domain.units import FloatArray
from simgrid.workload.replay.event_log import EventLog
from simgrid.workload.replay.priorities import LEVELS
from simgrid.workload.replay.pseudonyms import pseudonym
from simgrid.workload.replay.rows import FIELDS, Rejected, shown

REJECTED_COLUMNS = ("file", "line", "field", "value", "reason")
_ROWS_AT_ONCE = 50_000
_MICRO = 1e6


def write_log(log: EventLog, stream: TextIO) -> None:
    """Write the log with a header; open ``stream`` with ``newline=""``.

    Empty cells are missing ones. Times have microseconds where any needs them: reading the file gives the
    same instants to the microsecond, and what was written once gives itself again.
    """
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(FIELDS)
    for first in range(0, len(log), _ROWS_AT_ONCE):
        writer.writerows(_rows(log, slice(first, first + _ROWS_AT_ONCE)))


class RejectedRows:
    """Writes refused rows as they come; ``file`` is the number of the log, not its name.

    Nothing that could identify anybody is written: see ``rows.shown``.
    """

    def __init__(self, stream: TextIO, sources: Sequence[str]) -> None:
        self.written = 0
        self._number = {source: number for number, source in reversed(list(enumerate(sources, 1)))}
        self._writer = csv.writer(stream, lineterminator="\n")
        self._writer.writerow(REJECTED_COLUMNS)

    def __call__(self, one: Rejected) -> None:
        """Write one row."""
        self.written += 1
        file = self._number.get(one.source, "")
        self._writer.writerow((file, one.line, one.field, shown(one.field, one.value), one.reason))


def _rows(log: EventLog, part: slice) -> Iterable[tuple[str, ...]]:
    patterns = log.patterns
    of = log.pattern[part]
    protocol = [one.kinds[0].protocol if one.modality and one.body_part else "" for one in patterns]
    return zip(
        [pseudonym(one) for one in log.inspection[part].tolist()],
        _labels(log.sites, log.site[part]),
        _times(log.requested_s[part]),
        _labels([one.modality for one in patterns], of),
        _labels([one.body_part for one in patterns], of),
        _labels(protocol, of),
        _labels([one.icd10 for one in patterns], of),
        _labels(LEVELS, log.priority[part]),
        ["" if size != size else f"{size:.17g}" for size in log.size_bytes[part].tolist()],  # noqa: PLR0124
        [str(count) if count else "" for count in log.images[part].tolist()],
        _labels(log.radiologists, log.assigned[part]),
        _times(log.opened_s[part]),
        _times(log.reported_s[part]),
        strict=True,
    )


def _labels(names: Sequence[str], codes: npt.NDArray[Any]) -> list[str]:
    table = [*names, ""]
    return [table[code] for code in codes.tolist()]


def _times(seconds: FloatArray) -> list[str]:
    there = ~np.isnan(seconds)
    micro = np.rint(np.where(there, seconds, 0.0) * _MICRO).astype(np.int64)
    unit = "us" if np.any(micro % 1_000_000) else "s"
    instants = micro.astype("datetime64[us]").astype(f"datetime64[{unit}]")
    text = np.datetime_as_string(instants).tolist()
    return [f"{one}+00:00" if known else "" for one, known in zip(text, there.tolist(), strict=True)]
