"""Values as they lie in the file: looked at without conversion, so that hostile contents cannot raise.

A dataset that was read holds raw elements (bytes) until someone asks for a value; one that was made in memory
holds values. Both are read here, and only as text, whole numbers or items.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from pydicom.datadict import dictionary_VR, keyword_for_tag, tag_for_keyword
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset

Element: TypeAlias = DataElement | RawDataElement
TEXTS = frozenset({"AE", "AS", "CS", "DA", "DS", "DT", "IS", "LO", "LT", "PN", "SH", "ST", "TM"}) | {
    "UC",
    "UI",
    "UR",
    "UT",
}
_NUMBERS = {"US": 2, "UL": 4, "SS": 2, "SL": 4}
_LONGEST_TEXT = 1 << 16


def tag_of(keyword: str) -> int:
    """The tag of a keyword of the dictionary.

    Raises:
        KeyError: the dictionary of the installed pydicom does not know it.
    """
    tag = tag_for_keyword(keyword)
    if tag is None:
        raise KeyError(keyword)
    return int(tag)


def written(tag: int) -> str:
    """``(gggg,eeee)``."""
    return f"({tag >> 16:04x},{tag & 0xFFFF:04x})"


def named(tag: int) -> str:
    """The keyword of a tag; its number where the dictionary has none."""
    return keyword_for_tag(tag) or written(tag)


def tags(dataset: Dataset) -> Sequence[int]:
    """The dataset's tags in their order."""
    return sorted(map(int, dataset.keys()))  # iterating would convert the values


def get(dataset: Dataset, tag: int) -> Element | None:
    """The element as it lies there, None when missing or unreadable."""
    try:
        return dataset.get_item(tag, keep_deferred=True) if tag in dataset else None
    except Exception:  # hostile bytes can fail anywhere in the parser
        return None


def vr(element: Element) -> str:
    """The value representation in the file, or the dictionary's where the file tells none."""
    told = element.VR
    if told and told != "UN":
        return str(told)
    try:
        return dictionary_VR(element.tag)
    except KeyError:
        return "UN"


def told_vr(element: Element) -> str | None:
    """The value representation as an explicit transfer syntax has it; None where it is only looked up."""
    return str(element.VR) if isinstance(element, RawDataElement) and element.VR else None


def empty(element: Element) -> bool:
    """Whether it has no value: no bytes, nothing but padding, or no items."""
    if isinstance(element, RawDataElement):
        if element.value is None:
            return element.length == 0
        held: object = element.value
        if isinstance(held, bytes | bytearray):
            short = len(held) <= _LONGEST_TEXT and vr(element) in TEXTS
            return not (bytes(held).strip(b" \0") if short else held)
        return False
    value = element.value
    if value is None:
        return True
    if isinstance(value, str):
        return not value.strip(" \0")
    try:
        return len(value) == 0
    except TypeError:
        return False


def missing(dataset: Dataset, tag: int) -> bool:
    """Whether the element is not there at all."""
    return tag not in dataset


def filled(dataset: Dataset, tag: int) -> bool:
    """Whether the element is there with a value."""
    element = get(dataset, tag)
    return element is not None and not empty(element)


def texts(element: Element) -> tuple[str, ...]:
    """The values as text, without padding; bytes that are no ASCII stand for themselves (latin-1)."""
    if isinstance(element, RawDataElement):
        held = element.value
        if not isinstance(held, bytes | bytearray) or len(held) > _LONGEST_TEXT:
            return ()
        return tuple(bytes(held).decode("latin-1").split("\\"))
    value = element.value
    if value is None:
        return ()
    if isinstance(value, str | bytes) or not isinstance(value, Sequence):
        return (str(value),)
    return tuple("" if one is None else str(one) for one in value)


def text(dataset: Dataset, tag: int, index: int = 0) -> str:
    """One value as text, empty when it is missing."""
    element = get(dataset, tag)
    if element is None:
        return ""
    found = texts(element)
    return found[index].strip(" \0") if index < len(found) else ""


def number(dataset: Dataset, tag: int) -> int | None:
    """The first value as a whole number; None when missing or none."""
    element = get(dataset, tag)
    if element is None:
        return None
    try:
        if isinstance(element, RawDataElement):
            kind = vr(element)
            size = _NUMBERS.get("US" if " or " in kind else kind)
            held = element.value
            if size and isinstance(held, bytes | bytearray):
                signed = kind in ("SS", "SL")
                if len(held) < size:
                    return None
                if element.is_little_endian:
                    return int.from_bytes(held[:size], "little", signed=signed)
                return int.from_bytes(held[:size], "big", signed=signed)
        found = texts(element)
        return int(found[0]) if found else None
    except (ValueError, TypeError, OverflowError):
        return None


def decimals(dataset: Dataset, tag: int) -> tuple[float, ...]:
    """Decimal strings or floats as numbers; empty when one of them is none."""
    element = get(dataset, tag)
    if element is None or empty(element):
        return ()
    try:
        if isinstance(element, RawDataElement) and vr(element) in ("FD", "FL"):
            value = dataset[tag].value
            return tuple(float(one) for one in (value if isinstance(value, Sequence) else (value,)))
        return tuple(float(one) for one in texts(element))
    except Exception:
        return ()


def items(dataset: Dataset, tag: int) -> Iterator[tuple[int, Dataset]]:
    """The items of a sequence, counted from 1; nothing when it is none or cannot be read."""
    try:
        value = dataset[tag].value
        found = list(value) if dataset[tag].VR == "SQ" and value is not None else []
    except Exception:  # the sequence is damaged: the reading of the file reports that
        return
    for place, item in enumerate(found, start=1):
        if isinstance(item, Dataset):
            yield place, item
