"""``report.xlsx``: the numbers of results folders to their last digit, with their units."""

from __future__ import annotations

import csv
import io
import json
from html import unescape
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from simgrid.cli.main import cli
from simgrid.experiments.study import NotAStudy
from simgrid.presentation.board.given import read_given
from simgrid.presentation.board.making import report
from simgrid.presentation.ends_in_words import BOUNDS
from simgrid.presentation.report_book import book
from tests import planned

SHEETS = ["answer", "targets", "plan", "comparisons", "summary", "stress", "assumptions", "provenance"]
FORMULA = "=HYPERLINK(1)"
PLAN = {
    "schema": 1,
    "title": FORMULA,
    "answer": "6 radiologists meet every target at 51,200 EUR/month.",
    "status": "found",
    "plan": {"radiologists.evening.count": "6"},
    "cost": {
        "total": 51200.5,
        "unit": "EUR/month",
        "parts": {"radiologists.evening": 51000.5, "@bandwidth": 200},
    },
    "targets": [
        {
            "name": "-urgent",
            "says": "95 % in 60 min",
            "mean": 0.9996,
            "low": 0.9512,
            "n": 400,
            "verdict": "met",
        }
    ],
    "runs": {"search": 1000, "test": 400},
    "rivals": [{"plan": {"radiologists.evening.count": "7"}, "cost": 60000.0, "says": "dearer"}],
    "people": [{"what": "absence", "radiologists": 1.5, "says": "one and a half"}],
    "binds": ["-urgent"],
    "load": [
        {"scale": 1.05, "targets": [{"name": "-urgent", "mean": 0.94, "low": 0.93, "verdict": "missed"}]}
    ],
    "now": {"plan": {"radiologists.evening.count": "4"}, "cost": {"total": 34000, "unit": "EUR/month"}},
}
STRESS = {
    "schema": 1,
    "title": "t",
    "policy": "rwoa",
    "targets": [{"name": "urgent", "mean": 0.97, "low": 0.96, "high": 0.98, "verdict": "met"}],
    "without": [
        {
            "kind": "link",
            "name": "+coast",
            "targets": [{"name": "urgent", "mean": 0.5, "low": 0.4, "high": 0.6}],
        }
    ],
    "load": [{"scale": 1.1, "targets": [{"name": "urgent", "mean": 0.9, "verdict": "missed"}]}],
    "first_miss": {"scale": 1.1, "target": "urgent"},
    "outage": {"what": "link coast", "recovery_h": 3.5, "low": 2.0, "high": 5.0, "says": "over by 03:30"},
}


