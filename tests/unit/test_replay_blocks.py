"""Logs in the standard form read by blocks: the same log as row by row, or left to the reader of rows."""

from __future__ import annotations

import tracemalloc
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simgrid.domain.demand import Arrivals, CaseMix, Demand, LogSource, Urgency
from simgrid.domain.units import DAY, HOUR
from simgrid.kinds import kind_from_codes
from simgrid.workload.replay import from_log, standard_blocks
from simgrid.workload.replay.event_log import EventLog
from simgrid.workload.replay.from_log import load
from simgrid.workload.replay.log_files import LogError
from simgrid.workload.replay.pseudonyms import AsGiven, Spelt
from simgrid.workload.replay.rows import FIELDS
from simgrid.workload.replay.rules import Rules
from simgrid.workload.replay.standard_blocks import load_standard
from tests.replay_logs import CODES, csv_text, row, standard, take

HEADER = ",".join(FIELDS) + "\n"
GOOD = (
    "i0123456789abcdef,north,2026-01-05T08:00:00+00:00,CT,Brain,,I61,stat,187000000,342,grey,"
    "2026-01-05T08:30:00+00:00,2026-01-05T08:50:00+00:00\n"
)
NEXT = GOOD.replace("cdef", "cdee").replace("T08:", "T09:")


def assert_same(one: EventLog, other: EventLog) -> None:
    assert one.digest() == other.digest()
    for field in fields(EventLog):
        mine, its = getattr(one, field.name), getattr(other, field.name)
        if isinstance(mine, np.ndarray):
            assert mine.dtype == its.dtype
            np.testing.assert_array_equal(mine, its)
        else:
            assert mine == its, field.name


instants = st.datetimes(datetime(1901, 1, 1), datetime(2190, 1, 1), timezones=st.just(UTC))
rows_of_a_log = st.lists(
    st.fixed_dictionaries(
        {
            "site": st.sampled_from(("", "North", "South")),
            "requested_at": instants.map(datetime.isoformat),
            "modality": st.sampled_from(("", "CT", "MR")),
            "body_part": st.sampled_from(("", "Brain", "Knee")),
            "icd10": st.sampled_from(("", "I61", "S83")),
            "priority": st.sampled_from(("", "stat", "routine")),
            "size_bytes": st.sampled_from(("", "1", "1234.5", "1e13", "187000000")),
            "images": st.sampled_from(("", "1", "100000")),
            "assigned_to": st.sampled_from(("", "Grey", "White")),
            "reported_at": st.sampled_from(("", "2199-06-01T00:00:00.25Z")),
        }
    ),
    max_size=8,
)
aside = st.frozensets(st.sampled_from(("site", "modality", "icd10", "priority", "size_bytes", "images")))


@settings(max_examples=60, deadline=None)
@given(rows=rows_of_a_log, sampled=aside, block_bytes=st.integers(300, 2000))
def test_what_was_written_is_read_by_blocks_as_it_is_row_by_row(
    rows: list[dict[str, str]], sampled: frozenset[str], block_bytes: int
) -> None:
    written = [row(number, **one) for number, one in enumerate(rows)] or [row(1)]
    rules = Rules(sampled=sampled)
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        path = Path(folder) / "log.csv"
        log, refused = take(path, csv_text(written))
        assert not refused
        text = standard(log)
        patch.setattr(standard_blocks, "_BLOCK_BYTES", block_bytes)
        by_rows, _ = take(path, text, naming=AsGiven(), sampled=sampled)
        by_blocks = load_standard(str(path), CODES, rules)
    assert by_blocks is not None
    assert_same(by_blocks, by_rows)


