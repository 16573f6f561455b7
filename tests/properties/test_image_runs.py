"""Whatever gates, recalls and offices do, each inspection ends once and every acquisition is counted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from simgrid.domain.administration import Administration, Appointments, Billing, Consumables
from simgrid.domain.desk_rules import DeskRules
from simgrid.domain.grid import Grid
from simgrid.domain.imaging import Chances, Recall
from simgrid.domain.inspection import POLICY_LUCK, Inspections
from simgrid.domain.scenario import GateChoice
from simgrid.domain.schedule import ROUND_THE_CLOCK, WeeklySchedule, WeeklySpan
from simgrid.domain.site import Site
from simgrid.domain.world import Acquisition, Dispatch, World
from simgrid.metrics import audit
from tests.worlds import WIDE, Shortest, inspections, radiologist, simulate, world

MORNINGS = WeeklySchedule(tuple(WeeklySpan(day, 8 * 60, 11 * 60) for day in range(7)))
seconds = st.sampled_from([0.0, 30.0, 400.0, 5000.0])


@st.composite
def acquisitions(draw: st.DrawFn) -> Acquisition:
    recall = st.none() | st.builds(
        Recall, st.sampled_from([0.0, 0.5, 1.0]), seconds, seconds, st.integers(1, 2)
    )
    dose = draw(st.sampled_from([{}, {"CT": 7.0}]))
    return Acquisition(draw(seconds), draw(seconds), draw(st.integers(0, 2)), dose, draw(recall))


@st.composite
def offices(draw: st.DrawFn) -> Administration:
    flag = st.booleans()
    slots = st.none() | st.builds(Appointments, st.sampled_from([300.0, 900.0]), flag)
    billing = st.none() | st.builds(Billing, flag)
    stock = st.none() | st.builds(
        Consumables,
        st.sampled_from([{"CT": 1}, {"CT": 2, "MR": 1}]),
        st.integers(0, 5),
        st.integers(0, 3),
        st.integers(1, 5),
        st.sampled_from([0.0, 600.0, 90_000.0]),
        flag,
        st.sampled_from([3600.0, 86_400.0]),
    )
    return Administration(draw(slots), draw(billing), draw(stock))


@st.composite
def cases(draw: st.DrawFn) -> tuple[World, Inspections]:
    acquisition = draw(acquisitions())
    rows = draw(st.integers(1, 25))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    end_of_shift = draw(st.sampled_from(["finish", "park", "hand-over"]))
    one = world(
        [radiologist(f"r{k}", schedule=draw(st.sampled_from([ROUND_THE_CLOCK, MORNINGS]))) for k in range(2)],
        sites=tuple(Site(f"site{k}", WIDE, draw(st.integers(1, 2))) for k in range(2)),
        acquisition=acquisition,
        administration=draw(st.none() | offices()),
        dispatch=Dispatch(draw(st.sampled_from([0.0, 900.0])), 5),
        give_up_s=draw(st.sampled_from([6 * 3600.0, 60 * 86_400.0])),
        grid=Grid(reading=DeskRules(end_of_shift=end_of_shift, interruption=draw(st.booleans()))),
    )
    most = max(acquisition.most, 3)
    recalls = 0 if acquisition.recall is None else acquisition.recall.most
    work = inspections(
        np.sort(rng.exponential(1500.0, rows)).tolist(),
        rng.exponential(8.0, rows).tolist(),
        kind=rng.integers(0, 2, rows),
        site=rng.integers(0, 2, rows),
        sites=("site0", "site1"),
        urgent=rng.random(rows) < 0.3,
        defect=rng.random((rows, most)) < 0.4,
        luck=rng.random((rows, POLICY_LUCK + most)),
        chances=Chances(rng.random((rows, recalls)), rng.random(rows)),
    )
    return one, work


GATES = (
    GateChoice("none"),
    GateChoice("technologist"),
    GateChoice("technologist", {"check_s": 0.0, "sensitivity": 0.3, "specificity": 0.6}),
)


@settings(max_examples=60, deadline=None)
@given(cases(), st.sampled_from(GATES))
def test_the_books_agree_with_the_journal(case: tuple[World, Inspections], gate: GateChoice) -> None:
    one, work = case
    journal = simulate(one, work, Shortest(), gate=gate)
    stations, monitors = [unit.workstations for unit in one.units], [0 for _ in one.units]
    assert audit.problems(journal, stations, monitors) == ()
    quality, rule = journal.quality, one.acquisition
    if quality is None:
        return
    assert (quality.acquisitions <= rule.most).all()
    assert (journal.inspections.repeats <= rule.max_repeats * (1 + quality.recalls)).all()
    assert (quality.recalls <= (0 if rule.recall is None else rule.recall.most)).all()
    # Whoever has a report has been through a last visit that began with the request or with a recall.
    ended = ~np.isnan(journal.inspections.reported_s)
    assert (quality.acquisitions - journal.inspections.repeats)[ended].tolist() == (
        1 + quality.recalls[ended]
    ).tolist()
    if quality.stock is not None and one.administration is not None:
        rules: Any = one.administration.consumables
        needs = np.array([rules.use.get(work.kinds[kind].modality, 0) for kind in work.kind])
        # An acquisition that is under way, or waits with its repeat, has taken sets and is not judged yet.
        judged = int((needs * quality.acquisitions).sum())
        assert judged <= int(quality.stock.used.sum()) <= judged + int(needs.max()) * 4


@settings(max_examples=25, deadline=None)
@given(cases())
def test_nothing_that_is_only_counted_changes_what_happens(case: tuple[World, Inspections]) -> None:
    """Dose and billing cost nobody time: the same events with and without them."""

    one, work = case
    office = one.administration
    if office is not None and (office.appointments is not None or office.consumables is not None):
        return
    counted = replace(one, acquisition=replace(one.acquisition, dose_msv={"CT": 9.0}))
    bare = replace(one, administration=None, acquisition=replace(one.acquisition, dose_msv={}))
    assert simulate(counted, work, Shortest()).fingerprint == simulate(bare, work, Shortest()).fingerprint
