"""A sound journal has no findings; each law, broken alone, has its own."""

from dataclasses import replace

import numpy as np
import pytest

from simgrid.domain.grid_records import CopyRecords, GridRecords
from simgrid.metrics import problems
from tests.journals import journal, row, transfers

DONE = row((60, 120, 240, 300, 600, 1200, 2400), radiologist=0)
OPEN = row((100, 200), requested_s=50)
SOUND = journal([DONE, OPEN])


def test_a_sound_journal_has_no_findings():
    assert problems(SOUND, workstations=[1]) == ()
    assert (
        problems(replace(SOUND, transfers=transfers(("report", 0, 1200, 2400), ("upload", 0, 60, 120)))) == ()
    )
    assert problems(journal([])) == ()


COPIES = CopyRecords(
    caches=("site-1",),
    peak_share=np.array([1.0]),
    references=2,
    hits=2,
    reference_bytes=2.0,
    hit_bytes=2.0,
    stored_max_bytes=4.0,
    copies_mean=1.5,
    deletions=1,
    refused=0,
    ordered=0,
    lookups=0,
    stale_lookups=0,
    stale_requests=0,
    pushes=0,
    blocked=np.array([1, 0]),
    blocked_s=np.array([200.0, 300.0]),
    admitted_s=np.array([200.0, np.nan]),
    uploaded=2,
    archived=2,
)


def kept(**changes):
    return replace(SOUND, grid=GridRecords(copies=replace(COPIES, **changes)))


def test_sound_copies_have_no_findings():
    assert problems(kept()) == ()


@pytest.mark.parametrize(
    ("broken", "finding"),
    [
        (kept(peak_share=np.array([1.5])), "site-1: its cache was filled to 1.5"),
        (kept(uploaded=1), "the copies of 1 came to the data centre"),
        (kept(archived=1), "only 1 are in an archive"),
        (kept(hits=3), "caches served 3 requests of 2"),
        (kept(admitted_s=np.array([199.0, np.nan])), "before it came"),
        (kept(admitted_s=np.array([200.0, 1e9])), "after the run's end"),
        (journal([{**DONE, "identifier": "A"}, {**OPEN, "identifier": "A"}]), "occurs twice"),
        (journal([{**DONE, "radiologist": -1}]), "without a radiologist"),
        (journal([{**OPEN, "radiologist": 1}]), "without a radiologist"),
        (journal([{**DONE, "radiologist": 2}]), "whom the journal does not have"),
        (journal([{**DONE, "read_s": 599.0}]), "read_s is before opened_s"),
        (journal([{**DONE, "opened_s": float("nan")}]), "has read_s without opened_s"),
        (journal([{**DONE, "requested_s": -1.0}]), "requested_s is missing or below 0"),
        (journal([DONE], ended_s=2399.0), "reported_s is after the run's end"),
        (replace(SOUND, area_in_system_s=SOUND.area_in_system_s * (1 + 1e-8)), "Little's identity"),
        (replace(SOUND, area_in_system_s=float("nan")), "Little's identity"),
        (replace(SOUND, peak_storage_share=np.array([1.01])), "storage was filled to 1.01"),
        (replace(SOUND, peak_desks_busy=np.array([3])), "3 desks busy at once, it has 2"),
        (replace(SOUND, transfers=transfers(("report", 0, 1, 2), ("report", 0, 3, 4))), "more than once"),
        (replace(SOUND, transfers=transfers(("upload", 0, 2, 1))), "finish before they start"),
    ],
)
def test_each_broken_law_has_its_finding(broken, finding):
    found = problems(broken, workstations=[2])
    assert any(finding in text for text in found), found
