"""What a study of a DICOM folder may be: its kind as far as headers say it, and the declared fallback beyond.

Headers hold no pre-diagnosis, and often no body part. What they leave open is drawn for each inspection:
evenly among the body parts that the modality's protocols know, then evenly among the ICD-10 codes that the
compatibility table allows there.
"""

from __future__ import annotations

from dataclasses import dataclass

from simgrid.codes.tables import CodeTables
from simgrid.dicom.attributes import MISSING, Origin, StudyHeaders
from simgrid.domain.demand import SizeRule
from simgrid.domain.kind import Kind
from simgrid.kinds import kind_from_codes

FROM_PROTOCOLS: Origin = "fallback: drawn among the modality's protocols"
FROM_COMPATIBILITY: Origin = "fallback: drawn among the compatible codes"
FROM_RESOLUTIONS: Origin = "fallback: resolution table"
SCALED_TO_TABLE: Origin = "derived: file size scaled to the table's mean"
IMAGES_TO_TABLE: Origin = "derived: image count scaled to the table's mean"
FROM_PROTOCOL_TABLE: Origin = "derived: protocol table"
_MEGA = 1e6


@dataclass(frozen=True, slots=True)
class Candidates:
    """The kinds that a study may be, with the probability of each (they sum to 1)."""

    kinds: tuple[Kind, ...]
    probability: tuple[float, ...]
    origins: dict[str, Origin]


def candidates_of(study: StudyHeaders, codes: CodeTables, sizes: SizeRule) -> Candidates | str:
    """The kinds of a study, or in words why the code tables cannot place it."""
    if not study.modality:
        return "no modality"
    known = [part for modality, part in codes.protocols if modality == study.modality]
    if not known:
        return f"no protocol for modality {study.modality}"
    if study.body_part is not None and study.body_part not in known:
        return f"no protocol for {study.modality} of {study.body_part}"
    parts = [study.body_part] if study.body_part is not None else known
    allowed = {part: _compatible(study.modality, part, codes) for part in parts}
    placed = {part: diagnoses for part, diagnoses in allowed.items() if diagnoses}
    if not placed:
        return f"no compatible pre-diagnosis for {study.modality} of {' or '.join(parts)}"
    megapixels, megapixels_from = _megapixels(study, codes, sizes)
    kinds, probability = [], []
    for part, diagnoses in placed.items():
        for icd10 in diagnoses:
            kinds.append(kind_from_codes(codes, study.modality, part, icd10, megapixels))
            probability.append(1 / len(placed) / len(diagnoses))
    origins = {
        **study.origins,
        "pre-diagnosis": FROM_COMPATIBILITY,
        "protocol and effort": FROM_PROTOCOL_TABLE,
        "image resolution": megapixels_from,
    }
    if study.body_part is None:
        origins["body part"] = FROM_PROTOCOLS
    if sizes == "scaled":
        origins |= {"size": SCALED_TO_TABLE, "images": IMAGES_TO_TABLE}
    return Candidates(tuple(kinds), tuple(probability), origins)


def _compatible(modality: str, body_part: str, codes: CodeTables) -> list[str]:
    return sorted(icd10 for m, part, icd10 in codes.compatible if (m, part) == (modality, body_part))


def _megapixels(study: StudyHeaders, codes: CodeTables, sizes: SizeRule) -> tuple[float, Origin]:
    """Rows times columns where sizes are the files' own; else the table's, as for every scaled size."""
    origin = study.origins["rows and columns"]
    if sizes == "files" and origin != MISSING and study.rows and study.columns:
        return study.rows * study.columns / _MEGA, origin
    return codes.resolution(study.modality).megapixels, FROM_RESOLUTIONS
