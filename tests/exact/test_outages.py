"""Runs with events, worked by hand second by second, and replayed through public function and oracle."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from simgrid.domain.decision import Assignment, Worklist
from simgrid.domain.distribution import constant
from simgrid.domain.events import Absence, Event, LinkLimit, capacity_steps
from simgrid.domain.inspection import Retrievals
from simgrid.domain.journal import Journal
from simgrid.domain.network import Access, Client, DataCentre
from simgrid.domain.reporting_unit import ReportingUnit
from simgrid.domain.scenario import PolicyChoice
from simgrid.domain.schedule import Roster
from simgrid.domain.site import Site
from simgrid.domain.units import HOUR
from simgrid.domain.world import Dispatch, World
from simgrid.experiments.assemble import run_journal
from simgrid.metrics import audit
from simgrid.network import CapacityChange, Flow, completion_times, down, up
from simgrid.scenario import load
from tests.exact.fairshare_oracle import exact_ends
from tests.worlds import WIDE, Always, inspections, radiologist, simulate, world

SLOW = Access(8e6, 8e6)  # a megabyte a second
SITES = (Site("site", SLOW),)
UNITS = (ReportingUnit("unit", SLOW, 1e15, 1, 10.0),)


def down_for(place: str, start_s: float, seconds: float) -> LinkLimit:
    return LinkLimit(place, start_s, start_s + seconds)


def slow_for(place: str, start_s: float, seconds: float, bps: float) -> LinkLimit:
    return LinkLimit(place, start_s, start_s + seconds, bps, bps)


def run(*events: Event, megabytes: Sequence[float] = (45.0,), **changes: object) -> Journal:
    """Inspections at 0 s, a minute's reading each, sent over a site's and a unit's slow links."""
    one = world(**{"sites": SITES, "units": UNITS, "report_bytes": 1e6, "events": events, **changes})
    rows = len(megabytes)
    journal = simulate(one, inspections([0.0] * rows, [1.0] * rows, size_bytes=np.array(megabytes) * 1e6))
    assert audit.problems(journal, [1]) == ()
    return journal


def legs(journal: Journal) -> list[float]:
    """Uploaded, delivered, read, reported of the only inspection."""
    rows = journal.inspections
    return [float(column[0]) for column in (rows.uploaded_s, rows.delivered_s, rows.read_s, rows.reported_s)]


def test_six_hours_without_the_link_are_six_hours_more() -> None:
    assert legs(run()) == [45.0, 90.0, 150.0, 151.0]
    later = 6 * HOUR
    assert legs(run(down_for("site", 20.0, later))) == [45 + later, 90 + later, 150 + later, 151 + later]
    assert legs(run(down_for("site", 0.0, later)))[0] == 45 + later
    assert legs(run(down_for("site", -HOUR, later)))[0] == 45 + 5 * HOUR


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        # Both ways: the report to the site waits as the images from it do.
        (down_for("site", 150.5, 100.0), [45.0, 90.0, 150.0, 251.0]),
        (down_for("unit", 60.0, 100.0), [45.0, 190.0, 250.0, 251.0]),
        (down_for("unit", 100.0, 50.5), [45.0, 90.0, 150.0, 151.5]),
        (down_for("data-centre", 20.0, 100.0), [145.0, 190.0, 250.0, 251.0]),
        # Nothing passes the data centre on the way back.
        (down_for("data-centre", 150.0, 100.0), [45.0, 90.0, 150.0, 151.0]),
        # 20 MB at once, 25 MB at a quarter of the speed.
        (slow_for("site", 20.0, 200.0, 2e6), [120.0, 165.0, 225.0, 226.0]),
        (slow_for("site", 20.0, 40.0, 2e6), [75.0, 120.0, 180.0, 181.0]),
        # What a link does not carry anyway cannot be taken from it.
        (slow_for("site", 20.0, 40.0, 9e6), [45.0, 90.0, 150.0, 151.0]),
        # It is down when nobody needs it.
        (down_for("site", 50.0, 90.0), [45.0, 90.0, 150.0, 151.0]),
        (down_for("unit", 0.0, 45.0), [45.0, 90.0, 150.0, 151.0]),
    ],
)
@pytest.mark.parametrize("sharing", ["shared", "separate"])
def test_one_event_by_hand(event: Event, expected: list[float], sharing: str) -> None:
    assert legs(run(event, sharing=sharing)) == expected


def test_overlapping_events_leave_what_the_least_of_them_leaves() -> None:
    """10 MB by 10 s; nothing until 30 s; a quarter until 50 s (5 MB); half until 60 s (5 MB); 25 s more."""
    events = (
        down_for("site", 10.0, 20.0),
        slow_for("site", 20.0, 30.0, 2e6),
        slow_for("site", 10.0, 50.0, 4e6),
    )
    for order in (events, events[::-1]):
        assert legs(run(*order))[0] == 85.0


