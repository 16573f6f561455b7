"""Columns drawn a stretch at a time are those drawn at once, and the order of request needs no sorting."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simgrid.domain.demand import ArchiveDemand
from simgrid.domain.distribution import (
    Distribution,
    constant,
    exponential,
    gamma,
    lognormal,
    triangular,
    weibull,
)
from simgrid.domain.request_order import RequestOrder
from simgrid.domain.study import narrow
from simgrid.workload import stretches as in_stretches
from simgrid.workload.archive import with_archive
from simgrid.workload.patients import draw_patients
from tests.worlds import inspections

times = st.lists(st.sampled_from([0.0, 1.0, 1.0, 2.5, 7.0]), max_size=8)


@given(times, times)
@settings(max_examples=60, deadline=None)
def test_the_order_of_request_is_that_of_a_stable_sort(asked: list[float], archived: list[float]) -> None:
    requested_s = np.array([*asked, *sorted(archived)])
    order = RequestOrder(requested_s, len(asked))
    rows = np.argsort(requested_s, kind="stable")
    assert len(order) == len(rows)
    assert order.block(0, len(rows)).tolist() == rows.tolist()
    assert order.block(2, 5).tolist() == rows[2:5].tolist()
    moments = np.array([-1.0, 0.0, 1.0, 2.0, 2.5, 9.0])
    for side, or_then in (("left", False), ("right", True)):
        found = order.requested_before(moments, or_then=or_then)
        assert found.tolist() == [np.searchsorted(requested_s[rows], at_s, side=side) for at_s in moments]


def test_a_type_is_as_narrow_as_its_largest_number() -> None:
    widths = {0: "u1", 255: "u1", 256: "u2", 1 << 16: "u4", (1 << 32) - 1: "u4", 1 << 32: "f8"}
    assert {largest: narrow(largest).str[1:] for largest in widths} == widths


@pytest.mark.parametrize(
    "size",
    [
        constant(2e6),
        exponential(3e6),
        lognormal(5e7, 1.0),
        gamma(2e6, 0.5),
        weibull(1.5, 4e6),
        triangular(1.0, 2.0, 9.0),
        Distribution("empirical", (1.0, 5.0, 7.0, 1e10)),
    ],
)
def test_drawing_in_stretches_changes_nothing(size: Distribution, monkeypatch: pytest.MonkeyPatch) -> None:
    demand = ArchiveDemand(
        count=500,
        within_s=1e6,
        modality_share={"CT": 0.4, "other": 0.6},
        size_bytes={"CT": size, "other": lognormal(2e6, 0.3)},
        images={"CT": 300, "other": 7},
        urgent_share=0.3,
        hourly=tuple(range(24)),
    )
    first = inspections([0.0, 5.0], [1.0, 2.0], size_bytes=np.array([3e6, 4e6]))

    def drawn() -> list[np.ndarray]:
        found = with_archive(first, demand, ("a", "b", "c"), 7, 1)
        patient = draw_patients(found.site, 0.6, 0.3, 7, 1)
        columns = (found.site, found.requested_s, found.size_bytes, found.images, found.urgent, patient)
        return [np.array(column) for column in columns]

    at_once = drawn()
    monkeypatch.setattr(in_stretches, "_ROWS", 7)
    for expected, column in zip(at_once, drawn(), strict=True):
        assert column.dtype == expected.dtype
        assert np.array_equal(column, expected)
    sizes = at_once[2]
    assert sizes.dtype == (np.float64 if sizes.max() >= 1 << 32 else np.uint32)
    assert np.all(np.diff(at_once[1][2:]) >= 0)
