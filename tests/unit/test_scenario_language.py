"""The words of the language: variants, ranges, ratings, profiles, scale; what each means in the domain."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simgrid.domain.demand import Arrivals, Flow, LogSource, Urgency
from simgrid.experiments.draw import draw_world
from simgrid.experiments.installed import installed
from simgrid.scenario import ScenarioInvalid, load
from simgrid.scenario.hours import weekly_schedule
from simgrid.scenario.json_schema import json_schema
from simgrid.scenario.marks import Located, Source
from simgrid.scenario.profiles import PROFILES
from simgrid.scenario.ranges import values
from simgrid.scenario.yaml_tree import read_tree, read_value
from simgrid.workload.arrivals import check_arrivals
from simgrid.workload.errors import WorkloadError
from simgrid.workload.synthetic import draw_inspections

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
        (cell,) = load(child(tmp_path, f"horizon: 2 d\ndemand: {{by_hour: {name}}}\n")).cells
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


FLOWS = """demand: {count: null, mix: {modalities: null}, scale: 2}
sites:
  clinic:
    demand:
      CT: {per_day: 32, by_hour: evening, urgent: 22 %, required: {urgent: 30 min, routine: 24 h}}
      DX: {per_day: 10}
"""


def test_demand_by_site_and_modality(tmp_path: Path) -> None:
    (cell,) = load(child(tmp_path, FLOWS)).cells
    arrivals = cell.demand.arrivals
    assert (arrivals.count, arrivals.mean_per_day) == (None, 84.0)
    ct, dx = arrivals.flows
    assert (ct.site, ct.modality, ct.per_day, ct.hourly) == (
        "clinic",
        "CT",
        64.0,
        PROFILES["evening"].weights,
    )
    assert (ct.urgency.urgent_share, ct.urgency.urgent_within_s, ct.urgency.routine_within_s) == (
        0.22,
        1800.0,
        86400.0,
    )
    assert (dx.hourly, dx.urgency) == ((), cell.demand.urgency)
    assert {kind.modality for kind in cell.demand.mix.kinds} == {"CT", "DX"}


def test_demand_by_modality_is_what_arrives(tmp_path: Path) -> None:
    text = FLOWS.replace("scale: 2", "scale: 20") + "horizon: 10 d\n"
    (cell,) = load(child(tmp_path, text)).cells
    drawn = draw_inspections(cell.demand, ("clinic",), 1, 0, cell.start)
    modality = np.array(drawn.labels("modality"))
    hour = (drawn.requested_s / 3600 + 8) % 24
    ct = modality == "CT"
    assert set(np.floor(hour[ct]).astype(int)) == {17, 18, 19, 20, 21}
    assert len(set(np.floor(hour[~ct]).astype(int))) == 24
    assert abs(ct.sum() - 6400) < 5 * 80  # five standard deviations of a Poisson number
    assert abs((~ct).sum() - 2000) < 5 * 45
    assert abs(drawn.urgent[ct].mean() - 0.22) < 0.03
    assert set(drawn.required_s[ct & drawn.urgent]) == {1800.0}
    assert set(drawn.required_s[ct & ~drawn.urgent]) == {86400.0}
    assert set(drawn.required_s[~ct]) == {3600.0, 4 * 3600.0}


def test_a_further_flow_moves_no_draw_of_the_others(tmp_path: Path) -> None:
    (both,) = load(child(tmp_path, FLOWS + "horizon: 2 d\n")).cells
    alone = replace(both.demand, arrivals=replace(both.demand.arrivals, flows=both.demand.arrivals.flows[:1]))
    full = draw_inspections(both.demand, ("clinic",), 1, 0, both.start)
    part = draw_inspections(alone, ("clinic",), 1, 0, both.start)
    of_ct = np.array(full.labels("modality")) == "CT"
    assert 0 < len(part) < len(full)
    for name in ("requested_s", "size_bytes", "reading_draw_min", "luck", "urgent", "kind"):
        assert np.array_equal(getattr(full, name)[of_ct], getattr(part, name)), name


def test_flows_that_contradict_the_sites_are_refused() -> None:
    urgency = Urgency(0.1, 60.0, 120.0)
    flows = (Flow("nowhere", "CT", 3.0, (1.0,), urgency), Flow("here", "CT", -1.0, (), urgency))
    with pytest.raises(WorkloadError) as caught:
        check_arrivals(Arrivals(3600.0, flows=flows), ("here",))
    text = str(caught.value)
    assert "comes from no site: the sites are here" in text
    assert "has 1 weights" in text
    assert "per_day is -1.0" in text
    check_arrivals(Arrivals(3600.0, flows=(Flow("here", "CT", 3.0, (), urgency),)), ("here",))


def test_absence_takes_whole_days_away(tmp_path: Path) -> None:
    hours = 'hours: "daily 08:00-12:00"'
    text = (
        "horizon: 400 d\nradiologists:\n"
        f"  ada: {{{hours}, absence: 25 %}}\n  ben: {{{hours}, zone: America/New_York}}\n"
    )
    (cell,) = load(child(tmp_path, text)).cells
    world = draw_world(cell, 3, ())
    ada, ben = world.rosters
    assert {end - start for start, end in ada} == {4 * 3600.0}
    assert len(ben.starts) in (402, 403)
    present = len(ada.starts) / 402
    assert abs(present - 0.75) < 5 * (0.25 * 0.75 / 402) ** 0.5
    assert draw_world(cell, 3, ()).rosters == world.rosters
    assert draw_world(cell, 4, ()).rosters != world.rosters
    later = replace(cell.radiologists[0], schedule=weekly_schedule("daily 13:00-17:00"))
    moved = draw_world(replace(cell, radiologists=(later,)), 3, ()).rosters[0]
    assert [start // 86400 for start in moved.starts[:50]] == [start // 86400 for start in ada.starts[:50]]


LOG = """demand: {count: null, mix: null,
  log: {file: log.csv, zone: Europe/Dublin, missing: {priority: routine}}}
