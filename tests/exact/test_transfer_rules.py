"""What transfers cost and how agents order them, by hand and replayed through the public function."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from simgrid.domain.distribution import constant
from simgrid.domain.events import LinkLimit, capacity_steps
from simgrid.domain.grid import Agents, Grid, Retry, TransferRules
from simgrid.domain.inspection import Retrievals
from simgrid.domain.journal import Journal
from simgrid.domain.network import Access, Client, DataCentre
from simgrid.domain.reporting_unit import ReportingUnit
from simgrid.domain.site import Site
from simgrid.metrics import audit
from simgrid.network import Flow, completion_times, down, up
from simgrid.network.outages import capacity_changes
from tests.worlds import WIDE, inspections, radiologist, simulate, world

SLOW = Access(8e6, 8e6)  # a megabyte a second
SITES = (Site("site", SLOW),)
UNITS = (ReportingUnit("unit", SLOW, 1e15, 1, 10.0),)
TEN_TWENTY_FORTY = Retry(10.0, 2.0, 3600.0)


def run(
    rules: TransferRules | None = None,
    agents: Agents | None = None,
    megabytes: Sequence[float] = (45.0,),
    at_s: Sequence[float] | None = None,
    urgent: Sequence[bool] | None = None,
    images: int = 1,
    retrievals: Retrievals | None = None,
    **changes: Any,
) -> Journal:
    one = world(
        **{"sites": SITES, "units": UNITS, "report_bytes": 1e6, "grid": Grid(rules, agents), **changes}
    )
    rows = len(megabytes)
    work = inspections(
        list(at_s or [0.0] * rows),
        [1.0] * rows,
        size_bytes=np.array(megabytes) * 1e6,
        urgent=np.array(urgent if urgent is not None else [False] * rows),
        images=np.full(rows, images),
    )
    more = {} if retrievals is None else {"retrievals": retrievals}
    journal = simulate(one, work, **more)
    assert audit.problems(journal, [1]) == ()
    return journal


def images_at(journal: Journal) -> list[float]:
    """Uploaded and delivered of the first inspection."""
    return [float(journal.inspections.uploaded_s[0]), float(journal.inspections.delivered_s[0])]


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (TransferRules(), [45.0, 90.0]),
        (TransferRules(streams=4.0), [45.0, 90.0]),
        (TransferRules(cap_bps=2e6), [180.0, 360.0]),
        (TransferRules(cap_bps=9e6), [45.0, 90.0]),
        (TransferRules(latency_s=2.0), [47.0, 94.0]),
        # One association, and ten images of a tenth of a second each.
        (TransferRules(latency_s=2.0, image_latency_s=0.1), [48.0, 96.0]),
        (TransferRules(overhead=0.1), [49.5, 99.0]),
        (TransferRules(compression=2.0), [22.5, 45.0]),
        (TransferRules(compression=2.0, compression_bytes_s=1e6), [67.5, 135.0]),
        (
            TransferRules(cap_bps=4e6, latency_s=1.0, overhead=0.2, compression=3.0, compression_bytes_s=9e6),
            [5.0 + 1.0 + 36.0, 84.0],
        ),
    ],
)
def test_one_rule_by_hand(rules: TransferRules, expected: list[float]) -> None:
    assert images_at(run(rules, images=10)) == pytest.approx(expected, rel=1e-12)


def test_a_transfer_of_three_streams_has_three_shares_beside_one_of_one() -> None:
    """30 MB to the unit from 45 s on, at 3/4 of a megabyte a second, beside 10 MB to the client at 1/4."""
    rules = TransferRules(streams=3.0)
    journal = run(
        rules,
        megabytes=(30.0,),
        sites=(Site("site", Access(5.333333333333333e6, WIDE.down_bps)),),
        units=(ReportingUnit("unit", WIDE, 1e15, 1, 10.0),),
        data_centre=DataCentre(Access(8e6, 1e12)),
        clients=(Client("client", WIDE, 1.0, constant(1e6)),),
        retrievals=Retrievals(np.zeros(1, dtype=np.int64), np.array([45.0]), np.array([10e6])),
    )
    assert images_at(journal) == pytest.approx([45.0, 85.0], rel=1e-9)
    assert journal.transfers.finished_s[journal.transfers.leg.index("retrieval")] == pytest.approx(85.0)


@pytest.mark.parametrize(
    ("broken", "latency_s", "retry", "until_s", "uploaded_s", "failures"),
    [
        ("stall", 0.0, TEN_TWENTY_FORTY, 45.0, 70.0, 0),
        # Broken at 20 s with 25 MB left; tried at 30 s and 50 s.
        ("resume", 0.0, TEN_TWENTY_FORTY, 45.0, 75.0, 2),
        ("restart", 0.0, TEN_TWENTY_FORTY, 45.0, 95.0, 2),
        # Began at 2 s; broken with 27 MB left; tried at 32 s and 54 s.
        ("resume", 2.0, TEN_TWENTY_FORTY, 45.0, 81.0, 2),
        ("restart", 2.0, TEN_TWENTY_FORTY, 45.0, 99.0, 2),
        # Tried at 30, 45 and 60 s: no wait is longer than a quarter of a minute.
        ("resume", 0.0, Retry(10.0, 10.0, 15.0), 50.0, 85.0, 3),
        # Back at the very second of the second attempt.
        ("resume", 0.0, TEN_TWENTY_FORTY, 30.0, 55.0, 1),
    ],
)
def test_a_broken_transfer_by_hand(
    broken: Any, latency_s: float, retry: Retry, until_s: float, uploaded_s: float, failures: int
) -> None:
    rules = TransferRules(broken=broken, latency_s=latency_s, retry=retry)
    journal = run(rules, events=(LinkLimit("site", 20.0, until_s),))
    assert images_at(journal)[0] == pytest.approx(uploaded_s, rel=1e-12)
    (upload,) = [leg for leg in journal.carried if leg.leg == "upload"]
    assert upload.failures == failures
    attempts = [
        (size, broke)
        for leg, size, broke in zip(
            journal.transfers.leg, journal.transfers.size_bytes, journal.transfers.broken, strict=True
        )
        if leg == "upload"
    ]
    before = (20.0 - latency_s) * 1e6
    expected = {
        "stall": [(45e6, False)],
        "resume": [(before, True), (45e6 - before, False)],
        "restart": [(before, True), (45e6, False)],
    }[broken]
    assert [broke for _, broke in attempts] == [broke for _, broke in expected]
    assert [size for size, _ in attempts] == pytest.approx([size for size, _ in expected])
    assert upload.carried_bytes == pytest.approx(sum(size for size, _ in expected))
    stood_s = (
        until_s - 20.0
        if broken == "stall"
        else uploaded_s - (45e6 if broken == "restart" else 45e6 - before) / 1e6 - 20
    )
    assert journal.inspections.stalled.tolist() == [True]
    assert journal.inspections.stalled_s.tolist() == pytest.approx([stood_s])


def test_waits_grow_afresh_after_an_attempt_that_carried_something() -> None:
    """Down 20-25 and 40-45 s: each time ten seconds; 20 MB, 10 MB, and the last 15 MB from 50 s."""
    rules = TransferRules(broken="resume", retry=TEN_TWENTY_FORTY)
    journal = run(rules, events=(LinkLimit("site", 20.0, 25.0), LinkLimit("site", 40.0, 45.0)))
    assert images_at(journal)[0] == pytest.approx(65.0)


@pytest.mark.parametrize(
    ("workers", "ageing_s", "uploaded_s"),
    [
        (None, math.inf, [30.0, 30.0, 30.0]),
        (1, math.inf, [10.0, 30.0, 20.0]),
        # The first two at half speed; the urgent one from 20 s alone.
        (2, math.inf, [20.0, 20.0, 30.0]),
        (3, math.inf, [30.0, 30.0, 30.0]),
        (1, 0.0, [10.0, 20.0, 30.0]),
    ],
)
def test_workers_take_urgent_studies_first(
    workers: int | None, ageing_s: float, uploaded_s: list[float]
) -> None:
    """Ten megabytes each, the third one urgent."""
    agents = Agents(transfer_workers=workers, ageing_s=ageing_s)
    journal = run(None, agents, (10.0,) * 3, urgent=(False, False, True))
    assert journal.inspections.uploaded_s.tolist() == uploaded_s


@pytest.mark.parametrize(("ageing_s", "uploaded_s"), [(9.0, [10.0, 30.0, 20.0]), (7.0, [10.0, 20.0, 30.0])])
def test_a_routine_study_that_has_aged_goes_first(ageing_s: float, uploaded_s: list[float]) -> None:
    """Routine at 0 and 1 s, urgent at 9 s: the second is 8 s older."""
    agents = Agents(transfer_workers=1, ageing_s=ageing_s)
    journal = run(None, agents, (10.0,) * 3, (0.0, 1.0, 9.0), (False, False, True))
    assert journal.inspections.uploaded_s.tolist() == uploaded_s


def test_imports_have_workers_of_their_own() -> None:
    """All three are up at 30 s; the unit's link takes them one by one, the urgent one second."""
    journal = run(None, Agents(import_workers=1), (10.0,) * 3, urgent=(False, False, True))
    assert journal.inspections.delivered_s.tolist() == [40.0, 60.0, 50.0]
    assert journal.grid.agents is not None
    assert journal.grid.agents.peak_waiting_imports == 2


