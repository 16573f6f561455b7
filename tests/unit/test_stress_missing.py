"""Rows that tell nothing are folded where they are printed, and stand each by itself in the table."""

from __future__ import annotations

import csv
from dataclasses import replace

import pytest

from simgrid.planning.stress import Stressed, Without
from simgrid.presentation.blocks import as_text
from simgrid.presentation.stress import stress_blocks
from simgrid.presentation.stress_csv import stress_csv
from simgrid.presentation.stress_missing import without_block
from tests.stressed import outcome


def among_twenty(**changed: str) -> Stressed:
    """Twenty links of which some have another verdict."""
    found = outcome({})
    (plain,) = [one for one in found.without if one.name == "clinic"]
    return replace(found, without=tuple(link(plain, number, changed) for number in range(20)))


def link(plain: Without, number: int, changed: dict[str, str]) -> Without:
    word = changed.get(f"s{number}", "met")
    targets = tuple(replace(one, verdict=word) for one in plain.targets)  # type: ignore[arg-type]
    return replace(plain, name=f"s{number}", targets=targets)


def test_alike_lines_are_one_and_the_others_stay() -> None:
    found = among_twenty(s3="missed", s7="cannot be told apart")
    block = without_block(found, folded=True)
    assert [row[0] for row in block.rows] == ["18 of 20 links", "link s3", "link s7"]
    assert block.rows[0][1:] == ("met", *["nothing can be told"] * 3)
    (names,) = [note for note in block.notes if note.startswith("18 of 20 links: ")]
    assert len(names.split(",")) == 18
    assert "s3," not in names
    assert sum(note.startswith("link") for note in block.notes) == 1  # one way of being down
    printed, whole = (as_text(stress_blocks(found, folded=one), 100).splitlines() for one in (True, False))
    assert len(printed) < len(whole) - 14


def test_a_difference_that_is_sure_is_never_folded() -> None:
    found = among_twenty()
    first, *others = found.without
    worse = replace(first.changes[1], difference=5.0, low=4.0, high=6.0, alike=False)
    changes = (first.changes[0], worse, first.changes[2])
    told = replace(found, without=(replace(first, changes=changes), *others))
    assert [row[0] for row in without_block(told, folded=True).rows] == ["link s0", "19 of 20 links"]


@pytest.mark.parametrize("many", [1, 2])
def test_a_few_stay_as_they_are(many: int) -> None:
    found = among_twenty()
    few = replace(found, without=found.without[:many])
    assert len(without_block(few, folded=True).rows) == many


def test_nothing_is_folded_in_the_table() -> None:
    found = among_twenty(s3="missed")
    assert len(without_block(found, folded=False).rows) == 20
    rows = [*csv.DictReader(stress_csv(found).splitlines())]
    missing = [row for row in rows if row["state"] == "without" and row["measured"] == "target urgent"]
    assert len(missing) == 20
    assert [row["name"] for row in missing if row["verdict"] == "missed"] == ["s3"]
    assert {row["measured"] for row in rows if row["state"] == "load"} >= {"target urgent"}
