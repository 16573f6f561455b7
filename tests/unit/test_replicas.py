"""Copies and permissions by example."""

from __future__ import annotations

import math

import pytest

from simgrid.network.copies import Level, Replicas

HARBOUR, HILL, CENTRE, SECOND = range(4)


def some(minimum: int = 1, archives: tuple[str, ...] = ("centre",)) -> Replicas:
    return Replicas(["harbour", "hill", "centre", "second"], [10, 20], archives, minimum)


def test_an_unuploaded_study_never_goes() -> None:
    copies = some()
    copies.add(0, HARBOUR, 0.0, durable=True)
    copies.add(0, HILL, 0.0, durable=True)
    assert copies.ask(0, HARBOUR) == "not uploaded"
    copies.add(0, CENTRE, 1.0)
    assert copies.ask(0, HARBOUR) == "not uploaded"  # a cached copy in the archive is no upload
    copies.add(0, CENTRE, 2.0, durable=True)
    assert copies.ask(0, HARBOUR) == "granted"


def test_grants_under_way_are_counted_as_gone() -> None:
    copies = some(minimum=2)
    for place in (HARBOUR, HILL, CENTRE):
        copies.add(0, place, 0.0, durable=True)
    assert copies.ask(0, HARBOUR) == "granted"
    assert copies.ask(0, HARBOUR) == "already granted"
    assert copies.ask(0, HILL) == "too few copies"
    assert copies.holders(0) == (HILL, CENTRE)
    copies.kept(0, HARBOUR)
    assert copies.ask(0, HILL) == "granted"
    copies.deleted(0, HILL, 1.0)
    assert copies.holders(0) == (HARBOUR, CENTRE)
    assert copies.durable_copies(0) == 2


def test_the_last_archived_copy_stays_but_one_of_two_may_go() -> None:
    copies = some(archives=("centre", "second"))
    copies.add(0, HARBOUR, 0.0, durable=True)
    copies.add(0, CENTRE, 0.0, durable=True)
    assert copies.would(0, CENTRE) == "last in an archive"
    copies.add(0, SECOND, 0.0, durable=True)
    assert copies.ask(0, CENTRE) == "granted"
    assert copies.ask(0, SECOND) == "last in an archive"


def test_a_cached_copy_is_a_reserve_while_too_few_durable_ones_are_left() -> None:
    copies = some(minimum=2)
    copies.add(0, CENTRE, 0.0, durable=True)
    copies.add(0, HILL, 0.0)
    assert copies.ask(0, HILL) == "too few copies"
    copies.add(0, HARBOUR, 0.0, durable=True)
    assert copies.ask(0, HILL) == "granted"


def test_bytes_and_copies_over_time_are_integrals() -> None:
    copies = some()
    copies.add(0, CENTRE, 0.0, durable=True)
    copies.add(0, HILL, 4.0)
    copies.add(0, HILL, 5.0, durable=True)  # an upgrade is no further copy
    copies.add(1, CENTRE, 6.0, durable=True)
    assert copies.ask(0, HILL) == "granted"
    copies.deleted(0, HILL, 8.0)
    assert copies.stored_bytes.area(10.0) == 10 * 10 + 10 * 4 + 20 * 4
    assert copies.stored_bytes.peak == 40
    assert copies.bytes_at[HILL].mean(10.0) == pytest.approx(4.0)
    assert copies.copies_mean(10.0) == pytest.approx((10 + 4 + 4) / (10 + 4))
    assert math.isnan(some().copies_mean(10.0))


def test_a_level_before_any_time_has_passed_is_its_value() -> None:
    level = Level(start_s=5.0, value=3)
    assert level.mean(5.0) == 3
    level.change(-1, 7.0)
    assert (level.area(9.0), level.mean(9.0), level.peak) == (10.0, 2.5, 3)


def test_more_than_64_locations_work_alike() -> None:
    names = [f"site-{number}" for number in range(100)]
    copies = Replicas([*names, "centre"], [5] * 3, ["centre"])
    for place in (99, 70, 3, 100):
        copies.add(2, place, 0.0, durable=True)
    assert copies.holders(2) == (3, 70, 99, 100)
    assert copies.ask(2, 99) == "granted"
    copies.deleted(2, 99, 1.0)
    assert copies.holders(2) == (3, 70, 100)
    assert copies.holders(1) == ()


def test_no_copy_comes_back_over_a_granted_deletion() -> None:
    copies = some()
    copies.add(0, CENTRE, 0.0, durable=True)
    copies.add(0, HILL, 0.0)
    copies.ask(0, HILL)
    with pytest.raises(ValueError, match="study 0 at 'hill': its deletion is granted"):
        copies.add(0, HILL, 1.0)
    assert copies.ask(0, HARBOUR) == "no copy"
    copies.deleted(0, HILL, 2.0)
    with pytest.raises(ValueError, match="study 0 at 'hill': no deletion was granted"):
        copies.deleted(0, HILL, 3.0)


def test_all_problems_are_named_at_once() -> None:
    with pytest.raises(ValueError, match="minimum is 0") as caught:
        Replicas(["a", "a"], [1], ["b"], minimum=0)
    assert str(caught.value).count("\n") == 2
    with pytest.raises(ValueError, match="there is none, so no study would ever be uploaded"):
        Replicas(["a"], [1], [])
