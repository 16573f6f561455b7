"""CSV logs in foreign shapes: read, or refused row by row; nothing is lost and nothing takes long."""

from __future__ import annotations

import os
import time
import tracemalloc
from pathlib import Path

import pytest

from simgrid.workload.replay.csv_log import ColumnMapping, read_csv
from simgrid.workload.replay.log_files import LINE_LIMIT, RECORD_LINES, LogError
from simgrid.workload.replay.rows import RawRow, Rejected
from tests.replay_logs import COMPLETE, csv_text, row, take

HEAD = "inspection_id,requested_at,site\n"

# How long it takes is measured by benchmarks/hostile; this only tells work that grows without bound.
RUNAWAY_CPU_S = 10


def read(path: Path, content: str | bytes, encoding: str | None = None) -> list[RawRow | Rejected]:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(read_csv(path, encoding=encoding))


def refusals(items: list[RawRow | Rejected]) -> list[tuple[int, str]]:
    return [(one.line, one.reason) for one in items if isinstance(one, Rejected)]


def lines_of(items: list[RawRow | Rejected]) -> list[int]:
    return [one.line for one in items if isinstance(one, RawRow)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_any_delimiter_and_any_order_of_columns_give_the_same_log(tmp_path: Path, delimiter: str) -> None:
    rows = [row(1), row(2, site="South, main; wing")]
    plain, _ = take(tmp_path / "a.csv", csv_text(rows))
    shuffled, _ = take(tmp_path / "b.csv", csv_text(rows, sorted(COMPLETE, reverse=True), delimiter))
    assert shuffled.digest() == plain.digest()


def test_own_column_names_are_mapped_whatever_their_case_and_unknown_ones_are_listed(tmp_path: Path) -> None:
    text = "Accession No;  TIME of request ;Comment\nx1;2026-01-05T08:00Z;free text\n"
    (tmp_path / "log.csv").write_text(text)
    mapping = ColumnMapping(
        {"accession no": "inspection_id", "Time Of Request": "requested_at", "ward": "site"}
    )
    log = read_csv(tmp_path / "log.csv", mapping)
    (only,) = log
    assert isinstance(only, RawRow)
    assert dict(only.fields) == {"inspection_id": "x1", "requested_at": "2026-01-05T08:00Z"}
    assert log.unused == ("Comment",)
    assert log.absent == ("ward",)
    assert any("Comment" in remark for remark in log.remarks())


def test_a_column_can_be_set_aside(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("requested_at,site\n2026-01-05T08:00Z,North\n")
    (only,) = read_csv(tmp_path / "log.csv", ColumnMapping({"Site": ""}))
    assert isinstance(only, RawRow)
    assert set(only.fields) == {"requested_at"}


def test_a_wrong_mapping_is_refused_with_the_near_name() -> None:
    with pytest.raises(LogError, match="did you mean 'requested_at'") as caught:
        ColumnMapping({"a": "requestedat", "b": "site", " B ": "modality"})
    assert len(caught.value.problems) == 2


def test_blank_lines_are_counted_and_line_numbers_stay_right(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(
        b'\xef\xbb\xbf\n\ninspection_id,requested_at,site\n\na,1,"two\nlines"\n,,\n   \nb,2,x\r\n,,,\n'
    )
    log = read_csv(path)
    items = list(log)
    assert lines_of(items) == [5, 9]
    assert log.blank_lines == 4
    assert isinstance(items[0], RawRow)
    assert items[0].fields["site"] == "two\nlines"
    assert isinstance(items[1], RawRow)
    assert items[1].fields["site"] == "x"


def test_latin_1_is_read_counted_and_said_utf_8_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(HEAD.encode() + "a,1,Zürich\n".encode() + "b,2,Köln\n".encode("latin-1"))
    log = read_csv(path)
    assert [one.fields["site"] for one in log if isinstance(one, RawRow)] == ["Zürich", "Köln"]
    assert log.not_utf8 == 1
    assert any("Latin-1" in remark for remark in log.remarks())


def test_a_line_that_is_read_twice_is_counted_once(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(HEAD.encode() + b'a,1,"open\n' + b"b,2,K\xf6ln\n" * 3)
    log = read_csv(path)
    items = list(log)
    assert lines_of(items) == [3, 4, 5]
    assert log.not_utf8 == 3


def test_a_declared_encoding_is_held_to(tmp_path: Path) -> None:
    items = read(tmp_path / "log.csv", HEAD.encode() + b"a,1,\x80uro\nb,2,\x81\n", "cp1252")
    assert isinstance(items[0], RawRow)
    assert items[0].fields["site"] == "€uro"
    assert [line for line, _ in refusals(items)] == [3]
    for wrong in ("utf-16", "no-such", "rot13"):
        with pytest.raises(LogError, match="encoding"):
            read_csv(tmp_path / "log.csv", encoding=wrong)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "no header"),
        ("\n\n\n", "no header"),
        ("Doe,Jane,1961-04-17\n", "names no column of a log"),
        ("site,requested_at,Site\n", "occurs 2 times"),
        ("site,requestedat\n", "is it 'requestedat'"),
        ("requested_at,site\n".encode("utf-16"), "UTF-16"),
        (b"requested_at,\0site\n", "NUL"),
        ("requested_at,site\r2026-01-05T08:00Z,North\r", "bare carriage returns"),
    ],
)
def test_a_header_that_cannot_be_understood_is_an_error(
    tmp_path: Path, content: str | bytes, message: str
) -> None:
    with pytest.raises(LogError, match=message) as caught:
        read(tmp_path / "log.csv", content)
    assert "Jane" not in str(caught.value)


def test_two_columns_for_one_meaning_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("requested_at,ordered\n")
    with pytest.raises(LogError, match="all stand for requested_at"):
        read_csv(tmp_path / "log.csv", ColumnMapping({"ordered": "requested_at"}))


def test_rows_of_the_wrong_width_are_refused_one_by_one(tmp_path: Path) -> None:
    items = read(tmp_path / "log.csv", HEAD + "a,1\nb,2,x,y\nc,3,x,,\nd,4,x\n")
    assert [line for line, _ in refusals(items)] == [2, 3]
    assert lines_of(items) == [4, 5]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (b'a,1,"open', "never closed"),
        (b'a,1,"x"y\n', "quotation marks"),
        (b"a,1,x\0y\n", "NUL"),
        (b"a,1,x\ry\n", "carriage return"),
        (b"a,1," + b"x" * 140_000 + b"\n", "cell is longer"),
    ],
)
def test_a_broken_line_costs_itself_only(tmp_path: Path, bad: bytes, reason: str) -> None:
    items = read(tmp_path / "log.csv", HEAD.encode() + b"z,0,x\n" + bad)
    ((line, said),) = refusals(items)
    assert (line, lines_of(items)) == (3, [2])
    assert reason in said


