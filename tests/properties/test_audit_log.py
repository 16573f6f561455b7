"""The audit log: what is changed, taken out, put in or moved is found at its line."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simgrid.quality.bot.audit import START, BrokenLog, opened, verify


def made(lines: int) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        log = opened(Path(folder) / "a.jsonl", lambda: datetime(2026, 1, 5, tzinfo=UTC))
        for number in range(lines):
            log.add("judge", f"{number:016x}", {"a": "0" * 64}, {"score": number / 7})
        return log.path.read_bytes()


LOG = made(7)
LINES = LOG.splitlines(keepends=True)
places = st.integers(0, len(LINES) - 1)


def test_a_whole_log_holds() -> None:
    found = verify(LOG)
    assert (found.broken, len(found.entries), found.good_bytes) == (0, 7, len(LOG))
    assert found.head == found.entries[-1].hash
    assert verify(b"").head == START


@given(st.integers(0, len(LOG) - 1), st.integers(1, 255))
@settings(max_examples=150, deadline=None)
def test_any_changed_byte_is_found_in_its_line(at: int, by: int) -> None:
    changed = bytearray(LOG)
    changed[at] ^= by
    found = verify(bytes(changed))
    assert found.broken == LOG[:at].count(b"\n") + 1


@given(places, places)
@settings(max_examples=60, deadline=None)
def test_any_moved_removed_or_repeated_line_is_found(one: int, other: int) -> None:
    removed = [*LINES[:one], *LINES[one + 1 :]]
    assert verify(b"".join(removed)).broken == (one + 1 if one < len(LINES) - 1 else 0)
    repeated = [*LINES[: one + 1], LINES[other], *LINES[one + 1 :]]
    assert verify(b"".join(repeated)).broken == one + 2 + (other == one + 1)  # which fits, and the next not
    if one != other:
        swapped = list(LINES)
        swapped[one], swapped[other] = swapped[other], swapped[one]
        assert verify(b"".join(swapped)).broken == min(one, other) + 1


@given(st.integers(1, len(LOG) - 1))
@settings(max_examples=60, deadline=None)
def test_a_log_cut_anywhere_goes_on_from_its_last_whole_line(cut: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.jsonl"
        path.write_bytes(LOG[:cut])
        torn = not LOG[:cut].endswith(b"\n")
        assert verify(LOG[:cut]).torn == torn
        log = opened(path)
        log.add("file", "", {}, {})
        after = verify(path.read_bytes())
        whole = LOG[:cut].count(b"\n")
        assert (after.broken, len(after.entries)) == (0, whole + torn + 1)
        assert [one.step for one in after.entries][whole:] == (["recovered"] if torn else []) + ["file"]


def test_a_log_broken_before_its_end_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(LOG.replace(b"judge", b"judgE", 1))
    before = path.read_bytes()
    with pytest.raises(BrokenLog, match="line 1"):
        opened(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("line", [b"[]\n", b"1\n", b"{}\n", b"\n", b"[" * 100_000 + b"\n", b"\xff\xfe\n"])
def test_hostile_lines_are_damage_and_no_error(line: bytes) -> None:
    assert verify(line).broken == 1
    assert verify(LOG + line).broken == 8
