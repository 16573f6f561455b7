"""The estimate before a run against the runs themselves, on declared scenarios and within declared bands.

Bands, written before the runs: hours of reading left at a full hour within 15 % of the simulated peak and the
mean's 99.8 % interval together; use of duty within 4 points; the bits on a link within 8 %; waits by Erlang's
formula within 15 % for one radiologist. For two it is a lower bound: policies give studies to a desk at once.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from simgrid.domain.journal import Journal
from simgrid.domain.scenario import Scenario
from simgrid.domain.units import FloatArray
from simgrid.experiments import workloads
from simgrid.experiments.assemble import run_journal
from simgrid.foresight.erlang import Waiting
from simgrid.foresight.estimate import Estimate, estimate
from simgrid.foresight.outlook import outlook, outlook_of
from simgrid.scenario import load

PLAIN = """extends: tiny/one-unit.yaml
policies: [shortest-queue@online]
spread: {speed: 0, estimate_error: 0}
demand: {count: null, urgent: 20 %, required: {urgent: 4 h, routine: 24 h},
  mix: {modalities: null, body_parts: null, icd10: null,
        kinds: [{modality: CT, body_part: Brain, icd10: C71}]}}
sites: {clinic: {link: {bandwidth: 100 Mbit/s}}}
units: {desk: {link: {bandwidth: 100 Mbit/s}, storage: 500 GB}}
"""
LATE_HELP = """
horizon: 10 h
give_up_after: 4 d
sites: {clinic: {demand: {per_day: 360}}}
radiologists: {ada: {hours: "Mon 08:00-23:00"}, ben: {hours: "Mon 13:00-23:00"}}
"""
EVENINGS = """
horizon: 3 d
give_up_after: 4 d
sites: {clinic: {demand: {per_day: 45}}}
radiologists: {ada: {hours: "Mon-Fri 17:00-20:00", speed: 1.2},
               ben: {hours: "Mon-Fri 17:00-20:00", non_reading: 20 %}}
"""
TOO_MUCH = """
horizon: 24 h
give_up_after: 12 h
sites: {clinic: {demand: {per_day: 480}}}
radiologists: {ada: {hours: always}, ben: {hours: "daily 09:00-17:00"}}
"""
SCENARIOS = {"late help": LATE_HELP, "evenings": EVENINGS, "too much": TOO_MUCH}
REPLICATIONS = 8


def merged(extra: str) -> str:
    """The plain text with a second block of each site's and radiologist's own."""
    text = PLAIN.replace("sites: {clinic: {link: {bandwidth: 100 Mbit/s}}}\n", "")
    return text + extra.replace("{clinic: {demand", "{clinic: {link: {bandwidth: 100 Mbit/s}, demand")


def built(tmp_path: Path, text: str) -> Scenario:
    (tmp_path / "one.yaml").write_text(text, encoding="utf-8")
    return load(tmp_path / "one.yaml").cells[0]


def foreseen(scenario: Scenario) -> Estimate:
    ahead = outlook(scenario)
    assert ahead is not None
    return estimate(scenario, ahead)


def runs(scenario: Scenario, replications: int = REPLICATIONS) -> list[Journal]:
    return [run_journal(scenario, scenario.policies[0], number) for number in range(replications)]


def left_h(journal: Journal, at_s: FloatArray) -> FloatArray:
    """Hours of reading at speed 1 that are requested and not read at each instant."""
    of = journal.inspections
    opened, read = (np.where(np.isnan(times), np.inf, times) for times in (of.opened_s, of.read_s))
    took = np.where(np.isfinite(read), read - np.where(np.isfinite(opened), opened, 0), np.inf)
    found = []
    for instant in at_s:
        had = np.where(opened < instant, np.minimum((instant - np.minimum(opened, instant)) / took, 1.0), 0.0)
        found.append(float((of.effort_min * (1 - had))[of.requested_s <= instant].sum() / 60))
    return np.array(found)


@pytest.mark.parametrize("name", SCENARIOS)
def test_backlog_and_use_by_the_hour(name: str, tmp_path: Path) -> None:
    scenario = built(tmp_path, merged(SCENARIOS[name]))
    expected, journals = foreseen(scenario), runs(scenario)
    edges = np.array([one.right_s for one in expected.hours])
    lived = np.stack([left_h(journal, edges) for journal in journals])
    half = 4.79 * lived.std(axis=0, ddof=1) / np.sqrt(len(lived))  # Student's t, 7 degrees of freedom
    foretold = np.array([one.backlog_h for one in expected.hours])
    band = 0.15 * lived.mean(axis=0).max() + half
    assert np.all(np.abs(foretold - lived.mean(axis=0)) <= band)
    assert expected.peak_h == pytest.approx(lived.mean(axis=0).max(), rel=0.15)


def lived_waits(journals: list[Journal], *, urgent: bool) -> FloatArray:
    """Seconds from the desk to the opening."""
    of = [one.inspections for one in journals]
    return np.concatenate([(one.opened_s - one.delivered_s)[one.urgent == urgent] for one in of])


def formula(expected: Estimate) -> Waiting:
    (known,) = {one.waiting for one in expected.hours if one.requests}
    assert known is not None
    return known


def test_waiting_and_use_of_one_radiologist(tmp_path: Path) -> None:
    scenario = built(tmp_path, steady(1, 82))
    expected, journals = foreseen(scenario), runs(scenario, 4)
    known = formula(expected)
    urgent_s, routine_s = (lived_waits(journals, urgent=urgent) for urgent in (True, False))
    assert urgent_s.mean() == pytest.approx(known.urgent_s, rel=0.15)
    assert routine_s.mean() == pytest.approx(known.routine_s, rel=0.15)
    waited = np.concatenate([urgent_s, routine_s]) > 1e-6
    assert waited.mean() == pytest.approx(known.probability, abs=0.04)
    use = [one.use for one in expected.hours if one.requests and one.use is not None]
    lived = [float(j.radiologists.reading_s.sum() / j.radiologists.rostered_s.sum()) for j in journals]
    assert np.mean(use) == pytest.approx(np.mean(lived), abs=0.04)


def test_two_desks_wait_no_less_than_one_queue_for_both(tmp_path: Path) -> None:
    scenario = built(tmp_path, steady(2, 210))
    known, journals = formula(foreseen(scenario)), runs(scenario, 2)
    for urgent, foretold_s in ((True, known.urgent_s), (False, known.routine_s)):
        assert 0.9 * foretold_s < lived_waits(journals, urgent=urgent).mean() < 3 * foretold_s


def steady(hands: int, per_day: int) -> str:
    """So many radiologists round the clock for eight days."""
    names = ("ada", "ben")[:hands]
    who = ", ".join(f"{name}: {{hours: always}}" for name in names)
    gone = "" if hands == 2 else ", ben: null"
    extra = f"""
