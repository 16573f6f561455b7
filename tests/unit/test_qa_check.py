"""``simgrid qa check`` on real files, broken ones, and things that are no files."""

import json
from pathlib import Path

import pydicom.data
import pytest
from click.testing import CliRunner

from simgrid.cli.main import cli
from simgrid.quality.defect_names import DEFECTS

REAL = Path(pydicom.data.__file__).parent / "test_files"
KEYS = ["path", "status", "reason", "verdict", "defects", "findings"]


@pytest.fixture
def folder(tmp_path):
    for name in ("CT_small.dcm", "MR_truncated.dcm", "README.txt"):
        (tmp_path / name).write_bytes((REAL / name).read_bytes())
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(cli, ["qa", "check", *map(str, arguments)])


def test_every_file_has_a_line_and_the_summary_counts_them(folder):
    result = run(folder)
    lines = result.stdout.splitlines()
    assert result.exit_code == 1
    assert len(lines) == 4
    assert lines[-1].startswith("3 files: ")
    assert any(line.startswith("reject") and "MR_truncated.dcm" in line for line in lines)


def test_json_has_exactly_the_documented_keys(folder):
    rows = [json.loads(line) for line in run(folder, "--json").stdout.splitlines()]
    assert [list(row) for row in rows] == [KEYS] * 3
    by_name = {Path(row["path"]).name: row for row in rows}
    assert list(by_name["CT_small.dcm"]["defects"]) == list(DEFECTS)
    assert by_name["README.txt"]["status"] == "listed"
    truncated = by_name["MR_truncated.dcm"]
    assert truncated["verdict"] == "reject"
    assert list(truncated["findings"][0]) == ["rule", "tag", "place", "severity", "message"]


def test_a_path_that_is_not_there_is_a_usage_error(tmp_path):
    result = run(tmp_path / "nothing")
    assert result.exit_code == 2
    assert "does not exist" in result.stderr
    assert "Traceback" not in result.output


def test_nothing_to_reject_is_success(tmp_path):
    (tmp_path / "note.txt").write_text("no image")
    result = run(tmp_path)
    assert result.exit_code == 0
    assert "1 listed" in result.stdout
