"""Inspections replayed: what the log states stays, what it leaves open is drawn from the right place."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from scipy import stats

from simgrid.domain.demand import Arrivals, CaseMix, Demand, LogSource, Urgency
from simgrid.domain.distribution import (
    Distribution,
    constant,
    empirical,
    exponential,
    gamma,
    lognormal,
    triangular,
    uniform,
    weibull,
)
from simgrid.domain.units import DAY, HOUR
from simgrid.kinds import kind_from_codes
from simgrid.workload.errors import WorkloadError
from simgrid.workload.replay.draws import normals, quantile, uniforms
from simgrid.workload.replay.event_log import EventLog
from simgrid.workload.replay.from_log import inspections, load, natural_horizon_s, natural_start, outside
from simgrid.workload.replay.log_files import LogError
from tests.replay_logs import CODES, csv_text, row

MIDNIGHT = datetime(2026, 1, 5, tzinfo=UTC)
BRAIN = kind_from_codes(CODES, "CT", "Brain", "I61", 0.25)
STROKE = kind_from_codes(CODES, "CT", "Brain", "I63", 0.25)
CHEST = kind_from_codes(CODES, "CT", "Thorax", "J18", 0.25)
KNEE = kind_from_codes(CODES, "MR", "Knee", "S83", 0.25)
CV = dict.fromkeys(CODES.modalities, 0.5)
MIX = CaseMix((BRAIN, CHEST, KNEE), (3.0, 1.0, 0.0), {"CT": constant(5e6)}, {"CT": 11}, CV)
DEMAND = Demand(Arrivals(DAY), MIX, Urgency(0.25, HOUR, 4 * HOUR), defect_share={"CT": 0.3})
SITES = ("North", "South", "West")


def log_of(tmp_path: Path, rows: list[dict[str, str]], **source: object) -> EventLog:
    path = tmp_path / "log.csv"
    path.write_text(csv_text(rows))
    return load(LogSource(str(path), **source), CODES)  # type: ignore[arg-type]


def many(number: int, **changes: str) -> list[dict[str, str]]:
    return [row(n % 900, **{"inspection_id": f"x{n}", **changes}) for n in range(number)]


def test_what_the_log_states_is_replayed_as_it_is(tmp_path: Path) -> None:
    rows = [
        row(1),
        row(2, site="South", modality="MR", body_part="Knee", icd10="S83", priority="routine", images="9"),
        row(3, priority="urgent", size_bytes="12345"),
    ]
    log = log_of(tmp_path, rows)
    drawn = inspections(log, DEMAND, SITES, 1, 0, MIDNIGHT)
    assert drawn.requested_s.tolist() == [8 * HOUR + 60 * n for n in (1, 2, 3)]
    assert [drawn.kinds[k] for k in drawn.kind] == [BRAIN, KNEE, BRAIN]
    assert drawn.site.tolist() == [0, 1, 0]
    assert drawn.urgent.tolist() == [True, False, True]
    assert drawn.required_s.tolist() == [HOUR, 4 * HOUR, HOUR]
    assert drawn.size_bytes.tolist() == [187e6, 187e6, 12345]
    assert drawn.images.tolist() == [342, 9, 342]
    assert len(set(drawn.identifier)) == 3


def test_the_scenarios_own_kind_counts_where_it_has_one(tmp_path: Path) -> None:
    slower = replace(BRAIN, effort_min=99.0)
    demand = replace(DEMAND, mix=replace(MIX, kinds=(slower, CHEST, KNEE)))
    drawn = inspections(log_of(tmp_path, [row(1)]), demand, SITES, 1, 0, MIDNIGHT)
    assert drawn.kinds == (slower,)


def test_open_cells_are_drawn_from_the_mix_by_weight_within_what_is_stated(tmp_path: Path) -> None:
    rows = many(4000, body_part="", icd10="", size_bytes="", images="", priority="")
    drawn = inspections(log_of(tmp_path, rows), DEMAND, SITES, 1, 0, MIDNIGHT)
    counts = Counter(drawn.kinds[k] for k in drawn.kind)
    assert set(counts) == {BRAIN, CHEST}
    assert stats.binomtest(counts[BRAIN], 4000, 0.75).pvalue > 1e-3
    assert stats.binomtest(int(drawn.urgent.sum()), 4000, 0.25).pvalue > 1e-3
    assert set(drawn.size_bytes) == {5e6}
    assert set(drawn.images) == {11}


def test_where_the_mix_has_no_kind_that_fits_the_tables_have(tmp_path: Path) -> None:
    rows = many(600, modality="MR", body_part="Knee", icd10="", size_bytes="", images="")
    drawn = inspections(log_of(tmp_path, rows), DEMAND, SITES, 1, 0, MIDNIGHT)
    listed = {code for modality, part, code in CODES.compatible if (modality, part) == ("MR", "Knee")}
    assert {drawn.kinds[k].icd10 for k in drawn.kind} == listed
    assert set(drawn.size_bytes) == {CODES.size("MR").size_mb * 1e6}
    assert set(drawn.images) == {round(CODES.size("MR").images)}


def test_a_combination_beyond_the_compatibility_table_is_taken_as_the_log_has_it(tmp_path: Path) -> None:
    assert not CODES.is_compatible("MR", "Knee", "I61")
    drawn = inspections(
        log_of(tmp_path, [row(1, modality="MR", body_part="Knee")]), DEMAND, SITES, 1, 0, MIDNIGHT
    )
    assert [(one.modality, one.body_part, one.icd10) for one in drawn.kinds] == [("MR", "Knee", "I61")]


def test_per_field_what_the_log_has_can_be_drawn_instead(tmp_path: Path) -> None:
    rows = many(300, modality="MR", body_part="Knee", icd10="S83")
    plain = inspections(log_of(tmp_path, rows), DEMAND, SITES, 1, 0, MIDNIGHT)
    sampled = ("size_bytes", "modality", "body_part", "icd10")
    mixed = inspections(log_of(tmp_path, rows, sampled=sampled), DEMAND, SITES, 1, 0, MIDNIGHT)
    assert np.array_equal(mixed.requested_s, plain.requested_s)
    assert np.array_equal(mixed.images, plain.images)
    assert {mixed.kinds[k] for k in mixed.kind} == {BRAIN, CHEST}
    assert set(mixed.size_bytes) == {5e6}


def test_sites_left_open_are_drawn_with_the_logs_frequencies_else_the_scenarios(tmp_path: Path) -> None:
    rows = many(2000, site="") + many(300, site="West") + many(100, site="South")
    rows = [{**one, "inspection_id": f"y{n}"} for n, one in enumerate(rows)]
    drawn = inspections(log_of(tmp_path, rows), DEMAND, SITES, 1, 0, MIDNIGHT)
    counts = np.bincount(drawn.site, minlength=3) - [0, 100, 300]
    assert counts[0] == 0
    assert stats.binomtest(int(counts[2]), 2000, 0.75).pvalue > 1e-3
    nameless = log_of(tmp_path, many(900, site=""))
    even = inspections(nameless, DEMAND, SITES, 1, 0, MIDNIGHT)
    assert min(np.bincount(even.site, minlength=3)) > 200
    shared = replace(DEMAND, arrivals=Arrivals(DAY, site_share={"South": 1.0}))
    assert set(inspections(nameless, shared, SITES, 1, 0, MIDNIGHT).site) == {1}


def test_sites_that_the_scenario_lacks_are_an_error(tmp_path: Path) -> None:
    log = log_of(tmp_path, [row(1, site="East")])
    with pytest.raises(WorkloadError, match="'East', which are no sites of the scenario: it has North"):
        inspections(log, DEMAND, SITES, 1, 0, MIDNIGHT)


def test_readings_that_cannot_be_drawn_are_an_error(tmp_path: Path) -> None:
    demand = replace(DEMAND, mix=replace(MIX, reading_cv={}))
    with pytest.raises(WorkloadError, match="modality CT has no coefficient of variation"):
        inspections(log_of(tmp_path, [row(1)]), demand, SITES, 1, 0, MIDNIGHT)


def test_only_the_window_is_replayed_and_the_rest_counted(tmp_path: Path) -> None:
    rows = [row(n, requested_at=f"2026-01-{n:02d}T12:00Z") for n in (4, 5, 6, 7)]
    log = log_of(tmp_path, rows)
    assert outside(log, MIDNIGHT, DAY) == (1, 2)
    drawn = inspections(log, DEMAND, SITES, 1, 0, MIDNIGHT)
    assert drawn.requested_s.tolist() == [12 * HOUR]
    with pytest.raises(WorkloadError, match="has no zone"):
        inspections(log, DEMAND, SITES, 1, 0, MIDNIGHT.replace(tzinfo=None))


def test_the_natural_window_goes_from_midnight_to_midnight_of_the_zone(tmp_path: Path) -> None:
    zone = ZoneInfo("Europe/Dublin")
    rows = [row(1, requested_at="2026-03-28T23:30Z"), row(2, requested_at="2026-03-29T23:30Z")]
    log = log_of(tmp_path, rows)
    start = natural_start(log, zone)
    assert start.isoformat() == "2026-03-28T00:00:00+00:00"
    assert natural_horizon_s(log, zone) == DAY + 23 * HOUR + DAY
    assert outside(log, start, natural_horizon_s(log, zone)) == (0, 0)
    with pytest.raises(LogError, match="no accepted row"):
        natural_start(_empty(tmp_path), zone)


def _empty(tmp_path: Path) -> EventLog:
    (tmp_path / "empty.csv").write_text("requested_at\n")
    return load(LogSource(str(tmp_path / "empty.csv")), CODES)


def test_a_scenario_never_replays_a_part_of_its_log(tmp_path: Path) -> None:
    rows = [row(n, images="0") for n in range(30)]
    with pytest.raises(LogError, match="line 2: images is no number of images") as caught:
        log_of(tmp_path, rows)
    assert len(caught.value.problems) == 12
    assert "20 more rows" in caught.value.problems[-2]
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(LogError, match="pipe"):
        load(LogSource(str(tmp_path / "pipe")), CODES)


def test_replications_differ_in_what_is_drawn_only(tmp_path: Path) -> None:
    log = log_of(tmp_path, many(200, size_bytes=""))
    demand = replace(DEMAND, mix=replace(MIX, size_bytes={"CT": lognormal(5e6, 0.5)}))
    one, again, other = (inspections(log, demand, SITES, 1, rep, MIDNIGHT) for rep in (0, 0, 1))
    for column in ("requested_s", "kind", "site", "urgent", "images"):
        assert np.array_equal(getattr(one, column), getattr(other, column))
    for column in ("size_bytes", "reading_draw_min", "luck", "defect"):
        assert np.array_equal(getattr(one, column), getattr(again, column))
        assert not np.array_equal(getattr(one, column), getattr(other, column))


def test_draws_have_their_distributions(tmp_path: Path) -> None:
    rows = many(4000, size_bytes="")
    demand = replace(DEMAND, mix=replace(MIX, size_bytes={"CT": lognormal(5e6, 0.5)}))
    drawn = inspections(log_of(tmp_path, rows), demand, SITES, 7, 0, MIDNIGHT)
    sigma = np.sqrt(np.log1p(0.25))
    log_minutes = np.log(drawn.reading_draw_min / BRAIN.effort_min) + sigma**2 / 2
    assert stats.kstest(log_minutes / sigma, "norm").pvalue > 1e-3
    assert stats.kstest((np.log(drawn.size_bytes / 5e6) + sigma**2 / 2) / sigma, "norm").pvalue > 1e-3
    for column in drawn.luck.T:
        assert stats.kstest(column, "uniform").pvalue > 1e-3
    assert np.abs(np.corrcoef(drawn.luck.T) - np.eye(6)).max() < 0.08
    assert stats.binomtest(int(drawn.defect.sum()), drawn.defect.size, 0.3).pvalue > 1e-3


def test_a_modality_with_its_own_reading_times_draws_from_them(tmp_path: Path) -> None:
    demand = replace(DEMAND, mix=replace(MIX, reading_min={"CT": uniform(3.0, 4.0), "MR": constant(1.0)}))
    drawn = inspections(log_of(tmp_path, many(50)), demand, SITES, 1, 0, MIDNIGHT)
    assert np.all((drawn.reading_draw_min > 3) & (drawn.reading_draw_min < 4))


@pytest.mark.parametrize("names", ["consecutive", "sparse"])
def test_uniforms_of_regular_names_are_uniform_and_unrelated(names: str) -> None:
    rows = np.arange(40_000, dtype=np.uint64)
    words = rows if names == "consecutive" else rows << np.uint64(48)
    one, other = uniforms(words, 1, 0, "a"), uniforms(words, 1, 0, "b")
    assert stats.kstest(one, "uniform").pvalue > 1e-3
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.02
    assert abs(np.corrcoef(one[1:], one[:-1])[0, 1]) < 0.02
    assert one.min() > 0
    assert one.max() < 1
    assert stats.kstest(normals(words, 1, 0, "a"), "norm").pvalue > 1e-3


@pytest.mark.parametrize(
    ("distribution", "reference"),
    [
        (exponential(3.0), stats.expon(scale=3)),
        (lognormal(10.0, 0.7), stats.lognorm(np.sqrt(np.log1p(0.49)), scale=10 / np.sqrt(1.49))),
        (gamma(10.0, 0.5), stats.gamma(4, scale=2.5)),
        (weibull(1.5, 4.0), stats.weibull_min(1.5, scale=4)),
        (triangular(1.0, 2.0, 5.0), stats.triang(0.25, 1, 4)),
        (triangular(1.0, 1.0, 5.0), stats.triang(0.0, 1, 4)),
        (triangular(1.0, 5.0, 5.0), stats.triang(1.0, 1, 4)),
        (uniform(2.0, 7.0), stats.uniform(2, 5)),
    ],
)
def test_quantiles_are_those_of_an_independent_library(distribution: Distribution, reference: object) -> None:
    at = np.array([1e-6, 0.01, 0.2, 0.25, 0.5, 0.9, 0.999])
    np.testing.assert_allclose(quantile(distribution, at), reference.ppf(at), rtol=1e-9)  # type: ignore[attr-defined]


def test_quantiles_of_constants_and_observed_values() -> None:
    at = np.array([0.01, 0.34, 0.99])
    assert quantile(constant(4.0), at).tolist() == [4, 4, 4]
    assert quantile(triangular(4.0, 4.0, 4.0), at).tolist() == [4, 4, 4]
    assert quantile(empirical((5.0, 1.0, 9.0)), at).tolist() == [5, 1, 9]


def test_a_window_or_a_log_without_requests_gives_no_inspections(tmp_path: Path) -> None:
    late = datetime(2030, 1, 1, tzinfo=UTC)
    for log, start in ((log_of(tmp_path, [row(1)]), late), (_empty(tmp_path), MIDNIGHT)):
        drawn = inspections(log, DEMAND, SITES, 1, 0, start)
        assert len(drawn) == 0
        assert drawn.luck.shape == (0, 6)
        assert drawn.defect.shape == (0, 3)
