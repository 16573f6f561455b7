"""From the text of one CSV table to its records, strictly: every bad cell of every row is reported."""

import csv
import io
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from simgrid.codes.errors import TableProblem
from simgrid.codes.records import (
    PROVENANCE,
    BodyPart,
    Compatibility,
    Components,
    Diagnosis,
    DicomTerm,
    Origin,
    Protocol,
    Record,
    Resolution,
    StudySize,
)

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Column:
    """What one column may hold: a check that returns the complaint, or None where the cell is good."""

    complaint: Callable[[str], str | None]
    optional: bool = False
    """Whether the column may be left out; an empty cell is then good too."""


@dataclass(frozen=True, slots=True)
class Table:
    """One kind of table: its columns, the columns that make a row unique, and the record of a row."""

    columns: Mapping[str, Column]
    key: tuple[str, ...]
    record: Callable[[Row], Record]


def plain_term(term: str) -> str:
    """A header's word without case, spaces and punctuation: ``C-Spine`` and ``CSPINE`` are the same."""
    return re.sub(r"[\W_]+", "", term).upper()


def icd10_category(code: str) -> str:
    """The three-character category of an ICD-10 code: ``c50.1`` is in ``C50``."""
    return code.strip().upper().partition(".")[0][:3]


def _text(cell: str) -> str | None:
    return None if cell else "expected a text that is not empty"


def _provenance(cell: str) -> str | None:
    if cell in PROVENANCE:
        return None
    close = get_close_matches(cell.lower(), PROVENANCE, 1)
    expected = f"did you mean {close[0]!r}?" if close else f"expected one of {', '.join(PROVENANCE)}"
    return f"not a provenance: {expected}"


def _icd10(cell: str) -> str | None:
    return None if re.fullmatch(r"[A-Z]\d[0-9A-Z]", cell) else "expected a category such as C50"


def _number(least: float, *, above: bool = False) -> Callable[[str], str | None]:
    wanted = f"above {least:g}" if above else f"of at least {least:g}"

    def complaint(cell: str) -> str | None:
        try:
            value = float(cell)
        except ValueError:
            hint = "; write 7.5, not 7,5" if re.fullmatch(r"-?\d+,\d+", cell) else ""
            return f"not a number: expected one {wanted}{hint}"
        if math.isfinite(value) and (value > least or (value == least and not above)):
            return None
        return f"expected a finite number {wanted}"

    return complaint


def _whole(cell: str) -> str | None:
    return None if re.fullmatch(r"[1-9]\d*", cell) else "expected a whole number above 0"


MAX_BYTES = 5_000_000
MAX_COLUMNS = 100
MOST_TOLD = 1000
"""Bounds on a file that is no table of codes: its size, its columns, and the complaints about its rows."""

_COMPONENTS = ("risk", "technical", "work", "urgency", "alternative", "time")
_NAME = Column(_text)
_ORIGIN = {"provenance": Column(_provenance), "source": Column(_text)}


def _origin(row: Row, prefix: str = "") -> Origin:
    return Origin(row[f"{prefix}provenance"], row[f"{prefix}source"])


def _maybe(cell: str | None) -> float | None:
    return float(cell) if cell else None


def _protocol(row: Row) -> Protocol:
    parts = [_maybe(row.get(name)) for name in _COMPONENTS]
    return Protocol(
        protocol=row["protocol"],
        modality=row["modality"],
        body_part=row["body_part"],
        effort_points=float(row["effort_points"]),
        points_origin=_origin(row, "points_"),
        reading_min=float(row["reading_min"]),
        reading_sd_min=_maybe(row.get("reading_sd_min")),
        minutes_origin=_origin(row, "minutes_"),
        components=None if all(part is None for part in parts) else Components(*parts),
    )


TABLES: Mapping[str, Table] = {
    "protocols.csv": Table(
        {
            "protocol": _NAME,
            "modality": _NAME,
            "body_part": _NAME,
            "effort_points": Column(_number(0, above=True)),
            "points_provenance": Column(_provenance),
            "points_source": Column(_text),
            "reading_min": Column(_number(0, above=True)),
            "reading_sd_min": Column(_number(0), optional=True),
            "minutes_provenance": Column(_provenance),
            "minutes_source": Column(_text),
            **{name: Column(_number(0), optional=True) for name in _COMPONENTS},
        },
        ("modality", "body_part"),
        _protocol,
    ),
    "compatibility.csv": Table(
        {"modality": _NAME, "body_part": _NAME, "icd10": Column(_icd10), **_ORIGIN},
        ("modality", "body_part", "icd10"),
        lambda row: Compatibility(row["modality"], row["body_part"], row["icd10"], _origin(row)),
    ),
    "resolution.csv": Table(
        {
            "modality": _NAME,
            "megapixels": Column(_number(0, above=True)),
            **_ORIGIN,
            "bits": Column(_whole),
            "bits_provenance": Column(_provenance),
            "bits_source": Column(_text),
        },
        ("modality",),
        lambda row: Resolution(
            row["modality"],
            float(row["megapixels"]),
            _origin(row),
            int(row["bits"]),
            _origin(row, "bits_"),
        ),
    ),
    "sizes.csv": Table(
        {
            "modality": _NAME,
            "body_part": Column(_text, optional=True),
            "images": Column(_number(0, above=True)),
            "size_mb": Column(_number(0, above=True)),
            **_ORIGIN,
        },
        ("modality", "body_part"),
        lambda row: StudySize(
            row["modality"],
            row.get("body_part", ""),
            float(row["images"]),
            float(row["size_mb"]),
            _origin(row),
        ),
    ),
    "icd10.csv": Table(
        {"icd10": Column(_icd10), "title": _NAME, "disease": _NAME, **_ORIGIN},
        ("icd10",),
        lambda row: Diagnosis(row["icd10"], row["title"], row["disease"], _origin(row)),
    ),
    "body_parts.csv": Table(
        {"body_part": _NAME, "anatomy": _NAME, **_ORIGIN},
        ("body_part",),
        lambda row: BodyPart(row["body_part"], row["anatomy"], _origin(row)),
    ),
    "dicom_terms.csv": Table(
        {"term": _NAME, "body_part": _NAME, **_ORIGIN},
        ("term",),
        lambda row: DicomTerm(plain_term(row["term"]), row["body_part"], _origin(row)),
    ),
}


