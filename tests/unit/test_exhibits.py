"""Exhibits: what is written of evidence, and that it is the same bytes every time."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from simgrid.cli.main import cli
from simgrid.reproduction.evidence import Evidence
from simgrid.reproduction.exhibits import rendering
from simgrid.reproduction.exhibits.catalogue import EXHIBITS
from simgrid.reproduction.exhibits.drawing import spread_out
from simgrid.reproduction.exhibits.estimates import estimated, reciprocal
from simgrid.reproduction.exhibits.exhibit import Exhibit, Need, Table, metrics_needed, worlds_needed, written
from simgrid.reproduction.exhibits.figure_4 import gains_of, stated
from simgrid.reproduction.exhibits.frontier import pairs_of, standings
from simgrid.reproduction.experiments import Worlds
from simgrid.reproduction.mined_ratings import MINUTES, READINGS, practice_in
from simgrid.reproduction.parts import DISTANCE
from simgrid.scenario import shipped

FEW = Worlds("few", "tiny/one-unit", quick=2, full=3, cpu_s=1.0)


def evidence(**values: list[float]) -> dict[str, Evidence]:
    rows = {metric: {"rwoa": np.array(row)} for metric, row in values.items()}
    return {"few": Evidence("few", 3, "folder", "digest", rows)}


@pytest.mark.parametrize(
    ("value", "text"),
    [("CT", "CT"), (3, "3"), (0.1, "0.1"), (1 / 3, "0.333333"), (-1e-300 * 1e-300, "0"), (math.nan, ""),
     (math.inf, "inf"), (123456.4, "123456"), (1234567.0, "1.23457e+06")],
)  # fmt: skip
def test_values_have_one_form(value: float | str, text: str) -> None:
    assert written(value) == text


def test_a_last_bit_changes_no_table() -> None:
    rows = [Table(("a",), ((value,),)).text() for value in (0.1 + 0.2, 0.3, np.nextafter(0.3, 1).item())]
    assert rows == ["a\n0.3\n"] * 3


def test_an_exhibit_needs_its_worlds_and_metrics() -> None:
    exhibit = Exhibit("one", "One", (Need(FEW, ("a", "b")),), uses=(Need(FEW, ("c", "a")),))
    assert not exhibit.ready({})
    assert not exhibit.ready(evidence(a=[1, 2, 3]))
    assert exhibit.ready(evidence(a=[1, 2, 3], b=[1, 2, 3]))
    assert metrics_needed([exhibit], "few") == ("a", "b", "c")
    assert worlds_needed([exhibit]) == {"few": FEW}


def test_estimates_of_worlds() -> None:
    found = estimated(np.array([1.0, 2.0, 3.0, math.nan]))
    assert (found.mean, found.single_low, found.single_high, found.worlds) == (2.0, 1.0, 3.0, 3)
    half = 4.302652729911275 / math.sqrt(3)
    assert (found.low, found.high) == pytest.approx((2 - half, 2 + half))
    alone = estimated(np.array([1.0]))
    assert math.isnan(alone.low)
    assert math.isnan(alone.single_low)
    tenth = reciprocal(np.array([0.1, 0.4, 0.0]))
    assert tenth.mean == pytest.approx(6.0)
    assert (tenth.single_low, tenth.single_high) == (2.5, math.inf)


def test_only_what_has_evidence_is_written(tmp_path: Path) -> None:
    def table(found: object) -> Table:
        assert found
        return Table(("metric", "mean"), (("a", 0.5),))

    ready = Exhibit("ready", "Ready", (Need(FEW, ("a",)),), table=table)
    waiting = Exhibit("waiting", "Waiting", (Need(FEW, ("z",)),), table=table)
    assert rendering.write((ready, waiting), evidence(a=[1, 2, 3]), tmp_path) == ("tables/ready.csv",)
    assert [file.name for file in tmp_path.rglob("*") if file.is_file()] == ["ready.csv"]
    assert (tmp_path / "tables/ready.csv").read_text(encoding="utf-8") == "metric,mean\na,0.5\n"


def test_the_catalogue_names_each_once_and_every_scenario_is_there() -> None:
    assert len({one.name for one in EXHIBITS}) == len(EXHIBITS)
    assert all(one.table or one.figure for one in EXHIBITS)
    assert all(shipped(worlds.scenario) for worlds in worlds_needed(EXHIBITS).values())


def differing(*shifts: float) -> np.ndarray:
    """Twenty worlds around each shift, that differ from policy to policy by the shift and a little noise."""
    rng = np.random.default_rng(7)
    return np.array([shift + 0.01 * rng.standard_normal(30) for shift in shifts])


def test_a_policy_dominates_by_intervals_and_not_by_means() -> None:
    goals = ("subspecialty_success", "workload_distance")
    better, same, worse = differing(0.9, 0.9, 0.5)
    near, near_too, far = differing(0.1, 0.1, 0.4)
    values = {
        goals[0]: {"best": better, "copy": better, "noisy": same, "poor": worse, "fair": worse},
        goals[1]: {"best": near, "copy": near, "noisy": near_too, "poor": far, "fair": near - 0.05},
    }
    pairs = pairs_of(values, goals)
    relations = {(one.one, one.other): one.relation for one in pairs}
    assert relations["best", "copy"] == "cannot be told apart"
    assert relations["best", "noisy"] == "cannot be told apart"
    assert relations["best", "poor"] == "dominates"
    assert relations["best", "fair"] == "trade-off"
    assert relations["poor", "fair"] == "is dominated"  # equal in every world in one goal, worse in the other
    told = standings(pairs)
    assert told["poor"] == ("dominated", ("best", "copy", "noisy", "fair"))
    assert told["fair"] == ("no other dominates it", ())
    assert told["best"] == ("open", ())  # the noisy one may be better
    alone = {goal: {name: of[name] for name in ("best", "copy", "fair")} for goal, of in values.items()}
    assert standings(pairs_of(alone, goals))["best"] == ("no other dominates it", ())


def test_names_are_moved_apart_and_no_further() -> None:
    assert spread_out([0.0, 5.0, 9.0], 1.0) == [0.0, 5.0, 9.0]
    assert spread_out([1.0, 1.0], 1.0) == pytest.approx([0.5, 1.5])
    moved = spread_out([3.0, 1.0, 1.2, 1.1, 2.2], 1.0)
    ordered = sorted(moved)
    assert min(high - low for low, high in pairwise(ordered)) >= 1.0 - 1e-12
    assert np.argsort(moved).tolist() == np.argsort([3.0, 1.0, 1.2, 1.1, 2.2]).tolist()


def test_an_exhibit_can_be_asked_for_alone(tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, ["reproduce", "figure-2", "-j", "1", "-o", str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines()[-1].endswith("tables/figure-2.csv, figures/figure-2.png")
    made = sorted(str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*") if file.is_file())
    assert made == ["reproduce/figures/figure-2.png", "reproduce/tables/figure-2.csv"]


def test_a_kept_log_is_the_mined_one() -> None:
    readings = {"R1 CT Brain": [3.0, 0.0], "R1 CT Upper Abdomen": [1.0, 2.0], "R2 CT Brain": [0.0, 4.0]}
    readings["R2 CT Upper Abdomen"] = [5.0, 0.0]
    minutes = {arm: [10.0 * value for value in row] for arm, row in readings.items()}
    values = {
        metric: {arm: np.array(row) for arm, row in rows.items()}
        for metric, rows in ((READINGS, readings), (MINUTES, minutes))
    }
    second = practice_in(values, 1)
    assert second.radiologists == ("R1", "R2")
    assert second.cells == (("CT", "Brain"), ("CT", "Upper Abdomen"))
    assert second.readings.tolist() == [[0, 2], [4, 0]]
    assert second.workload_min.tolist() == [20.0, 40.0]


def test_a_gain_is_that_of_its_claim() -> None:
    workload, total = (one for one in stated() if one.name in ("K5", "K7"))
    rows = {
        DISTANCE: {"rwoa": np.array([0.1, 0.3]), "manual": np.array([0.2, 0.6])},
        "tat_mean_min": {"rwoa": np.array([30.0, 60.0]), "manual": np.array([40.0, 80.0])},
    }
    found = {"stage-2": Evidence("stage-2", 2, "folder", "digest", rows)}
    (half,) = gains_of(workload, found)
    assert (half.part.name, half.policy) == ("equal", "rwoa")
    assert half.estimate.mean == pytest.approx(100.0)  # half the distance is twice the success of eq. 10
    (shorter,) = gains_of(total, found)
    assert (shorter.part.name, shorter.estimate.mean) == ("wall-clock", pytest.approx(25.0))
