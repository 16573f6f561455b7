"""The tables held against each other: a code that one table uses, another has to explain."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, replace
from typing import TypeVar

from simgrid.codes.errors import TableProblem
from simgrid.codes.reading import ReadTable
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

R = TypeVar("R", bound=Record)

PAIR = "modality+body_part"


@dataclass(frozen=True, slots=True)
class _Use:
    """A code (one or more cells) that a row uses and another table has to hold."""

    line: int
    column: str
    cells: tuple[str, ...]


def settle(
    read: Mapping[str, ReadTable], own: Collection[str]
) -> tuple[Mapping[str, ReadTable], list[TableProblem]]:
    """The tables after default rows that a user's tables leave nothing to stand on are taken out.

    Who brings ten protocols does not want to be told that the default compatibility table knows more. Rows
    of the user's own files (named in ``own``) stay, and what they lack is a problem.
    """
    while True:
        problems = disagreements(read)
        idle = {(problem.file, problem.line) for problem in problems if own and problem.file not in own}
        if not idle:
            return read, problems
        read = {
            name: _without(table, {line for file, line in idle if file == name})
            for name, table in read.items()
        }


def _without(table: ReadTable, lines: Set[int]) -> ReadTable:
    kept = [(r, line) for r, line in zip(table.records, table.lines, strict=True) if line not in lines]
    return replace(table, records=tuple(r for r, _ in kept), lines=tuple(line for _, line in kept))


def disagreements(read: Mapping[str, ReadTable]) -> list[TableProblem]:
    """Codes used in one table and missing in the one that explains them.

    A table with problems of its own is not held against: rows refused there would be missed everywhere.
    """
    protocols = _rows(read, "protocols.csv", Protocol)
    compatible = _rows(read, "compatibility.csv", Compatibility)
    resolutions = _rows(read, "resolution.csv", Resolution)
    sizes = _rows(read, "sizes.csv", StudySize)
    terms = _rows(read, "dicom_terms.csv", DicomTerm)

    modalities = {(r.modality,) for _, r in resolutions}
    parts = {(r.body_part,) for _, r in _rows(read, "body_parts.csv", BodyPart)}
    codes = {(r.icd10,) for _, r in _rows(read, "icd10.csv", Diagnosis)}
    imaged = {(r.modality, r.body_part) for _, r in protocols}
    occurring = {(r.modality, r.body_part) for _, r in compatible}
    sized = {(r.modality,) for _, r in sizes if not r.body_part}

    def check(
        user: str, uses: Iterable[_Use], known: Set[tuple[str, ...]], table: str, what: str = "has no row"
    ) -> Iterator[TableProblem]:
        for use in uses:
            if use.cells not in known and not read[table].problems:
                message = f"{what} in {table}: add it there, or remove this row"
                yield TableProblem(user, use.line, use.column, " + ".join(use.cells), message)

    by_modality = [_Use(line, "modality", (r.modality,)) for line, r in protocols]
    by_part = [_Use(line, "body_part", (r.body_part,)) for line, r in protocols]
    by_pair = [_Use(line, PAIR, (r.modality, r.body_part)) for line, r in protocols]
    pairs = [_Use(line, PAIR, (r.modality, r.body_part)) for line, r in compatible]
    diagnoses = [_Use(line, "icd10", (r.icd10,)) for line, r in compatible]
    size_of = [_Use(line, "modality", (r.modality,)) for line, r in sizes]
    size_part = [_Use(line, "body_part", (r.body_part,)) for line, r in sizes if r.body_part]
    shown = [_Use(line, "modality", (r.modality,)) for line, r in resolutions]
    meant = [_Use(line, "body_part", (r.body_part,)) for line, r in terms]
    return [
        *check("protocols.csv", by_modality, modalities, "resolution.csv"),
        *check("protocols.csv", by_part, parts, "body_parts.csv"),
        *check("protocols.csv", by_pair, occurring, "compatibility.csv", "occurs under no ICD-10 code"),
        *check("compatibility.csv", pairs, imaged, "protocols.csv", "has no protocol"),
        *check("compatibility.csv", diagnoses, codes, "icd10.csv"),
        *check("sizes.csv", size_of, modalities, "resolution.csv"),
        *check("sizes.csv", size_part, parts, "body_parts.csv"),
        *check("resolution.csv", shown, sized, "sizes.csv", "has no row without a body part"),
        *check("dicom_terms.csv", meant, parts, "body_parts.csv"),
    ]


def _rows(read: Mapping[str, ReadTable], name: str, kind: type[R]) -> list[tuple[int, R]]:
    table = read[name]
    return [
        (line, record)
        for line, record in zip(table.lines, table.records, strict=True)
        if isinstance(record, kind)
    ]
