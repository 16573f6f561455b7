"""A results folder as pandas DataFrames, in one call: ``simgrid.results(path)``."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from simgrid.domain.observer import Observer
from simgrid.experiments.data_dictionary import (
    FILE,
    REPLICATIONS,
    RESULTS_SCHEMA,
    SENSITIVITY,
    TABLES,
    UNCERTAINTY,
    Table,
    columns,
    content_hash,
)
from simgrid.experiments.installed import load_stored
from simgrid.experiments.resimulation import Wanted, resimulate
from simgrid.experiments.study import STUDY_FILE, Design, NotAStudy, read_study
from simgrid.presentation.logs.parquet import journal_tables
from simgrid.scenario.counts import many

_NOT_ALWAYS = (UNCERTAINTY, *(table for table in TABLES if table.file == "claims.csv"))
_TYPES = {"string": "string", "integer": "Int64", "number": "float64"}


@dataclass(frozen=True, slots=True, repr=False)
class Results:
    """A finished study as tables; columns as in docs/reference/results.md.

    Policies and swept values are ordered categories, in the scenario's order, so that they sort and plot as
    they were written. ``claims`` is empty where the scenario has none, ``uncertainty`` where the study was
    not made with ``--split-variance``.
    """

    folder: Path
    design: Design
    summary: pd.DataFrame
    comparisons: pd.DataFrame
    replications: pd.DataFrame
    claims: pd.DataFrame
    uncertainty: pd.DataFrame

    def __repr__(self) -> str:
        design = self.design
        parts = many(len(design.points), "cell"), many(len(design.policies), "policy", "policies")
        return f"Results({design.title!r}: {' x '.join(parts)} x {many(design.replications, 'replication')})"

    def wide(self, metric: str, group: str = "all") -> pd.DataFrame:
        """One metric by replication (rows) and cell and policy (columns): what paired analyses begin with.

        :raises KeyError: naming the metrics that there are.
        """
        table = self.replications
        rows = table[(table["metric"] == metric) & (table["group"] == group)]
        if rows.empty:
            known = ", ".join(sorted(table.loc[table["group"] == group, "metric"].unique()))
            raise KeyError(f"nothing was measured of {metric} in group {group}; metrics there: {known}")
        by = [*self.design.sweep_columns, "policy"]
        return rows.pivot_table("value", "replication", by, observed=True, sort=True)

    def journal(self, policy: str | None = None, replication: int = 0, **at: str) -> dict[str, pd.DataFrame]:
        """One run's journal by table name (docs/reference/journal.md): it is simulated again and checked.

        ``policy``: the first one unless stated; ``at``: the swept values of its cell where there are several
        (``**{"dispatch.every": "5 min"}``). :raises NotInStudy: no such run. :raises CodeHasChanged: the run
        no longer comes out as it was stored.
        """
        with TemporaryDirectory() as there:
            place = Path(there) / "journal"
            with journal_tables(place) as tables:
                wanted = Wanted(policy, replication, at)
                again = resimulate(self.folder, wanted, load_stored, Observer(sink=tables))
                tables.rest(again.journal, {})
            return {file.stem: pd.read_parquet(file) for file in sorted(place.glob("*.parquet"))}


def results(folder: str | Path) -> Results:
    """Read what ``simgrid run`` wrote.

    :raises NotAStudy: no finished study, one of another results schema, or a table that was changed.
    """
    place = Path(folder)
    design = read_study(place).design
    if (place / SENSITIVITY.file).is_file():
        raise NotAStudy(
            f"{place} holds a sensitivity analysis: read its {SENSITIVITY.file} and {REPLICATIONS}"
        )
    written = _whole(place)
    read = {table.file: _frame(place, table, design, written) for table in (*TABLES, UNCERTAINTY)}
    return Results(
        folder=place,
        design=design,
        summary=read["summary.csv"],
        comparisons=read["comparisons.csv"],
        replications=read["replications.csv"],
        claims=read["claims.csv"],
        uncertainty=read["uncertainty.csv"],
    )


def _whole(folder: Path) -> frozenset[str]:
    """The names of the folder's tables, which are of one schema and one study.

    A disk that was full, or a kill, may have left two.
    """
    try:
        package = json.loads((folder / FILE).read_text(encoding="utf-8"))
        version = package["results_schema"]
        hashes = {one["path"]: one["hash"] for one in package["resources"]}
        hashes[STUDY_FILE] = package["study_hash"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NotAStudy(f"{folder} has no usable {FILE}: run the scenario again") from error
    if version != RESULTS_SCHEMA:
        raise NotAStudy(f"{folder} has results schema {version!r}, expected {RESULTS_SCHEMA}: run it again")
    for name, written in hashes.items():
        try:
            found = content_hash((folder / name).read_bytes())
        except OSError as error:
            raise NotAStudy(f"{folder / name} cannot be read: run the scenario again") from error
        if found != written:
            raise NotAStudy(
                f"{folder / name} is not what was written with {FILE}: it was changed, or the run was "
                "interrupted while its tables were written; run the scenario again"
            )
    return frozenset(hashes)


def _frame(folder: Path, table: Table, design: Design, written: Collection[str]) -> pd.DataFrame:
    file = folder / table.file
    fields = columns(table, design.sweep_columns, design.drawn)
    types: Mapping[str, Any] = {field.name: _TYPES[field.kind] for field in fields}
    if table.file not in written and table in _NOT_ALWAYS:
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in types.items()})
    try:
        frame = pd.read_csv(file, dtype=types, keep_default_na=False, na_values=_empty(types))
    except (OSError, ValueError) as error:
        raise NotAStudy(f"{file} cannot be read: {error}; run the scenario again") from error
    if list(frame.columns) != list(types):
        raise NotAStudy(f"{file} has other columns than its data dictionary: run the scenario again")
    orders = {"policy": design.policies}
    for place, name in enumerate(design.sweep_columns):
        orders[name] = tuple(dict.fromkeys(point[place] for point in design.points))
    for name, order in orders.items():
        frame[name] = pd.Categorical(frame[name], categories=list(order), ordered=True)
    return frame


def _empty(types: Mapping[str, str]) -> dict[str, list[str]]:
    """Empty cells are undefined where numbers stand; a text may be called NA."""
    return {name: [""] for name, kind in types.items() if kind != "string"}
