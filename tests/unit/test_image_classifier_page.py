"""The page on the classifier says what the evaluation found, to the digit, and hides no missed goal."""

from __future__ import annotations

import hashlib
import math
import re
from pathlib import Path

import pytest

from simgrid.quality.defect_names import DEFECTS
from simgrid.quality.evaluation.goals import GOALS, earns, goals_table, reached
from simgrid.quality.evaluation.tables import as_csv, by_name, from_csv
from simgrid.quality.evaluation.verdict_shares import AS_THEY_CAME, LEFT_OUT, shares_table
from simgrid.quality.evaluation.weak_spots import losses_table, weak_spots
from simgrid.quality.measures import NAMES

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/explanation/image-classifier.md").read_text(encoding="utf-8")
TABLES = (ROOT / "results/quality/tables.csv").read_text(encoding="utf-8")
CARD = (ROOT / "simgrid/quality/weights/classifier.md").read_text(encoding="utf-8")


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
    assert earns(from_csv(TABLES)) in CARD


def test_what_each_defect_loses_under_the_second_generator_is_on_the_page() -> None:
    rows = from_csv(TABLES)
    assert losses_table(rows) in PAGE
    found = by_name(rows)
    said = PAGE.partition("### The second generator, defect by defect")[2].partition("###")[0]
    for name in DEFECTS:
        lost = found["second generator", "fused", name, "AUC lost"]
        if lost.value > 0.05:
            assert re.search(rf"\*\*{name}\*\*[^*]*{f'{lost.value:.3f}'.removeprefix('0')}", said, re.I), name


def test_the_page_says_how_many_good_images_are_sent_back() -> None:
    rows = from_csv(TABLES)
    for table in (LEFT_OUT, AS_THEY_CAME):
        assert shares_table(rows, table) in PAGE
    found = by_name(rows)
    said = PAGE.partition("### What a department would be told")[2].partition("###")[0]
    how_to = (ROOT / "docs/how-to/check-images.md").read_text(encoding="utf-8")
    for key in (
        (LEFT_OUT, "fused", "no defect CT", "repeat asked for"),
        (LEFT_OUT, "fused", "no defect MR", "repeat asked for"),
        (LEFT_OUT, "fused", "damage from 0.35", "accepted"),
        (AS_THEY_CAME, "fused", "all", "repeat asked for"),
    ):
        assert re.sub(r"\b0\.", ".", str(found[key])) in said
        assert f"{found[key].value:.0%}".replace("%", " %") in how_to


def test_the_page_says_what_radiographs_do_to_inversion() -> None:
    found = by_name(from_csv(TABLES))["test", "fused", "inversion", "AUC"]
    words = " ".join(PAGE.partition("### Radiographs are called inverted")[2].partition("###")[0].split())
    assert re.sub(r"\b0\.", ".", str(found)) in words


def test_the_model_card_says_where_it_fails_and_what_was_looked_at() -> None:
    rows = from_csv(TABLES)
    assert weak_spots(rows) in CARD
    log = (ROOT / "simgrid/quality/training/looked_at.md").read_text(encoding="utf-8")
    assert CARD.endswith(log), "training copies the log to the card"
    for name in ("classifier.onnx", "classifier.npz"):
        digest = hashlib.sha256((ROOT / "simgrid/quality/weights" / name).read_bytes()).hexdigest()
        assert digest in CARD
        if name.endswith("onnx"):
            assert digest[:8] in log, "the figures of the test set name the weights they belong to"
    words = " ".join(log.split())
    for row in rows:
        if row.table == "test" and row.judge == "fused" and row.of == "AUC of any defect":
            assert f"{row.on} {row.estimate}" in words


def test_the_page_says_what_is_not_to_be_judged_and_was() -> None:
    rows = [row for row in from_csv(TABLES) if row.table == "outside"]
    assert rows
    for row in rows:
        count = round(row.estimate.value * row.estimate.images)
        assert f"| {row.on} | {row.estimate.images} | {count} |" in PAGE


def test_a_single_source_has_no_interval() -> None:
    single = [row.estimate for row in from_csv(TABLES) if row.estimate.sources == 1]
    assert single
    assert all(math.isnan(one.low) and math.isnan(one.high) and "[" not in str(one) for one in single)


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", PAGE):
        assert (ROOT / "docs/explanation" / target).exists(), target


@pytest.mark.parametrize("name", ["improvements", "fusions"])
def test_the_page_has_the_tables_that_were_measured(name: str) -> None:
    (shown,) = re.findall(rf"<!-- {name} -->(.*?)<!-- /{name} -->", PAGE, re.DOTALL)
    assert shown.strip() == (ROOT / f"results/quality/{name}.md").read_text(encoding="utf-8").strip()


def test_three_things_were_tried_for_every_missed_goal() -> None:
    rows = from_csv((ROOT / "results/quality/tables.csv").read_text(encoding="utf-8"))
    lines = (ROOT / "results/quality/improvements.md").read_text(encoding="utf-8").splitlines()
    mixtures = (ROOT / "results/quality/fusions.md").read_text(encoding="utf-8").splitlines()
    for goal in GOALS:
        if reached(goal, rows):
            continue
        if goal.says.startswith("above"):
            assert len(mixtures) >= 2 + 3
            continue
        word = "severity of CT noise" if goal.says.startswith("severity") else goal.key[2]
        tried = {line.split("|")[2] for line in lines if line.startswith(f"| {word} |")}
        assert len(tried) >= 3, goal.says


def test_every_interval_in_its_sentences_is_in_a_table() -> None:
    """So that no sentence keeps a figure of weights before these."""
    prose = " ".join(re.sub(r"(?m)^\|.*$", "", PAGE).split())
    number = r"-?\d?\.\d{3}"
    told = [re.sub(r"(?<!\d)\.", "0.", one) for one in re.findall(rf"{number} \[{number}, {number}\]", prose)]
    kept = {str(row.estimate) for row in from_csv(TABLES)}
    assert len(told) >= 6
    assert set(told) <= kept


def test_what_the_page_says_of_the_test_set_and_of_modalities_left_out_is_measured() -> None:
    found = by_name(from_csv(TABLES))
    words = " ".join(PAGE.split())

    def short(*key: str) -> str:
        return f"{found[key[0], 'fused', key[1], key[2]].value:.2f}".removeprefix("0")

    area = "AUC of any defect"
    ct, mr, cr = (short("test", one, area) for one in ("CT", "MR", "CR"))
    chest, leg = (short("test", f"pydicom-data-cr-{one}", area) for one in ("chest", "leg"))
    assert f"by modality CT {ct}, MR {mr}, radiographs {cr}: the chest {chest}, the leg {leg}," in words
    ct, mr, cr = (short("modality left out", one, area) for one in ("CT", "MR", "CR"))
    assert f"With a whole modality left out of training: CT {ct}, MR {mr}, radiographs {cr}." in words
    error = f"{found['test', 'fused', 'any', 'ECE'].value:.3f}".removeprefix("0")
    assert f"Its calibration error is {error}, above the goal" in words
