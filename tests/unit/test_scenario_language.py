"""The words of the language: variants, ranges, ratings, profiles, scale; what each means in the domain."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simgrid.scenario import ScenarioInvalid, load
from simgrid.scenario.json_schema import json_schema
from simgrid.scenario.marks import Located, Source
from simgrid.scenario.profiles import PROFILES
from simgrid.scenario.ranges import values
from simgrid.scenario.yaml_tree import read_tree, read_value

TINY = Path(__file__).parents[2] / "scenarios" / "tiny" / "one-unit.yaml"
TEXT = TINY.read_text(encoding="utf-8")


def child(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "s.yaml"
    file.write_text("extends: tiny/one-unit.yaml\n" + text, encoding="utf-8")
    plain = read_tree(Source("s", file.read_text(encoding="utf-8"))).plain()
    jsonschema.Draft202012Validator(json_schema()).validate(plain)
    return file


def spaced(text: str) -> list[object]:
    return [one.plain() for one in values(read_value(Source("x", text)), ()) if isinstance(one, Located)]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("{from: 4 Mbit/s, to: 8 Mbit/s, steps: 5}", [f"{n} Mbit/s" for n in (4, 5, 6, 7, 8)]),
        ("{from: 500 kbit/s, to: 2 Mbit/s, steps: 4}", [f"{n} kbit/s" for n in (500, 1000, 1500, 2000)]),
        ("{from: 0.8, to: 1.4, steps: 7}", [0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4]),
        ("{from: 1, to: 5, steps: 3}", [1, 3, 5]),
        ("{from: 5, to: 1, steps: 3}", [5, 3, 1]),
        ("{from: 10 %, to: 20 %, steps: 3}", ["10 %", "15 %", "20 %"]),
        ("{from: 1 h, to: 2 h, steps: 4}", ["1 h", "1.333333333 h", "1.666666667 h", "2 h"]),
    ],
)
def test_a_range_is_evenly_spaced_with_both_ends(text: str, meant: list[object]) -> None:
    assert spaced(text) == meant


@settings(max_examples=60, deadline=None)
@given(st.integers(-1000, 1000), st.integers(1, 1000), st.integers(2, 50))
def test_ranges_keep_their_ends_and_their_distance(first: int, width: int, steps: int) -> None:
    found = spaced(f"{{from: {first}, to: {first + width * (steps - 1)}, steps: {steps}}}")
    assert found == [first + width * index for index in range(steps)]


def test_a_sweep_with_a_range_has_a_cell_a_value(tmp_path: Path) -> None:
    swept = "sweep: {sites.clinic.link.bandwidth: {from: 4 Mbit/s, to: 8 Mbit/s, steps: 3}, seed: [1, 2]}\n"
    loaded = load(child(tmp_path, swept))
    assert loaded.sweep_columns == ("sites.clinic.link.bandwidth", "seed")
    assert [(cell.sites[0].access.up_bps, cell.seed) for cell in loaded.cells] == [
        (4e6, 1), (4e6, 2), (6e6, 1), (6e6, 2), (8e6, 1), (8e6, 2)
    ]  # fmt: skip
    assert dict(loaded.cells[2].swept) == {"sites.clinic.link.bandwidth": "6 Mbit/s", "seed": "1"}


VARIANTS = """variants:
  alone:
    radiologists: {ben: null}
  slow:
    sites: {clinic: {link: {bandwidth: 1 Mbit/s}}}
    sources: {sites.clinic.link: {assumed: "a bad year"}}
