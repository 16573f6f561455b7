"""The pages on imperfect flags: commands and programmes run as they stand, with fewer replications."""

from __future__ import annotations

import csv
import re
import shlex
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from scipy import stats

from simgrid.cli.main import cli
from simgrid.domain.demand import Triage
from simgrid.foresight.triage import Readings, triage_waits
from simgrid.scenario import load

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/how-to/triage.md").read_text(encoding="utf-8")
SHARES = (10, 30, 50, 70, 90, 100)
NUMBER = r"([+-][\d.]+)"
ROW = re.compile(rf"^\| (\d+) % \| {NUMBER} \[{NUMBER}, {NUMBER}\] \| {NUMBER} \|", re.MULTILINE)


def blocks(language: str, text: str = PAGE) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def test_the_page_can_be_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    scenario = (ROOT / "scenarios/methods/triage.yaml").read_text(encoding="utf-8")
    *quoted, own = blocks("yaml")
    assert all(block in scenario for block in quoted)
    (tmp_path / "own.yaml").write_text(own, encoding="utf-8")
    for cell in load("own.yaml").cells:
        assert [flow.urgency.urgent_share for flow in cell.demand.arrivals.flows] == [1.0, 0.0]
    few = ["--replications", "2", "-j", "1", "--set", "horizon=5 d", "--set", "warmup=1 d"]
    printed = ""
    for line in "".join(blocks("sh")).splitlines():
        program, *arguments = shlex.split(line)
        assert program == "simgrid"
        arguments = [str(next(Path().glob(one))) if "*" in one else one for one in arguments]
        result = CliRunner().invoke(cli, [*arguments, *(few if arguments[0] == "run" else [])])
        assert result.exit_code == 0, result.output
        printed += result.output
    assert "urgency=urgent" in printed and "mean wait" in printed
    (programme,) = blocks("py")
    exec(compile(programme, "triage.md", "exec"), {"__name__": "page"})  # noqa: S102
    assert (tmp_path / "triage.png").stat().st_size > 10_000
    with (next(Path("results").iterdir()) / "summary.csv").open(newline="", encoding="utf-8") as file:
        groups = {row["group"] for row in csv.DictReader(file)}
    assert groups >= {"all", "urgency=urgent", "urgency=routine", "label=urgent", "label=routine"}


def test_what_the_page_tells_lies_at_the_formula() -> None:
    """The differences in its tables against the closed form: intervals of 95 % for all ten by Bonferroni."""
    reading = Readings(600.0, 0.5)
    tables = PAGE.split("**Mean wait")[1:]
    assert len(tables) == 2
    wider = stats.t.ppf(1 - 0.025 / 10, 19) / stats.t.ppf(0.975, 19)
    for table, group in zip(tables, ("urgent_s", "routine_s"), strict=True):
        rows = ROW.findall(table)
        assert [int(row[0]) for row in rows] == list(SHARES[1:])
        for share, mean, low, high, told in rows:
            found = triage_waits(Triage(int(share) / 100, 0.1), 100.8 / 86400, 0.1, reading, reading)
            exact = (getattr(found, group) - found.unlabelled_s) / 60
            assert float(told) == pytest.approx(exact, abs=0.006)
            half = (float(high) - float(low)) / 2 * wider
            assert abs(float(mean) - exact) < half + 0.05, (group, share, mean, exact)


def test_the_derivation_holds() -> None:
    """The differences that the explanation derives, against the waits that it derives them from."""
    sick, well = Readings(90.0, 0.6), Readings(52.5, 0.9)
    for sensitivity, false_positives in np.random.default_rng(3).random((20, 2)):
        found = triage_waits(Triage(sensitivity, false_positives), 0.01, 0.2, sick, well)
        rho_u, rho_r = 0.01 * 0.2 * 90.0, 0.01 * 0.8 * 52.5
        first = 1 - sensitivity * rho_u - false_positives * rho_r
        by = found.unlabelled_s * (sensitivity - false_positives) / first
        assert found.unlabelled_s - found.urgent_s == pytest.approx(by * rho_r)
        assert found.routine_s - found.unlabelled_s == pytest.approx(by * rho_u)
