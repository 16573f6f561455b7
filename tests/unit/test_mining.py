"""Ratings and times out of a log, against tables worked by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simgrid.rating.mining import Practice, frequencies, mined_profiles, practice, reading_minutes

CELLS = (("CT", "Brain"), ("CT", "Thorax"), ("MR", "Brain"))
CONDITIONS = {
    "CT": np.array([True, True, False]),
    "MR": np.array([False, False, True]),
    "Brain": np.array([True, False, True]),
    "Knee": np.array([False, False, False]),
}
# ada: 6 CT Brain of 10 min and 2 MR Brain of 20; ben: 2 CT Brain of 20 and 10 CT Thorax of 12; eve: nothing.
READ = [(0, 0, 10.0)] * 6 + [(0, 2, 20.0)] * 2 + [(1, 0, 20.0)] * 2 + [(1, 1, 12.0)] * 10


def seen(rows: list[tuple[int, int, float]] | None = None) -> Practice:
    who, cell, minutes = zip(*(READ if rows is None else rows), strict=True)
    return practice(("ada", "ben", "eve"), CELLS, np.array(who), np.array(cell), np.array(minutes))


def test_counting_by_hand() -> None:
    found = seen()
    assert found.readings.tolist() == [[6, 0, 2], [2, 10, 0], [0, 0, 0]]
    assert found.cell_minutes.tolist() == [12.5, 12.0, 20.0]
    assert found.workload_min.tolist() == [100.0, 160.0, 0.0]


def test_rows_without_a_radiologist_a_cell_or_a_time() -> None:
    found = seen([*READ, (-1, 0, 5.0), (0, -1, 5.0), (0, 0, float("nan")), (0, 0, 0.0)])
    assert found.readings[0].tolist() == [8, 0, 2]
    assert found.timed[0].tolist() == [6, 0, 2]
    assert found.workload_min[0] == 100.0 + 2 * 12.5


def test_share_of_the_cell_makes_who_read_most_the_best() -> None:
    rated = frequencies(seen(), CONDITIONS, "cell")
    # CT: 6 and 12 of 18; MR: all 2 are ada's; Brain: 8 and 2 of 10; Knee: nobody's.
    np.testing.assert_allclose(rated, [[0.5, 1, 1, 0], [1, 0, 0.25, 0], [0, 0, 0, 0]])


def test_share_of_the_own_practice_shrinks_towards_everybodys() -> None:
    rated = frequencies(seen(), CONDITIONS, "practice", shrinkage=5)
    # All: CT 18/20, Brain 10/20. ada: CT (6 + 4.5) / 13, Brain (8 + 2.5) / 13; ben: 16.5 / 17, 4.5 / 17.
    # eve has read nothing and is rated as everybody: 0.9 and 0.5.
    ct, brain = np.array([10.5 / 13, 16.5 / 17, 0.9]), np.array([10.5 / 13, 4.5 / 17, 0.5])
    np.testing.assert_allclose(rated[:, 0], ct / ct.max())
    np.testing.assert_allclose(rated[:, 2], brain / brain.max())
    assert rated[:, 3].tolist() == [0.0, 0.0, 0.0]


def test_overload_inflates_the_share_of_the_cell_and_not_of_the_practice() -> None:
    doubled = seen(READ + [row for row in READ if row[0] == 1])
    before, after = (frequencies(one, CONDITIONS, "cell")[:, 2] for one in (seen(), doubled))
    assert after[1] > before[1]
    before, after = (frequencies(one, CONDITIONS, "practice", 0)[:, 2] for one in (seen(), doubled))
    assert after[1] == before[1]


def test_estimated_minutes_by_hand() -> None:
    found = reading_minutes(seen(), shrinkage=5)
    # ada's pace: 100 / (6 x 12.5 + 2 x 20) = 100/115; ben's: 160 / (2 x 12.5 + 10 x 12) = 160/145; eve's: 1.
    ada, ben = 100 / 115, 160 / 145
    assert found[0, 0] == pytest.approx((60 + 5 * ada * 12.5) / 11)
    assert found[0, 1] == pytest.approx(ada * 12.0)
    assert found[1, 1] == pytest.approx((120 + 5 * ben * 12.0) / 15)
    assert found[2].tolist() == pytest.approx([12.5, 12.0, 20.0])
    assert np.isnan(reading_minutes(seen(READ[:6]))[:, 1]).all()


def test_without_shrinkage_a_cell_is_its_mean() -> None:
    found = reading_minutes(seen(), shrinkage=0)
    assert (found[0, 0], found[1, 1]) == (10.0, 12.0)


def test_profiles_hold_ratings_minutes_and_a_speed_for_the_rest() -> None:
    ada, _, eve = mined_profiles(seen(READ[:8]), CONDITIONS, np.array([16.0, 16.0, 12.0]))
    assert ada.ratings["MR"] == 1.0
    assert ada.speed == pytest.approx(100 / (6 * 16 + 2 * 12))
    assert set(ada.minutes) == {("CT", "Brain"), ("MR", "Brain")}
    assert eve.speed == 1.0


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.integers(-1, 2), st.integers(-1, 2), st.floats(0.1, 60)), min_size=1, max_size=60),
    st.sampled_from(["practice", "cell"]),
    st.floats(0, 20),
)
def test_ratings_are_shares_of_the_largest_and_order_does_not_matter(
    rows: list[tuple[int, int, float]], frequency: str, shrinkage: float
) -> None:
    found = seen(rows)
    rated = frequencies(found, CONDITIONS, frequency, shrinkage)  # type: ignore[arg-type]
    assert ((rated >= 0) & (rated <= 1)).all()
    assert all(column.max() in (0.0, 1.0) for column in rated.T)
    again = seen(rows[::-1])
    np.testing.assert_array_equal(again.readings, found.readings)
    np.testing.assert_allclose(
        reading_minutes(again, shrinkage), reading_minutes(found, shrinkage), rtol=1e-9
    )
