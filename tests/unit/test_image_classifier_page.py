"""The page on the classifier says what the evaluation found, to the digit, and hides no missed goal."""

from __future__ import annotations

import re
from pathlib import Path

from simgrid.quality.evaluation.goals import GOALS, earns, goals_table, reached
from simgrid.quality.evaluation.tables import as_csv, from_csv
from simgrid.quality.measures import NAMES

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/explanation/image-classifier.md").read_text(encoding="utf-8")
TABLES = (ROOT / "results/quality/tables.csv").read_text(encoding="utf-8")


def test_the_goals_on_the_page_are_those_of_the_evaluation() -> None:
    rows = from_csv(TABLES)
    assert goals_table(rows) in PAGE
    assert earns(rows) in PAGE
    assert as_csv(rows) == TABLES


def test_every_missed_goal_is_spoken_of() -> None:
    missed = [goal for goal in GOALS if not reached(goal, from_csv(TABLES))]
    notes = PAGE.partition("### What is missed")[2]
    for goal in missed:
        word = goal.says.split(",")[0].split(" ")[0]
        assert re.search(rf"\b{word}\b", notes, re.I), goal.says


def test_the_page_counts_the_measures() -> None:
    assert f"{len(NAMES)} numbers" in PAGE


def test_the_model_card_says_the_same_of_the_network() -> None:
    card = (ROOT / "simgrid/quality/weights/classifier.md").read_text(encoding="utf-8")
    assert earns(from_csv(TABLES)) in card


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", PAGE):
        assert (ROOT / "docs/explanation" / target).exists(), target
