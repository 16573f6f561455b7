"""Reports of real runs: three answers, every number of which the folder's tables hold, and the command."""

from __future__ import annotations

import csv
import math
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from simgrid.cli.main import cli

SCENARIO = """
extends: tiny/one-unit
title: "Three answers"
replications: 24
policies: [shortest-queue]
groups: [urgency, hour]
targets: {in time: {of: all, within: 60 min, share: 70 %}}
"""
SLOWNESS = {"met": 1, "missed": 5, "cannot be told": 3}
BEGINS = {"met": "Yes: ", "missed": "No: ", "cannot be told": "It cannot be told yet "}
_NUMBER = re.compile(r"([<>]?)(\d+(?:\.\d+)?)")


def invoked(*arguments: str) -> Result:
    return CliRunner().invoke(cli, list(arguments), catch_exceptions=False)


def ran(place: Path, slowness: float, *more: str) -> Path:
    file = place / "three.yaml"
    file.write_text(SCENARIO, encoding="utf-8")
    slow = [part for name in ("ada", "ben") for part in ("--set", f"radiologists.{name}.speed={slowness}")]
    done = invoked("run", str(file), "-j", "1", "-o", str(place / "results"), *slow, *more)
    assert done.exit_code in (0, 1), done.output  # 1: a target was missed
    return Path(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    place = tmp_path_factory.mktemp("three")
    return {word: ran(place, slowness) for word, slowness in SLOWNESS.items()}


def headline(folder: Path) -> str:
    done = invoked("report", str(folder), "--waits", "0")
    assert done.exit_code == 0, done.output
    text = (folder / "report.html").read_text(encoding="utf-8")
    (said,) = re.findall(r'<p class="answer" id="answer">(.*?)</p>', text)
    return str(said).replace("\N{NO-BREAK SPACE}", " ").replace("&gt;", ">").replace("&lt;", "<")


def test_three_runs_have_three_headlines_whose_numbers_are_in_summary_csv(folders: dict[str, Path]) -> None:
    said = {word: headline(folder) for word, folder in folders.items()}
    assert len(set(said.values())) == 3
    for word, text in said.items():
        assert text.startswith(BEGINS[word]), text
        numbers = _NUMBER.findall(text)
        mean, low, high = stored = [100 * value for value in _of_the_target(folders[word])]
        decides = {"met": [low], "missed": [high], "cannot be told": [low, high]}[word]
        assert len(numbers) == 1 + len(decides), text
        for value in (mean, *decides):
            assert any(_tells(sign, float(number), value) for sign, number in numbers), (text, value)
        assert (low >= 70, high < 70) == (word == "met", word == "missed")
        assert max(high, 100) == 100
        for sign, number in numbers:
            assert any(_tells(sign, float(number), value) for value in stored), (text, number)


def test_the_workbook_lies_beside_it_and_the_report_can_be_verified(
    folders: dict[str, Path], tmp_path: Path
) -> None:
    done = invoked("report", str(folders["met"]), "-o", str(tmp_path / "new" / "board.html"), "--xlsx")
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [str(tmp_path / "new" / "board.html")]
    assert (tmp_path / "new" / "board.xlsx").read_bytes().startswith(b"PK")
    verified = invoked("verify", str(tmp_path / "new" / "board.html"), "-j", "1")
    assert verified.exit_code == 0, verified.output


def test_where_the_time_goes_is_followed_through_the_runs_of_the_answer(folders: dict[str, Path]) -> None:
    done = invoked("report", str(folders["missed"]), "--waits", "2")
    assert done.exit_code == 0
    text = (folders["missed"] / "report.html").read_text(encoding="utf-8")
    assert "over 2 replications. Filled: work" in text
    links = re.findall(r'href="(#late-\d)"', text)
    assert links
    assert all(f'id="{link[1:]}"' in text for link in links)
    assert "behind others at the desk" in text
    (bars,) = re.findall(r'<section id="waits".*?</section>', text, re.DOTALL)
    assert bars.count('class="bar') > 3
    assert bars.count('class="bar') == bars.count('class="whisker"')


def test_one_run_has_no_interval_and_so_no_bars(folders: dict[str, Path]) -> None:
    assert invoked("report", str(folders["missed"]), "--waits", "1").exit_code == 0
    text = (folders["missed"] / "report.html").read_text(encoding="utf-8")
    assert 'id="waits"' not in text
    assert "--waits 2: of one run there is no interval" in text
    assert 'id="late-0"' in text


def test_two_studies_stand_beside_each_other(folders: dict[str, Path], tmp_path: Path) -> None:
    file = tmp_path / "both.html"
    done = invoked("report", str(folders["met"]), str(folders["missed"]), "-o", str(file), "--waits", "0")
    assert done.exit_code == 0, done.output
    text = file.read_text(encoding="utf-8")
    assert folders["met"].name in text
    assert folders["missed"].name in text
    assert "study" in re.findall(r'<label for="input-0">(.*?)</label>', text)


def test_the_hours_are_measured_only_where_they_are_asked_for(
    folders: dict[str, Path], tmp_path: Path
) -> None:
    groups = {row["group"] for row in _rows(folders["met"])}
    assert {"hour=08", "hour=09", "urgency=urgent"} <= groups
    without = ran(tmp_path, 1, "--set", "groups=[urgency]", "-r", "2")
    assert not any(row["group"].startswith("hour=") for row in _rows(without))
    one = [row for row in _rows(folders["met"]) if row["group"] == "all" and row["metric"] == "tat_mean_min"]
    assert len(one) == 1


def test_a_place_on_the_map_changes_no_run(folders: dict[str, Path], tmp_path: Path) -> None:
    placed = ran(tmp_path, 1, "--set", "sites.clinic.at={x: -6.2, y: 53.3}")
    assert placed.name == folders["met"].name
    runs = {file.name: file.read_bytes() for file in (placed / "runs").iterdir()}
    assert runs == {file.name: file.read_bytes() for file in (folders["met"] / "runs").iterdir()}


def test_a_folder_that_is_none_is_refused_in_one_line(tmp_path: Path) -> None:
    done = invoked("report", str(tmp_path))
    assert done.exit_code == 2
    assert "holds no study.json, plan.json or stress.json" in done.stderr
    assert not list(tmp_path.iterdir())


def _rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "summary.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _of_the_target(folder: Path) -> list[float]:
    rows = [row for row in _rows(folder) if row["metric"] == "target.in time"]
    return [float(row[name]) for row in rows for name in ("mean", "lo95", "hi95")]


def _tells(sign: str, number: float, stored: float) -> bool:
    """Whether a stored number is told so: rounded to a tenth, to either side, or as nearly all of them."""
    if sign == ">":
        return stored > number
    return math.floor(10 * stored) <= round(10 * number) <= math.ceil(10 * stored)