def test_two_transfers_share_what_is_left() -> None:
    """45 MB and 10 MB: half each; 5 MB each by 10 s, then a quarter: 10 MB more by 50 s, then 35 MB alone."""
    journal = run(slow_for("site", 10.0, 40.0, 2e6), megabytes=(45.0, 10.0))
    assert journal.inspections.uploaded_s.tolist() == [85.0, 50.0]


def test_a_link_that_never_returns_ends_the_run_where_it_must_and_nothing_is_lost() -> None:
    journal = run(LinkLimit("site", 50.0, math.inf), megabytes=(45.0, 5.0, 400.0), give_up_s=2 * HOUR)
    rows = journal.inspections
    assert journal.ended_s == 2 * HOUR
    # 15 MB by 15 s of three thirds, then halves: the second is up at 15 s, 17.5 MB each by 50 s.
    assert rows.uploaded_s[1] == 15.0
    assert np.isnan(rows.uploaded_s[[0, 2]]).all()
    assert not np.isnan(rows.read_s[1])
    assert np.isnan(rows.reported_s).all()
    transfers = journal.transfers
    assert [leg for leg, end in zip(transfers.leg, transfers.finished_s, strict=True) if np.isnan(end)] == [
        "upload", "upload", "report"
    ]  # fmt: skip
    assert journal.scheduled.started_s.tolist() == [50.0]
    assert np.isnan(journal.scheduled.ended_s).all()


def test_who_is_away_finishes_what_is_open_and_keeps_the_rest() -> None:
    """Two studies of a minute at 1 s and 2 s: the second waits for her return at 1000 s."""
    away = Absence("r1", 30.0, 1000.0)
    ready = world(sites=SITES, units=UNITS, events=(away,))
    hers = replace(ready, rosters=(ready.rosters[0].without(Roster.of([(30.0, 1000.0)])),))
    work = inspections([0.0] * 2, [1.0] * 2, size_bytes=np.full(2, 0.25e6))
    journal = simulate(hers, work)
    assert journal.inspections.opened_s.tolist() == [1.0, 1000.0]
    assert journal.inspections.read_s.tolist() == [61.0, 1060.0]
    assert journal.inspections.radiologist.tolist() == [0, 0]
    assert journal.radiologists.rostered_s.tolist() == [1060.0 - 970.0]
    table = journal.scheduled
    assert (table.kind, table.whom) == (("absence",), ("r1",))
    assert [table.started_s.tolist(), table.ended_s.tolist()] == [[30.0], [1000.0]]
    assert table.up_bps.tolist() == table.down_bps.tolist() == [math.inf]


class Watching(Always):
    """Keeps what it was shown of the units, and what it plans."""

    def __init__(self, one: World) -> None:
        super().__init__(0)
        self.bandwidth: dict[float, list[float]] = {}

    def assign(self, worklist: Worklist) -> Assignment:
        self.bandwidth[worklist.now_s] = worklist.units.bandwidth_bps.tolist()
        return super().assign(worklist)


def test_policies_see_what_the_units_link_carries_now_and_plan_for_ever_while_it_is_dead() -> None:
    events = (down_for("unit", 60.0, 60.0), slow_for("unit", 100.0, 60.0, 2e6))
    one = world(sites=SITES, units=UNITS, events=events, dispatch=Dispatch(60.0, 100))
    policy = Watching(one)
    work = inspections([1.0, 61.0, 121.0, 181.0], [1.0] * 4, size_bytes=np.full(4, 1e6))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        journal = simulate(one, work, policy)
    # At 60 s the link dies before the decision of that instant; at 120 s only the slow spell is left.
    assert policy.bandwidth == {60.0: [0.0], 120.0: [2e6], 180.0: [8e6], 240.0: [8e6]}
    planned = journal.inspections.planned_s
    assert planned[0] == math.inf
    assert np.isfinite(planned[1:]).all()
    assert audit.problems(journal, [1]) == ()


