"""What results/reference holds, as the article needs it: verdicts, cells of tables, figures."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from simgrid.domain.units import FloatArray

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = ROOT / "results" / "reference"
NOT_RUN = "not run"


class NotStored(LookupError):
    """A value that the article asks for and results/reference does not have (yet)."""


class Misnamed(LookupError):
    """A placeholder that asks for what cannot be there: an unknown claim, column or row."""


@dataclass(frozen=True)
class Stored:
    """The reference runs of a folder; ``folder`` has verdicts-full.csv, tables/ and figures/."""

    folder: Path = REFERENCE

    @cached_property
    def verdicts(self) -> Mapping[tuple[str, str], Mapping[str, str]]:
        """By claim and part, one record of verdicts-full.csv each."""
        return {(row["claim"], row["part"]): row for row in self._rows("verdicts-full.csv")}

    def verdict(self, claim: str, part: str) -> Mapping[str, str]:
        """The record of one part of a claim."""
        try:
            found = self.verdicts[claim, part]
        except KeyError:
            known = ", ".join(f"{one} {other}".strip() for one, other in self.verdicts)
            raise Misnamed(f"no verdict on '{claim} {part}'; there are {known}") from None
        if found["verdict"] == NOT_RUN:
            raise NotStored(f"verdict {claim} {part}".strip())
        return found

    def cell(self, table: str, column: str, where: Mapping[str, str]) -> str:
        """One cell of tables/TABLE.csv: that column of the only row that agrees with ``where``."""
        found = self.column(table, column, where)
        if len(found) != 1:
            raise Misnamed(f"{table}.csv has {len(found)} rows with {dict(where)}, not one")
        return found[0]

    def column(self, table: str, column: str, where: Mapping[str, str]) -> list[str]:
        """That column of all rows of tables/TABLE.csv that agree with ``where``."""
        rows = self.table(table)
        unknown = sorted({column, *where} - rows[0].keys()) if rows else []
        if unknown:
            raise Misnamed(f"{table}.csv has no column {unknown}; it has {list(rows[0])}")
        return [row[column] for row in rows if where.items() <= row.items()]

    def table(self, name: str) -> Sequence[Mapping[str, str]]:
        """All rows of tables/NAME.csv."""
        return self._rows(f"tables/{name}.csv")

    def figure(self, name: str) -> Path:
        """The file of a figure."""
        file = self.folder / "figures" / f"{name}.png"
        if not file.is_file():
            raise NotStored(f"figures/{name}.png")
        return file

    def experiment(self, name: str) -> Mapping[str, Any] | None:
        """What manifest.json tells of the run of an experiment; None where it tells nothing."""
        try:
            told = json.loads((self.folder / "manifest.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        found: Mapping[str, Any] | None = told["experiments"].get(name)
        return found

    def values(self, worlds: str, metric: str, arm: str) -> FloatArray:
        """One number a world, shape (n,), of values/WORLDS.json."""
        try:
            told = json.loads((self.folder / "values" / f"{worlds}.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise NotStored(f"values/{worlds}.json") from None
        arms = told["values"].get(metric, {})
        if arm not in arms:
            raise Misnamed(
                f"values/{worlds}.json has no {metric} of {arm}; it has {', '.join(arms) or 'none'}"
            )
        return np.array(arms[arm], dtype=np.float64)

    def _rows(self, name: str) -> Sequence[Mapping[str, str]]:
        try:
            with (self.folder / name).open(encoding="utf-8", newline="") as file:
                return list(csv.DictReader(file))
        except FileNotFoundError:
            raise NotStored(name) from None
