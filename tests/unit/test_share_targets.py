"""A share target of the long run is the share of all inspections: in runs, plans, stress tests, reports."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from simgrid.cli.main import cli
from simgrid.domain.targets import Target
from simgrid.domain.units import FloatArray
from simgrid.experiments.data_dictionary import PLAN, SWEPT, columns
from simgrid.experiments.store import Run, RunStore
from simgrid.experiments.study import NotAStudy, read_study
from simgrid.planning.search import search
from simgrid.planning.settings import Settings
from simgrid.presentation.board.aims import aims_of
from simgrid.presentation.board.judging import judged
from simgrid.statistics.bounds import unfavourable
from simgrid.statistics.long_run import counted
from tests.planned import written

ROOT = Path(__file__).parents[2]
CHANGES = (
    ("count: 1\n", "count: 9\n"),
    ("urgent: 50 %", "urgent: 35 %"),
    (
        "quick: {of: all, within: 14.5 min, share: 90 %}",
        "quick: {of: urgency=urgent, within: 20 min, share: 60 %}",
    ),
    ("  runs: 60\n", "  runs: 20\n"),
    (
        "units.desk.link.bandwidth: [1 Mbit/s, 2 Mbit/s, 4 Mbit/s, 8 Mbit/s]",
        "units.desk.link.bandwidth: [8 Mbit/s]",
    ),
)
SHARE = Target("quick", "all", "response_time_success", 0.9, "higher")


def invoked(*arguments: str) -> Result:
    return CliRunner().invoke(cli, list(arguments), catch_exceptions=False)


def table(file: Path) -> list[dict[str, str]]:
    with file.open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("shares"), *CHANGES)


@pytest.fixture(scope="module")
def ran(world: Path) -> Path:
    done = invoked("run", str(world), "-j", "1", "-r", "12", "-o", str(world.parent / "run"))
    return Path(done.stdout.splitlines()[-1])


def pooled(rows: list[dict[str, str]]) -> tuple[float, float]:
    """By the measurements of single runs: the share of all inspections, and the mean of the shares."""
    by = {
        name: {row["replication"]: float(row["value"]) for row in rows if row["metric"] == name}
        for name in ("target.quick", "target.quick.inspections")
    }
    shares, counts = by.values()
    good = sum(shares[one] * counts[one] for one in shares)
    return good / sum(counts.values()), sum(shares.values()) / len(shares)


def test_the_summary_has_the_share_of_all_inspections_and_so_has_the_report(ran: Path) -> None:
    share, mean = pooled(table(ran / "replications.csv"))
    assert abs(share - mean) > 0.003  # or nothing would be shown
    (row,) = (one for one in table(ran / "summary.csv") if one["metric"] == "target.quick")
    assert float(row["mean"]) == pytest.approx(share)
    study = read_study(ran)
    figures = judged(study, tuple(aims_of(study, study.design.targets))).figures[0][0]
    assert figures is not None
    told = [f"{one:.10g}" for one in (figures[0].mean, figures[0].low, figures[0].high)]
    assert told == [row["mean"], row["lo95"], row["hi95"]]
    done = invoked("compare", str(ran), "--format", "json")
    assert f'"mean": {figures[0].mean}' in done.stdout


def test_plan_and_stress_have_it_too(world: Path, ran: Path) -> None:
    done = invoked("stress", str(world), "-j", "1", "-r", "12", "-o", str(world.parent / "run"), "--json")
    (row,) = (one for one in table(ran / "summary.csv") if one["metric"] == "target.quick")
    stressed = json.loads(done.stdout.splitlines()[0])["targets"][0]
    assert [f"{stressed[name]:.10g}" for name in ("mean", "low", "high")] == [
        row["mean"],
        row["lo95"],
        row["hi95"],
    ]
    planned = invoked("plan", str(world), "-j", "1", "-o", str(world.parent / "plan"))
    folder = Path(planned.stdout.splitlines()[-1])
    answer = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    now = answer["now"]["targets"][0]
    assert now["low"] <= now["mean"] <= now["high"]
    rows = table(folder / "plan.csv")
    assert {one["part"] for one in rows} >= {"search", "as written"}
    (written_,) = (one for one in rows if one["part"] == "as written")
    told = [float(written_[name]) for name in ("mean", "low", "high")]
    assert told == pytest.approx([now[name] for name in ("mean", "low", "high")])
    assert written_["verdict"] == now["verdict"]
    assert float(written_["cost"]) == pytest.approx(answer["now"]["cost"]["total"])
    tried = [one for one in answer["tried"] if one["stage"] == "search"]
    assert [row["n"] for row in rows if row["part"] == "search"] == [str(one["n"]) for one in tried]
    if answer["plan"] is not None:
        named = [one for one in rows if one["named"]]
        assert {one["radiologists.reader.count"] for one in named} == {
            answer["plan"]["radiologists.reader.count"]
        }
    places = tuple(answer["now"]["plan"])
    assert list(rows[0]) == [one.name for one in columns(PLAN, places)]


def test_the_page_on_results_has_every_column_of_the_plan() -> None:
    page = (ROOT / "docs/reference/results.md").read_text(encoding="utf-8").split("\n## plan.csv\n")[1]
    wanted = [f"| `{one.name}` | {one.kind} | {one.meaning} |" for one in PLAN.fields if one.name != SWEPT]
    assert [row for row in wanted if row not in page.split("\n## ")[0]] == []


def test_runs_that_did_not_count_are_refused_in_one_line(ran: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load = RunStore.load

    def of_an_earlier_version(store: RunStore, key: str) -> Run | None:
        run = load(store, key)
        assert run is not None
        return replace(
            run, measurements=tuple(one for one in run.measurements if "inspections" not in one.metric)
        )

    assert read_study(ran).column("target.quick.inspections") is not None
    monkeypatch.setattr(RunStore, "load", of_an_earlier_version)
    with pytest.raises(NotAStudy, match=r"'quick' is, .*run the scenario again"):
        read_study(ran)


def test_a_plan_is_searched_and_tested_by_the_share_of_all_inspections() -> None:
    """The cheap plan is late on one busy evening of ten: most evenings pass, most inspections do not."""

    def observe(plans: Sequence[int], stage: str, upto: int) -> FloatArray:
        rng = np.random.default_rng([7, stage == "test"])
        busy = rng.random(1000)[:upto] < 0.1
        counts = np.where(busy, 200.0, 20.0)
        shares = [np.where(busy, 0.62 if plan == 0 else 0.99, 1.0) for plan in plans]
        return np.array([counted(one, counts) for one in shares])[:, :, None, :]

    def alike(plans: Sequence[int], stage: str, upto: int) -> FloatArray:
        return observe(plans, stage, upto)[..., 0]

    settings = Settings(tolerance=0.02, runs=400)
    by_evenings = search([1.0, 2.0], [SHARE], alike, settings)
    by_inspections = search([1.0, 2.0], [SHARE], observe, settings)
    assert (by_evenings.plan, by_inspections.plan) == (0, 1)
    assert by_inspections.binds == (0,)
    assert by_inspections.bounds[0].n > 0


def test_a_replication_without_an_inspection_of_the_group_tells_nothing() -> None:
    values = counted([1.0, np.nan, 0.5], [10.0, 0.0, 30.0])
    found = unfavourable(values, SHARE)
    assert (found.mean, found.n) == (0.625, 2)