def test_a_month_of_nights_begins_and_ends_on_the_hour_for_whoever_decides_then() -> None:
    """Narrow from 20 to 6 h each night; a study arrives each hour on the hour and is given out at once."""
    nights = tuple(slow_for("unit", day * 24 * HOUR + 20 * HOUR, 10 * HOUR, 2e6) for day in range(30))
    once_more = down_for("unit", 45 * 24 * HOUR, HOUR)
    one = world(units=UNITS, events=(*nights, once_more), dispatch=Dispatch(HOUR, 100))
    policy = Watching(one)
    hours = [float(hour) for hour in (*range(1, 24 * 30), 24 * 45 - 1, 24 * 45, 24 * 45 + 1)]
    work = inspections([hour * HOUR - 1.0 for hour in hours], [1.0] * len(hours))
    journal = simulate(one, work, policy)
    seen = {at_s / HOUR: bandwidth for at_s, (bandwidth,) in policy.bandwidth.items()}
    assert list(seen) == hours
    for hour, bandwidth in seen.items():
        night = 20 <= hour < 30 * 24 + 6 and (hour % 24 >= 20 or hour % 24 < 6)
        assert bandwidth == (0.0 if hour == 24 * 45 else 2e6 if night else 8e6), hour
    assert journal.scheduled.started_s.tolist() == [one.start_s for one in (*nights, once_more)]
    assert journal.scheduled.ended_s.tolist() == [one.end_s for one in (*nights, once_more)]


def test_what_took_place_is_in_the_journal_and_in_the_fingerprint() -> None:
    plain = run()
    assert len(plain.scheduled.kind) == 0
    assert run().fingerprint == plain.fingerprint
    seen = {plain.fingerprint}
    idle = [
        (down_for("site", 50.0, 90.0),),
        (down_for("site", 50.0, 91.0),),
        (slow_for("site", 50.0, 90.0, 2e6),),
        (slow_for("unit", 0.0, 40.0, 2e6),),
        (Absence("r1", 10.0, 20.0),),
        (slow_for("site", 50.0, 90.0, 9e6),),
    ]
    for events in idle:
        journal = run(*events)
        assert legs(journal) == legs(plain)
        assert len(journal.scheduled.kind) == 1
        assert journal.events > plain.events
        seen.add(journal.fingerprint)
    assert len(seen) == len(idle) + 1
    # What is over before the start, or begins after the end, has not taken place.
    never = run(down_for("site", -10.0, 5.0), down_for("site", 1000.0, 5.0))
    assert never.fingerprint == plain.fingerprint
    assert len(never.scheduled.kind) == 0
    # What began before the start is in force at 0, whatever it was made of before.
    early = run(slow_for("site", -10.0, 110.0, 2e6), down_for("site", -5.0, 55.0))
    late = run(slow_for("site", 0.0, 100.0, 2e6), down_for("site", 0.0, 50.0))
    assert (early.fingerprint, early.events) == (late.fingerprint, late.events)


def test_a_run_replayed_through_the_public_function_and_the_oracle_ends_alike() -> None:
    rng = np.random.default_rng(7)
    rows = 40
    events: tuple[Event, ...] = (
        down_for("site", 300.0, 900.0),
        slow_for("site", 1000.0, 1500.0, 1.5e6),
        slow_for("unit", 700.0, 800.0, 1e6),
        down_for("data-centre", 2000.0, 333.0),
        down_for("other", 100.0, 50.0),
        down_for("client", 50.0, 400.0),
    )
    one = world(
        [radiologist("r1"), radiologist("r2")],
        sites=(Site("site", SLOW, 3), Site("other", Access(3e6, 5e6), 2)),
        units=(ReportingUnit("unit", Access(20e6, 10e6), 1e15, 2, 10.0),),
        clients=(Client("client", SLOW, 1.0, constant(1e6)),),
        data_centre=DataCentre(Access(16e6, 30e6)),
        report_bytes=5e4,
        events=events,
    )
    work = inspections(
        np.sort(rng.uniform(0, 2400, rows)).tolist(),
        rng.uniform(1, 4, rows).tolist(),
        sites=("site", "other"),
        site=rng.integers(0, 2, rows),
        size_bytes=rng.uniform(1e6, 4e7, rows),
    )
    fetched = Retrievals(np.zeros(5, dtype=np.int64), np.arange(5) * 97.0, np.full(5, 7e6))
    journal = simulate(one, work, retrievals=fetched)
    assert not np.isnan(journal.inspections.reported_s).any()
    finished = journal.transfers.finished_s
    replayed = np.array(completion_times(*_as_flows(one, journal)))
    np.testing.assert_allclose(finished, replayed, rtol=1e-9)
    capacity, flows, changes = _as_flows(one, journal)
    exact = exact_ends(
        capacity,
        [(flow.start_s, flow.size_bytes, flow.path, 1.0, None) for flow in flows],
        [(change.at_s, change.link, change.capacity_bps) for change in changes],
    )
    np.testing.assert_allclose(finished, [float(end or math.inf) for end in exact], rtol=1e-9)


