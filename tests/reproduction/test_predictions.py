"""The study's untested predictions: each scenario measures what claims.yaml declares, where it says."""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from simgrid.domain.scenario import PolicyChoice, Scenario
from simgrid.experiments.assemble import run_once
from simgrid.scenario import load
from simgrid.scenario.files import read_file

ROOT = Path(__file__).parents[2]


def verdict_rows() -> list[dict[str, str]]:
    with (ROOT / "results/reference/verdicts-full.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def predictions() -> dict[str, dict[str, Any]]:
    text: Any = read_file(ROOT / "paper/claims.yaml").plain()
    claims = text["claims"]
    return {key: one for key, one in claims.items() if one.get("experiment", "").startswith("prediction-")}


PREDICTIONS = predictions()


@cache
def cells(name: str) -> tuple[Scenario, ...]:
    return load(f"paper/{name}").cells


def declared(quantity: dict[str, Any]) -> set[str]:
    metrics = quantity.get("difference") or quantity.get("trend") or []
    return {metrics} if isinstance(metrics, str) else set(metrics)


def points(name: str, column: str) -> set[str]:
    return {dict(cell.swept)[column] for cell in cells(name)}


def test_every_prediction_of_the_study_has_its_claim() -> None:
    assert set(PREDICTIONS) == {"K9", "K13", "K14", "K15", "K16"}


@pytest.mark.parametrize("key", PREDICTIONS)
def test_what_is_declared_is_primary_and_measured(key: str) -> None:
    claim = PREDICTIONS[key]
    quantity = claim["quantity"]
    for cell in cells(claim["experiment"]):
        labels = {policy.label for policy in cell.policies}
        assert "rwoa" in labels
        assert "policy" not in quantity or {quantity["policy"], *quantity["against"]} <= labels
        assert declared(quantity) <= set(cell.primary)
    first = cells(claim["experiment"])[0]
    measured = {one.metric for one in run_once(first, PolicyChoice("rwoa"), 0) if one.group == "all"}
    assert set(first.primary) <= measured


def test_what_is_compared_can_be_named() -> None:
    delivery, storage = PREDICTIONS["K9"], PREDICTIONS["K16"]
    assert points("prediction-delivery", "grid.delivery") >= {
        delivery["quantity"]["variant"],
        *delivery["quantity"]["against"],
    }
    assert points("prediction-delivery", "variant") >= set(delivery["readings"])
    assert points("prediction-storage", "variant") >= {
        storage["quantity"]["variant"],
        *storage["quantity"]["against"],
    }


def test_the_load_a_radiologist_is_the_same_in_every_pool() -> None:
    pools = cells("prediction-pool")
    assert [len(cell.radiologists) for cell in pools] == [3, 6, 9, 12, 18]
    assert {(cell.demand.arrivals.count or 0) / len(cell.radiologists) for cell in pools} == {50 / 3}
    for cell in pools:  # and the fields are mixed alike
        fields = [tuple(sorted(one.ratings.items())) for one in cell.radiologists]
        assert {fields.count(one) for one in fields} == {len(fields) // 3}


def test_the_constraints_are_those_that_are_named() -> None:
    by_name = {dict(cell.swept)["variant"]: cell for cell in cells("prediction-constraints")}
    free, all_three = by_name["free"], by_name["constrained"]
    for name, attribute in (
        ("slow-lines", "sites"),
        ("staggered-shifts", "radiologists"),
    ):
        assert getattr(by_name[name], attribute) == getattr(all_three, attribute) != getattr(free, attribute)
    assert [one.storage_bytes for one in by_name["small-storage"].units] == [
        one.storage_bytes for one in all_three.units
    ]
    assert min(one.storage_bytes for one in free.units) > max(one.storage_bytes for one in all_three.units)
    for cell in by_name.values():
        assert cell.demand == free.demand


PAGE = (ROOT / "docs/explanation/predictions.md").read_text(encoding="utf-8")
TOLD = re.compile(
    r"^\| .*? \| .*? \| ([+-]?[\d.]+)(?: points)? \[([+-]?[\d.]+), ([+-]?[\d.]+)\] \| ([a-z ]+)", re.MULTILINE
)
ESTIMATED = [row for row in verdict_rows() if row["claim"] in PREDICTIONS and row["claim"] != "K13"]


def test_the_page_tells_every_estimated_verdict() -> None:
    table = PAGE[: PAGE.index("## Delivery")]
    assert len(TOLD.findall(table)) == len(ESTIMATED) == 11


@pytest.mark.parametrize("place", range(11))
def test_the_page_has_the_numbers_and_words_of_the_reference_runs(place: int) -> None:
    row = ESTIMATED[place]
    *numbers, word = TOLD.findall(PAGE)[place]
    scale = 100 if row["claim"] in ("K14", "K15") else 1
    for number, stored in zip(numbers, (row["ours"], row["lo95"], row["hi95"]), strict=True):
        digits = len(number.partition(".")[2])
        assert round(scale * float(stored), digits) == float(number)
    assert word.strip() == row["verdict"]
