"""The formulas of the estimate: by hand, against the textbook, and against an independent chain."""

from __future__ import annotations

import json
from itertools import pairwise
from math import exp, factorial, inf
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from simgrid.cli.main import cli
from simgrid.domain import distribution
from simgrid.domain.units import HOUR, MINUTE
from simgrid.foresight.erlang import erlang_c, settles_in_s, waiting
from simgrid.foresight.estimate import estimate
from simgrid.foresight.fluid import backlog, done, finished_s
from simgrid.foresight.outlook import outlook
from simgrid.scenario import load

SWEPT = "sweep={dispatch.every: [5 min, 10 min]}"
FORM = """extends: tiny/one-unit.yaml
horizon: 4 h
give_up_after: 1 d
demand: {count: null, urgent: 25 %, required: {urgent: 60 min, routine: 2 h},
  mix: {modalities: null, body_parts: null, icd10: null,
        kinds: [{modality: CT, body_part: Brain, icd10: C71}]}}
sites: {clinic: {link: {bandwidth: 10 Mbit/s}, demand: {per_day: 240}}}
radiologists: {ada: {hours: "Mon 10:00-23:00"}, ben: null}
"""


def simgrid(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, [str(one) for one in arguments])


def test_the_textbook_eye_clinic() -> None:
    """Gross and Harris, Fundamentals of Queueing Theory, the hospital's eye clinic: 6 an hour, three doctors,
    20 min each. They find p0 = 1/9, 8/9 of a patient waiting, and so 8/9 h / 6 = 8 min 53 s of waiting.
    """
    assert erlang_c(3, 2.0) == pytest.approx(4 / 9)
    known = waiting(3, 6 / HOUR, 20 * MINUTE, 1.0, 0.0, 30 * HOUR)
    assert known is not None
    assert known.routine_s == pytest.approx(8 / 9 / 6 * HOUR)
    assert known.probability == pytest.approx(4 / 9)


@pytest.mark.parametrize(("servers", "offered"), [(1, 0.3), (2, 1.7), (9, 8.8), (40, 31.0)])
def test_erlang_c_against_the_closed_form(servers: int, offered: float) -> None:
    """a^c / c! c / (c - a) over the sum of a^k / k! and itself."""
    tail = offered**servers / factorial(servers) * servers / (servers - offered)
    closed = tail / (sum(offered**k / factorial(k) for k in range(servers)) + tail)
    assert erlang_c(servers, offered) == pytest.approx(closed, rel=1e-12)


def test_erlang_c_of_very_many_servers_does_not_overflow() -> None:
    assert 0 < erlang_c(5000, 4950.0) < 1


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 6), st.floats(0.05, 0.95), st.floats(0.0, 1.0))
def test_two_urgencies_share_the_wait_of_one_queue(servers: int, use: float, urgent: float) -> None:
    """Work is conserved: the mean over both classes is that of first come first served."""
    service_s = 600.0
    per_s = use * servers / service_s
    known = waiting(servers, per_s, service_s, 1.0, urgent, inf)
    alone = waiting(servers, per_s, service_s, 1.0, 0.0, inf)
    assert known is not None and alone is not None
    both = urgent * known.urgent_s + (1 - urgent) * known.routine_s
    assert both == pytest.approx(alone.routine_s)
    assert known.urgent_s <= known.routine_s * (1 + 1e-12)


def test_urgent_patients_of_one_server_by_hand() -> None:
    """Cobham, one server at 80 %, half of it urgent, exponential: W0 = .8 x 10 min; / .6; / (.6 x .2)."""
    known = waiting(1, 0.8 / 600, 600.0, 1.0, 0.5, inf)
    assert known is not None
    assert known.urgent_s == pytest.approx(0.8 * 600 / 0.6)
    assert known.routine_s == pytest.approx(0.8 * 600 / 0.6 / 0.2)
    steady = waiting(1, 0.8 / 600, 600.0, 0.0, 0.0, inf)
    assert steady is not None
    assert steady.routine_s == pytest.approx(0.8 * 600 / 0.2 / 2)  # Pollaczek-Khinchin with no spread: half
    assert known.beyond(800.0, urgent=True) == pytest.approx(0.8 * exp(-0.8))


