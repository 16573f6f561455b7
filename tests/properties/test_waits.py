"""In any world the parts of a study's time follow each other without a gap and add up to its turnaround."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from simgrid.domain.inspection import Inspections
from simgrid.domain.prior_studies import PriorStudies
from simgrid.domain.scenario import GateChoice
from simgrid.domain.world import World
from simgrid.experiments.waits import KINDS, Course, Follower, table_of, waits_of
from simgrid.experiments.waits.table import NUMBER
from tests.properties import test_desk_runs, test_image_runs, test_viewing_runs
from tests.properties.test_runs import Whim
from tests.worlds import simulate


def followed(
    one: World, work: Inspections, priors: PriorStudies | None = None, gate: GateChoice | None = None
) -> Course:
    follower = Follower(len(work))
    policy = Whim(len(one.radiologists), 1800.0)
    journal = simulate(one, work, policy, gate=gate, priors=priors, observer=follower.observer)
    plain = simulate(one, work, policy, gate=gate, priors=priors)
    assert journal.fingerprint == plain.fingerprint  # following changes nothing
    return follower.course(journal, one)


def check(course: Course) -> None:
    rows, ended_s = course.journal.inspections, course.journal.ended_s
    known = {part.name for part in KINDS}
    for row in range(len(rows)):
        waits = waits_of(course, row)
        reported_s = float(rows.reported_s[row])
        until_s = ended_s if np.isnan(reported_s) else reported_s
        if until_s <= rows.requested_s[row]:
            assert waits == ()
            continue
        assert waits[0].start_s == rows.requested_s[row]
        assert waits[-1].end_s == until_s
        assert all(one.end_s == other.start_s for one, other in pairwise(waits))
        assert all(one.seconds > 0 and one.kind in known for one in waits)
        assert abs(sum(one.seconds for one in waits) - (until_s - rows.requested_s[row])) < 1e-6
    table = table_of(course)
    assert np.allclose(table.seconds.sum(axis=1), table.turnaround_s, atol=1e-6, rtol=0)
    assert (table.seconds >= 0).all()


def seconds_of(course: Course, *kinds: str) -> list[float]:
    table = table_of(course)
    total: list[float] = table.seconds[:, [NUMBER[kind] for kind in kinds]].sum(axis=1).tolist()
    return total


@settings(max_examples=60, deadline=None)
@given(test_desk_runs.worlds(test_desk_runs.RULES), test_desk_runs.workloads())
def test_parts_add_up_whatever_happens_at_the_desks(one: World, work: Inspections) -> None:
    course = followed(one, work)
    check(course)
    spent_s, read_s = sum(seconds_of(course, "reading")), course.journal.radiologists.reading_s.sum()
    rules = one.grid.reading
    assert rules is not None
    if rules.resume_s == 0:
        assert abs(spent_s - read_s) < 1e-6
    assert spent_s >= read_s - 1e-6  # finding one's way back is the more


@settings(max_examples=50, deadline=None)
@given(test_viewing_runs.failing_runs())
def test_parts_add_up_whatever_fails(case: tuple[World, Inspections, PriorStudies | None]) -> None:
    check(followed(*case))


@settings(max_examples=40, deadline=None)
@given(test_viewing_runs.runs())
def test_what_is_open_without_images_is_what_the_journal_counts(
    case: tuple[World, Inspections, PriorStudies | None],
) -> None:
    course = followed(*case)
    check(course)
    viewing = course.journal.grid.viewing
    if viewing is not None:
        reported = ~np.isnan(course.journal.inspections.reported_s)
        images = np.array(seconds_of(course, "images"))
        assert np.allclose(images[reported], viewing.stall_s[reported], atol=1e-6, rtol=0)


@settings(max_examples=40, deadline=None)
@given(test_image_runs.cases(), st.sampled_from(test_image_runs.GATES))
def test_parts_add_up_with_gates_recalls_and_offices(
    case: tuple[World, Inspections], gate: GateChoice
) -> None:
    one, work = case
    course = followed(one, work, gate=gate)
    check(course)
    quality = course.journal.quality
    if quality is not None and one.administration is None and course.journal.ended_s < one.give_up_s:
        spent = seconds_of(course, "scan", "repeat", "gate")
        assert np.allclose(spent, quality.scanner_s, atol=1e-6, rtol=0)
