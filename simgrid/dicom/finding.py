"""What is wrong with a file or its image, and where: the one form in which every check reports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

FindingSeverity: TypeAlias = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault.

    ``rule``: its name, which documentation explains (``type-1-empty``). ``tag``: the element, written
    ``(gggg,eeee)``, or empty. ``place``: where, in words a person can follow (``PatientName``, ``frame 3``,
    ``byte 1032``); a path of sequences has items counted from 1 (``SourceImageSequence[1] >
    ReferencedSOPInstanceUID``). ``message`` says what is wrong and repeats no value that might identify
    someone.
    """

    rule: str
    tag: str
    place: str
    severity: FindingSeverity
    message: str