def test_the_formula_is_refused_where_an_hour_is_short() -> None:
    ten = 10 * MINUTE
    assert waiting(1, 0.1 / ten, ten, 1.0, 0.0, 29 * MINUTE) is None  # not three readings
    assert waiting(1, 0.1 / ten, ten, 1.0, 0.0, 31 * MINUTE) is not None
    assert waiting(1, 1.0 / ten, ten, 1.0, 0.0, inf) is None  # as much work as time
    assert waiting(0, 0.1 / ten, ten, 1.0, 0.0, inf) is None
    assert settles_in_s(1, 0.25, ten) == pytest.approx(4 * ten)
    assert waiting(1, 0.25 / ten, ten, 1.0, 0.0, 39 * MINUTE) is None  # too near to full to settle
    assert waiting(1, 0.25 / ten, ten, 1.0, 0.0, 41 * MINUTE) is not None
    with pytest.raises(ValueError, match="steady state"):
        erlang_c(2, 2.0)


def test_the_relaxation_time_is_the_chain_s_own() -> None:
    """The slowest mode of M/M/1 cut at 300: the gap of its generator, made symmetric."""
    rate, serves, size = 0.64, 1.0, 300
    beside = np.full(size - 1, (rate * serves) ** 0.5)
    leaving = np.full(size, rate + serves)
    leaving[0], leaving[-1] = rate, serves
    modes = np.linalg.eigvalsh(np.diag(beside, 1) + np.diag(beside, -1) - np.diag(leaving))
    assert modes[-1] == pytest.approx(0, abs=1e-12)
    assert settles_in_s(1, 0.64, 1.0) == pytest.approx(-1 / modes[-2], rel=0.01)


def test_a_backlog_by_hand() -> None:
    """30 min come in each of three hours; nobody, then 40, 40 and 60 min are read."""
    coming, can = (30.0, 30.0, 30.0, 0.0), (0.0, 40.0, 40.0, 60.0)
    left = backlog(coming, can)
    assert left == (0.0, 30.0, 20.0, 10.0, 0.0)
    read = done(coming, left)
    assert read == (0.0, 0.0, 40.0, 80.0, 90.0)
    edges = (0.0, 60.0, 120.0, 180.0, 240.0)
    # Before the middles come 15, 45, 75 min: 15 / 40 of the second hour, 5 / 40 and 35 / 40 of the third.
    assert finished_s(edges, coming, read)[:3] == pytest.approx((60 + 22.5, 120 + 7.5, 120 + 52.5))


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.floats(0, 50), st.floats(0, 50)), min_size=1, max_size=30))
def test_work_is_conserved_and_ends_in_order(bins: list[tuple[float, float]]) -> None:
    coming, can = zip(*bins, strict=True)
    left = backlog(coming, can)
    read = done(coming, left)
    assert all(later >= earlier - 1e-9 for earlier, later in pairwise(read))
    assert read[-1] + left[-1] == pytest.approx(sum(coming))
    edges = tuple(float(place) for place in range(len(bins) + 1))
    ends = finished_s(edges, coming, read)
    assert all(later >= earlier - 1e-6 for earlier, later in pairwise(ends) if earlier < inf)


def test_a_morning_by_hand(tmp_path: Path) -> None:
    """8 to 12 h, 10 requests an hour of 7 min; ada from 10 h on: 140 min at 10 h, 10 more in 2 hours each.

    160 min at 12 h take 2 h 40 min: it peaks at 12 h and is read at 14:40, in the hour until 15 h. Urgent
    ones are 17.5 min an hour: those of 8:30 are read at 10:09, of 9:30 at 10:26, 56 min later. Routine ones,
    52.5 min an hour, get what these leave: 7.5 min until 11 h, 50 until 12 h, 110, 170 until 14 h. Those of
    8:30 are read by 11:26, all others nearly three hours after; on duty that is 86 min, and more than 2 h.
    """
    (tmp_path / "form.yaml").write_text(FORM, encoding="utf-8")
    scenario = load(tmp_path / "form.yaml").cells[0]
    ahead = outlook(scenario)
    assert ahead is not None
    expected = estimate(scenario, ahead)
    assert [round(60 * one.backlog_h) for one in expected.hours] == [70, 140, 150, 160, 100, 40, 0]
    assert [one.use for one in expected.hours] == pytest.approx([None, None, 1, 1, 1, 1, 40 / 60])
    assert (expected.peak_h, expected.peak_s) == (pytest.approx(160 / 60), 4 * HOUR)
    assert (expected.clears_s, expected.unreported) == (7 * HOUR, 0)
    assert (expected.offered_h, expected.capacity_h) == (pytest.approx(280 / 60), pytest.approx(2.0))
    urgent, routine = expected.late
    assert (urgent.requests, routine.requests) == (pytest.approx(10), pytest.approx(30))
    assert urgent.share == pytest.approx(0.25)
    assert urgent.on_duty_share == 0
    assert (routine.share, routine.on_duty_share) == (pytest.approx(1.0), pytest.approx(0.75))
    (clinic,) = [one for one in expected.links if one.name == "link clinic"]
    assert clinic.use == pytest.approx([10 * 179e6 * 8 / 3600 / 10e6] * 4)