@dataclass(frozen=True, slots=True)
class ReadTable:
    """The records of one file with the line each stands on; a row with a problem is not among them."""

    records: tuple[Record, ...]
    lines: tuple[int, ...]
    problems: tuple[TableProblem, ...]


def read_table(name: str, content: bytes) -> ReadTable:
    """The records of one table from the bytes of its file; ``name`` is one of TABLES. Never raises."""
    if len(content) > MAX_BYTES:
        message = f"is larger than {MAX_BYTES // 1_000_000} MB: name a table of codes"
        return ReadTable((), (), (TableProblem(name, 0, "", "", message),))
    try:
        rows = list(_numbered_rows(content.decode("utf-8-sig")))
    except UnicodeDecodeError as error:
        message = f"byte {error.start} is not UTF-8: save the table as CSV in UTF-8"
        return ReadTable((), (), (TableProblem(name, 0, "", "", message),))
    except csv.Error as error:
        return ReadTable((), (), (TableProblem(name, 0, "", "", f"is not a CSV table: {error}"),))
    if not rows:
        return ReadTable((), (), (TableProblem(name, 0, "", "", "is empty: expected a header and rows"),))
    table = TABLES[name]
    header = [cell.strip() for cell in rows[0][1]]
    problems = _header_problems(name, header, table)
    if problems:
        return ReadTable((), (), tuple(problems))
    return _read_rows(name, header, rows[1:], table)


def _numbered_rows(text: str) -> list[tuple[int, list[str]]]:
    """Rows with the line each starts on; empty lines are passed over."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows, start = [], 1
    for row in reader:
        if any(cell.strip() for cell in row):
            rows.append((start, row))
        start = reader.line_num + 1
    return rows


def _header_problems(name: str, header: list[str], table: Table) -> list[TableProblem]:
    if len(header) == 1 and (";" in header[0] or "\t" in header[0]):
        message = "separates by semicolon or tab: expected commas"
        return [TableProblem(name, 1, "", "", message)]
    if len(header) > MAX_COLUMNS:
        message = f"has {len(header)} columns: expected {', '.join(table.columns)}"
        return [TableProblem(name, 1, "", "", message)]
    problems = []
    for column in table.columns:
        if column not in header and not table.columns[column].optional:
            problems.append(TableProblem(name, 1, "", "", f"column {column!r} is missing"))
    for position, column in enumerate(header):
        if column not in table.columns:
            close = get_close_matches(column, table.columns, 1)
            hint = f"did you mean {close[0]!r}?" if close else f"expected {', '.join(table.columns)}"
            problems.append(TableProblem(name, 1, "", "", f"column {column!r} is not known: {hint}"))
        elif column in header[:position]:
            problems.append(TableProblem(name, 1, "", "", f"column {column!r} appears twice"))
    return problems


def _read_rows(name: str, header: list[str], rows: list[tuple[int, list[str]]], table: Table) -> ReadTable:
    records: list[Record] = []
    lines: list[int] = []
    problems: list[TableProblem] = []
    seen: dict[tuple[str, ...], int] = {}
    for line, cells in rows:
        if len(problems) >= MOST_TOLD:
            problems.append(
                TableProblem(name, line, "", "", "is not read, nor are those after: mend these first")
            )
            break
        if len(cells) != len(header):
            message = f"has {len(cells)} cells, the header has {len(header)}: quote cells that hold a comma"
            problems.append(TableProblem(name, line, "", "", message))
            continue
        row = {column: cell.strip() for column, cell in zip(header, cells, strict=True)}
        wrong = [
            TableProblem(name, line, column, row[column], complaint)
            for column in header
            if (complaint := _complaint(table.columns[column], row[column])) is not None
        ]
        key = _key(name, row, table)
        if key in seen:
            message = f"line {seen[key]} holds the same: expected one row for each"
            wrong.append(TableProblem(name, line, "+".join(table.key), " + ".join(key), message))
        seen.setdefault(key, line)
        problems.extend(wrong)
        if not wrong:
            records.append(table.record(row))
            lines.append(line)
    if not rows:
        problems.append(TableProblem(name, 0, "", "", "has a header and no rows: expected at least one row"))
    return ReadTable(tuple(records), tuple(lines), tuple(problems))


def _complaint(column: Column, cell: str) -> str | None:
    return None if column.optional and not cell else column.complaint(cell)


def _key(name: str, row: Row, table: Table) -> tuple[str, ...]:
    key = tuple(row.get(column, "") for column in table.key)
    return tuple(plain_term(part) for part in key) if name == "dicom_terms.csv" else key
