"""Report pages that the browser tests open: each made once for a module."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from simgrid.cli.main import cli
from simgrid.experiments.study import Column
from simgrid.presentation.board.making import report
from tests import planned
from tests.reports import TAIL, URGENT, given, invented

AXE_OPTIONS = {"resultTypes": ["violations"]}
BAD = ("serious", "critical")
HOURS = tuple(Column(f"hour={hour:02d}", "response_time_success", "1") for hour in range(24))
COLUMNS = (Column("all", "target.urgent", "1"), Column("all", "target.tail", "min"), *HOURS)


def a_study(places: list[str], *, levels: int = 5, title: str = "A study in a browser") -> Any:
    def value(at: tuple[int, ...], replication: int) -> list[float]:
        share = 0.95 + 0.002 * sum(at) + (replication % 3 - 1) * 0.004
        return [share, 118.0 - sum(at) + replication % 2, *(share - hour / 100 for hour in range(24))]

    inputs = {place: [f"{2**k} Mbit/s" for k in range(levels)] for place in places}
    return invented(inputs, value, columns=COLUMNS, replications=120, title=title)


@pytest.fixture(scope="module")
def four_inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four inputs of five levels, of which every run but some was made."""
    study = a_study([f"units.{name}.link.bandwidth" for name in "abcd"])
    made = [k for k, point in enumerate(study.design.points) if point[:2] != ("16 Mbit/s", "16 Mbit/s")]
    design = replace(study.design, points=tuple(study.design.points[k] for k in made))
    kept = replace(study, design=design, values=study.values[made], keys=tuple(study.keys[k] for k in made))
    file = tmp_path_factory.mktemp("report") / "report.html"
    file.write_text(report(given(kept, targets=(URGENT, TAIL), stress=STRESS)), encoding="utf-8")
    return file


STRESS = {
    "schema": 1,
    "targets": [{"name": "urgent", "mean": 0.97, "low": 0.96, "high": 0.98, "verdict": "met"}],
    "without": [
        {
            "kind": "link",
            "name": "clinic/up",
            "targets": [{"name": "urgent", "mean": 0.9, "low": 0.89, "high": 0.91, "verdict": "missed"}],
            "breaks": ["urgent"],
        }
    ],
}


WHOLE = """
extends: tiny/one-unit
title: "A report with every part"
policies: [shortest-queue]
replications: 12
groups: [urgency, link, hour]
grid: {monitoring: {every: 1 min}}
targets: {in time: {of: all, within: 60 min, share: 40 %}}
costs: {units.desk.link.bandwidth: 3 EUR/Mbit/s/month}
sweep: {units.desk.link.bandwidth: [5 Mbit/s, 20 Mbit/s]}
sites: {clinic: {at: {x: -6.2, y: 53.3}}}
"""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of real runs that meet their target, with its map and its waits."""
    place = tmp_path_factory.mktemp("whole")
    (place / "whole.yaml").write_text(WHOLE, encoding="utf-8")
    ran = CliRunner().invoke(cli, ["run", str(place / "whole.yaml"), "-j", "1", "-o", str(place / "results")])
    assert ran.exit_code == 0, ran.output
    folder = Path(ran.stdout.splitlines()[-1])
    made = CliRunner().invoke(cli, ["report", str(folder), "--waits", "2"])
    assert made.exit_code == 0, made.output
    return folder / "report.html"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory, whole: Path, four_inputs: Path) -> dict[str, Path]:
    """Reports of a run, a plan and a stress test with a map and hours, alone and together."""
    place = tmp_path_factory.mktemp("pages")
    file = planned.written(
        place,
        ("groups: []", "groups: [urgency, link, hour]\ngrid: {monitoring: {every: 5 min}}"),
        ("targets:\n", "targets:\n  tail: {metric: tat_p95_min, at_most: 60 min, of: all}\n"),
    )
    for command in (["plan"], ["run"], ["stress", "-r", "8"]):
        done = CliRunner().invoke(cli, [*command, str(file), "-j", "1", "-o", str(place / "results")])
        assert done.exit_code in (0, 1), done.output
    (folder,) = (place / "results").iterdir()
    parts = {"plan": ["plan"], "stress": ["stress"], "run": ["study"]}
    parts |= {"plan and stress": ["plan", "stress"], "all": ["plan", "stress", "study"]}
    made = {"map and waits": whole, "sliders and stress": four_inputs}
    for name, kept in parts.items():
        own = place / name
        shutil.copytree(folder, own)
        for one in {"plan", "stress", "study"} - set(kept):
            (own / f"{one}.json").unlink()
        told = CliRunner().invoke(cli, ["report", str(own), "--waits", "2"])
        assert told.exit_code == 0, told.output
        made[name] = own / "report.html"
    return made


def printed_pages(page: Any) -> int:
    """How many pages the print of an open page has."""
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", page.pdf(prefer_css_page_size=True)))
