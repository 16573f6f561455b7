"""Findings of radiologists from a CSV, one row for each defect that somebody looked for.

Columns, in any order: ``file`` (the bot's pseudonym), ``defect`` (one of the ten), ``present`` (yes or no),
``reader`` (who looked; only counted), ``date`` (YYYY-MM-DD), and ``site`` if there are several. Every row is
used, or rejected with its line and the reason; no text of a row is repeated, since names may stand anywhere.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from simgrid.quality.defect_names import DEFECTS, Defect

NEEDED = ("file", "defect", "present", "reader", "date")
ONE_SITE = "all"
_PRESENT = {"yes": True, "no": False}
_PSEUDONYM = re.compile(r"[0-9a-f]{16}")
_LONGEST_SITE = 40
_LARGEST_BYTES = 1 << 28

Said = Mapping[str, Mapping[Defect, float]]
"""What the bot has said: pseudonym to defect to probability."""


class NotFeedback(ValueError):
    """A table or a log that cannot be read at all."""


@dataclass(frozen=True, slots=True)
class Row:
    """One look at one defect of one image, and the probability that the bot had given it."""

    file: str
    defect: Defect
    present: bool
    reader: str
    day: date
    site: str
    probability: float


@dataclass(frozen=True, slots=True)
class Feedback:
    """``rows`` in order of date; ``rejected``: line of the file (the heading is 1) and why."""

    rows: tuple[Row, ...]
    rejected: tuple[tuple[int, str], ...]


def read_said(log: Path) -> Said:
    """What the bot has said, from its output folder or its ``results.jsonl``.

    Raises:
        NotFeedback: there is none, or a line is not one of the bot's.
    """
    path = log / "results.jsonl" if log.is_dir() else log
    found: dict[str, dict[Defect, float]] = {}
    number = 0
    try:
        for line in path.read_text(encoding="utf-8").splitlines():
            number += 1
            told = json.loads(line)
            judged = {name: told["defects"].get(name, {}).get("probability") for name in DEFECTS}
            found[told["path"]] = {name: float(one) for name, one in judged.items() if one is not None}
    except OSError as error:
        raise NotFeedback(f"{path}: {error.strerror or error}: give the output folder of the bot") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise NotFeedback(f"{path}:{number}: no line of the bot's results: give its output folder") from None
    return found


def read_feedback(path: Path, said: Said) -> Feedback:
    """Every row, used or rejected.

    Raises:
        NotFeedback: the file cannot be read as UTF-8, or lacks a column.
    """
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise NotFeedback(f"{path}: more than {_LARGEST_BYTES} bytes: give it in parts")
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise NotFeedback(f"{path}: {error.strerror or error}: give a CSV file") from None
    except UnicodeDecodeError:
        raise NotFeedback(f"{path}: it is not UTF-8: save it as CSV UTF-8") from None
    try:
        return _read(lines, path, said)
    except csv.Error:
        raise NotFeedback(f"{path}: it is no CSV: save it as CSV UTF-8") from None


def _read(lines: Sequence[str], path: Path, said: Said) -> Feedback:
    reader = csv.DictReader(lines, strict=True)
    columns = [one.strip().lower() for one in reader.fieldnames or ()]
    if missing := [one for one in NEEDED if one not in columns]:
        raise NotFeedback(f"{path}: no column {', '.join(missing)}: the heading needs {', '.join(NEEDED)}")
    reader.fieldnames = columns
    rows: list[Row] = []
    rejected: list[tuple[int, str]] = []
    seen: set[tuple[str, str, str]] = set()
    for cells in reader:
        made = _row(cells, said)
        if isinstance(made, Row):
            key = (made.file, made.defect, made.reader)
            if key in seen:
                made = "the same reader has said so of this defect and file above"
            else:
                seen.add(key)
                rows.append(made)
        if isinstance(made, str):
            rejected.append((reader.line_num, made))
    return Feedback(tuple(sorted(rows, key=lambda one: (one.day, one.file, one.defect))), tuple(rejected))


def _row(cells: Mapping[str, str | None], said: Said) -> Row | str:
    """The row, or all that is wrong with it."""
    given = {name: (cells.get(name) or "").strip() for name in (*NEEDED, "site")}
    wrong = list(_wrong(cells, given, said))
    if wrong:
        return "; ".join(wrong)
    defect: Defect = next(one for one in DEFECTS if one == given["defect"].lower())
    return Row(
        given["file"],
        defect,
        _PRESENT[given["present"].lower()],
        given["reader"],
        date.fromisoformat(given["date"]),
        given["site"] or ONE_SITE,
        said[given["file"]][defect],
    )


def _wrong(cells: Mapping[str, str | None], given: Mapping[str, str], said: Said) -> Iterator[str]:
    if None in cells:
        yield "it has more cells than the heading"
    defect = next((one for one in DEFECTS if one == given["defect"].lower()), None)
    if defect is None:
        yield f"defect is none of {', '.join(DEFECTS)}"
    if not _PSEUDONYM.fullmatch(given["file"]):
        yield "file is not a pseudonym of the bot (16 hexadecimal digits: see qa bot --names)"
    elif given["file"] not in said:
        yield "the bot knows no such file"
    elif defect is not None and defect not in said[given["file"]]:
        yield "the bot has not judged this file for this defect"
    if given["present"].lower() not in _PRESENT:
        yield "present is neither yes nor no"
    if not given["reader"]:
        yield "reader is empty"
    try:
        date.fromisoformat(given["date"])
    except ValueError:
        yield "date is not written YYYY-MM-DD"
    if len(given["site"]) > _LONGEST_SITE or not given["site"].isprintable():
        yield f"site is longer than {_LONGEST_SITE} characters, or holds what cannot be shown"
