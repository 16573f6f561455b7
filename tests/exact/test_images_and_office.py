"""What follows a verdict, worked by hand: repeats, recalls, slots, sets on the shelf and billing records."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simgrid.domain.administration import Administration, Appointments, Billing, Consumables
from simgrid.domain.imaging import Chances, Recall
from simgrid.domain.inspection import POLICY_LUCK, Inspections
from simgrid.domain.journal import Journal
from simgrid.domain.scenario import GateChoice
from simgrid.domain.site import Site
from simgrid.domain.world import Acquisition, World
from simgrid.metrics import audit
from tests.worlds import WIDE, inspections, simulate, world

PERFECT = GateChoice("technologist", {"check_s": 30.0, "sensitivity": 1.0, "specificity": 1.0})
BLIND = GateChoice("none")


def drawn(
    requested_s: list[float], reading_min: list[float], most: int = 1, record: float = 0.5, **columns: Any
) -> Inspections:
    """Inspections with the draws that recalls and billing need: every defect is noticed."""
    rows = len(requested_s)
    chances = Chances(np.zeros((rows, most)), np.full(rows, record))
    return inspections(requested_s, reading_min, chances=chances, **columns)


def sound(one: World, work: Inspections, gate: GateChoice | None = None) -> Journal:
    journal = simulate(one, work, gate=gate)
    assert audit.problems(journal) == ()
    return journal


def defects(*rows: list[bool]) -> np.ndarray[Any, Any]:
    return np.array(rows, dtype=np.bool_)


def luck(rows: int, acquisitions: int) -> np.ndarray[Any, Any]:
    return np.full((rows, POLICY_LUCK + acquisitions), 0.5)


def test_a_missed_defect_comes_back_from_the_desk_and_the_report_is_late() -> None:
    recall = Recall(found=1.0, notice_s=90.0, delay_s=1000.0, most=1)
    one = world(acquisition=Acquisition(scan_s=60.0, max_repeats=0, dose_msv={"CT": 7.0}, recall=recall))
    work = drawn([0.0], [10.0], defect=defects([True, False, False]))
    journal = sound(one, work, BLIND)
    row, quality = journal.inspections, journal.quality
    assert quality is not None
    # Scanned from 0 to 60, looked at for 90, back after 1000, scanned for 60, read for 600.
    assert row.acquired_s.tolist() == [60 + 90 + 1000 + 60]
    assert row.opened_s.tolist() == [1210.0]
    assert row.reported_s.tolist() == [1810.0]
    assert journal.radiologists.reading_s.tolist() == [690.0]
    assert row.repeats.tolist() == [0]
    assert not row.defect_missed.any()
    assert quality.acquisitions.tolist() == [2]
    assert quality.missed.tolist() == quality.recalls.tolist() == [1]
    assert quality.scanner_s.tolist() == quality.staff_s.tolist() == [120.0]
    assert quality.dose_msv.tolist() == [14.0]
    sent = quality.sent_back
    assert (sent.inspection.tolist(), sent.radiologist.tolist()) == ([0], [0])
    assert (sent.opened_s.tolist(), sent.at_s.tolist()) == ([60.0], [150.0])


def test_a_short_study_is_sent_back_when_it_has_been_read() -> None:
    recall = Recall(found=1.0, notice_s=600.0, delay_s=100.0)
    one = world(acquisition=Acquisition(max_repeats=0, recall=recall))
    journal = sound(one, drawn([0.0], [1.0], defect=defects([True, False, False])), BLIND)
    assert journal.quality is not None
    assert journal.quality.sent_back.at_s.tolist() == [60.0]


def test_a_patient_is_called_back_so_often_and_no_more() -> None:
    recall = Recall(found=1.0, notice_s=60.0, delay_s=100.0, most=2)
    one = world(acquisition=Acquisition(max_repeats=0, recall=recall))
    work = drawn([0.0], [10.0], most=2, defect=defects([True, True, True]))
    journal = sound(one, work, BLIND)
    assert journal.quality is not None
    assert journal.quality.recalls.tolist() == [2]
    assert journal.quality.missed.tolist() == [3]
    assert journal.inspections.defect_missed.tolist() == [True]
    assert journal.inspections.reported_s.tolist() == [2 * 160.0 + 600.0]


def test_what_nobody_notices_is_reported_as_it_is() -> None:
    recall = Recall(found=0.0)
    one = world(acquisition=Acquisition(max_repeats=0, recall=recall))
    journal = sound(one, drawn([0.0], [10.0], defect=defects([True, False, False])), BLIND)
    assert journal.quality is not None
    assert journal.quality.recalls.tolist() == [0]
    assert journal.inspections.reported_s.tolist() == [600.0]


def test_a_recalled_patient_passes_the_gate_anew_with_draws_of_her_own() -> None:
    """Missed at the first visit; at the second a defect is seen and repeated."""
    recall = Recall(found=1.0, notice_s=60.0, delay_s=100.0)
    one = world(acquisition=Acquisition(scan_s=10.0, repeat_s=20.0, max_repeats=1, recall=recall))
    gate = GateChoice("technologist", {"check_s": 0.0, "sensitivity": 0.5, "specificity": 1.0})
    chance = luck(1, 4)
    chance[0, POLICY_LUCK:] = [0.9, 0.9, 0.1, 0.1]
    work = drawn([0.0], [10.0], defect=defects([True, False, True, False]), luck=chance)
    # Acquisition 0 is defective and passes; 1 would be the repeat that never comes, so the visit's second
    # acquisition has the second draw: what the recall sees is acquisition 1, sound.
    journal = sound(one, work, gate)
    assert journal.quality is not None
    assert journal.quality.acquisitions.tolist() == [2]
    assert journal.inspections.repeats.tolist() == [0]
    assert journal.inspections.acquired_s.tolist() == [10 + 60 + 100 + 10]


def test_false_repeats_are_those_of_sound_images() -> None:
    always = GateChoice("technologist", {"check_s": 5.0, "sensitivity": 1.0, "specificity": 0.0})
    one = world(acquisition=Acquisition(scan_s=10.0, repeat_s=20.0, max_repeats=2, dose_msv={"CT": 1.0}))
    journal = sound(one, drawn([0.0], [1.0], defect=defects([True, False, False])), always)
    quality = journal.quality
    assert quality is not None
    assert journal.inspections.repeats.tolist() == [2]
    assert quality.false_repeats.tolist() == [1]
    assert quality.scanner_s.tolist() == quality.staff_s.tolist() == [10 + 2 * 20 + 3 * 5]
    assert quality.dose_msv.tolist() == [3.0]


def test_nobody_counts_where_nothing_is_asked() -> None:
    assert simulate(world(), inspections([0.0], [1.0])).quality is None


# --- appointments


def office(**parts: Any) -> Administration:
    return Administration(**parts)


def test_patients_get_the_first_slot_that_is_free_at_their_site() -> None:
    slots = Appointments(slot_s=900.0, by_hand_s=100.0)
    one = world(
        sites=(Site("site", WIDE, scanners=2),),
        acquisition=Acquisition(scan_s=60.0),
        administration=office(appointments=slots),
    )
    work = drawn([0.0, 0.0, 0.0, 30.0, 2000.0], [1.0] * 5)
    journal = sound(one, work)
    assert journal.inspections.acquired_s.tolist() == [60.0, 60.0, 960.0, 960.0, 2060.0]
    quality = journal.quality
    assert quality is not None and quality.slots is not None
    records = quality.slots
    assert records.offered.tolist() == [6]  # three slots of two scanners
    assert records.booked.tolist() == records.used.tolist() == [5]
    assert (records.free.tolist(), records.ahead.tolist()) == ([1], [0])
    assert records.staff_s == 500.0


def test_a_repeat_takes_a_slot_from_those_who_come_later() -> None:
    one = world(
        acquisition=Acquisition(scan_s=60.0, repeat_s=100.0),
        administration=office(appointments=Appointments(slot_s=900.0)),
    )
    work = drawn([0.0, 500.0], [1.0, 1.0], defect=defects([True, False, False], [False, False, False]))
    journal = sound(one, work, PERFECT)
    # The repeat books the slot from 900 on, so that the second patient is asked for 1800.
    assert journal.inspections.acquired_s.tolist() == [60 + 30 + 100 + 30, 1800 + 60 + 30]
    assert journal.quality is not None and journal.quality.slots is not None
    assert journal.quality.slots.booked.tolist() == [3]


def test_a_recall_is_booked_from_its_day_on() -> None:
    recall = Recall(found=1.0, notice_s=60.0, delay_s=1000.0)
    one = world(
        acquisition=Acquisition(max_repeats=0, recall=recall),
        administration=office(appointments=Appointments(slot_s=900.0)),
    )
    work = drawn([0.0], [10.0], defect=defects([True, False, False]))
    assert sound(one, work, BLIND).inspections.acquired_s.tolist() == [1060.0]  # in the slot from 900 on


def test_slots_ahead_at_the_end_are_booked_and_not_used() -> None:
    recall = Recall(found=1.0, notice_s=60.0, delay_s=1e6)
    one = world(
        give_up_s=5000.0,
        acquisition=Acquisition(max_repeats=0, recall=recall),
        administration=office(appointments=Appointments()),
    )
    journal = sound(one, drawn([0.0], [10.0], defect=defects([True, False, False])), BLIND)
    assert journal.quality is not None and journal.quality.slots is not None
    slots = journal.quality.slots
    assert (slots.booked.tolist(), slots.used.tolist(), slots.ahead.tolist()) == ([2], [1], [1])
    assert np.isnan(journal.inspections.reported_s).all()


# --- consumables


def test_an_acquisition_waits_for_a_set_and_the_bot_has_ordered_already() -> None:
    shelf = Consumables(
        {"CT": 1}, initial=1, reorder_at=0, quantity=2, lead_s=500.0, bot=True, bot_order_s=60.0
    )
    one = world(acquisition=Acquisition(scan_s=10.0), administration=office(consumables=shelf))
    journal = sound(one, drawn([0.0, 0.0, 0.0], [1.0] * 3))
    # The last set is gone at 0 and two more come at 500; the third acquisition finds one of them.
    assert journal.inspections.acquired_s.tolist() == [10.0, 510.0, 520.0]
    assert journal.quality is not None and journal.quality.stock is not None
    stock = journal.quality.stock
    assert (stock.initial.tolist(), stock.used.tolist(), stock.delivered.tolist()) == ([1], [3], [2])
    assert (stock.left.tolist(), stock.under_way.tolist(), stock.ordered.tolist()) == ([0], [2], [4])
    assert (stock.waits.tolist(), stock.waited_s.tolist()) == ([1], [490.0])
    assert stock.staff_s == 2 * 60.0


def test_by_hand_nothing_is_ordered_before_the_shelf_is_counted() -> None:
    shelf = Consumables(
        {"CT": 1},
        initial=1,
        reorder_at=0,
        quantity=2,
        lead_s=500.0,
        count_every_s=300.0,
        count_s=7.0,
        order_s=11.0,
    )
    one = world(acquisition=Acquisition(scan_s=10.0), administration=office(consumables=shelf))
    journal = sound(one, drawn([0.0, 0.0], [1.0] * 2))
    assert journal.inspections.acquired_s.tolist() == [10.0, 300 + 500 + 10.0]
    assert journal.quality is not None and journal.quality.stock is not None
    assert journal.quality.stock.staff_s == 2 * 7.0 + 11.0  # counted at 300 and 600


def test_other_modalities_take_nothing_from_the_shelf() -> None:
    shelf = Consumables({"MR": 1}, initial=0, lead_s=1e9)
    one = world(administration=office(consumables=shelf))
    assert sound(one, drawn([0.0], [1.0])).inspections.reported_s.tolist() == [60.0]


# --- billing


@pytest.mark.parametrize("bot", [False, True])
def test_each_report_is_billed_once_and_wrong_records_are_corrected(bot: bool) -> None:
    rule = Billing(
        bot, 100.0, 1.0, wrong_by_hand=0.6, wrong_by_bot=0.4, correction_s=50.0, correction_after_s=120.0
    )
    one = world(administration=office(billing=rule))
    journal = sound(one, drawn([0.0, 0.0], [1.0, 5.0], record=0.5))
    assert journal.quality is not None and journal.quality.billing is not None
    billing = journal.quality.billing
    points = journal.inspections.effort_points
    if bot:
        assert billing.filed.tolist() == points.tolist()
        assert (billing.pending.sum(), billing.corrections, billing.staff_s) == (0.0, 0, 2.0)
    else:  # reported at 60 and 360: only the first is corrected before the run ends
        assert billing.filed.tolist() == [points[0], 0.0]
        assert billing.pending.tolist() == [0.0, points[1]]
        assert (billing.corrections, billing.staff_s) == (1, 2 * 100.0 + 50.0)


def test_a_reading_that_was_sent_back_is_not_billed() -> None:
    recall = Recall(found=1.0, notice_s=60.0, delay_s=100.0)
    acquisition = Acquisition(max_repeats=0, recall=recall)
    one = world(acquisition=acquisition, administration=office(billing=Billing(bot=True)))
    journal = sound(one, drawn([0.0], [10.0], defect=defects([True, False, False])), BLIND)
    assert journal.quality is not None and journal.quality.billing is not None
    assert journal.quality.billing.filed.tolist() == journal.inspections.effort_points.tolist()
    assert journal.quality.billing.staff_s == 10.0
