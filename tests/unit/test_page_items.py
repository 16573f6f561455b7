"""Two texts of a page that differ are shown where they differ."""

from simgrid.presentation.board.page_items import differences, items


def test_a_difference_late_in_a_sentence_is_shown() -> None:
    start = "word " * 60
    (one,) = differences(items(f"<p>{start}95 %</p>"), items(f"<p>{start}85 %</p>"))
    assert one.shown.endswith("95 %”") and one.expected.endswith("85 %”")
    assert one.shown.startswith("“…") and len(one.shown) < 170