def _as_flows(one: World, journal: Journal) -> tuple[dict[str, float], list[Flow], list[CapacityChange]]:
    """The run's own lines, transfers and changes in the public function's terms."""
    capacity = {up(name): line.up_bps for name, line in one.access.items()}
    capacity |= {down(name): line.down_bps for name, line in one.access.items()}
    made = journal.transfers
    flows = [
        Flow(*row) for row in zip(made.started_s.tolist(), made.size_bytes.tolist(), made.path, strict=True)
    ]
    changes = [
        change
        for step in capacity_steps(one.access, one.events)
        for change in (
            CapacityChange(step.at_s, up(step.place), step.access.up_bps),
            CapacityChange(step.at_s, down(step.place), step.access.down_bps),
        )
    ]
    return capacity, flows, changes


def test_wide_links_hide_no_outage() -> None:
    """A size of nothing is sent at once even over a dead link: it occupies nothing."""
    journal = run(LinkLimit("site", 0.0, math.inf), megabytes=(0.0,), sites=(Site("site", WIDE),))
    assert journal.inspections.uploaded_s.tolist() == [0.0]
    assert np.isnan(journal.inspections.reported_s).all()


@pytest.mark.parametrize("replication", [0, 1])
def test_an_outage_declared_in_a_scenario_delays_by_its_length(tmp_path: Path, replication: int) -> None:
    """450 MB take six minutes over 10 Mbit/s; the link dies at a full minute among them, for six hours."""
    text = "extends: tiny/one-unit.yaml\n"
    text += "studies: {CT: &heavy {size: {constant: 450 MB}, images: 1}, DX: *heavy}\n"
    single = ["demand.count=1"]
    plain = _upload(tmp_path, text, single, replication)
    assert plain[1] - plain[0] == pytest.approx(360.0, rel=1e-12)
    minute = math.floor(plain[0] / 60) + 2
    at = f"2026-01-05 {8 + minute // 60:02d}:{minute % 60:02d}"
    text += f"variants: {{outage: {{events: [{{at: {at}, for: 6 h, link_down: clinic}}]}}}}\n"
    began, ended = _upload(tmp_path, text, single, replication)
    assert began == plain[0]
    assert ended == pytest.approx(plain[1] + 6 * HOUR, rel=1e-12)


def _upload(tmp_path: Path, text: str, overrides: list[str], replication: int) -> tuple[float, float]:
    """Start and end of the only upload in the scenario's last cell."""
    file = tmp_path / "s.yaml"
    file.write_text(text, encoding="utf-8")
    journal = run_journal(load(file, overrides).cells[-1], PolicyChoice("rwoa"), replication)
    assert journal.transfers.leg == ("upload", "delivery", "report")
    return float(journal.transfers.started_s[0]), float(journal.transfers.finished_s[0])


def test_the_shipped_storm_stops_one_line_slows_another_and_keeps_one_reader_away() -> None:
    loaded = load("templates/regional-network", ["horizon=10 d", "give_up_after=5 d"])
    cells = {dict(cell.swept)["variant"]: cell for cell in loaded.cells}
    calm, storm = (run_journal(cells[name], PolicyChoice("manual"), 0) for name in ("base", "storm"))
    table = storm.scheduled
    assert table.whom == ("harbour", "valley", "neuro")
    eight_days = 8 * 24 * HOUR
    assert (table.started_s - eight_days).tolist() == [9 * HOUR, 9 * HOUR, 0.0]
    assert (table.ended_s - eight_days).tolist() == [15 * HOUR, 36 * HOUR, 48 * HOUR]
    for journal, silent in ((calm, False), (storm, True)):
        ended = journal.transfers.finished_s
        harbour = np.array([up("harbour") in path for path in journal.transfers.path])
        during = (ended > table.started_s[0]) & (ended < table.ended_s[0])
        assert (harbour & during).any() != silent
        neuro = journal.inspections.radiologist == journal.radiologists.name.index("neuro")
        opened = journal.inspections.opened_s[neuro]
        assert ((opened >= table.started_s[2]) & (opened < table.ended_s[2])).any() != silent
    assert not np.isnan(storm.inspections.reported_s).any()
    before = storm.inspections.uploaded_s < eight_days
    np.testing.assert_array_equal(calm.inspections.uploaded_s[before], storm.inspections.uploaded_s[before])
    valley = np.array(storm.inspections.site) == "valley"
    asked = storm.inspections.requested_s
    slow = valley & (asked > table.started_s[1]) & (asked < table.ended_s[1] - 4 * HOUR)
    took = [
        float(np.mean((j.inspections.uploaded_s - j.inspections.acquired_s)[slow])) for j in (calm, storm)
    ]
    assert took[1] > 7.9 * took[0]  # 1 Mbit/s where there were 8, and queues besides