FOREIGN = {
    "another header": (HEADER.replace("site", "Site"), GOOD),
    "columns elsewhere": (
        ",".join(reversed(FIELDS)) + "\n",
        ",".join(reversed(GOOD.strip().split(","))) + "\n",
    ),
    "a quoted cell": (HEADER, GOOD.replace("north", '"north"')),
    "other line ends": (HEADER, GOOD.replace("\n", "\r\n")),
    "a blank line": (HEADER, GOOD, "\n", NEXT),
    "a blank line at first": (HEADER, "\n", GOOD),
    "a line of blanks": (HEADER, GOOD, "   \n"),
    "a line of commas": (HEADER, GOOD, "," * 12 + "\n"),
    "a letter beyond ASCII": (HEADER, GOOD.replace("north", "nörth")),
    "another offset": (HEADER, GOOD.replace("08:00:00+00:00", "09:00:00+01:00")),
    "a time without seconds": (HEADER, GOOD.replace("08:00:00+00:00", "08:00+00:00")),
    "a time in words": (HEADER, GOOD.replace("2026-01-05T08:00:00", "on Monday morning!!")),
    "no day of any month": (HEADER, GOOD.replace("2026-01-05T08:00", "2026-02-30T08:00")),
    "no hour": (HEADER, GOOD.replace("T08:00:00", "T24:00:00")),
    "a year too early": (HEADER, GOOD.replace("2026-01-05T08:00", "1812-01-05T08:00")),
    "no time of request": (HEADER, GOOD.replace("2026-01-05T08:00:00+00:00", "")),
    "opened before requested": (HEADER, GOOD.replace("08:30:00", "07:30:00")),
    "reported before opened": (HEADER, GOOD.replace("08:50:00", "08:20:00")),
    "another name": (HEADER, GOOD.replace("i0123456789abcdef", "ACC1")),
    "no name": (HEADER, GOOD.replace("i0123456789abcdef", ""), NEXT),
    "a name twice": (HEADER, GOOD, NEXT, GOOD),
    "an unknown modality": (HEADER, GOOD.replace("CT", "XX")),
    "an unknown priority": (HEADER, GOOD.replace("stat", "soon")),
    "no number": (HEADER, GOOD.replace("187000000", "many")),
    "a number in another form": (HEADER, GOOD.replace("187000000", ".5e3")),
    "too large a number": (HEADER, GOOD.replace("187000000", "1e14")),
    "no image": (HEADER, GOOD.replace(",342,", ",0,")),
    "half an image": (HEADER, GOOD.replace(",342,", ",1.5,")),
    "a word for nothing": (HEADER, GOOD.replace(",342,", ",n/a,")),
    "a cell too many": (HEADER, GOOD.replace("\n", ",more\n")),
    "a cell too few": (HEADER, GOOD.replace(",stat", "")),
    "a long cell": (HEADER, GOOD.replace("north", "n" * 300)),
    "no end of line": (HEADER, GOOD, NEXT.strip()),
    "a header alone": (HEADER,),
    "nothing": ("",),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_what_is_otherwise_is_what_the_reader_of_rows_says(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "log.csv"
    path.write_text("".join(FOREIGN[name]), newline="")
    source = LogSource(str(path))
    row_by_row = _said(source)
    monkeypatch.setattr(from_log, "_LARGE_BYTES", 0)
    by_blocks = _said(source)
    if isinstance(row_by_row, EventLog):
        assert isinstance(by_blocks, EventLog)
        assert_same(by_blocks, row_by_row)
    else:
        assert by_blocks == row_by_row


def _said(source: LogSource) -> EventLog | list[str]:
    try:
        return load(source, CODES)
    except LogError as error:
        return list(error.problems)


def test_large_files_are_read_by_blocks_and_rules_for_gaps_row_by_row(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text(HEADER + GOOD)
    assert load_standard(str(path), CODES, Rules()) is not None
    assert load_standard(str(path), CODES, Rules(missing={"site": "drop"})) is None


def test_five_million_inspections_would_fit_into_a_gigabyte(tmp_path: Path) -> None:
    """A log and a replication of it: under 180 bytes a row at the peak, so 0.9 GB."""
    _, *peaks = (_peaks(tmp_path / f"{rows}.csv", rows) for rows in (10, 10_000, 50_000))  # first: imports
    reading, drawing = ((more - few) / 40_000 for few, more in zip(*peaks, strict=True))
    assert 60 < reading < 100
    assert 100 < drawing < 180


def _peaks(path: Path, rows: int) -> tuple[int, int]:
    """The most bytes held while the log was read, and while its inspections were drawn."""
    with path.open("w") as stream:
        stream.write(HEADER)
        stream.writelines(GOOD.replace("0123456789abcdef", f"{number:016x}") for number in range(rows))
    kind = kind_from_codes(CODES, "CT", "Brain", "I61", 0.25)
    mix = CaseMix((kind,), (1.0,), {}, {}, {"CT": 0.5})
    demand = Demand(Arrivals(DAY, count=1), mix, Urgency(0.2, HOUR, DAY))
    tracemalloc.start()
    log = load_standard(str(path), CODES, Rules())
    reading = tracemalloc.get_traced_memory()[1]
    assert log is not None
    log = log.requests_only()
    tracemalloc.reset_peak()
    found = from_log.inspections(log, demand, ("north",), 1, 0, datetime(2026, 1, 5, tzinfo=UTC))
    drawing = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(found) == len(log) == rows
    return reading, drawing


def test_pseudonyms_are_spelt_when_asked_for() -> None:
    spelt = Spelt(np.arange(25_000, dtype=np.uint64))
    assert spelt[255] == "i00000000000000ff"
    assert spelt[-1] == f"i{24_999:016x}"
    assert list(spelt[1:3]) == ["i0000000000000001", "i0000000000000002"]
    assert spelt == tuple(f"i{number:016x}" for number in range(25_000))
    assert spelt != tuple(spelt[:-1])
    assert len(set(spelt)) == len(spelt)
