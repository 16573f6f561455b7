"""All policies beside each other where the answer stands."""

from __future__ import annotations

from collections.abc import Iterator

from simgrid.experiments.study import Study
from simgrid.presentation.board.judging import Figure, Judged, ends, interval
from simgrid.presentation.board.sections import note, section
from simgrid.presentation.board.verdicts import SIGNS
from simgrid.presentation.html.elements import Html, Part, element, stacking_table


def policies_section(study: Study, found: Judged, cell: int) -> Iterator[Html]:
    """Nothing where there is one policy only."""
    there = [(name, one) for name, one in zip(study.design.policies, found.figures[cell], strict=True) if one]
    if len(there) < 2:
        return
    rows = [
        (name, *(_told(found, place, one) for place, one in enumerate(figures))) for name, figures in there
    ]
    compared = (
        "Each policy against the targets, at the same inputs as the answer above."
        if found.targeted
        else f"Words against {study.design.baseline}, corrected for all comparisons together (Holm, 5 %)."
    )
    headings = ("Policy", *(aim.name for aim in found.aims))
    drawn = stacking_table(f"Policies, mean and {ends(found.aims[0])}", headings, rows, "policies-table")
    yield section("policies", "The ways to assign work, side by side", drawn, note(compared))


def _told(found: Judged, place: int, one: Figure) -> Part:
    word = element("span", f"{SIGNS[one.word]} {one.word}".strip(), class_="soft")
    return element("span", interval(found.aims[place], one), word)
