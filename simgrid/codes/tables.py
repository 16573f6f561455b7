"""The code tables together: read, held against each other, looked up.

A study's attributes become demand and effort here: protocol to points and minutes, body part to anatomy,
ICD-10 pre-diagnosis to disease group, header word to body part, modality to resolution and size.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from functools import lru_cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from simgrid.codes.consistency import settle
from simgrid.codes.errors import CodeTableError, TableProblem, UnknownCodeError
from simgrid.codes.reading import MAX_BYTES, TABLES, ReadTable, icd10_category, plain_term, read_table
from simgrid.codes.records import (
    BodyPart,
    Compatibility,
    Diagnosis,
    DicomTerm,
    Protocol,
    Record,
    Resolution,
    StudySize,
)

DEFAULT = "default"

R = TypeVar("R", bound=Record)
K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True, repr=False)
class CodeTables:
    """Every table, keyed as it is looked up.

    ``accepted`` counts the rows taken from each file, ``left_out`` the default rows that a user's own tables
    leave nothing to stand on; ``origins`` says for each file whether it is ``default`` or the path of one
    that a user brought. Build with :meth:`default` or :meth:`from_folder`.
    """

    protocols: Mapping[tuple[str, str], Protocol]
    compatible: Mapping[tuple[str, str, str], Compatibility]
    resolutions: Mapping[str, Resolution]
    sizes: Mapping[tuple[str, str], StudySize]
    diagnoses: Mapping[str, Diagnosis]
    body_parts: Mapping[str, BodyPart]
    dicom_terms: Mapping[str, DicomTerm]
    accepted: Mapping[str, int]
    left_out: Mapping[str, int]
    origins: Mapping[str, str]

    @classmethod
    def default(cls) -> "CodeTables":
        """The tables that travel with simgrid; every row says where its figures come from."""
        return _default_tables()

    @classmethod
    def from_folder(cls, path: str | Path) -> "CodeTables":
        """A user's own tables: each file of the folder replaces the default table of the same name.

        A CSV whose name is no table's is refused, lest a misspelt one be passed over in silence.

        :raises CodeTableError: (a ValueError) naming file, line, column and value of everything wrong.
        """
        folder = Path(path)
        if not folder.is_dir():
            message = f"is not a folder: expected one that holds {', '.join(TABLES)}"
            raise CodeTableError([TableProblem(str(folder), 0, "", "", message)])
        found = sorted(file for file in folder.iterdir() if file.suffix.lower() == ".csv" and file.is_file())
        problems = [_unknown_file(file) for file in found if file.name not in TABLES]
        if not found:
            message = f"holds no table: expected some of {', '.join(TABLES)}"
            problems.append(TableProblem(str(folder), 0, "", "", message))
        own = {file.name: file for file in found if file.name in TABLES}
        read = {
            name: read_table(name, _first_bytes(own[name]) if name in own else _default_bytes(name))
            for name in TABLES
        }
        return _assemble(read, {name: str(file) for name, file in own.items()}, problems)

    def __reduce__(self) -> tuple[object, ...]:
        # Read-only mappings do not travel to worker processes; the dictionaries below them do.
        return _thawed, tuple(dict(getattr(self, part.name)) for part in fields(self))

    @property
    def modalities(self) -> tuple[str, ...]:
        """Every modality, in the order of the resolution table."""
        return tuple(self.resolutions)

    def has_protocol(self, modality: str, body_part: str) -> bool:
        """Whether any protocol images this body part with this modality."""
        return (modality, body_part) in self.protocols

    def protocol(self, modality: str, body_part: str) -> Protocol:
        """Effort points and expected minutes; :raises UnknownCodeError: naming what the modality has."""
        found = self.protocols.get((modality, body_part))
        if found is None:
            parts = [part for name, part in self.protocols if name == modality]
            known = (
                f"{modality} has {', '.join(parts)}"
                if parts
                else f"modalities: {_near(modality, self.modalities)}"
            )
            raise UnknownCodeError(f"no protocol for {modality!r} of {body_part!r}: {known}")
        return found

    def anatomy(self, body_part: str) -> str:
        """The anatomical region of a body part; :raises UnknownCodeError: naming near ones."""
        found = self.body_parts.get(body_part)
        if found is None:
            raise UnknownCodeError(f"no body part {body_part!r}: {_near(body_part, self.body_parts)}")
        return found.anatomy

    def disease(self, icd10: str) -> str:
        """The disease group of an ICD-10 code (``C50`` or ``C50.1``); :raises UnknownCodeError: if none."""
        found = self.diagnoses.get(icd10_category(icd10))
        if found is None:
            raise UnknownCodeError(
                f"no ICD-10 code {icd10!r}: {_near(icd10_category(icd10), self.diagnoses)}"
            )
        return found.disease

    def is_compatible(self, modality: str, body_part: str, icd10: str) -> bool:
        """Whether this modality images this body part under this pre-diagnosis."""
        return (modality, body_part, icd10_category(icd10)) in self.compatible

    def body_part_from_dicom(self, term: str) -> str | None:
        """Our body part for a header's BodyPartExamined, None for a word that the table does not hold."""
        found = self.dicom_terms.get(plain_term(term))
        return found.body_part if found else None

    def body_part_in_text(self, text: str) -> str | None:
        """The body part that a free text such as StudyDescription names; the longest known term decides.

        Terms count as whole words only (up to three in a row); of equally long ones the first does.
        """
        words = [plain_term(word) for word in re.split(r"[\W_]+", text)]
        runs = ["".join(words[start : start + n]) for n in (3, 2, 1) for start in range(len(words) - n + 1)]
        singular = (run if run in self.dicom_terms else run.removesuffix("S") for run in runs)
        known = [run for run in singular if run in self.dicom_terms]
        return self.dicom_terms[max(known, key=len)].body_part if known else None

    def resolution(self, modality: str) -> Resolution:
        """Megapixels that a monitor must show, and bits; :raises UnknownCodeError: naming near ones."""
        found = self.resolutions.get(modality)
        if found is None:
            raise UnknownCodeError(f"no modality {modality!r}: {_near(modality, self.resolutions)}")
        return found

    def size(self, modality: str, body_part: str = "") -> StudySize:
        """Mean images and megabytes of a study, for the body part if stated, else for the modality.

        :raises UnknownCodeError: naming near modalities.
        """
        found = self.sizes.get((modality, body_part)) or self.sizes.get((modality, ""))
        if found is None:
            raise UnknownCodeError(f"no study size for {modality!r}: {_near(modality, self.modalities)}")
        return found


