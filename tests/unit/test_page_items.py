"""Two texts of a page that differ are shown where they differ."""

import numpy as np

from simgrid.experiments.waits import KINDS, WhereTimeGoes
from simgrid.presentation.board.breaking import _step
from simgrid.presentation.board.page_items import differences, items
from simgrid.presentation.board.waiting import _kinds


def test_a_difference_late_in_a_sentence_is_shown() -> None:
    start = "word " * 60
    (one,) = differences(items(f"<p>{start}95 %</p>"), items(f"<p>{start}85 %</p>"))
    assert one.shown.endswith("95 %”") and one.expected.endswith("85 %”")
    assert one.shown.startswith("“…") and len(one.shown) < 170


def test_no_minutes_are_below_0() -> None:
    ones = np.ones(len(KINDS))
    found = _kinds(WhereTimeGoes("rwoa", KINDS, ones, -ones, 2 * ones, 3))
    assert {(low, mean, high) for _, mean, low, high in found} == {(0.0, 1.0, 2.0)}


def test_one_study_more_is_one_study() -> None:
    assert "+1 study a run" in str(_step({"scale": 1.1, "added": 1.0}))
    assert "+2 studies a run" in str(_step({"scale": 1.1, "added": 2.0}))
