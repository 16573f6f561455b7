"""The ten defects that images are judged for, and the modalities in which each can be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias, get_args

Defect: TypeAlias = Literal[
    "noise", "motion", "blur", "ghosting", "exposure", "ring", "metal", "truncation", "inversion", "bias"
]
DEFECTS: tuple[Defect, ...] = get_args(Defect)
RADIOGRAPHS = ("CR", "DX", "MG")  # one family: what differs is the anatomy

_OTHERS = (
    *("DG", "ECG", "ES", "GM", "IO", "IVUS", "NM", "OCT", "OP", "OPT", "OT", "PT", "PX", "RF", "RG"),
    *("RTIMAGE", "SC", "SEG", "SM", "TG", "US", "XA", "XC"),
)

POSSIBLE: Mapping[str, tuple[Defect, ...]] = {
    "CT": ("noise", "motion", "blur", "ring", "metal", "truncation", "inversion"),
    "MR": ("noise", "motion", "blur", "ghosting", "truncation", "inversion", "bias"),
    "CR": ("noise", "motion", "blur", "exposure", "metal", "truncation", "inversion"),
}


def possible(modality: str) -> tuple[Defect, ...]:
    """The defects an image of this modality can have; none for a modality that is not judged."""
    return POSSIBLE.get(family(modality), ())


def family(modality: str) -> str:
    """CT, MR, or CR for every radiograph; other modalities stand for themselves."""
    return "CR" if modality in RADIOGRAPHS else modality


def told(modality: str) -> str:
    """The modality where it is one of the standard's terms (PS3.3 C.7.3.1.1.1): a file may say anything."""
    return modality if modality in (*POSSIBLE, *RADIOGRAPHS, *_OTHERS) else "an unknown modality"
