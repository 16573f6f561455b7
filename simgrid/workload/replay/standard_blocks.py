"""Logs in the standard form, read by blocks instead of by rows: several times as fast, for scenarios.

Only what ``standard_csv.write_log`` writes, to the letter, and only where no row of it is refused. Anything
else is left to the reader of rows, which knows every habit of foreign logs and says what is wrong where.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from simgrid.codes.tables import CodeTables
from simgrid.domain.units import FloatArray
from simgrid.workload.replay.cells import MOST_BYTES, MOST_IMAGES, NUMBER, WHOLE, YEARS, BadCell
from simgrid.workload.replay.collect import finish
from simgrid.workload.replay.event_log import EventLog
from simgrid.workload.replay.intake import Answer, Intake
from simgrid.workload.replay.log_files import open_log
from simgrid.workload.replay.patterns import CODED
from simgrid.workload.replay.pseudonyms import AsGiven
from simgrid.workload.replay.rows import FIELDS, Rejected
from simgrid.workload.replay.rules import Rules

_HEADER = ",".join(FIELDS).encode() + b"\n"
_BLOCK_BYTES = 1_000_000
_FOREIGN = (b'"', b"\r", b"\0", b"\n\n")
_LONGEST_CELL = 200
_NAME = "^i[0-9a-f]{16}$"
_NAME_LENGTH = 17
_UTC = "+00:00"
_TIME_LENGTHS = (0, len("2026-01-05T08:00:00+00:00"), len("2026-01-05T08:00:00.000000+00:00"))
_MICRO = 1e6
_CODED: Final = (*CODED, "protocol")
_REPEATING = ("site", "priority", "assigned_to", *_CODED)
_CONVERT = csv.ConvertOptions(
    column_types={
        name: pa.dictionary(pa.int32(), pa.string()) if name in _REPEATING else pa.string() for name in FIELDS
    },
    null_values=[],
    strings_can_be_null=False,
)
_PARSE = csv.ParseOptions(quote_char=False, double_quote=False, ignore_empty_lines=False)


class _Other(Exception):
    """The file is not in the standard form to the letter."""


def load_standard(path: str, codes: CodeTables, rules: Rules) -> EventLog | None:
    """The log, as the reader of rows would give it; None for one that this reader leaves to it.

    Raises:
        LogError: the file cannot be opened, or a declared constant is no value of its field.
    """
    if rules.missing or rules.shift_weeks:
        return None
    intake = Intake(codes, rules, AsGiven(), _refused)
    with open_log(path) as file:
        try:
            if file.readline(len(_HEADER) + 1) != _HEADER:
                return None
            for block in _blocks(file):
                _take(block, path, intake)
            return finish(intake, codes, ())
        except (_Other, BadCell, pa.ArrowInvalid):
            return None


def _refused(_: Rejected) -> None:
    raise _Other


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    """Whole lines, a few megabytes at once; :raises _Other: for what the standard form never holds."""
    rest = b""
    while more := file.read(_BLOCK_BYTES):
        block, end, rest = (rest + more).rpartition(b"\n")
        if not end:
            raise _Other
        yield _checked(block + end)
    if rest:
        yield _checked(rest + b"\n")


def _checked(block: bytes) -> bytes:
    if block.startswith(b"\n") or not block.isascii() or any(one in block for one in _FOREIGN):
        raise _Other
    return block


def _take(block: bytes, source: str, intake: Intake) -> None:
    """Append the rows of a block to the intake's columns, all or none."""
    reading = csv.ReadOptions(column_names=FIELDS, use_threads=False, block_size=len(block) + 1)
    cells = csv.read_csv(pa.BufferReader(block), reading, _PARSE, _CONVERT).combine_chunks()
    rows = cells.num_rows
    requested, opened, reported = (_times(cells[name]) for name in FIELDS if name.endswith("_at"))
    in_order = ~(opened < requested) & ~(reported < requested) & ~(reported < opened)
    if np.isnan(requested).any() or not in_order.all():
        raise _Other
    pattern, coded_origin = _patterns(cells, intake)
    priority, priority_origin = _looked_up(cells["priority"], intake.priority_of)
    site, site_origin = _looked_up(cells["site"], intake.site_of)
    assigned, _ = _looked_up(cells["assigned_to"], intake.reader_of)
    first = intake.read + 2
    intake.append(
        rows,
        source=np.full(rows, intake.source_of(source)),
        line=np.arange(first, first + rows),
        origin=coded_origin | priority_origin | site_origin,
        inspection=_names(cells["inspection_id"]),
        site=site,
        requested_s=requested,
        pattern=pattern,
        priority=priority,
        size_bytes=_numbers(
            cells["size_bytes"], NUMBER, MOST_BYTES, "size_bytes" in intake.rules.sampled, np.nan
        ),
        images=_numbers(cells["images"], WHOLE, MOST_IMAGES, "images" in intake.rules.sampled, 0),
        assigned=assigned,
        opened_s=opened,
        reported_s=reported,
    )


