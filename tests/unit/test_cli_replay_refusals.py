"""``simgrid replay``: what is no log, does not go together or is asked for wrongly is told in a line."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.hospital_logs import LOGS, csv_log
from tests.replay_logs import csv_text, row
from tests.replaying import replayed, simgrid


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be opened"),
        (b"", "no header"),
        (b"requested_at\n", "holds no row"),
        (b"when,where\n1,2\n", "names no column"),
        (b"Ordered,site\n1,2\n", "map the one that holds it among Ordered"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "names no column"),
        (b"\x1f\x8b\x08 not gzip at all", "damaged or ends too early"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><log/>', "document type"),
        (b"<log>", "no well-formed XML"),
        (b"\0" * 128 + b"DICM" + b"\0" * 9, "single DICOM file"),
        (b"x" * 10_000_000, "longer than 1,000,000 bytes"),
    ],
)
def test_a_file_that_is_no_log_is_told_in_a_line(tmp_path: Path, content: bytes | None, said: str) -> None:
    log = tmp_path / "log"
    if content is not None:
        log.write_bytes(content)
    result = simgrid("replay", log, "-o", tmp_path / "made" / "night.yaml")
    assert result.exit_code == 2, result.output
    assert said in result.stderr
    assert result.stderr.startswith("error: ")
    assert "Traceback" not in result.output
    assert not (tmp_path / "made" / "night.yaml").exists()


def test_a_pipe_and_a_folder_without_logs_are_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "log.csv").write_text("requested_at\n", encoding="utf-8")
    result = simgrid("replay", tmp_path / "pipe", tmp_path / "folder", "-o", tmp_path / "night.yaml")
    assert result.exit_code == 2
    assert "no regular file" in result.stderr
    assert "a folder without DICOM files or HL7 messages" in result.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--zone", "Mars"), ["zone 'Mars' is unknown"]),
        (("--missing", "priority"), ["write FIELD=RULE"]),
        (
            ("--missing", "prioritty=drop", "--sample", "sizes", "--lenient", "site"),
            ["no field 'prioritty' for it: did you mean 'priority'?", "no field 'sizes'", "no field 'site'"],
        ),
        (("--missing", "priority=perhaps"), ["the constant 'perhaps' for priority"]),
        (("--keep", "patients"), ["'patients' cannot be kept"]),
        (("--key-file", "nowhere"), ["make one with: head -c 32 /dev/urandom"]),
        (("--shift-weeks", "-1"), ["--shift-weeks"]),
        (("-o", "night.txt"), ["let it end in .yaml"]),
        (("--map", "nowhere.yaml"), ["cannot read"]),
    ],
)
def test_wrong_options_are_named_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], said: list[str]
) -> None:
    log = tmp_path / "log.csv"
    log.write_text(csv_text([row(1)]), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    result = simgrid("replay", log, *options)
    assert result.exit_code == 2, result.output
    assert [one for one in said if one not in result.stderr] == []
    assert [path.name for path in tmp_path.iterdir()] == ["log.csv"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("columns: {Ordered: requested_when}", "did you mean 'requested_at'?"),
        ("columns: 7", "columns is no mapping"),
        ("columns: {Ordered: 7}", "expected a name"),
        ("colums: {Ordered: requested_at}\nvalues: {}", "unknown block 'colums'"),
        ("values: {prio: {P1: stat}}", "no field 'prio'"),
        ("values: [1]", "values is no mapping"),
        ("events: {Befundet: done}", "expected one of"),
        ("site_from: [MSH-5]", "site_from is"),
        ("encoding: 7", "encoding is 7"),
        ("encoding: utf-16", "unknown or not ASCII based"),
        ("a: b: c", "error[E002]"),
        ("- 1", "error[E007]"),
    ],
)
def test_wrong_mappings_are_told(tmp_path: Path, text: str, said: str) -> None:
    mapping = tmp_path / "map.yaml"
    mapping.write_text(text, encoding="utf-8")
    (tmp_path / "log.csv").write_text(csv_text([row(1)]), encoding="utf-8")
    result, scenario = replayed(tmp_path / "log.csv", tmp_path / "made", "--map", str(mapping))
    assert result.exit_code == 2, result.output
    assert said in result.stderr
    assert list(scenario.parent.iterdir()) == []


def test_logs_that_do_not_go_together_are_refused(tmp_path: Path) -> None:
    log, archive = csv_log(tmp_path), LOGS["DICOM"](tmp_path)
    assert "replayed alone" in simgrid("replay", log, archive).stderr
    assert "named twice" in simgrid("replay", log, tmp_path / "." / log.name).stderr


@pytest.mark.parametrize(
    ("change", "code", "place", "said"),
    [
        (("  site-02: ", "  site-07: "), "E201", "demand.log.file", "'site-02'"),
        (("start: 2026-01-05", "start: 2026-02-05"), "E107", "calendar.start", "no request"),
        (("horizon: 1 d", "horizon: 9 h"), "W306", "horizon", "2 of the log's 6 requests"),
        (("reads: [CT, MR]", "reads: [CT]"), "W304", "demand.log.file", "nobody reads MR"),
        (("file: night.log.csv", "file: broken.csv"), "E208", "demand.log.file", "is no ISO 8601 time"),
    ],
)
def test_a_scenario_that_does_not_fit_its_log_is_told_where(
    tmp_path: Path, change: tuple[str, str], code: str, place: str, said: str
) -> None:
    _, scenario = replayed(csv_log(tmp_path), tmp_path / "made")
    scenario.with_name("broken.csv").write_text("requested_at\n2026-01-05T08:00Z\nsoon\n", encoding="utf-8")
    text = scenario.read_text(encoding="utf-8")
    assert change[0] in text
    scenario.write_text(text.replace(*change), encoding="utf-8")
    result = simgrid("validate", scenario)
    assert result.exit_code == (2 if code.startswith("E") else 0)
    assert result.stderr.startswith(f"{'error' if code.startswith('E') else 'warning'}[{code}]")
    assert f"({place})" in result.stderr
    assert said in result.stderr
