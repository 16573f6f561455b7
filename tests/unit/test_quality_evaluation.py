"""Areas, calibration errors and correlations by their definitions; tables of scores whose answer is known."""

from __future__ import annotations

import io
import math
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr

from simgrid.quality.defect_names import DEFECTS, possible
from simgrid.quality.evaluation import auc, goals, verdict_shares
from simgrid.quality.evaluation.gallery import failures
from simgrid.quality.evaluation.scores import JUDGES, KEPT, cross_calibrated, kept
from simgrid.quality.evaluation.tables import Row, all_rows, as_csv, by_name, from_csv
from simgrid.quality.evaluation.verdict_shares import LEFT_OUT, left_out, shares_table
from simgrid.quality.evaluation.weak_spots import rows_on_left_out, weak_spots
from simgrid.quality.measures import NAMES

SOURCES = 6


@settings(max_examples=30, deadline=None)
@given(
    scores=st.lists(st.integers(0, 5), min_size=2, max_size=40),
    seed=st.integers(0, 100),
)
def test_area_is_the_share_of_ordered_pairs(scores: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    truth = rng.random(len(scores)) < 0.5
    weight = rng.integers(0, 3, len(scores)).astype(float)
    (found,) = auc.aucs(np.array(scores, float), truth, weight[None])
    pairs = [
        (weight[i] * weight[j], (scores[i] > scores[j]) + 0.5 * (scores[i] == scores[j]))
        for i in np.flatnonzero(truth)
        for j in np.flatnonzero(~truth)
    ]
    whole = sum(one for one, _ in pairs)
    if whole == 0:
        assert math.isnan(found)
    else:
        assert found == pytest.approx(sum(one * won for one, won in pairs) / whole)


def test_sources_are_drawn_whole() -> None:
    source = np.array(["a"] * 3 + ["b"] * 5 + ["c"])
    weights = auc.source_weights(source, 200)
    assert (weights[0] == 1).all()
    assert (weights[:, :3] == weights[:, :1]).all()
    assert (weights[:, [0, 3, 8]].sum(axis=1) == 3).all()
    assert weights[1:, 0].mean() == pytest.approx(1, abs=0.2)


def test_intervals_over_sources_are_wider_than_over_images() -> None:
    """Images of a source that are all alike say no more than one of them."""
    rng = np.random.default_rng(3)
    truth = np.repeat(rng.random(40) < 0.5, 25)
    scores = np.repeat(rng.normal(size=40), 25) + truth
    by_source = np.repeat(np.arange(40), 25).astype(str)
    by_image = np.arange(1000).astype(str)
    widths = []
    for source in (by_source, by_image):
        found = auc.estimate(auc.aucs(scores, truth, auc.source_weights(source, 300)), source)
        widths.append(found.high - found.low)
    assert widths[0] > 3 * widths[1]


def test_one_source_has_no_interval_and_its_table_comes_back() -> None:
    scores, truth, source = np.arange(4.0), np.array([False, True, False, True]), np.full(4, "a")
    found = auc.estimate(auc.aucs(scores, truth, auc.source_weights(source, 20)), source)
    assert found.value == 0.75
    assert math.isnan(found.low)
    assert math.isnan(found.high)
    assert str(found) == "0.750"
    text = as_csv([Row("source", "fused", "a", "AUC", found)])
    assert text.endswith(",0.75,,,4,1\n")
    assert as_csv(from_csv(text)) == text


def test_what_is_outside_is_counted_by_source(monkeypatch: pytest.MonkeyPatch) -> None:
    from simgrid.quality.classifier.classifier import Classifier
    from simgrid.quality.evaluation import untouched
    from simgrid.quality.image import Image
    from simgrid.quality.sources.images import SourceImage

    rng = np.random.default_rng(0)
    phantom = np.pad(rng.normal(100, 5, (60, 60)), 20).astype(np.float32)
    kinds = {"one": ("US", "US", "US"), "two": ("MR", "NM")}

    def load(name: str, _: object) -> list[SourceImage]:
        return [SourceImage(Image(phantom, kind, "", None), name, kind, None) for kind in kinds[name]]

    monkeypatch.setattr(untouched, "available", lambda *_: tuple(kinds))
    monkeypatch.setattr(untouched, "load", load)
    classifier = Classifier.shipped()
    of_mr = classifier.judge([Image(phantom, "MR", "", None)])[0].abstains
    rows = untouched.outside_rows(classifier, None)
    assert [(row.on, row.estimate.images) for row in rows] == [("one", 3), ("two", 2)]
    assert [row.estimate.value for row in rows] == [1.0, (1 + of_mr) / 2]


def test_no_image_of_few_sources_is_no_promise_of_none() -> None:
    verdicts = np.array(["accept"] * 40 + ["repeat"] * 2)
    rows = verdict_shares._shares("t", "all", verdicts[:40], np.repeat(list("abcd"), 10))
    found = {row.of: row.estimate for row in rows}
    assert str(found["accepted"]) == "1.000 [0.398, 1.000]"
    assert str(found["rejected"]) == "0.000 [0.000, 0.602]", "1 - 0.025^(1/4)"
    mixed = verdict_shares._shares("t", "all", verdicts, np.repeat(list("abcdef"), 7))
    assert {row.of: row.estimate for row in mixed}["repeat asked for"].high < 0.4
    (alone, *_) = verdict_shares._shares("t", "all", verdicts[:5], np.repeat("a", 5))
    assert str(alone.estimate) == "1.000"


def test_calibration_error_of_the_calibrated_and_of_the_sure() -> None:
    rng = np.random.default_rng(0)
    probability = rng.random(20_000)
    truth = rng.random(20_000) < probability
    (good,) = auc.calibration_errors(probability, truth, np.ones((1, 20_000)))
    (bad,) = auc.calibration_errors(np.ones(20_000), truth, np.ones((1, 20_000)))
    assert good < 0.02
    assert bad == pytest.approx(1 - truth.mean())


def test_rank_correlation_is_spearmans() -> None:
    rng = np.random.default_rng(1)
    one, other = rng.integers(0, 20, 100).astype(float), rng.normal(size=100)
    (found,) = auc.rank_correlations(one, other, np.ones((1, 100)))
    assert found == pytest.approx(spearmanr(one, other).statistic)


@pytest.fixture(autouse=True)
def few_replicates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auc, "REPLICATES", 40)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What training keeps, made up: trees that are good, a network that knows nothing."""
    rng = np.random.default_rng(0)
    n = SOURCES * 60
    source = np.repeat([f"s{k}" for k in range(SOURCES)], 60)
    kind = np.repeat(["CT", "MR", "CR"], n // 3)
    could = np.array([[*(one in possible(name) for one in DEFECTS), True] for name in kind])
    truth = (rng.random((n, 11)) < 0.2) & could
    truth[:, -1] = truth[:, :-1].any(axis=1)
    good, noise = np.where(truth, 2.0, -2.0) + rng.normal(0, 1.5, (n, 11)), rng.normal(size=(n, 11))
    damages = truth[:, :10] * rng.random((n, 10))
    arrays = {
        "source": source, "kind": kind, "key": source, "seed": np.array([1]), "smoke": np.array([True]),
        "fold": (np.arange(n) // 60 % 3).astype(np.uint8), "truth": truth, "could": could, "damages": damages,
        "ranks": rng.integers(0, 64, (n, len(NAMES))).astype(np.uint8), "names": np.array(NAMES),
        "share": np.array([0.5]), "logistic": good / 2, "trees": good, "plain": noise, "network": good,
        "shuffled": noise, "tree_damages": damages, "network_damages": damages, "second_trees": noise,
        "second_network": noise, "second_source": source, "second_kind": kind, "second_truth": truth,
        "second_could": could, "kind_trees": good, "kind_network": noise,
    }  # fmt: skip
    arrays["ranks"][:, 0] = np.where(truth[:, -1], 10, 50)
    content = io.BytesIO()
    np.savez_compressed(content, **arrays)
    place = tmp_path_factory.mktemp("trained")
    (place / "evaluation").mkdir()
    (place / "evaluation" / KEPT).write_bytes(content.getvalue())
    return place


def test_tables_say_what_the_scores_hold(folder: Path) -> None:
    scores = kept(folder / "evaluation" / KEPT)
    rows = all_rows(scores)
    found = by_name(rows)
    assert {row.judge for row in rows if row.table == "judges"} == set(JUDGES)
    assert found["judges", "trees", "any", "AUC"].value > 0.85
    assert abs(found["judges", "network alone", "any", "AUC"].value - 0.5) < 0.1
    assert found["differences", "fused - trees", "any", "AUC difference"].value == pytest.approx(0)
    assert found["differences", "fused - fused, pictures shuffled", "any", "AUC difference"].low > 0
    assert found["single measures", NAMES[0], "any", "AUC"].value == 1, "its direction is learned"
    assert abs(found["second generator", "trees", "any", "AUC"].value - 0.5) < 0.1
    assert found["second generator", "trees", "any", "AUC lost"].low > 0.2
    assert found["severity", "fused", "CT noise", "Spearman"].value == pytest.approx(1)
    assert found["calibration", "fused", "any", "ECE"].value < 0.1
    spots = weak_spots(rows_on_left_out(scores))
    assert spots == weak_spots(rows), "what training writes is what the evaluation has"
    places = [spots.index(f"| s{k} |") for k in range(SOURCES)]
    values = [found["source", "fused", f"s{k}", "AUC of any defect"].value for k in range(SOURCES)]
    assert np.argsort(places).tolist() == np.argsort(values, kind="stable").tolist(), "worst first"
    text = as_csv(rows)
    assert len(text.splitlines()) == len(rows) + 1
    assert all(line.count(",") >= 8 for line in text.splitlines())


def test_shares_of_verdicts_are_those_of_the_rule_and_add_up(folder: Path) -> None:
    scores = kept(folder / "evaluation" / KEPT)
    rows = left_out(scores)
    found = {(row.on, row.of): row.estimate for row in rows}
    for on in {row.on for row in rows}:
        assert sum(one.value for (name, _), one in found.items() if name == on) == pytest.approx(1)
    clean = ~scores.truth[:, -1]
    said = cross_calibrated(scores)[clean]
    nothing = (np.where(scores.could[clean, :-1], said[:, :-1], 0) < 0.5).all(axis=1) & (said[:, -1] < 0.5)
    assert found["no defect", "accepted"].value == pytest.approx(nothing.mean())
    assert found["no defect", "accepted"].images == clean.sum()
    bad = found["damage from 0.35", "repeat asked for"].value + found["damage from 0.35", "rejected"].value
    assert bad > 0.5 > found["no defect", "repeat asked for"].value + found["no defect", "rejected"].value
    table = shares_table(rows, LEFT_OUT)
    assert f"| no defect CT | {(clean & (scores.kind == 'CT')).sum()} |" in table
    assert len(table.splitlines()) == 2 + len({row.on for row in rows})


def test_test_images_are_judged_as_they_came(monkeypatch: pytest.MonkeyPatch) -> None:
    def own(name: str, cache: object) -> list[SimpleNamespace]:
        pixels = [np.full((4, 4), 7.0), np.arange(16.0).reshape(4, 4), -np.arange(16.0).reshape(4, 4)]
        return [SimpleNamespace(image=SimpleNamespace(pixels=one, name=name)) for one in pixels]

    def judge(images: list[SimpleNamespace]) -> list[SimpleNamespace]:
        said = {"a": ("accept", "repeat"), "b": ("abstain", "accept")}[images[0].name]
        return [SimpleNamespace(verdict=one) for one, _ in zip(said, images, strict=True)]

    monkeypatch.setattr(verdict_shares, "available", lambda *_: ("a", "b"))
    monkeypatch.setattr(verdict_shares, "load", own)
    rows = verdict_shares.as_they_came(SimpleNamespace(judge=judge), None)
    found = {(row.on, row.of): row.estimate for row in rows}
    assert found["all", "accepted"].value == 0.5
    assert found["all", "accepted"].images == 4, "what shows nothing is left out"
    assert found["all", "repeat asked for"].value == found["all", "abstained"].value == 0.25
    assert found["a", "repeat asked for"].value == 0.5
    assert found["b", "repeat asked for"].value == 0


def test_goals_are_met_by_the_value_and_surely_where_that_is_asked(folder: Path) -> None:
    rows = all_rows(kept(folder / "evaluation" / KEPT))
    named = {goal.says: goal for goal in goals.GOALS}
    above = named["above boosted trees on measures, paired, its lower end above 0"]

    def with_difference(value: float, low: float) -> list[Row]:
        return [Row(*above.key, auc.Estimate(value, low, 1, 9, 9)), *rows]

    assert not goals.reached(above, rows)
    assert goals.reached(above, with_difference(0.02, 0.001)[:1])
    assert not goals.reached(above, with_difference(0.05, -0.001)[:1])
    assert not goals.reached(above, with_difference(0.019, 0.001)[:1])
    assert "earns nothing" in goals.earns(rows)
    assert goals.goals_table(rows).count(" met |") + 2 >= len(goals.GOALS) // 2
    assert all(f"| {goal.says} |" in goals.goals_table(rows) for goal in goals.GOALS)


def test_calibration_is_crossed_between_folds(folder: Path) -> None:
    scores = kept(folder / "evaluation" / KEPT)
    found = cross_calibrated(scores)
    assert ((found >= 0) & (found <= 1)).all()
    scores.truth[scores.fold == 0] = ~scores.truth[scores.fold == 0]
    again = cross_calibrated(scores)
    assert np.array_equal(found[scores.fold == 0], again[scores.fold == 0]), "its own truth is not used"
    assert not np.array_equal(found[scores.fold == 1], again[scores.fold == 1])


def test_failures_are_the_surest_errors_of_different_sources(folder: Path) -> None:
    scores = kept(folder / "evaluation" / KEPT)
    missed, alarms = failures(scores)
    assert all(one.truth for one in missed)
    assert not any(one.truth for one in alarms)
    assert [one.said for one in missed] == sorted(one.said for one in missed)
    assert len({one.key for one in alarms}) == len(alarms) == SOURCES


def test_the_command_writes_tables_and_figures_without_images(folder: Path, tmp_path: Path) -> None:
    from simgrid.cli.main import cli

    arguments = ["qa", "evaluate", "--trained", str(folder), "-o", str(tmp_path)]
    arguments += ["--no-untouched", "--no-gallery", "--no-parts"]
    done = CliRunner().invoke(cli, arguments)
    assert done.exit_code == 0, done.output
    assert {one.name for one in tmp_path.iterdir()} == {"tables.csv", "tables.md", "calibration.png"}
    first = (tmp_path / "tables.csv").read_bytes()
    assert CliRunner().invoke(cli, arguments).exit_code == 0
    assert (tmp_path / "tables.csv").read_bytes() == first


def test_the_command_says_what_is_missing(tmp_path: Path) -> None:
    from simgrid.cli.main import cli

    done = CliRunner().invoke(cli, ["qa", "evaluate", "--trained", str(tmp_path), "-o", str(tmp_path / "x")])
    assert done.exit_code == 4
    assert "run 'simgrid qa train' first" in done.output
    assert not (tmp_path / "x").exists()


def test_a_figure_is_written_alike_before_and_after_it_was_kept() -> None:
    for value in (0.98449987, 0.9845, 0.0124999999):
        one = auc.Estimate(value, value - 0.01, value + 0.01, 5, 2)
        kept = auc.Estimate(*(float(f"{figure:.6g}") for figure in (one.value, one.low, one.high)), 5, 2)
        assert str(one) == str(kept)
