"""A run that is taken up from its own stock-taking goes on as it would have gone on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from simgrid.domain.backlog import Backlog, Held, State
from simgrid.domain.journal import Journal
from simgrid.domain.observer import Observer
from simgrid.domain.scenario import PolicyChoice, Scenario
from simgrid.experiments.assemble import run_journal, setting_of
from simgrid.experiments.installed import installed
from simgrid.experiments.waits import Follower, waits_of
from simgrid.scenario import load
from simgrid.scenario.backlog_text import backlog_texts

TIMES = ("requested_s", "acquired_s", "uploaded_s", "assigned_s", "delivered_s", "opened_s", "read_s")
PLAIN = ("spread={speed: 0, estimate_error: 0}", "horizon=6 h", "demand.count=100")


def scenario(*changes: str) -> Scenario:
    return load("tiny/one-unit", (*PLAIN, *changes), installed()).cells[0]


def halved(cell: Scenario, policy: str, at_s: float) -> tuple[Journal, Backlog, Journal]:
    """The run, what there was in it at that moment, and the run that begins with it."""
    found: list[Backlog] = []
    choice = PolicyChoice.parse(policy)
    whole = run_journal(cell, choice, 0, Observer(snapshot=(at_s, found.append)))
    rest = run_journal(replace(cell, start_from=found[0], canonical=""), choice, 0)
    return whole, found[0], rest


def check_same(whole: Journal, backlog: Backlog, rest: Journal) -> None:
    row_of = {name: row for row, name in enumerate(whole.inspections.identifier)}
    rows = [row_of[name] for name in rest.inspections.identifier]
    before = set(row_of) - set(rest.inspections.identifier)
    assert all(whole.inspections.reported_s[row_of[name]] <= backlog.at_s for name in before)
    assert [whole.inspections.radiologist[row] for row in rows] == rest.inspections.radiologist.tolist()
    for name in (*TIMES, "reported_s"):
        was, now = getattr(whole.inspections, name)[rows], getattr(rest.inspections, name)
        assert np.allclose(was, now, rtol=0, atol=1e-6, equal_nan=True), name


CASES: dict[str, tuple[str, ...]] = {
    "plain": (),
    "slow lines": ("sites.clinic.link.bandwidth=1 Mbit/s", "units.desk.link.bandwidth=2 Mbit/s"),
    "scans": ("acquisition.scan=4 min", "sites.clinic.scanners=2"),
    "duties": ("radiologists.ada.non_reading=30 %",),
    "hours": ("radiologists.ada.hours=Mon-Fri 09:10-10:05", "radiologists.ben.hours=Mon-Fri 10:00-18:00"),
    "interrupted": ("grid.reading={interruption: true, end_of_shift: park, resume: 30 s}",),
    "agents": ("grid.agents={}", "sites.clinic.link.bandwidth=2 Mbit/s"),
    "rules": ("grid.transfers={}", "sites.clinic.link.bandwidth=2 Mbit/s"),
    "an outage": (
        "events={a: {at: 2026-01-05 09:20, for: 30 min, link_down: clinic}}",
        "sites.clinic.link.bandwidth=2 Mbit/s",
    ),
    "one seat": ("units.desk.workstations=1",),
    "long reports": ("network.report=20 MB",),
}


@pytest.mark.parametrize(
    ("name", "policy"),
    [
        *((name, "rwoa") for name in CASES),
        *((name, "shortest-queue") for name in ("duties", "interrupted", "slow lines")),
        *((name, "rbsm@online") for name in ("interrupted", "hours", "agents")),
    ],
)
def test_the_rest_of_a_run_is_the_same(name: str, policy: str) -> None:
    cell = scenario(*CASES[name])
    held = 0
    for at_s in (3600.0, 7777.7):
        whole, backlog, rest = halved(cell, policy, at_s)
        held += len(backlog.studies)
        check_same(whole, backlog, rest)
    assert held > 4


def test_the_file_says_all_that_the_run_needs(tmp_path: Path) -> None:
    """Written, read back under another name and taken up: still the same rest."""
    cell = scenario(*CASES["interrupted"], "radiologists.ada.non_reading=30 %")
    whole, backlog, rest = halved(cell, "rwoa", 7777.7)
    text, table = backlog_texts(backlog, cell.start, "unused.csv")
    assert table is None
    (tmp_path / "tonight.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "again.yaml").write_text(
        "extends: tiny/one-unit.yaml\nstart_from: tonight.yaml\n", encoding="utf-8"
    )
    changes = (*PLAIN, *CASES["interrupted"], "radiologists.ada.non_reading=30 %")
    read = load(tmp_path / "again.yaml", changes, installed()).cells[0]
    assert read.start_from is not None
    assert [one.identifier for one in read.start_from.studies] == [one.identifier for one in backlog.studies]
    again = run_journal(read, PolicyChoice.parse("rwoa"), 0)
    check_same(whole, backlog, again)
    assert again.fingerprint != whole.fingerprint
    assert len(again.inspections) == len(rest.inspections)


def test_a_backlog_from_before_the_calendar_counts_from_its_requests() -> None:
    """Requested two hours before the run begins: its turnaround counts them, the journal is sound."""
    kind = scenario().demand.mix.kinds[0]
    held = Held("s0001", "waiting", -7200.0, "clinic", kind, True, 3600.0, 1e6, 10, reading_min=3.0)
    cell = replace(scenario("dispatch.every=15 min"), start_from=Backlog(0.0, (held,)), canonical="")
    journal = run_journal(cell, PolicyChoice.parse("shortest-queue"), 0)
    assert journal.inspections.identifier[0] == "s0001"
    assert journal.inspections.requested_s[0] == -7200.0
    assert journal.inspections.assigned_s[0] == 0.0  # the window of this very moment
    assert journal.inspections.reported_s[0] > 180.0 - 1e-9
    follower = Follower(len(journal.inspections))
    setting = setting_of(cell, 0)
    watched = run_journal(cell, PolicyChoice.parse("shortest-queue"), 0, follower.observer)
    waits = waits_of(follower.course(watched, setting.world), 0)
    assert (waits[0].kind, waits[0].start_s, waits[0].end_s) == ("before", -7200.0, 0.0)
    assert sum(one.seconds for one in waits) == pytest.approx(journal.inspections.reported_s[0] + 7200.0)


def test_each_state_goes_on_by_its_own_clock() -> None:
    """One study in each state in an empty world: what is left of each is what it still takes."""
    kind = scenario().demand.mix.kinds[0]
    plain = {"site": "clinic", "kind": kind, "urgent": False, "required_s": 3600.0}

    def held(name: str, state: State, left: float | None = None, who: str | None = None) -> Held:
        size = {"size_bytes": 10e6, "images": 10, "reading_min": 10.0}
        return Held(name, state, -600.0, radiologist=who, left=left, **plain, **size)  # type: ignore[arg-type]

    studies = (
        held("s1", "reporting", 2_500_000.0, "ada"),  # 20 Mbit/s up from the desk, 10 Mbit/s down: 2 s
        held("s2", "uploading", 5_000_000.0),  # 10 Mbit/s up: 4 s
        held("s3", "reading", 60.0, "ada"),
        held("s4", "begun", 120.0, "ben"),
        held("s5", "at-desk", None, "ada"),
        held("s6", "delivering", 2_500_000.0, "ben"),  # 20 Mbit/s down, shared with s9: 2 s
        held("s7", "scanning", 30.0),
        held("s8", "requested"),
        held("s9", "waiting"),
    )
    changes = ("demand.count=1", "demand.mix.modalities={CT: 100 %}", "acquisition.scan=5 min", "horizon=2 h")
    base = scenario(*changes)
    cell = replace(base, start_from=Backlog(0.0, studies), canonical="")
    rows = run_journal(cell, PolicyChoice.parse("shortest-queue"), 0).inspections
    at = {name: row for row, name in enumerate(rows.identifier)}
    assert rows.reported_s[at["s1"]] == pytest.approx(2.0, abs=0.1)
    assert rows.uploaded_s[at["s2"]] == pytest.approx(4.0)
    assert rows.read_s[at["s3"]] == pytest.approx(60.0)
    assert rows.read_s[at["s4"]] == pytest.approx(120.0)
    assert rows.opened_s[at["s5"]] == pytest.approx(60.0)
    assert rows.delivered_s[at["s6"]] == pytest.approx(2.0)
    assert rows.acquired_s[at["s7"]] == pytest.approx(30.0)
    assert rows.acquired_s[at["s8"]] == pytest.approx(330.0)
    assert rows.assigned_s[at["s9"]] == 0.0
    assert not np.isnan(rows.reported_s).any()
