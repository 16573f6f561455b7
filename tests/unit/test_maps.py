"""Maps of where the gains hold: from worlds to cells, their marks, regions in words, tables and pictures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simgrid.experiments.installed import installed
from simgrid.reproduction.evidence import Evidence
from simgrid.reproduction.exhibits.maps import MAP_EXHIBITS, MARKS
from simgrid.reproduction.exhibits.regions import REGIONS
from simgrid.reproduction.exhibits.rendering import figures
from simgrid.reproduction.experiments import arm
from simgrid.reproduction.maps import MAPS, Headline, Map, cells_of, effect_of, headlines, metrics_of_maps
from simgrid.reproduction.regions import TOGETHER, region_words, regions, sentence
from simgrid.scenario import load

USUAL = {one.claim: one for one in headlines() if one.usual}
DISTANCE, ON_TIME, TURNAROUND = "workload_distance", "response_time_success", "tat_mean_min"


def flat(asked: Map, ratio: float = 1.0, worlds: int = 4) -> Evidence:
    """The chief has 0.4 of everything in every world and cell, RWOA ``ratio`` times that, a little off."""
    off = np.array([0.99, 1.01, 0.985, 1.015])[:worlds]
    arms = {
        arm({asked.down.place: down, asked.across.place: across}, policy): 0.4
        * (ratio * off if policy == "rwoa" else 1 + 0 * off)
        for down in asked.down.values
        for across in asked.across.values
        for policy in ("rwoa", "manual")
    }
    return Evidence(asked.name, worlds, "", "", {metric: dict(arms) for metric in metrics_of_maps()})


def test_headlines_are_the_claims_gains_and_each_has_one_usual_reading() -> None:
    assert [(one.claim, one.metric) for one in headlines() if one.usual] == [
        ("K4", "subspecialty_success"),
        ("K5", DISTANCE),
        ("K6", ON_TIME),
        ("K7", TURNAROUND),
    ]
    assert [one.reading for one in headlines() if one.claim == "K6"] == ["wall-clock", "in-hours", "look-up"]
    assert {one.metric for one in headlines()} == set(metrics_of_maps())


@pytest.mark.parametrize("asked", MAPS, ids=lambda one: one.name)
def test_the_axes_are_the_scenario_s_sweep_and_stage_2_is_among_the_cells(asked: Map) -> None:
    loaded = load(asked.worlds.scenario, (), installed())
    points = [dict(cell.swept) for cell in loaded.cells]
    wanted = [
        {asked.down.place: down, asked.across.place: across}
        for down in asked.down.values
        for across in asked.across.values
    ]
    assert points == wanted
    assert len(asked.down.values) >= 5
    assert loaded.cells[0].replications == asked.worlds.full
    assert [one.label for one in loaded.cells[0].policies] == ["rwoa", "manual"]
    told = {one.place for one in loaded.cells[0].sources}
    assert {asked.down.place, asked.across.place} <= told


def test_the_usual_cell_of_a_map_is_stage_2_itself() -> None:
    (stage_2,) = load("paper/stage-2", (), installed()).cells
    loaded = load("paper/map-required", (), installed())
    (usual,) = [
        one
        for one in loaded.cells
        if dict(one.swept) == {"demand.required.routine": "24 h", "demand.off_hours": "true"}
    ]
    for field in (
        "demand",
        "dispatch",
        "workload_limit",
        "spread",
        "belief",
        "radiologists",
        "horizon_s",
        "seed",
    ):
        assert getattr(usual, field) == getattr(stage_2, field), field


@pytest.mark.parametrize(
    ("ratio", "state"), [(1.1325, "includes"), (1.121, "compatible"), (1.0, "excludes"), (1.5, "excludes")]
)
def test_a_cell_is_marked_by_its_interval_and_then_by_single_worlds(ratio: float, state: str) -> None:
    """With eight worlds the interval of the mean is about 0.8 of a single world's deviation to each side."""
    rng = np.random.default_rng(3)
    off = rng.permutation(np.linspace(0.985, 1.015, 40))
    asked, headline = MAPS[0], USUAL["K4"]
    evidence = flat(asked)
    rows = {
        name: np.full(40, 0.4) * (ratio * off if name.endswith("rwoa") else 1.0)
        for name in evidence.values[headline.metric]
    }
    many = replace(evidence, worlds=40, values={**evidence.values, headline.metric: rows})
    found = list(cells_of(asked, many, headline))
    assert len(found) == 15
    assert {one.state for one in found} == {state}
    first = found[0].interval
    assert first is not None
    assert first.mean == pytest.approx(ratio - 1, abs=1e-9)
    assert MARKS[found[0].state] != ""


