"""Receipts: who computed which run, one line at a time, in files that only grow."""

from __future__ import annotations

import errno
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from simgrid.experiments import receipts
from simgrid.experiments.receipts import Receipt, computed_again, note, read_receipts
from simgrid.experiments.replicate import replicate, take_stock
from tests.campaigns import asked, failing_run, invented_run


def test_every_run_has_begun_and_is_stored_once_by_this_process(tmp_path: Path) -> None:
    replicate(asked(), tmp_path, invented_run)
    replicate(asked(), tmp_path, invented_run)
    found = read_receipts(tmp_path / "receipts")
    keys = [task.key for task in asked().tasks()]
    assert [one.run for one in found] == [key for key in keys for _ in range(2)]
    assert [one.event for one in found] == ["began", "stored"] * len(keys)
    assert {one.pid for one in found} == {os.getpid()}
    assert computed_again(found) == ()
    now = datetime.now(UTC)  # noqa: TID251 - receipts are provenance
    assert all(now - timedelta(minutes=5) < one.at <= now for one in found)


def test_a_run_that_failed_has_begun_and_is_not_stored(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError):
        replicate(asked(), tmp_path, failing_run)
    found = read_receipts(tmp_path / "receipts")
    stored = {one.run for one in found if one.event == "stored"}
    assert stored == set(take_stock(asked(), tmp_path).stored)
    assert len({one.run for one in found} - stored) == 1


def test_computing_what_is_stored_shows() -> None:
    began = Receipt("k", "began", datetime(2026, 1, 5, tzinfo=UTC), "desk", 1)
    stored = replace(began, event="stored", at=began.at + timedelta(seconds=1))
    lost = replace(began, pid=2, at=began.at - timedelta(seconds=1))
    again = replace(began, pid=3, at=began.at + timedelta(seconds=2))
    assert computed_again((lost, began, stored)) == ()
    assert computed_again((lost, began, stored, again)) == (again,)


def test_a_torn_last_line_is_left_out_and_lines_of_all_processes_stand_in_order(tmp_path: Path) -> None:
    note(tmp_path, "a", "began")
    (own,) = tmp_path.iterdir()
    other = tmp_path / "desk-1.jsonl"
    other.write_text(own.read_text().replace('"a"', '"b"').replace('"at": "2', '"at": "1'))
    with other.open("a") as file:
        file.write('{"run": "c", "eve')
    assert [one.run for one in read_receipts(tmp_path)] == ["b", "a"]
    assert read_receipts(tmp_path / "none") == ()


def test_a_line_that_the_disk_takes_in_part_is_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    note(tmp_path, "a", "began")
    (file,) = tmp_path.iterdir()
    before, true_write, calls = file.read_bytes(), os.write, []

    def write(to: int, data: bytes) -> int:
        calls.append(data)
        if len(calls) > 1:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return true_write(to, data[:20])

    with monkeypatch.context() as patched:
        patched.setattr(receipts.os, "write", write)
        with pytest.raises(OSError, match="No space") as refused:
            note(tmp_path, "a", "stored")
    assert refused.value.filename == str(file)
    assert len(calls) == 2
    assert file.read_bytes() == before
    note(tmp_path, "a", "stored")
    assert [one.event for one in read_receipts(tmp_path)] == ["began", "stored"]