def test_never_read(tmp_path: Path) -> None:
    (tmp_path / "form.yaml").write_text(FORM.replace("10:00-23:00", "10:00-11:00"), encoding="utf-8")
    scenario = load(tmp_path / "form.yaml").cells[0]
    ahead = outlook(scenario)
    assert ahead is not None
    expected = estimate(scenario, ahead)
    assert expected.clears_s is None
    assert expected.unreported == pytest.approx(220 / 7)


def test_spreads_of_distributions() -> None:
    rng = np.random.default_rng(1)
    for one in (
        distribution.lognormal(10, 0.5),
        distribution.gamma(10, 0.7),
        distribution.weibull(1.5, 4),
        distribution.triangular(1, 2, 6),
        distribution.uniform(1, 3),
        distribution.exponential(3),
        distribution.empirical((1.0, 2.0, 6.0)),
        distribution.constant(4),
    ):
        drawn = one.sample(rng, 200_000)
        assert one.cv == pytest.approx(drawn.std() / drawn.mean(), abs=0.01)


def test_estimate_prints_hours_and_links(tmp_path: Path) -> None:
    (tmp_path / "form.yaml").write_text(FORM, encoding="utf-8")
    result = simgrid("estimate", tmp_path / "form.yaml")
    assert result.exit_code == 0, result.output
    assert "40.0 requests are 4.7 h of reading; 2.0 h can be read while they come" in result.stdout
    assert "the backlog peaks at 2.67 h of reading, Mon 2026-01-05 12 h, and is read by" in result.stdout
    assert "25.0 % of urgent requests wait longer for a radiologist than they are allowed" in result.stdout
    rows = [line.split() for line in result.stdout.splitlines() if line.startswith("Mon 2026-01-05")]
    assert [row[2:4] + row[4:5] for row in rows][:2] == [["08", "h", "10.00"], ["09", "h", "10.00"]]
    assert len({tuple(row[:3]) for row in rows}) == 7


def test_estimate_as_json(tmp_path: Path) -> None:
    (tmp_path / "form.yaml").write_text(FORM, encoding="utf-8")
    told = simgrid("estimate", tmp_path / "form.yaml", "--json").stdout
    lines = [json.loads(line) for line in told.splitlines()]
    assert [one["table"] for one in lines] == ["estimate", "reading", *["hours"] * 7, *["links"] * 4]
    assert lines[0]["backlog_peak_h"] == pytest.approx(160 / 60)
    reading = {key: lines[1][key] for key in ("modality", "requests", "mean_min", "sd_min", "told_by")}
    assert tuple(reading.values()) == ("CT", 40.0, 7.0, 3.5, "code tables")
    assert lines[2]["from"] == "2026-01-05T08:00:00+00:00"


@pytest.mark.parametrize("name", ["templates/your-own-log", "real-dicom", "paper/archive-52-sites"])
def test_estimate_of_replayed_and_long_workloads(name: str) -> None:
    overrides = ("--set", "horizon=30 d") if name == "paper/archive-52-sites" else ()
    result = simgrid("estimate", name, *overrides)
    assert result.exit_code == 0, result.output
    assert "requests are" in result.stdout
    if name == "paper/archive-52-sites":
        assert "the hours of the week" in result.stdout
        assert "not counted: " in result.stdout
    else:
        assert "replication 0 draws" in result.stdout


def test_estimate_of_a_sweep_tells_each_cell() -> None:
    result = simgrid(
        "estimate", "planning/outage", "--set", "sweep={dispatch.every: [5 min, 10 min]}", "--json"
    )
    cells = [json.loads(line)["cell"] for line in result.stdout.splitlines() if '"estimate"' in line]
    assert len(cells) == 4
    assert {cell["variant"] for cell in cells} == {"base", "outage"}


def test_estimate_of_an_invalid_scenario(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("extends: tiny/one-unit.yaml\nhorizon: 2 hh\n", encoding="utf-8")
    result = simgrid("estimate", tmp_path / "bad.yaml")
    assert result.exit_code == 2
    assert "E103" in result.stderr