horizon: 8 d
give_up_after: 1 d
sites: {{clinic: {{demand: {{per_day: {per_day}}}}}}}
radiologists: {{{who}{gone}}}
"""
    return merged(extra)


def test_bits_on_a_link(tmp_path: Path) -> None:
    """60 brain CT of 179 MB a day, more by day: what simulated transfers take of the link."""
    text = (
        steady(2, 60)
        .replace("count: null", "count: null, by_hour: day")
        .replace("link: {bandwidth: 100 Mbit/s}, demand", "link: {bandwidth: 10 Mbit/s}, demand")
    )
    scenario = built(tmp_path, text)
    expected, journals = foreseen(scenario), runs(scenario, 4)
    (clinic,) = [one for one in expected.links if one.name == "link clinic"]
    hour = np.arange(len(clinic.use)) % 24
    use = np.array(clinic.use, dtype=np.float64)
    foretold = [float(use[hour == clock].mean()) for clock in range(24)]
    lived = np.zeros(24)
    for journal in journals:
        sent = journal.transfers
        up = np.array([leg == "upload" for leg in sent.leg])
        clock = (8 + sent.started_s[up] // 3600).astype(int) % 24
        lived += np.bincount(clock, 8 * sent.size_bytes[up], 24) / (3600 * 10e6 * 8 * len(journals))
    first = 8  # the run begins at 8 h
    assert np.mean(foretold) == pytest.approx(lived.mean(), rel=0.08)
    assert np.corrcoef(np.roll(foretold, first), lived)[0, 1] > 0.9


def test_a_drawn_workload_is_counted_as_it_falls(tmp_path: Path) -> None:
    """The outlook of drawn inspections has each of them in its hour, and their own means."""
    scenario = built(tmp_path, merged(EVENINGS))
    inspections = workloads.draw(scenario, 0)
    ahead = outlook_of(scenario, inspections)
    assert sum(sum(one.expected) for one in ahead.requests) == len(inspections)
    by_hour = np.histogram(inspections.requested_s, np.array(ahead.edges_s))[0]
    assert np.array_equal(by_hour, np.sum([one.expected for one in ahead.requests], axis=0))
    assert ahead.minutes["CT"] == pytest.approx(inspections.reading_draw_min.mean())
    expected = estimate(scenario, ahead)
    assert expected.offered_h == pytest.approx(inspections.reading_draw_min.sum() / 60)
    urgent = sum(one.requests for one in expected.late if one.urgent)
    assert urgent == pytest.approx(inspections.urgent.sum())