def test_a_chief_who_is_hardly_ever_in_time_gives_no_ratio() -> None:
    ours, theirs = np.full(5, 0.3), np.full(5, 0.01)
    assert effect_of(USUAL["K6"], ours, theirs) is None
    assert effect_of(USUAL["K7"], ours, theirs) is not None
    few = effect_of(USUAL["K5"], theirs, ours)
    assert few is not None
    assert few.interval.mean == pytest.approx(29.0)


def region(asked: Map, places: set[tuple[str, str]]) -> str:
    return region_words(asked, places)


def test_regions_in_words() -> None:
    slack = MAPS[0]
    every = {(down, across) for down in slack.down.values for across in slack.across.values}
    assert region(slack, every) == "everywhere"
    row = {("1.05", one) for one in slack.across.values}
    assert region(slack, row) == "slack 1.05 with any period of the limit"
    column = {(one, "day") for one in slack.down.values}
    assert region(slack, column) == "any slack with period of the limit day"
    assert region(slack, {("1.05", "day"), ("1.1", "day"), ("2", "run")}) == (
        "slack 1.05 or 1.1 with period of the limit day, and slack 2 with period of the limit run"
    )


def test_the_sentences_count_cells_and_name_the_joint_region() -> None:
    found = {one.name: flat(one, 1.1325) for one in MAPS}
    by_name = {one.name: one for one in regions(found)}
    whole = sum(len(one.down.values) * len(one.across.values) for one in MAPS)
    subspecialty = by_name["subspecialty success"]
    assert (subspecialty.count, subspecialty.cells) == (whole, whole)
    assert sentence(subspecialty).startswith(
        f"Subspecialty success, 13.25 % in the study, is met in {whole} of {whole}"
    )
    assert by_name["workload success"].count == 0
    assert by_name[TOGETHER].count == 0
    assert sentence(by_name[TOGETHER]) == "All four together are met in no cell of any map."
    told = REGIONS.table(found) if REGIONS.table is not None else None
    assert told is not None
    assert [row[0] for row in told.rows] == [one.title for one in headlines()] + [TOGETHER]


def test_tables_hold_every_cell_under_every_reading_and_pictures_are_made_of_the_usual_ones() -> None:
    asked = MAPS[1]
    (exhibit,) = [one for one in MAP_EXHIBITS if one.name == asked.name]
    found = {asked.name: flat(asked, 1.2)}
    assert exhibit.ready(found)
    assert exhibit.table is not None
    table = exhibit.table(found)
    assert len(table.rows) == len(headlines()) * 10
    place = table.columns.index("gain_or_reduction")
    by_gain = {row[1]: row[place] for row in table.rows}
    assert by_gain["subspecialty success"] == pytest.approx(0.2)
    assert by_gain["reduction of total response time"] == pytest.approx(-0.2)
    assert by_gain["workload success"] == pytest.approx(1 / 1.2 - 1)
    drawn = figures([exhibit], found)
    assert drawn[f"figures/{asked.name}.png"].startswith(b"\x89PNG")
    assert drawn == figures([exhibit], found)
    assert exhibit.figure is not None
    shown = exhibit.figure(found)
    texts = [text.get_text() for panel in shown.axes for text in panel.texts]
    assert len(texts) == 2 * 4 * 10
    assert any(text.startswith("+20.0 ") for text in texts)
    assert any(text.startswith("\u221220.0 ") for text in texts)


def test_headline_titles_name_the_reading_only_where_there_are_several() -> None:
    titles = [one.title for one in headlines()]
    assert titles[0] == "subspecialty success"
    assert isinstance(USUAL["K6"], Headline)
    assert USUAL["K6"].title == "response-time success, wall-clock"