@pytest.mark.parametrize(
    ("agents", "expected"),
    [
        (Agents(receive_s=3.0), [48.0, 93.0]),
        # Told when it is up; told to import it.
        (Agents(message_s=5.0), [50.0, 100.0]),
        (Agents(receive_s=3.0, message_s=5.0), [53.0, 103.0]),
    ],
)
def test_interface_and_messages_take_their_time(agents: Agents, expected: list[float]) -> None:
    journal = run(None, agents)
    assert images_at(journal) == expected
    assert journal.grid.agents is not None
    assert (journal.grid.agents.messages, journal.grid.agents.message_bytes) == (2, 4000.0)


@pytest.mark.parametrize("broken", ["stall", "resume", "restart"])
@pytest.mark.parametrize("streams", [1.0, 3.0])
def test_a_journal_replayed_through_the_public_function_ends_alike(broken: Any, streams: float) -> None:
    """Every attempt a flow of what it carried, weights and caps from the rules."""
    rng = np.random.default_rng(11)
    rows = 50
    rules = TransferRules(
        streams=streams, cap_bps=6e6, latency_s=0.5, image_latency_s=0.01, overhead=0.05,
        compression=1.5, compression_bytes_s=5e7, broken=broken, retry=Retry(20.0, 2.0, 300.0),
    )  # fmt: skip
    events = (
        LinkLimit("site", 300.0, 900.0),
        LinkLimit("site", 1000.0, 2500.0, 1.5e6, 1.5e6),
        LinkLimit("unit", 700.0, 1500.0),
        LinkLimit("data-centre", 2000.0, 2333.0),
        LinkLimit("other", 100.0, 150.0),
    )
    one = world(
        [radiologist("r1"), radiologist("r2")],
        sites=(Site("site", SLOW, 3), Site("other", Access(3e6, 5e6), 2)),
        units=(ReportingUnit("unit", Access(20e6, 10e6), 1e15, 2, 10.0),),
        data_centre=DataCentre(Access(16e6, 30e6)),
        report_bytes=5e4,
        events=events,
        grid=Grid(rules, Agents(transfer_workers=2, import_workers=3, message_s=0.2, ageing_s=600.0)),
    )
    work = inspections(
        np.sort(rng.uniform(0, 2400, rows)).tolist(),
        rng.uniform(1, 4, rows).tolist(),
        sites=("site", "other"),
        site=rng.integers(0, 2, rows),
        urgent=rng.random(rows) < 0.3,
        images=rng.integers(1, 300, rows),
        size_bytes=rng.uniform(1e6, 4e7, rows),
    )
    journal = simulate(one, work)
    assert audit.problems(journal, [2]) == ()
    assert not np.isnan(journal.inspections.reported_s).any()
    made = journal.transfers
    assert made.broken.any() == (broken != "stall")
    moves_images = [leg != "report" for leg in made.leg]
    # A hair less than a broken one carried, so that it ends before its link is gone in the replay as well.
    sizes = np.where(made.broken, made.size_bytes * (1 - 1e-12), made.size_bytes)
    flows = [
        Flow(start_s, size, path, streams if images else 1.0, 6e6 if images else None)
        for start_s, size, path, images in zip(
            made.started_s.tolist(), sizes.tolist(), made.path, moves_images, strict=True
        )
    ]
    capacity = {up(name): line.up_bps for name, line in one.access.items()}
    capacity |= {down(name): line.down_bps for name, line in one.access.items()}
    changes = capacity_changes(one.access, capacity_steps(one.access, events))
    np.testing.assert_allclose(completion_times(capacity, flows, changes), made.finished_s, rtol=1e-9)
    completed = ~made.broken
    for row in range(rows):
        sent = rules.sent_bytes(float(work.size_bytes[row]))
        for leg in ("upload", "delivery"):
            own = (made.inspection == row) & np.array([name == leg for name in made.leg])
            if broken == "restart":
                assert made.size_bytes[own & completed].tolist() == [sent]
            else:
                assert made.size_bytes[own].sum() == pytest.approx(sent, rel=1e-12)


