"""HL7 v2 feeds that are broken, endless or made to be slow: rows or refusals, and never more."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simgrid.codes import CodeTables
from simgrid.workload.errors import WorkloadError
from simgrid.workload.replay.hl7_feed import read_hl7
from tests.hl7_feeds import framed_mllp, order, read, report, wrapped, write

# How long it takes is measured by benchmarks/hostile; this only tells work that grows without bound.
RUNAWAY_CPU_S = 10


def test_a_message_over_a_megabyte_is_refused_and_costs_nothing_else(tmp_path: Path) -> None:
    one_line = order("BIG", "BIG") + "OBX|1|ED|||" + "A" * 10_000_000 + "\r"
    many_lines = order("BIG2", "BIG2") + ("OBX|1|TX|||" + "x" * 90 + "\r") * 100_000
    path = write(tmp_path, order(), one_line, order("P2", "F2"), many_lines, order("P3", "F3"))
    tracemalloc.start()
    began = time.process_time()
    rows, refused = read(path)
    took, peak = time.process_time() - began, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [row.fields["inspection_id"] for row in rows] == ["P1", "P2", "P3"]
    assert [(one.line, "1 MB" in one.reason) for one in refused] == [(2, True), (4, True)]
    assert peak < 8_000_000
    assert took < RUNAWAY_CPU_S


@pytest.mark.parametrize("content", [b"\0" * 10_000_000, b"A" * 10_000_000, b"MSH|^~\\&" + b"|" * 10_000_000])
def test_ten_megabytes_in_one_line_are_one_refusal_within_a_second(tmp_path: Path, content: bytes) -> None:
    path = write(tmp_path, content)
    began = time.process_time()
    rows, refused = read(path)
    assert time.process_time() - began < RUNAWAY_CPU_S
    assert (len(rows), len(refused)) == (0, 1)


def test_a_feed_of_too_many_orders_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simgrid.workload.replay.hl7_feed.MOST_ORDERS", 2)
    path = write(tmp_path, *(order(f"P{n}", f"F{n}", accession="") for n in range(3)))
    with pytest.raises(WorkloadError, match="in parts"):
        list(read_hl7([path]))


def test_one_number_under_endless_authorities_does_not_slow_the_feed_down(tmp_path: Path) -> None:
    rows, refused = read(write(tmp_path, *(order(f"P1^A{n}", "", accession="") for n in range(300))))
    assert (len(rows), len(refused)) == (101, 199)
    assert "authorities" in refused[0].reason


def _texts() -> Iterator[bytes]:
    yield (order() + report()).encode()
    yield wrapped([order("P2", "F2", charset="8859/1"), report("P2", "F2", status="X")])
    yield framed_mllp([order("P3^A", "", section=""), order("P3^B", "F3", control="CA")])


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=400))
def test_random_bytes_are_rows_or_refusals(tmp_path: Path, content: bytes) -> None:
    rows, refused = read(write(tmp_path, content))
    assert (
        len(rows) + len(refused) <= content.count(b"MSH") + content.count(b"ORC") + content.count(b"OBR") + 1
    )


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(list(_texts())),
    st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 2), st.binary(max_size=4)), max_size=6),
)
def test_a_damaged_feed_is_rows_or_refusals(
    tmp_path: Path, content: bytes, cuts: list[tuple[int, int, bytes]]
) -> None:
    for at, length, put in cuts:
        start = at % (len(content) + 1)
        content = content[:start] + put + content[start + length :]
    rows, refused = read(write(tmp_path, content), body_part_in=CodeTables.default().body_part_in_text)
    for one in refused:
        assert one.reason and one.value.isprintable() and len(one.value) <= 40
    for row in rows:
        assert row.fields["inspection_id"]
        assert all(value and value.isprintable() for value in row.fields.values())