@lru_cache(maxsize=1)
def _default_tables() -> CodeTables:
    return _assemble({name: read_table(name, _default_bytes(name)) for name in TABLES}, {}, [])


def _first_bytes(file: Path) -> bytes:
    """One byte more than a table may have tells ``read_table`` that there is too much of it."""
    with file.open("rb") as content:
        return content.read(MAX_BYTES + 1)


def _default_bytes(name: str) -> bytes:
    return resources.files("simgrid.codes").joinpath("tables", name).read_bytes()


def _assemble(
    read: Mapping[str, ReadTable], own: Mapping[str, str], problems: list[TableProblem]
) -> CodeTables:
    """The tables as one object, or everything that is wrong in and between them."""
    problems = [*problems, *(problem for table in read.values() for problem in table.problems)]
    settled, between = settle(read, own)
    problems.extend(between)
    if problems:
        raise CodeTableError([_located(problem, own) for problem in problems])
    records = [record for table in settled.values() for record in table.records]
    return CodeTables(
        protocols=_frozen({(r.modality, r.body_part): r for r in _of(Protocol, records)}),
        compatible=_frozen({(r.modality, r.body_part, r.icd10): r for r in _of(Compatibility, records)}),
        resolutions=_frozen({r.modality: r for r in _of(Resolution, records)}),
        sizes=_frozen({(r.modality, r.body_part): r for r in _of(StudySize, records)}),
        diagnoses=_frozen({r.icd10: r for r in _of(Diagnosis, records)}),
        body_parts=_frozen({r.body_part: r for r in _of(BodyPart, records)}),
        dicom_terms=_frozen({r.term: r for r in _of(DicomTerm, records)}),
        accepted=_frozen({name: len(table.records) for name, table in settled.items()}),
        left_out=_frozen({name: len(read[name].records) - len(settled[name].records) for name in read}),
        origins=_frozen({name: own.get(name, DEFAULT) for name in read}),
    )


def _of(kind: type[R], records: Iterable[Record]) -> list[R]:
    return [record for record in records if isinstance(record, kind)]


def _thawed(*parts: dict[Any, Any]) -> CodeTables:
    return CodeTables(*(MappingProxyType(part) for part in parts))


def _frozen(mapping: dict[K, V]) -> Mapping[K, V]:
    return MappingProxyType(mapping)


def _located(problem: TableProblem, own: Mapping[str, str]) -> TableProblem:
    """The problem with the path of the user's file, or with a word that the file is a default one."""
    if problem.file in TABLES:
        return replace(problem, file=own.get(problem.file, f"default {problem.file}"))
    return problem


def _unknown_file(file: Path) -> TableProblem:
    close = get_close_matches(file.name, TABLES, 1)
    hint = f"did you mean {close[0]}?" if close else f"expected some of {', '.join(TABLES)}"
    return TableProblem(str(file), 0, "", "", f"is no code table's name: {hint}")


def _near(code: str, known: Iterable[str]) -> str:
    names = list(known)
    close = get_close_matches(code, names, 3, cutoff=0.5)
    return f"did you mean {' or '.join(close)}?" if close else f"the tables have {', '.join(names)}"
