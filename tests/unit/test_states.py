"""Numbers that stand for states."""

from __future__ import annotations

from simgrid.network.copies.states import States


def test_a_row_has_the_state_that_was_put_last() -> None:
    states = States(3, "nowhere")
    states.put(1, "here")
    states.put(2, "there")
    states.put(2, "here")
    assert [states.of(row) for row in range(3)] == ["nowhere", "here", "here"]
    assert dict(zip(states.states, states.counts().tolist(), strict=True)) == {
        "nowhere": 1,
        "here": 2,
        "there": 0,
    }


def test_rows_are_two_bytes_wide_as_long_as_that_will_do() -> None:
    states = States(70_000, -1)
    for row in range(65_535):
        states.put(row, row)
    assert states.rows.itemsize == 2
    for row in range(65_535, 70_000):
        states.put(row, row)
    assert states.rows.itemsize == 4
    assert [states.of(row) for row in range(70_000)] == list(range(70_000))
    assert states.counts().tolist() == [0, *[1] * 70_000]
