"""Event logs in CSV, as hospitals export them: any order of columns, their own names, their own habits.

Read line by line; every record comes out once, as a row or as a refusal with its line and reason.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import islice
from operator import itemgetter
from pathlib import Path

from simgrid.workload.replay.log_files import BadRecord, Lines, LogError, Told, open_log
from simgrid.workload.replay.rows import CANONICAL, RawRow, Rejected, refuse

DELIMITERS = (",", ";", "\t", "|")
_NEEDED = "requested_at"
_HEADER_WITHIN = 100
_HEADER_AGAIN = "the line repeats the header, as in files that were joined: remove it"


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """A log's own column names to canonical ones; case and surrounding blanks do not matter.

    Canonical names stand for themselves unless the mapping says otherwise, ``Requested at`` for
    ``requested_at``; ``""`` sets a column aside.
    """

    columns: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse, all at once, targets that are no canonical name and columns that are named twice."""
        problems = [
            f"column mapping: {own!r} is mapped to {name!r}, which is no column of a log: "
            f"{_near(name) or 'expected one of ' + ', '.join(CANONICAL)}"
            for own, name in self.columns.items()
            if name and name not in CANONICAL
        ]
        seen: dict[str, str] = {}
        for own in self.columns:
            if _plain(own) in seen:
                problems.append(f"column mapping: {own!r} and {seen[_plain(own)]!r} are the same column")
            seen[_plain(own)] = own
        if problems:
            raise LogError(problems)

    def canonical(self, header: list[str]) -> list[str]:
        """The canonical name of each column of a header, ``""`` for one that is not used."""
        by_name = {_plain(own): to for own, to in self.columns.items()}
        return [by_name.get(_plain(cell), _own_name(cell)) for cell in header]


class CsvLog:
    """One CSV file, its header already read and understood. Iterate it once.

    ``unused`` are the columns passed over: their cells go no further than here. ``blank_lines`` and
    ``not_utf8`` count while rows are read.
    """

    def __init__(
        self,
        path: str | Path,
        mapping: ColumnMapping,
        encoding: str | None = None,
        told: Told | None = None,
    ) -> None:
        self.source = str(path)
        self.blank_lines = 0
        self.unused: tuple[str, ...] = ()
        self.absent: tuple[str, ...] = ()
        self._file = open_log(path, told)
        try:
            self._lines = Lines(self._file, _checked(encoding))
            header = self._header_line()
            self._delimiter, cells = _split(header, mapping)
            self._understand(header, cells, mapping)
        except BaseException:
            self._file.close()
            raise

    @property
    def not_utf8(self) -> int:
        """Lines that were not UTF-8 and were read as Latin-1."""
        return self._lines.not_utf8

    def remarks(self) -> tuple[str, ...]:
        """What was passed over or read otherwise than as it stands, as lines to print."""
        named = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}
        remarks = [f"columns are parted by {named[self._delimiter]}"] if self._delimiter in named else []
        if self.unused:
            remarks.append(f"columns not used: {', '.join(self.unused)}")
        if self.absent:
            remarks.append(f"columns that only the mapping names: {', '.join(self.absent)}")
        if self.blank_lines:
            remarks.append(f"{self.blank_lines} blank lines passed over")
        if self.not_utf8:
            remarks.append(f"{self.not_utf8} lines were not UTF-8 and were read as Latin-1")
        return tuple(remarks)

    def __iter__(self) -> Iterator[RawRow | Rejected]:
        with self._file:
            yield from self._records()

    def _records(self) -> Iterator[RawRow | Rejected]:
        lines, source, names, width = self._lines, self.source, self._names, self._width
        pick, header = self._pick, self._header
        reader = csv.reader(lines, delimiter=self._delimiter, strict=True)
        while True:
            line = lines.begin()
            try:
                cells = next(reader)
            except StopIteration:
                return
            except (BadRecord, csv.Error) as error:
                lines.retry_after_first()
                reader = csv.reader(lines, delimiter=self._delimiter, strict=True)
                yield refuse(source, line, "", "", _said(error))
                continue
            if len(cells) == width:
                if cells == header:
                    yield refuse(source, line, "", "", _HEADER_AGAIN)
                elif any(cells):
                    yield RawRow(source, line, dict(zip(names, pick(cells), strict=True)))
                else:
                    self.blank_lines += 1
            elif not any(cell.strip() for cell in cells):
                self.blank_lines += 1
            elif len(cells) > width and not any(cells[width:]):
                yield RawRow(source, line, dict(zip(names, pick(cells), strict=True)))
            else:
                yield refuse(source, line, "", "", _wrong_width(len(cells), width))

    def _header_line(self) -> str:
        """The first line that holds anything; a byte order mark and a spreadsheet's ``sep=`` are dropped."""
        self._lines.begin()
        try:
            for text in islice(self._lines, _HEADER_WITHIN):
                self._lines.begin()
                plain = text.strip("\r\n ")
                if "\r" in plain:
                    raise BadRecord("its lines end with bare carriage returns: save it with LF or CR LF")
                if plain.startswith(("ÿþ", "þÿ")):
                    raise BadRecord("the file is UTF-16: save it as UTF-8")
                if plain and not plain.lower().startswith("sep="):
                    return plain
        except BadRecord as error:
            raise LogError([f"log {self.source!r}: no header: {error}"]) from None
        raise LogError([f"log {self.source!r} has no header in its first {_HEADER_WITHIN} lines: add one"])

    def _understand(self, header: str, cells: list[str], mapping: ColumnMapping) -> None:
        names = mapping.canonical(cells)
        problems = [f"log {self.source!r}: {problem}" for problem in _header_problems(cells, names)]
        if problems:
            raise LogError(problems)
        self._header = next(csv.reader([header], delimiter=self._delimiter))
        used = [index for index, name in enumerate(names) if name]
        self._width = len(cells)
        self._names = tuple(names[index] for index in used)
        self._pick = itemgetter(*used) if len(used) > 1 else lambda row: (row[used[0]],)
        self.unused = tuple(_printable(cell) for cell, name in zip(cells, names, strict=True) if not name)
        present = {_plain(cell) for cell in cells}
        self.absent = tuple(_printable(own) for own in mapping.columns if _plain(own) not in present)


