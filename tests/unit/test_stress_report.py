"""What a report shows of a stress test alone."""

from __future__ import annotations

import json
from html import unescape
from pathlib import Path

import pytest
from click.testing import CliRunner

from simgrid.cli.main import cli
from simgrid.domain.stress import StressTest
from simgrid.domain.targets import Target
from simgrid.presentation.board.breaking import said_of
from simgrid.presentation.board.given import read_given
from simgrid.presentation.board.making import report
from simgrid.presentation.stress_answer import answer
from simgrid.presentation.stress_json import stress_text
from tests.stressed import TAIL, URGENT, cell, outcome


@pytest.mark.parametrize("targets", [(URGENT,), ()])
def test_a_report_of_it_has_its_answer_and_its_rows(targets: tuple[Target, ...], tmp_path: Path) -> None:
    found = outcome({"without ada": "missed"}, cell(*targets, stress=StressTest(load_to=1.1)))
    (tmp_path / "stress.json").write_text(stress_text(found), encoding="utf-8")
    made = CliRunner().invoke(cli, ["report", str(tmp_path), "-o", str(tmp_path / "report.html")])
    assert made.exit_code == 0, made.output
    text = unescape((tmp_path / "report.html").read_text(encoding="utf-8"))
    assert answer(found) in text
    assert "-80.0, the same in all 30" in text or targets
    assert "ada" in text


def test_a_report_of_a_stress_test_alone_has_units(tmp_path: Path) -> None:
    found = outcome({}, cell(TAIL, stress=StressTest(load_to=1.1)))
    (tmp_path / "stress.json").write_text(stress_text(found), encoding="utf-8")
    text = report(read_given([tmp_path]))
    tables = len({one.kind for one in found.without}) + 1  # each begins with the row as deployed
    rows = tables + len(found.without) + 2
    assert text.count("50.0 min, the same in every replication (n = 30)") == rows


def test_a_report_shows_every_load_and_says_alike_of_what_is_alike(tmp_path: Path) -> None:
    found = outcome({}, cell(URGENT, stress=StressTest(load_to=1.6)))
    (tmp_path / "stress.json").write_text(stress_text(found), encoding="utf-8")
    text = report(read_given([tmp_path]))
    assert all(f"{percent} % of the load" in text for percent in range(105, 165, 5))
    alike = {"mean": 0.5, "low": 0.5, "high": 0.5, "n": 5, "verdict": "missed"}
    assert said_of(alike, None) == "50.0 %, the same in every replication (n = 5)"


def test_a_report_says_never_of_a_time_that_never_came() -> None:
    assert said_of({"mean": None, "verdict": "missed"}, None) == "never"
    assert said_of({"mean": None, "verdict": "cannot be told apart"}, None) == "not measured"


def test_how_all_of_a_kind_are_missing_is_said_once(tmp_path: Path) -> None:
    """Rows have what differs: when, where that is not the same for all, whom it stands for, fewer worlds."""
    found = outcome({"without link desk": "missed"}, cell(URGENT, stress=StressTest(load_to=1.1)))
    (tmp_path / "stress.json").write_text(stress_text(found), encoding="utf-8")
    text = unescape(report(read_given([tmp_path])))
    (says,) = {one.says for one in found.without if one.kind == "link"}
    caption = f"Each link {says}, 30 replications where a row says nothing else"
    assert text.count(says) == text.count(caption) == 1
    assert '>desk<span class="soft">15 replications</span>' in text
    assert "Each radiologist away in the whole run, 30 replications: mean (one-sided 95 % bounds)<" in text
    assert '">gone, with' not in text

    told = json.loads((tmp_path / "stress.json").read_text(encoding="utf-8"))
    first, *_ = (one for one in told["without"] if one["kind"] == "link")
    first["says"] = "down for 24 h from Tue 2026-01-06 09:00"
    (tmp_path / "stress.json").write_text(json.dumps(told), encoding="utf-8")
    text = unescape(report(read_given([tmp_path])))
    assert "Each link down for 24 h, 30 replications where" in text
    assert text.count("down for 24 h") == 1
    assert "from Tue 2026-01-06 09:00" in text