def _times(column: Any) -> FloatArray:
    """Seconds since 1970-01-01 00:00 UTC, NaN where missing."""
    text = column.chunk(0)
    missing = pc.equal(text, "")
    lengths = pc.binary_length(text).to_numpy(zero_copy_only=False)
    if (
        not np.isin(lengths, _TIME_LENGTHS).all()
        or not pc.all(pc.or_(missing, pc.ends_with(text, _UTC))).as_py()
    ):
        raise _Other
    instants = pc.if_else(missing, None, pc.utf8_slice_codeunits(text, 0, -len(_UTC)))
    micro = pc.fill_null(instants.cast(pa.timestamp("us")).cast(pa.int64()), 0).to_numpy()
    years = micro.astype("datetime64[us]").astype("datetime64[Y]").astype(np.int64) + 1970
    if not ((years >= YEARS[0]) & (years < YEARS[1])).all():
        raise _Other
    seconds: FloatArray = np.where(missing.to_numpy(zero_copy_only=False), np.nan, micro / _MICRO)
    return seconds


def _names(column: Any) -> npt.NDArray[np.uint64]:
    """The 64 bits that each pseudonym spells."""
    text = column.chunk(0)
    if not pc.all(pc.match_substring_regex(text, _NAME)).as_py():
        raise _Other
    letters = np.frombuffer(text.buffers()[2], dtype=np.uint8, count=len(text) * _NAME_LENGTH)
    digits = letters.reshape(len(text), _NAME_LENGTH)[:, 1:].tobytes()
    return np.frombuffer(bytes.fromhex(digits.decode()), dtype=">u8").astype(np.uint64)


def _numbers(column: Any, form: str, most: float, aside: bool, absent: float) -> FloatArray:
    text = column.chunk(0)
    if aside:
        return np.full(len(text), absent)
    if not pc.all(pc.match_substring_regex(text, f"^({form})?$")).as_py():
        raise _Other
    missing = pc.equal(text, "")
    values = pc.fill_null(pc.if_else(missing, None, text).cast(pa.float64()), 1.0).to_numpy()
    if not ((values >= 1) & (values <= most)).all():
        raise _Other
    numbers: FloatArray = np.where(missing.to_numpy(zero_copy_only=False), absent, values)
    return numbers


def _looked_up(column: Any, answer_of: Any) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint32]]:
    """The answers to the different cells of a column, spread over its rows."""
    words, place = _words(column)
    return _spread([answer_of(word) for word in words], place)


def _patterns(cells: Any, intake: Intake) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint32]]:
    """As ``_looked_up``, for the combinations of the coded columns."""
    columns = [_words(cells[name]) for name in _CODED]
    shape = [len(words) for words, _ in columns]
    combined = np.ravel_multi_index([place for _, place in columns], shape)
    different, place = np.unique(combined, return_inverse=True)
    chosen = np.unravel_index(different, shape)
    coded = zip(
        *([words[n] for n in one] for (words, _), one in zip(columns, chosen, strict=True)), strict=True
    )
    return _spread([intake.pattern_of(one) for one in coded], place)


def _words(column: Any) -> tuple[list[str], npt.NDArray[np.int64]]:
    encoded = column.chunk(0)
    words = encoded.dictionary.to_pylist()
    if any(len(word) > _LONGEST_CELL for word in words):
        raise _Other
    return words, encoded.indices.to_numpy().astype(np.int64)


def _spread(
    answers: list[Answer], place: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint32]]:
    codes = np.array([code for code, _ in answers], dtype=np.int64)
    origins = np.array([origin for _, origin in answers], dtype=np.uint32)
    return codes[place], origins[place]
