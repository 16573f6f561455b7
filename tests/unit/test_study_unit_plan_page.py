"""The page on the study's unit: its numbers are those of the answer that is kept."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from simgrid.experiments.installed import installed
from simgrid.planning.screening import Theory
from simgrid.planning.space import plans
from simgrid.scenario import load
from simgrid.statistics.bounds import unfavourable
from simgrid.statistics.long_run import counted

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/explanation/study-unit-plan.md").read_text(encoding="utf-8")
ANSWER = json.loads((ROOT / "results/planning/study-unit-plan.json").read_text(encoding="utf-8"))


def test_the_numbers_are_those_that_are_kept() -> None:
    now, found = ANSWER["now"], ANSWER
    told = [f"> {ANSWER['answer']}", ANSWER["tolerance_says"]]
    told += [f"| {found['cost']['total']:,.0f} | {now['cost']['total']:,.0f} |"]
    for key in ("mean", "low"):
        told += [f"| {found['targets'][0][key]:.2%} | {now['targets'][0][key]:.2%} |"]
    told += [f"| {found['targets'][0]['verdict']} | {now['targets'][0]['verdict']} |"]
    told += [f"| {found['targets'][0]['n']} | {now['n']} |"]
    for one in ANSWER["load"]:
        (target,) = one["targets"]
        told += [f"| {one['scale'] - 1:+.0%} | {target['mean']:.2%} | {target['low']:.2%} |"]
    told += [f"- {one['what']}: {one['says']}." for one in ANSWER["people"]]
    told += [f"{one['cost']:,.0f} EUR a month: {one['says']}." for one in ANSWER["rivals"]]
    told += [f"{ANSWER['runs'][key]:,}" for key in ("search", "test", "beside", "exhaustive")]
    assert [one for one in told if one not in PAGE] == []


def test_the_kept_figures_follow_from_the_kept_weeks() -> None:
    with (ROOT / "results/planning/study-unit-weeks.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    (asked,) = plans(load("planning/study-unit", (), installed(), planned=True))[0].cell.targets
    for which, (kept,), n in (
        ("plan", ANSWER["targets"], ANSWER["targets"][0]["n"]),
        ("deployed", ANSWER["now"]["targets"], ANSWER["now"]["n"]),
    ):
        own = [row for row in rows if row["which"] == which][:n]
        shares, counts = ([float(row[name]) for row in own] for name in ("required", "inspections"))
        found = unfavourable(counted(shares, counts), asked, ANSWER["confidence"])
        assert (found.mean, found.low, found.met) == (
            pytest.approx(kept["mean"]),
            pytest.approx(kept["low"]),
            kept["verdict"],
        )


def test_the_answer_is_to_the_scenario_that_is_shipped() -> None:
    made = plans(load("planning/study-unit", (), installed(), planned=True))
    assert len(made) == ANSWER["plans"]
    (costs,) = ({one.cost.total for one in made if dict(one.values) == ANSWER["plan"]},)
    assert costs == {ANSWER["cost"]["total"]}


def test_the_calendar_is_reckoned_as_told() -> None:
    for urgent in (5, 22, 60):
        made = plans(load("planning/study-unit", (f"demand.urgent={urgent} %",), installed(), planned=True))
        asked = made[0].cell.plan
        assert asked is not None
        theory = Theory(asked.meet, asked.tolerance)
        for hours in ("Mon-Fri 17:00-20:00", "Mon-Fri 16:00-20:00"):
            words = {"radiologists.evening.hours": hours, "radiologists.day.count": "0"}
            plan = next(one for one in made if words.items() <= dict(one.values).items())
            assert f"{100 * dict(theory.reachable(plan.cell))[0]:.1f} %" in PAGE
