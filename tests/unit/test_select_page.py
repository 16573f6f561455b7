"""The page on selecting: what it shows is printed, its commands end well, every measure is told."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from simgrid.cli.main import cli
from simgrid.domain.scenario import PolicyChoice, Scenario
from simgrid.experiments import assemble
from simgrid.metrics import Measurement
from simgrid.randomness import stream
from tests.statistical.ranking import CASES, PROMISES, SELECTIONS, SKEWED, SKEWED_LOW, fewest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/how-to/select.md").read_text(encoding="utf-8")
STATISTICS = (ROOT / "docs/explanation/statistics.md").read_text(encoding="utf-8")
FIRST, *OTHERS = re.findall(r"```sh\nsimgrid (.*?)\n```", PAGE, re.DOTALL)


def test_the_first_command_prints_what_the_page_shows(tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, [*shlex.split(FIRST), "-j", "1", "-o", str(tmp_path)])
    assert done.exit_code == 0, done.output
    (shown,) = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
    assert done.stdout.startswith(shown)


@pytest.mark.parametrize("command", OTHERS)
def test_the_other_commands_end_well(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a model that takes no time: the real one is the first command's."""

    def quick(cell: Scenario, policy: PolicyChoice, replication: int, _: Any) -> tuple[Measurement, ...]:
        luck = float(stream(cell.seed, replication, policy.label, str(cell.swept)).normal())
        return (Measurement("all", "tat_p95_min", "min", 60 + luck),)

    monkeypatch.setattr(assemble, "run_once", quick)
    done = CliRunner().invoke(cli, [*shlex.split(command), "-j", "1", "-o", str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("Selected: ")


def test_the_shares_told_are_those_of_every_case_and_none_breaks_the_promise() -> None:
    rows = re.findall(r"^\| (\d+(?:, 20 first)?) \| (own|shared) \| (.*?) \|$", STATISTICS, re.MULTILINE)
    told = {}
    for count, luck, shares in rows:
        candidates, first = (count.split(",")[0], 20 if "20 first" in count else 10)
        for spread, share in zip(("equal", "rising", "falling"), shares.split("|"), strict=True):
            if share.strip():
                told[f"KN, {candidates}, {luck} luck, {spread} spread, {first} first"] = float(share)
    assert set(told) == {one.name for one in PROMISES}
    assert min(told.values()) >= fewest() / SELECTIONS
    for case, (_, _, budget) in CASES.items():
        assert re.search(rf"^\| {case} \| {budget} \| 0\.\d{{3}} \| 0\.\d{{3}} \|$", STATISTICS, re.MULTILINE)


def test_what_skewed_observations_cost_is_told() -> None:
    (table,) = re.findall(r"\| equal, exponential .*?\n\n", STATISTICS, re.DOTALL)
    shares = [float(share) for share in re.findall(r"0\.\d{3}", table)]
    assert len(shares) == len(SKEWED)
    assert min(shares) >= SKEWED_LOW
