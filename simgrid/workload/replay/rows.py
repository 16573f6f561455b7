"""What every log reader hands over: rows of text under canonical names, and rows it had to refuse.

All values are text at this door; ``intake`` gives them types. Nothing here may carry a patient's identity
outwards: a refused value is shown by its shape, the reader of the report finds it by file and line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

FIELDS = (
    "inspection_id",
    "site",
    "requested_at",
    "modality",
    "body_part",
    "protocol",
    "icd10",
    "priority",
    "size_bytes",
    "images",
    "assigned_to",
    "opened_at",
    "reported_at",
)
"""The canonical columns of an event log, in the order in which the standard form writes them."""

PATIENT = "patient_id"
"""Groups rows of one patient for pseudonyms and date shifts; never kept."""

CANONICAL = (*FIELDS, PATIENT)
"""Every name that ``RawRow.fields`` may hold."""

HIDDEN = frozenset({"inspection_id", "site", "assigned_to", PATIENT})
"""Columns that name somebody or somewhere: not even the shape of their values is shown."""

_FORMULA = ("=", "+", "-", "@")
"""A spreadsheet takes a cell that begins so for a formula."""

_LONGEST = 40
_SHORT_NUMBER = 5


@dataclass(frozen=True, slots=True)
class RawRow:
    """One inspection as a log tells it.

    ``source`` is the file name as given, ``line`` the 1-based line (or number of the message or event) where
    the row begins, ``fields`` canonical names to text; an absent or empty text is a missing cell.
    """

    source: str
    line: int
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Rejected:
    """One row that is not used, and why. Make it by ``refuse``, which keeps identities out of ``value``.

    ``reason`` says what is wrong and the way out; it never quotes a cell.
    """

    source: str
    line: int
    field: str
    value: str
    reason: str


class Reader(Protocol):
    """What a log reader is: every row of the log comes out exactly once, as a row or as a refusal."""

    def __iter__(self) -> Iterator[RawRow | Rejected]:
        """Rows in the log's order, streamed."""
        ...


def refuse(source: str, line: int, field: str, value: str, reason: str) -> Rejected:
    """A refusal whose value and field can be shown to anybody: see ``shown``."""
    known = field if field in CANONICAL or not field else "a column that is not used"
    return Rejected(source, line, known, shown(field, value), reason)


def shown(field: str, value: str) -> str:
    """What of a refused value may be printed, at most 40 characters; doing it twice changes nothing.

    Numbers of up to 5 characters are shown as they are. Of anything else only the shape: letters as ``A`` and
    ``a``, digits as ``9``, white space and control characters as one blank, because people type names and
    dates of birth into any column. Values of columns that name somebody, and of unknown ones, are left out.
    """
    if field in HIDDEN or field not in CANONICAL:
        return ""
    text = value[: _LONGEST + 1]
    if len(text) <= _SHORT_NUMBER and _is_number(text):
        return text
    shape = "".join(_shape(character) for character in text).strip()
    if shape.startswith(_FORMULA):
        shape = f"'{shape}"
    return shape if len(shape) <= _LONGEST else shape[: _LONGEST - 3] + "..."


def _is_number(text: str) -> bool:
    digits = text.removeprefix("-").replace(".", "", 1)
    return digits.isascii() and digits.isdigit()


def _shape(character: str) -> str:
    if character.isdigit():
        return "9"
    if character.isalpha():
        return "A" if character.isupper() else "a"
    return character if character.isascii() and character.isprintable() else " "