"""


def test_a_log_of_ones_own_is_a_workload(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text("site,requested_at\nclinic,2026-01-05T08:30Z\n", encoding="utf-8")
    (cell,) = load(child(tmp_path, LOG), (), installed()).cells
    assert cell.demand.log == LogSource(str(log), "Europe/Dublin", (("priority", "routine"),))
    assert cell.demand.arrivals.within_s == cell.horizon_s
    with pytest.raises(ScenarioInvalid) as caught:
        load(child(tmp_path, LOG.replace("priority: routine", "prority: routine")), (), installed())
    (problem,) = caught.value.problems
    assert (problem.code, problem.place) == ("E108", "demand.log.missing")
    assert "priority" in problem.message


CLINIC = "sites: {{clinic: {{demand: {{{}}}}}}}\ndemand: {{c"


@pytest.mark.parametrize(
    ("old", "new", "code", "place"),
    [
        ("log.csv", "nowhere.csv", "E201", "demand.log.file"),
        ("count: null", "count: 12", "E209", "demand.count"),
        ("count: null", "count: null, scale: 2", "E209", "demand.scale"),
        ("count: null", "count: null, by_hour: day", "E209", "demand.by_hour"),
        ("count: null", "count: null, dicom: {}", "E102", "demand"),
        (
            "demand: {count",
            "sites: {clinic: {demand: {per_day: 3}}}\ndemand: {count",
            "E209",
            "sites.clinic.demand.per_day",
        ),
        (
            "demand: {count",
            "sites: {clinic: {demand: {CT: {per_day: 3}}}}\ndemand: {count",
            "E209",
            "sites.clinic.demand.CT",
        ),
    ],
)
def test_what_contradicts_a_log_is_refused(tmp_path: Path, old: str, new: str, code: str, place: str) -> None:
    (tmp_path / "log.csv").write_text("inspection_id\n", encoding="utf-8")
    assert LOG.count(old) == 1
    with pytest.raises(ScenarioInvalid) as caught:
        load(child(tmp_path, LOG.replace(old, new)))
    assert [(one.code, one.place) for one in caught.value.problems] == [(code, place)]