def sheets(content: bytes) -> dict[str, list[tuple[object, ...]]]:
    found = openpyxl.load_workbook(io.BytesIO(content))
    assert found.sheetnames == SHEETS
    return {page.title: [tuple(row) for row in page.iter_rows(values_only=True)] for page in found}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study with targets, of which one is called like a formula."""
    place = tmp_path_factory.mktemp("book")
    (place / "aimed.yaml").write_text(
        f'extends: tiny/one-unit\ntitle: "{FORMULA}"\npolicies: [rwoa, manual]\nreplications: 4\n'
        "targets:\n  '=2+2': {of: all, within: 60 min, share: 50 %}\n"
        "  tail: {metric: tat_p95_min, at_most: 1 min}\n"
        'sources: {replications: {assumed: "-1 is no reason"}}\n'
    )
    arguments = ["run", str(place / "aimed.yaml"), "-o", str(place / "results"), "-j", "1"]
    done = CliRunner().invoke(cli, arguments)
    assert done.exit_code in (0, 1), done.output
    return Path(done.stdout.splitlines()[-1])


def test_the_summary_has_every_number_of_the_csv_and_its_unit(folder: Path) -> None:
    rows = sheets(book([folder]))["summary"]
    assert rows[0][4:] == (
        *("metric", "unit (1 = share of 1)", "mean"),
        *("low end", "high end", "what the ends are", "runs"),
    )
    with (folder / "summary.csv").open(newline="", encoding="utf-8") as file:
        given = list(csv.DictReader(file))
    assert len(rows) == len(given) + 1
    for row, one in zip(rows[1:], given, strict=True):
        assert (row[1], row[3], row[4], row[5]) == (one["policy"], one["group"], one["metric"], one["unit"])
        assert f"{row[6]:.10g}" == f"{float(one['mean']):.10g}"
        assert row[10] == int(one["n"])


def test_what_the_ends_are_is_said_in_each_row_and_equal_values_have_none(folder: Path) -> None:
    """A target is judged by one-sided bounds, all else has an interval; 1, 1, 1 would promise all."""
    rows = sheets(book([folder]))["summary"][1:]
    targets = {"target.=2+2", "target.tail"}
    assert {row[9] for row in rows if row[4] in targets} == {"one-sided 95 % bounds"}
    others = [row for row in rows if row[4] not in targets]
    assert {row[9] for row in others} == {"95 % interval", "the same in all 4 runs: no interval"}
    alike = [row for row in others if row[9] != "95 % interval"]
    assert {row[7:9] for row in alike} == {(None, None)}
    assert any(row[5] == "1" and row[6] == 1 for row in alike)  # a share that was all of it in every run
    assert all(row[7] < row[8] for row in rows if row[9] in ("95 % interval", "one-sided 95 % bounds"))


def test_targets_have_their_verdict_and_the_bound_that_decides(folder: Path) -> None:
    found = sheets(book([folder]))
    rows = {(row[2], row[4]): row for row in found["targets"][1:]}
    assert len(rows) == 4
    missed = rows["rwoa", "tail"]
    assert missed[6] == "min"
    assert missed[9] > missed[7] > missed[8] > 1
    assert missed[10:] == ("one-sided 95 % bounds", 4, "missed")
    assert any(row[1] == "study" and "missed" in row[2] for row in found["answer"])
    head = next(row for row in found["answer"] if row[1] == "study")
    assert str(head[2]).startswith("No: rwoa misses the target “tail”, with ")
    assert str(head[2]) in unescape(report(read_given([folder]), 0))
    assert (head[3], head[4], head[5], head[9]) == ("tail", "min", missed[7], 4)
    assert head[6] < head[5] < head[7]


def test_no_cell_of_any_sheet_is_a_formula(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text(json.dumps(PLAN))
    (tmp_path / "stress.json").write_text(json.dumps(STRESS))
    found = openpyxl.load_workbook(io.BytesIO(book([folder, tmp_path])))
    kinds = {
        cell.data_type for page in found for row in page.iter_rows() for cell in row if cell.value is not None
    }
    assert kinds == {"s", "n"}
    assert all(page.freeze_panes == "A2" for page in found)
    texts = {cell.value for page in found for row in page.iter_rows() for cell in row}
    assert {FORMULA, "-urgent", "@bandwidth", "=2+2", "-1 is no reason"} <= texts


def test_plans_and_stress_tests_are_told_with_their_costs_and_ends(tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text(json.dumps(PLAN))
    (tmp_path / "stress.json").write_text(json.dumps(STRESS))
    found = sheets(book([tmp_path]))
    plan = [row[1:] for row in found["plan"][1:]]
    assert ("cost", "@bandwidth", None, 200, "EUR/month") in plan
    assert ("cost", "total", None, 51200.5, "EUR/month") in plan
    assert ("cost as deployed", "total", None, 34000, "EUR/month") in plan
    assert ("rival", "radiologists.evening.count = 7", "dearer", 60000, "EUR/month") in plan
    assert ("people", "absence", "one and a half", 1.5, "radiologists") in plan
    assert (
        "without",
        "link +coast",
        "urgent",
        0.5,
        0.4,
        0.6,
        "one-sided bounds, each at 95 % or more",
        None,
    ) in [row[1:] for row in found["stress"][1:]]
    assert [row[2] for row in found["answer"][1:]] == [
        FORMULA,
        PLAN["answer"],
        "With the load times 1.1 the target urgent is missed first.",
        "over by 03:30",
    ]
    assert found["targets"][1][4:] == (
        "-urgent",
        "95 % in 60 min",
        None,
        0.9996,
        0.9512,
        None,
        BOUNDS,
        400,
        "met",
    )
    assert "simgrid run" in str(found["summary"][1][0])


def test_what_a_plan_does_not_vary_is_listed_on_its_sheet(tmp_path: Path) -> None:
    file = planned.written(tmp_path, ("  runs: 60\n", "  runs: 40\n"))
    done = CliRunner().invoke(cli, ["plan", str(file), "-j", "1", "-o", str(tmp_path / "results")])
    assert done.exit_code == 0, done.output
    rows = [row[1:] for row in sheets(book([next((tmp_path / "results").iterdir())]))["plan"][1:]]
    kept = {row[1]: row[2] for row in rows if row[0] == "not varied, as written"}
    assert kept["bandwidth, clinic"] == "1 Gbit/s"
    assert kept["who deals out the work"] == "shortest-queue"
    assert "bandwidth, desk" not in kept


def test_the_same_folders_are_the_same_bytes(folder: Path) -> None:
    assert book([folder]) == book([folder])


@pytest.mark.parametrize("content", ["", "[1]", "{"])
def test_a_damaged_plan_is_told(tmp_path: Path, content: str) -> None:
    with pytest.raises(NotAStudy):
        book([tmp_path])
    (tmp_path / "plan.json").write_text(content)
    with pytest.raises(NotAStudy, match="damaged"):
        book([tmp_path])


def test_odd_entries_of_a_plan_are_left_out_and_break_nothing(tmp_path: Path) -> None:
    odd = dict.fromkeys(PLAN, 7) | {"targets": [3, {"name": None, "mean": "x"}]}
    (tmp_path / "plan.json").write_text(json.dumps(odd))
    assert sheets(book([tmp_path]))["targets"][1][4:8] == (None, None, None, None)
