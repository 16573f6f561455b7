"""The words in which conditions are written: small tests of the item that would hold an element.

A test answers True, False, or None where the file does not tell.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from pydicom.dataset import Dataset

from simgrid.dicom.iod.elements import filled, number, tag_of, text


@dataclass(frozen=True, slots=True)
class Context:
    """Where a condition is asked: the item that would hold the element, the whole file, its IOD."""

    item: Dataset
    root: Dataset
    iod: str


Test: TypeAlias = Callable[[Context], bool | None]


def has(*keywords: str) -> Test:
    """Any of these has a value in the same item."""
    tags = [tag_of(one) for one in keywords]
    return lambda at: any(filled(at.item, tag) for tag in tags)


def none_of(*keywords: str) -> Test:
    """None of these is in the same item."""
    tags = [tag_of(one) for one in keywords]
    return lambda at: not any(tag in at.item for tag in tags)


def says(keyword: str, *values: str, index: int = 0) -> Test:
    """The element of the same item has one of these values; unknown while it has none."""
    tag = tag_of(keyword)

    def test(at: Context) -> bool | None:
        found = text(at.item, tag, index)
        return found in values if found else None

    return test


def above(keyword: str, limit: int) -> Test:
    """The whole number is above the limit; unknown while there is none."""
    tag = tag_of(keyword)

    def test(at: Context) -> bool | None:
        found = number(at.item, tag)
        return None if found is None else found > limit

    return test


def both(*tests: Test) -> Test:
    """All of them."""

    def test(at: Context) -> bool | None:
        answers = [one(at) for one in tests]
        return False if False in answers else None if None in answers else True

    return test


def in_iod(*iods: str) -> Test:
    """The file is of one of these kinds."""
    return lambda at: at.iod in iods


def not_in_iod(*parts: str) -> Test:
    """The name of the kind has none of these parts."""
    return lambda at: not any(part in at.iod for part in parts)
