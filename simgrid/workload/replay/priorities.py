"""What words for a priority mean, and after whom.

Three levels, most urgent first. ``stat`` and ``urgent`` both count as urgent in the model; they are kept
apart so that a log can be written back as it was understood.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, TypeAlias

Level: TypeAlias = Literal["stat", "urgent", "routine"]

LEVELS: tuple[Level, ...] = ("stat", "urgent", "routine")
ROUTINE = LEVELS.index("routine")

_HL7 = "stated: HL7 v2 table 0485 (0027 in older versions)"
_DICOM = "stated: DICOM Requested Procedure Priority (0040,1003)"
_FHIR = "stated: FHIR RequestPriority"
_WORD = "assumed: the word's usual sense"
_SCALE = "assumed: triage scales of five levels, of which 1 is immediate, 2 very urgent and 3 urgent"

_TABLE: tuple[tuple[str, Level, str], ...] = (
    ("stat", "stat", _FHIR),
    ("asap", "urgent", _FHIR),
    ("urgent", "urgent", _FHIR),
    ("routine", "routine", _FHIR),
    ("s", "stat", _HL7),
    ("a", "urgent", _HL7),
    ("t", "urgent", f"{_HL7}: timing critical"),
    ("p", "urgent", f"{_HL7}: before an operation"),
    ("c", "urgent", f"{_HL7}: somebody waits for a call"),
    ("r", "routine", _HL7),
    ("prn", "routine", f"{_HL7}: as needed"),
    ("high", "urgent", _DICOM),
    ("medium", "routine", f"{_DICOM}; that it is not urgent is assumed"),
    ("low", "routine", _DICOM),
    ("emergency", "stat", _WORD),
    ("emergent", "stat", _WORD),
    ("immediate", "stat", _WORD),
    ("u", "urgent", _WORD),
    ("normal", "routine", _WORD),
    ("elective", "routine", _WORD),
    ("1", "stat", _SCALE),
    ("2", "urgent", _SCALE),
    ("3", "urgent", _SCALE),
    ("4", "routine", _SCALE),
    ("5", "routine", _SCALE),
)

PRIORITIES: Mapping[str, tuple[Level, str]] = MappingProxyType(
    {word: (level, origin) for word, level, origin in _TABLE}
)
"""Each known word in lower case: its level, and where that reading comes from."""


def level_of(word: str) -> int | None:
    """The index into ``LEVELS`` of a word in any case, None for one that the table does not hold."""
    found = PRIORITIES.get(word.strip().casefold())
    return LEVELS.index(found[0]) if found else None
