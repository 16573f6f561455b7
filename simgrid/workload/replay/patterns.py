"""What a row says it is of, placed in the code tables: its kind, or the kinds it may be.

Modality, body part and pre-diagnosis together make a pattern; a log has few of them, each resolved once. What
a pattern leaves open is drawn for each replication: from the scenario's case mix, or where no kind of the
mix fits, from the tables (evenly among the body parts, then among the pre-diagnoses of each).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from types import MappingProxyType

from simgrid.codes.reading import icd10_category
from simgrid.codes.tables import CodeTables
from simgrid.domain.kind import Kind
from simgrid.kinds import kind_from_codes
from simgrid.workload.replay.cells import BadCell, is_missing

CODED = ("modality", "body_part", "icd10")

MODALITY_WORDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "MRI": ("MR", "assumed: the English abbreviation"),
        "MRT": ("MR", "assumed: the German abbreviation"),
        "PET": ("PT", "assumed: DICOM's PT"),
    }
)
"""Further words for a modality, each with where the reading comes from."""

_ICD10 = re.compile(r"[A-Z]\d[0-9A-Z](\.?[0-9A-Z]{1,4})?[!*+]?")
_EXTEND = "map it, extend the code tables, or declare that unknown ones count as missing"


@dataclass(frozen=True, slots=True)
class Pattern:
    """What a row states (``""`` for what it does not), the kinds that fit it and the probability of each."""

    modality: str
    body_part: str
    icd10: str
    kinds: tuple[Kind, ...]
    probability: tuple[float, ...]

    def fits(self, kind: Kind) -> bool:
        """Whether a kind agrees with everything stated."""
        return (
            self.modality in {"", kind.modality}
            and self.body_part in {"", kind.body_part}
            and self.icd10 in {"", kind.icd10}
        )


@dataclass(frozen=True, slots=True)
class Stated:
    """The coded cells of a row as the tables spell them, and how each came about.

    ``unknown``: cells that the tables do not know and that count as missing. ``derived``: the body part or
    modality was found in the protocol's text.
    """

    modality: str
    body_part: str
    icd10: str
    unknown: frozenset[str] = frozenset()
    derived: frozenset[str] = frozenset()


class Vocabulary:
    """Looks the coded cells up. ``lenient`` names the fields whose unknown cells count as missing."""

    def __init__(self, codes: CodeTables, lenient: frozenset[str]) -> None:
        self._codes = codes
        self._lenient = lenient
        self._parts = {part.casefold(): part for part in codes.body_parts}
        self._protocols = {one.protocol.casefold(): one for one in codes.protocols.values()}

    def state(self, modality: str, body_part: str, icd10: str, protocol: str) -> Stated:
        """The cells as the tables spell them.

        A missing modality or body part is taken from the protocol, if that names one.

        Raises:
            BadCell: a cell that the tables do not know, of a field that is not lenient.
        """
        found = {
            "modality": self._known("modality", modality),
            "body_part": self._known("body_part", body_part),
            "icd10": self._known("icd10", icd10),
        }
        unknown = frozenset(name for name, value in found.items() if value is None)
        derived = {}
        if not is_missing(protocol):
            told = self._from_protocol(protocol)
            derived = {name: told[name] for name in told if told[name] and not found[name]}
        values = {name: derived.get(name) or value or "" for name, value in found.items()}
        return Stated(**values, unknown=unknown - set(derived), derived=frozenset(derived))

    def _known(self, field: str, cell: str) -> str | None:
        """The table's spelling, ``""`` for a missing cell, None for an unknown one that counts as missing."""
        if is_missing(cell):
            return ""
        found = getattr(self, f"_{field}")(cell.strip())
        if isinstance(found, str):
            return found
        if field in self._lenient:
            return None
        raise BadCell(field, cell, f"is not in the code tables: {_EXTEND}")

    def _modality(self, cell: str) -> str | None:
        word = cell.upper()
        word = MODALITY_WORDS.get(word, (word, ""))[0]
        return word if word in self._codes.resolutions else None

    def _body_part(self, cell: str) -> str | None:
        return self._parts.get(cell.casefold()) or self._codes.body_part_from_dicom(cell)

    def _icd10(self, cell: str) -> str | None:
        if not _ICD10.fullmatch(cell.upper()):
            return None
        category = icd10_category(cell)
        return category if category in self._codes.diagnoses else None

    def _from_protocol(self, text: str) -> dict[str, str]:
        exact = self._protocols.get(text.strip().casefold())
        if exact:
            return {"modality": exact.modality, "body_part": exact.body_part}
        return {"body_part": self._codes.body_part_in_text(text) or ""}


def place(stated: Stated, codes: CodeTables) -> Pattern:
    """The pattern of what is stated.

    A combination of known codes that the compatibility table does not list is taken as the log has it.

    Raises:
        BadCell: the tables have no protocol for the modality and body part, or nothing at all that fits.
    """
    modality, part, icd10 = stated.modality, stated.body_part, stated.icd10
    protocols = [pair for pair in codes.protocols if modality in {"", pair[0]} and part in {"", pair[1]}]
    if not protocols:
        field, value = ("body_part", part) if part else ("modality", modality)
        raise BadCell(field, value, "has no protocol in the code tables with this modality: add one to them")
    triples = sorted(
        triple
        for triple in codes.compatible
        if (triple[0], triple[1]) in codes.protocols
        and modality in {"", triple[0]}
        and part in {"", triple[1]}
        and icd10 in {"", triple[2]}
    )
    if icd10 and not triples:
        triples = sorted((*pair, icd10) for pair in protocols)
    if not triples:
        raise BadCell("icd10", "", "is missing, and the code tables pair none with this examination: add one")
    kinds = tuple(kind_from_codes(codes, *triple) for triple in triples)
    return Pattern(modality, part, icd10, kinds, _even(triples))


def _even(triples: Sequence[tuple[str, str, str]]) -> tuple[float, ...]:
    """Evenly among the examinations, then among the pre-diagnoses of each."""
    groups = [len(list(group)) for _, group in groupby(triples, key=lambda triple: triple[:2])]
    return tuple(1 / len(groups) / size for size in groups for _ in range(size))