def test_storage_without_room_stalls_what_waits_for_it() -> None:
    """Both up at 90 s; the second sets out when the first has been read, a minute after 135 s."""
    small = (replace(UNITS[0], storage_bytes=50e6),)
    journal = run(None, None, (45.0, 45.0), units=small)
    assert journal.inspections.stalled.tolist() == [False, True]
    assert journal.inspections.stalled_s.tolist() == [0.0, 105.0]
    assert journal.inspections.delivered_s.tolist() == [135.0, 240.0]


@pytest.mark.parametrize(
    ("second_s", "recovered_s"),
    [
        (1000.0, 50.0),  # one before, one after: at once
        (30.0, 60.0),  # 25 and 5 MB from 50 s on, half a megabyte a second each
    ],
)
def test_recovery_ends_when_no_more_waits_than_before(second_s: float, recovered_s: float) -> None:
    journal = run(None, None, (45.0, 5.0), (0.0, second_s), events=(LinkLimit("site", 20.0, 50.0),))
    assert journal.scheduled.recovered_s.tolist() == [recovered_s]


def test_a_second_fault_before_recovery_is_measured_from_the_same_level() -> None:
    """One ordered before; 10 MB more at 25 s. Half each from 50 s; down again from 55 s to 60 s."""
    events = (LinkLimit("site", 20.0, 50.0), LinkLimit("site", 55.0, 60.0))
    journal = run(None, None, (45.0, 10.0), (0.0, 25.0), events=events)
    # 2.5 MB of 10 by 55 s, the rest at half speed from 60 s.
    assert journal.inspections.uploaded_s.tolist() == [90.0, 75.0]
    assert journal.scheduled.recovered_s.tolist() == [75.0, 75.0]