"""


def test_variants_are_cells_and_the_scenario_as_written_is_base(tmp_path: Path) -> None:
    loaded = load(child(tmp_path, VARIANTS))
    assert loaded.sweep_columns == ("variant",)
    assert [cell.swept for cell in loaded.cells] == [
        (("variant", "base"),),
        (("variant", "alone"),),
        (("variant", "slow"),),
    ]
    base, alone, slow = loaded.cells
    assert base.canonical == load(TINY).cells[0].canonical
    assert [one.name for one in alone.radiologists] == ["ada"]
    assert (slow.sites[0].access.up_bps, len(slow.radiologists)) == (1e6, 2)
    assert "a bad year" in {source.reason for source in slow.sources}
    assert "a bad year" not in {source.reason for source in base.sources}


def test_every_variant_is_run_at_every_point_of_the_sweep(tmp_path: Path) -> None:
    loaded = load(child(tmp_path, VARIANTS + "sweep: {seed: [1, 2]}\n"))
    assert loaded.sweep_columns == ("variant", "seed")
    assert [tuple(value for _, value in cell.swept) for cell in loaded.cells] == [
        (name, seed) for name in ("base", "alone", "slow") for seed in ("1", "2")
    ]
    again = tmp_path / "again.yaml"
    again.write_text(loaded.resolved, encoding="utf-8")
    assert [cell.canonical for cell in load(again).cells] == [cell.canonical for cell in loaded.cells]


def test_the_ledger_forgets_what_a_variant_removes(tmp_path: Path) -> None:
    text = 'sources: {radiologists.ben.hours: {assumed: "on call"}}\n' + VARIANTS
    base, alone, _ = load(child(tmp_path, text)).cells
    assert "radiologists.ben.hours" in {source.place for source in base.sources}
    assert "radiologists.ben.hours" not in {source.place for source in alone.sources}
    with pytest.raises(ScenarioInvalid):
        load(child(tmp_path, text.replace("ben.hours", "bern.hours")))


def test_too_many_cells_are_refused(tmp_path: Path) -> None:
    swept = "sweep: {seed: {from: 1, to: 1000, steps: 1000}}\n"
    assert len(load(child(tmp_path, "sweep: {seed: [1, 2, 3]}\n" + VARIANTS)).cells) == 9
    with pytest.raises(ScenarioInvalid) as caught:
        load(child(tmp_path, swept + VARIANTS))
    assert [(one.code, one.place) for one in caught.value.problems] == [("E207", "sweep")]
    assert "3000 cells" in caught.value.problems[0].message


@pytest.mark.parametrize(
    ("written", "rating"),
    [
        ("5", 1.0),
        ("4", 0.8),
        ("2", 0.4),
        ("1/5", 0.2),
        ("3/5", 0.6),
        ("0", 0.0),
        ("1.0", 1.0),
        ("0.35", 0.35),
    ],
)
def test_a_rating_is_a_mark_or_a_decimal(tmp_path: Path, written: str, rating: float) -> None:
    (cell,) = load(child(tmp_path, f"radiologists: {{ada: {{ratings: {{Brain: {written}}}}}}}\n")).cells
    assert cell.radiologists[0].ratings["Brain"] == rating


def test_conditions_are_found_in_any_case(tmp_path: Path) -> None:
    ratings = "{ct: 5, BRAIN: 4, nervous System neoplasm: 3}"
    text = TEXT.replace(
        "{CT: 0.9, DX: 0.6, Brain: 0.9, Thorax: 0.5, Head: 0.9, Chest: 0.5,\n"
        "              Nervous system neoplasm: 0.9, Thoracic neoplasm: 0.5, Head injury: 0.9}",
        ratings,
    )
    assert ratings in text
    file = tmp_path / "s.yaml"
    file.write_text(text, encoding="utf-8")
    assert load(file).cells[0].radiologists[0].ratings == {
        "CT": 1.0,
        "Brain": 0.8,
        "Nervous system neoplasm": 0.6,
    }


def test_profiles_are_weights_with_a_meaning(tmp_path: Path) -> None:
    for name, profile in PROFILES.items():
        assert len(profile.weights) in (24, 168)
        assert min(profile.weights) >= 0 < sum(profile.weights)
        assert profile.meaning
        (cell,) = load(child(tmp_path, f"demand: {{by_hour: {name}}}\n")).cells
        assert cell.demand.arrivals.hourly == profile.weights
    office = PROFILES["office"].weights
    assert [sum(office[day * 24 : day * 24 + 24]) for day in range(7)] == [8.5] * 5 + [0.0] * 2
    evening, night = PROFILES["evening"].weights, PROFILES["night"].weights
    assert [hour for hour, weight in enumerate(evening) if weight] == [17, 18, 19, 20, 21]
    assert [hour for hour, weight in enumerate(night) if weight] == [0, 1, 2, 3, 4, 5, 6, 20, 21, 22, 23]


def test_scale_multiplies_a_count_and_a_rate(tmp_path: Path) -> None:
    assert load(child(tmp_path, "demand: {scale: 1.5}\n")).cells[0].demand.arrivals.count == 18
    rate = "demand: {count: null, scale: 1.5}\nsites: {clinic: {demand: {per_day: 40}}}\n"
    assert load(child(tmp_path, rate)).cells[0].demand.arrivals.per_day == {"clinic": 60.0}
    swept = load(child(tmp_path, "sweep: {demand.scale: {from: 0.8, to: 1.4, steps: 7}}\n"))
    assert [cell.swept[0][1] for cell in swept.cells] == ["0.8", "0.9", "1.0", "1.1", "1.2", "1.3", "1.4"]


def test_count_makes_radiologists_who_are_alike(tmp_path: Path) -> None:
    (cell,) = load(child(tmp_path, "radiologists: {ada: {count: 2, non_reading: 33 %}}\n")).cells
    assert [one.name for one in cell.radiologists] == ["ada-1", "ada-2", "ben"]
    first, second, _ = cell.radiologists
    assert (first.ratings, first.schedule, first.non_reading) == (second.ratings, second.schedule, 0.33)
    twice = "ada: {count: 2}, ada-2: {unit: desk, reads: [CT], hours: always, ratings: {}}"
    with pytest.raises(ScenarioInvalid) as caught:
        load(child(tmp_path, f"radiologists: {{{twice}}}\n"))
    assert [one.code for one in caught.value.problems] == ["E202"]


def test_variants_come_down_by_extends_and_keep_their_nulls(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text("extends: tiny/one-unit.yaml\n" + VARIANTS, encoding="utf-8")
    file = tmp_path / "two.yaml"
    file.write_text(
        "extends: one.yaml\nvariants:\n  slow: null\n  alone: {dispatch: {every: 5 min}}\n", encoding="utf-8"
    )
    base, alone = load(file).cells
    assert (len(base.radiologists), len(alone.radiologists)) == (2, 1)
    assert (base.dispatch.every_s, alone.dispatch.every_s) == (900.0, 300.0)
