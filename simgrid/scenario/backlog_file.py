"""The file of a backlog as a located tree: YAML, its studies beside it where it says so, or CSV alone."""

from __future__ import annotations

import csv
from pathlib import Path

from simgrid.scenario.files import read_file
from simgrid.scenario.marks import Located, Mark, Source
from simgrid.scenario.near_files import file_meant
from simgrid.scenario.problems import Problem, ScenarioInvalid, shown
from simgrid.scenario.scalars import OddScalar, plain_scalar

MOST_BYTES = 20_000_000
IDENTIFIER = "study"
"""The column that names a study."""


def read_backlog(path: Path) -> Located:
    """The mapping of the file, ``studies`` included wherever they lie.

    :raises ScenarioInvalid: it cannot be read.
    """
    if path.suffix.lower() == ".csv":
        studies = _table(path)
        return Located({"studies": studies}, studies.mark)
    tree = read_file(path, path.name)
    studies_at = tree.mapping.get("studies")
    if studies_at is None or not isinstance(studies_at.value, str):
        return tree
    if not studies_at.value.lower().endswith(".csv"):
        message = f"{shown(studies_at.value)} is neither studies nor the name of a CSV file"
        way_out = "list them as a mapping, or name a file that ends in .csv"
        raise ScenarioInvalid([Problem.at("E208", studies_at.mark, ("studies",), message, way_out)])
    return tree.put(("studies",), _table(path.parent / studies_at.value))


def _table(path: Path) -> Located:
    """The rows of a CSV file by their identifiers; a row's mark is its line."""
    lines = _lines(path)
    source = Source(path.name, "\n".join(lines), str(path.parent))
    reader = csv.reader(lines, strict=True)
    problems: list[Problem] = []
    found: dict[str, Located] = {}
    try:
        header = [name.strip() for name in next(reader, [])]
        if IDENTIFIER not in header or len(set(header)) < len(header):
            message = f"the first line is no list of columns, each once, with '{IDENTIFIER}' among them"
            at = Problem.at("E208", Mark(source, 1, 1), (), message, "see docs/how-to/tonight.md")
            raise ScenarioInvalid([at])
        for row in reader:
            mark = Mark(source, reader.line_num, 1, max(len(source.line(reader.line_num)), 1))
            if not any(cell.strip() for cell in row):
                continue
            if len(row) != len(header):
                message = f"{len(row)} cells under {len(header)} columns"
                problems.append(Problem.at("E208", mark, (), message, "give each column one cell"))
                continue
            cells = dict(zip(header, (cell.strip() for cell in row), strict=True))
            name = cells.pop(IDENTIFIER) or f"line {reader.line_num}"
            if name in found:
                message = f"a second row of this study: the first is in line {found[name].mark.line}"
                problems.append(Problem.at("E202", mark, (), message, "keep one"))
            values = {key: Located(_scalar(key, cell), mark) for key, cell in cells.items() if cell}
            found[name] = Located(dict(values), mark)
    except csv.Error as error:
        problems.append(
            Problem.at("E208", Mark(source, reader.line_num, 1), (), str(error), "save it as CSV")
        )
    if problems:
        raise ScenarioInvalid(problems)
    return Located(found, Mark(source, 1, 1))


def _scalar(key: str, cell: str) -> str | int | float | bool | None:
    """Flags and counts as YAML reads them; everything else is text."""
    if key not in ("urgent", "images"):
        return cell
    try:
        return plain_scalar(cell)
    except OddScalar:
        return cell


def _lines(path: Path) -> list[str]:
    message, way_out = "", "name a CSV file beside this one"
    try:
        if not path.is_file():
            message = "there is no such file"
            way_out = file_meant(Path(path.name), (".csv",), path.parent) or way_out
        elif path.stat().st_size > MOST_BYTES:
            message = f"the file is larger than {MOST_BYTES // 1_000_000} MB"
        else:
            return path.read_bytes().decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        message, way_out = "the bytes are not UTF-8", "save the table as UTF-8"
    except (OSError, ValueError) as error:
        message = f"cannot be read: {getattr(error, 'strerror', None) or error}"
    raise ScenarioInvalid([Problem("E208", message, path.name, help=way_out)])
