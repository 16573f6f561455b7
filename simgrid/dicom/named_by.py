"""By what a header names people: whatever repeats it elsewhere is an identifier there too.

A number in an algorithm's parameter, a word in a list of options, the entries of a look-up table: no profile
names them, and each can spell the patient. What the header itself says of him is known, and is looked for in
all that would stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

from simgrid.dicom.profile import table

_NUMBERED = frozenset({"LO", "SH", "DA", "DT", "UC", "ST", "LT", "UT", "PN"})
_SHORTEST_NUMBER = 5  # digits; shorter ones are too common to be anyone's
_LONGEST_NUMBER = 30
_SHORTEST_WORD = 3  # letters; initials are too common
_SHORTEST_SPELLED = 4  # of a word that is looked for in bytes
_SPELLED_BY = 4  # a list of fewer numbers spells no name
_DEEPEST = 32
_CODES = ("latin-1", "utf-8", "utf-16-le", "utf-16-be")


@dataclass(frozen=True, slots=True)
class NamedBy:
    """``numbers``: above 9,999; ``words``: the parts of all names in the header, in capitals.

    ``numbers`` also as single precision rounds them. ``spelled``: what is looked for in bytes, in capitals.
    """

    numbers: frozenset[float]
    words: frozenset[str]
    spelled: tuple[bytes, ...]

    def is_number(self, value: Any) -> bool:
        """Whether a number, or its text, is one of the numbers, however it is written."""
        try:
            return abs(float(value)) in self.numbers
        except (TypeError, ValueError, OverflowError):
            return False

    def is_spelled_in(self, content: bytes) -> bool:
        """Whether bytes hold a name or a number as text, in capitals or not."""
        capitals = content.upper()
        return any(one in capitals for one in self.spelled)

    def is_spelled_by(self, numbers: Sequence[Any]) -> bool:
        """Whether a list of numbers is a text, as characters or as bytes."""
        if len(numbers) < _SPELLED_BY:
            return False
        try:
            given = np.asarray([float(one) for one in numbers])
            whole = np.nan_to_num(given).astype(np.int64)
        except (TypeError, ValueError, OverflowError):
            return False
        kinds = ("<u1", "<u2", ">u2", "<u4", ">u4")
        return any(self.is_spelled_in(whole.astype(kind).tobytes()) for kind in kinds) or any(
            self.is_spelled_in(given.astype(kind).tobytes()) for kind in ("<f4", "<f8")
        )


def named_by(dataset: Dataset) -> NamedBy:
    """Names and numbers of all people and examinations that the header speaks of, in its sequences too."""
    numbers: set[str] = set()
    words: set[str] = set()
    for element in _elements(dataset, 0):
        text = _text(element)
        if element.VR == "PN":
            words |= {one.upper() for one in re.findall(r"[^\W\d_]+", text) if len(one) >= _SHORTEST_WORD}
        if element.VR in _NUMBERED and (int(element.tag) in table() or element.VR == "PN"):
            numbers |= {one.lstrip("0") for one in re.findall(r"\d+", text) if len(one) >= _SHORTEST_NUMBER}
    numbers.discard("")
    spelled = {one for one in (*words, *numbers) if len(one) >= _SHORTEST_SPELLED}
    exact = [float(one) for one in numbers if len(one) <= _LONGEST_NUMBER]
    rounded = np.asarray(exact, dtype=np.float32).astype(np.float64).tolist()
    return NamedBy(frozenset([*exact, *rounded]), frozenset(words), tuple(sorted(_as_bytes(spelled))))


def _as_bytes(texts: set[str]) -> set[bytes]:
    made = set()
    for text in texts:
        for code in _CODES:
            try:
                made.add(text.encode(code).upper())
            except UnicodeEncodeError:
                continue
    return made


def _elements(dataset: Dataset, depth: int) -> Iterator[DataElement]:
    """All elements that can be read, and the raw ones that cannot as if they were long strings."""
    if depth > _DEEPEST:
        return
    for tag in sorted(dataset.keys()):
        if int(tag) >> 16 >= 0x5000:  # curves, overlays and pixels name nobody in a way that is known
            continue
        try:
            element = dataset[tag]
            value = element.value
        except Exception:  # a damaged element may still name someone
            value = getattr(dataset.get_item(tag), "value", None)
            if isinstance(value, bytes) and int(tag) in table():
                yield DataElement(tag, "LO", value.decode("latin-1")[:1024], already_converted=True)
            continue
        if element.VR == "SQ":
            for item in value or ():
                if isinstance(item, Dataset):
                    yield from _elements(item, depth + 1)
        else:
            yield element


def _text(element: DataElement) -> str:
    try:
        parts = element.value if isinstance(element.value, MultiValue | list) else [element.value]
        return " ".join(str(one) for one in parts if one is not None)
    except Exception:
        return ""