def test_an_unclosed_quotation_mark_does_not_swallow_the_rest(tmp_path: Path) -> None:
    rest = "".join(f"b{n},2,x\n" for n in range(3 * RECORD_LINES))
    items = read(tmp_path / "log.csv", HEAD + 'a,1,"open\n' + rest)
    assert [line for line, _ in refusals(items)] == [2]
    assert lines_of(items) == list(range(3, 3 + 3 * RECORD_LINES))


def test_a_long_line_after_an_open_quotation_mark_is_accounted_for_too(tmp_path: Path) -> None:
    long = b"y" * (LINE_LIMIT + 5)
    items = read(tmp_path / "log.csv", HEAD.encode() + b'a,1,"open\n' + long + b"\nb,2,x\n")
    assert [line for line, _ in refusals(items)] == [2, 3]
    assert lines_of(items) == [4]


def test_a_line_of_ten_megabytes_is_refused_within_a_second_and_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(HEAD.encode() + b"a,1,x\n" + b"," * 10_000_000 + b"\nb,2,x\n" + b'"' * 10_000_000)
    tracemalloc.start()
    began = time.process_time()
    items = list(read_csv(path))
    took, (_, peak) = time.process_time() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert lines_of(items) == [2, 4]
    assert [line for line, _ in refusals(items)] == [3, 5]
    assert peak < 5 * LINE_LIMIT
    assert took < RUNAWAY_CPU_S


def test_a_header_of_ten_megabytes_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="longer than"):
        read(tmp_path / "log.csv", b"x," * 5_000_000)


def test_only_regular_files_are_opened_and_nothing_waits(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path, word in (
        (tmp_path / "pipe", "pipe"),
        (tmp_path, "folder"),
        (Path("/dev/zero"), "device"),
        (tmp_path / "none.csv", "cannot be opened"),
        (Path("a\0b"), "NUL"),
    ):
        began = time.process_time()
        with pytest.raises(LogError, match=word):
            read_csv(path)
        assert time.process_time() - began < RUNAWAY_CPU_S
