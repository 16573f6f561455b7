"""Codes that are published: their meaning is the scheme's word, never the file's."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from pydicom.dataset import Dataset
from pydicom.sr._concepts_dict import concepts
from pydicom.sr._snomed_dict import mapping

OF_A_CODE = frozenset(
    {
        *(0x00080100, 0x00080102, 0x00080103, 0x00080104, 0x00080105, 0x00080106, 0x00080107, 0x0008010B),
        *(0x0008010D, 0x0008010F, 0x00080117, 0x00080118, 0x00080119, 0x00080120, 0x00080122),
    }
)
"""The elements of a code sequence's item (PS3.3, table 8.8-1): all but value, scheme and meaning go."""

_OLD_SNOMED = ("SRT", "SNM3", "99SDM")


def published(item: Dataset) -> Dataset | None:
    """An item with the published meaning of its code, and nothing else; None if no scheme we know has it.

    Source: the context groups of PS3.16 that pydicom ships.
    """
    value = str(item.get("CodeValue") or "").strip()
    scheme = str(item.get("CodingSchemeDesignator") or "").strip()
    meaning = _meaning(value, scheme)
    if meaning is None:
        return None
    return _code(value, scheme, meaning)


def dummy_code() -> Dataset:
    """Where a code must stand and the file's own is not published."""
    return _code("REMOVED", "99SIMGRID", "Removed")


def _code(value: str, scheme: str, meaning: str) -> Dataset:
    made = Dataset()
    made.CodeValue, made.CodingSchemeDesignator, made.CodeMeaning = value, scheme, meaning
    return made


def _meaning(value: str, scheme: str) -> str | None:
    if scheme in _OLD_SNOMED:
        value, scheme = mapping["SRT"].get(value, ""), "SCT"
    return _meanings().get(scheme, {}).get(value)


@cache
def _meanings() -> Mapping[str, Mapping[str, str]]:
    shipped: Mapping[str, Mapping[str, Mapping[str, tuple[str, list[int]]]]] = concepts  # type: ignore[assignment]
    return {
        scheme: {code: told[0][:64] for codes in named.values() for code, told in codes.items()}
        for scheme, named in shipped.items()
    }
