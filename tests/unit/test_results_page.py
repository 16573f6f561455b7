"""The pages on results and statistics: every column is described, every measure told, the command runs."""

from __future__ import annotations

import csv
import json
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from simgrid.cli.main import cli
from tests.statistical.coverage import MEASURES

ROOT = Path(__file__).parents[2]
RESULTS = (ROOT / "docs/reference/results.md").read_text(encoding="utf-8")
STATISTICS = (ROOT / "docs/explanation/statistics.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict[str, object]]]:
    """The page's command, cut short, and its JSON lines."""
    (line,) = re.findall(r"```sh\nsimgrid (.*)\n```", STATISTICS)
    folder = tmp_path_factory.mktemp("results")
    done = CliRunner().invoke(cli, [*shlex.split(line), "--smoke", "-j", "1", "--json", "-o", str(folder)])
    assert done.exit_code == 0, done.output
    (results,) = folder.iterdir()
    return results, [json.loads(one) for one in done.stdout.splitlines() if one.startswith('{"table"')]


def test_every_column_is_described(printed: tuple[Path, list[dict[str, object]]]) -> None:
    for name in ("summary", "comparisons", "replications"):
        with (printed[0] / f"{name}.csv").open(newline="", encoding="utf-8") as file:
            columns = next(csv.reader(file))
        own = RESULTS.split(f"## {name}.csv")[1].split("\n## ")[0]
        assert [column for column in columns if f"`{column}`" not in own] == []


def test_json_lines_have_the_columns_of_their_tables(printed: tuple[Path, list[dict[str, object]]]) -> None:
    lines = printed[1]
    with (printed[0] / "comparisons.csv").open(newline="", encoding="utf-8") as file:
        columns = set(next(csv.reader(file)))
    keys = set(next(line for line in lines if line["table"] == "comparisons"))
    assert keys - columns == {"table", "swept", "against", "pairing"}
    assert columns - keys == {"baseline"}


def test_every_file_of_a_run_is_listed(printed: tuple[Path, list[dict[str, object]]]) -> None:
    names = {path.name for path in printed[0].iterdir() if not path.name.startswith(".")}
    listed = RESULTS.replace("comparison*.svg", "comparison.svg").replace("comparison*.png", "comparison.png")
    assert [name for name in names if f"`{name}`" not in listed and f"`{name}/`" not in listed] == []


def test_every_measure_of_coverage_is_told_with_its_band_and_lies_in_it() -> None:
    rows = re.findall(
        r"^\| (.*?) \| (0\.\d{3}) \| (0\.\d{3}) to (0\.\d{3}) \| (\d+) \|$", STATISTICS, re.MULTILINE
    )
    told = {(name, float(low), float(high), int(trials)) for name, _, low, high, trials in rows}
    assert told == {(one.name, one.low, one.high, one.samples) for one in MEASURES}
    assert all(float(low) <= float(share) <= float(high) for _, share, low, high, _ in rows)