def read_csv(
    path: str | Path,
    mapping: ColumnMapping | None = None,
    encoding: str | None = None,
    told: Told | None = None,
) -> CsvLog:
    """Open a CSV log and read its header; iterate the answer for ``RawRow | Rejected``.

    Cells are parted by ``,``, ``;``, ``|`` or a tab, whichever lets more columns be recognised. ``encoding``
    declares an encoding based on ASCII; without it text is UTF-8, and lines that are not are Latin-1.
    ``told`` hears of the bytes read.

    Raises:
        LogError: the file cannot be opened, or its header not be understood; it lists every problem.
    """
    return CsvLog(path, mapping or ColumnMapping(), encoding, told)


def _split(header: str, mapping: ColumnMapping) -> tuple[str, list[str]]:
    """The delimiter that recognises most columns (then: makes most columns), and the header's cells."""
    found = []
    for delimiter in DELIMITERS:
        try:
            cells = [cell.strip() for cell in next(csv.reader([header], delimiter=delimiter))]
        except csv.Error:
            cells = [header]
        known = sum(1 for name in mapping.canonical(cells) if name)
        found.append((known, len(cells), delimiter, cells))
    _, _, delimiter, cells = max(found, key=lambda one: one[:2])
    return delimiter, cells


def _header_problems(cells: list[str], names: list[str]) -> list[str]:
    if not any(names):
        # The first line may be a patient's: it is not repeated.
        return [
            f"its first line names no column of a log among its {len(cells)}: expected some of "
            f"{', '.join(CANONICAL)}; add a header, or map your own names"
        ]
    problems = []
    plain = [_plain(cell) for cell in cells]
    twice = {cell for cell in plain if cell and plain.count(cell) > 1}
    problems += [f"column {_printable(cell)!r} occurs {plain.count(cell)} times: keep one" for cell in twice]
    for name in CANONICAL:
        own = [cell for cell, found in zip(cells, names, strict=True) if found == name]
        if len({_plain(cell) for cell in own}) > 1:
            listed = ", ".join(_printable(cell) for cell in own)
            problems.append(f"columns {listed} all stand for {name}: map all but one to ''")
    if _NEEDED not in names:
        close = get_close_matches(_NEEDED, plain, 1)
        hint = f"is it {_printable(close[0])!r}? " if close else ""
        unused = [_printable(cell) for cell, name in zip(cells, names, strict=True) if not name]
        among = f" among {', '.join(unused)}" if unused else ""
        problems.append(f"no column stands for {_NEEDED}: {hint}map the one that holds it{among}")
    return sorted(problems)


def _checked(encoding: str | None) -> str | None:
    if encoding is None:
        return None
    try:
        name = codecs.lookup(encoding).name
        if "\n,;\t".encode(name) != b"\n,;\t":
            raise LookupError
    except (LookupError, UnicodeError):
        raise LogError(
            [f"encoding {encoding!r} is unknown or not ASCII based: save as UTF-8, or give e.g. cp1252"]
        ) from None
    return name


def _said(error: Exception) -> str:
    if isinstance(error, BadRecord):
        return str(error)
    text = str(error)
    if "unexpected end of data" in text:
        return "a quotation mark opens here and is never closed: close or double it"
    if "field limit" in text:
        return f"a cell is longer than {csv.field_size_limit():,} characters: is it a cell of a log?"
    if "new-line character" in text:
        return "the line holds a bare carriage return: end lines with LF or CR LF"
    return "the line's quotation marks do not match: quote a whole cell and double marks inside it"


def _wrong_width(found: int, expected: int) -> str:
    which = "fewer" if found < expected else "more"
    return f"the line has {which} cells than the header: quote cells that hold the delimiter"


def _plain(name: str) -> str:
    return name.strip().casefold()


def _own_name(cell: str) -> str:
    """The canonical name that a column has of itself, ``""`` if none."""
    name = re.sub(r"[\s_-]+", "_", _plain(cell))
    return name if name in CANONICAL else ""


def _printable(name: str) -> str:
    return "".join(one if one.isprintable() else "?" for one in name)[:40] or "(without a name)"


def _near(name: str) -> str:
    close = get_close_matches(name.casefold(), CANONICAL, 1)
    return f"did you mean {close[0]!r}?" if close else ""
