"""A results folder in one call: types, orders, the data dictionary, the journal of one of its runs."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import simgrid
from simgrid.cli.run import run
from simgrid.experiments.data_dictionary import DRAWN, FILE, SWEPT, TABLES, columns
from simgrid.experiments.study import NotAStudy

ROOT = Path(__file__).parents[2]
TINY = str(ROOT / "scenarios" / "tiny" / "one-unit.yaml")
EXTRA = """
sweep: {dispatch.every: [30 min, 5 min]}
primary: [tat_mean_min]
claims: [{policy: rwoa, against: [manual], metric: tat_mean_min, note: "NA"}]
policies: [rwoa, manual]
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("frames")
    text = Path(TINY).read_text().replace("policies: [rwoa, rbsm, round-robin, manual]\n", "")
    (place / "swept.yaml").write_text(text + EXTRA)
    ran = CliRunner().invoke(run, [str(place / "swept.yaml"), "-r", "4", "-j", "1", "-o", str(place)])
    assert ran.exit_code == 0, ran.output
    return Path(ran.output.strip().splitlines()[-1])


def test_every_table_has_its_types_and_the_scenario_s_orders(folder: Path) -> None:
    found = simgrid.results(folder)
    assert repr(found) == (
        "Results('Tiny: one site, one unit, two radiologists, twelve inspections': "
        "2 cells x 2 policies x 4 replications)"
    )
    assert list(found.summary["policy"].cat.categories) == ["rwoa", "manual"]
    assert list(found.summary["dispatch.every"].cat.categories) == ["30 min", "5 min"]
    assert found.summary["n"].dtype == "Int64"
    assert found.comparisons["difference"].dtype == "float64"
    assert found.claims["note"].tolist() == ["NA", "NA"]
    assert len(found.replications) == sum(1 for _ in (folder / "replications.csv").open()) - 1


def test_wide_is_what_paired_analyses_begin_with(folder: Path) -> None:
    found = simgrid.results(folder)
    wide = found.wide("tat_mean_min")
    assert wide.shape == (4, 4)
    compared = found.comparisons
    row = compared[(compared.metric == "tat_mean_min") & (compared.group == "all")].iloc[0]
    at = row["dispatch.every"]
    assert (wide[at, "rwoa"] - wide[at, "manual"]).mean() == pytest.approx(row.difference, rel=1e-8)
    with pytest.raises(KeyError, match="nothing was measured of nonsense in group all"):
        found.wide("nonsense")


def test_the_journal_of_a_run_comes_as_tables(folder: Path) -> None:
    tables = simgrid.results(folder).journal("manual", 2, **{"dispatch.every": "5 min"})
    assert {"inspections", "transfers", "radiologists"} <= set(tables)
    assert len(tables["inspections"]) == 12
    wide = simgrid.results(folder).wide("tat_mean_min")
    of = tables["inspections"]
    assert np.mean(of.reported_s - of.requested_s) / 60 == pytest.approx(wide.loc[2, ("5 min", "manual")])


def test_the_dictionary_names_every_column_that_is_written_in_its_order(folder: Path) -> None:
    for table in TABLES:
        with (folder / table.file).open(newline="") as file:
            header = next(csv.reader(file))
        assert header == [field.name for field in columns(table, ("dispatch.every",))]
    package = json.loads((folder / FILE).read_text())
    assert [one["path"] for one in package["resources"]] == [table.file for table in TABLES]
    for one in package["resources"]:
        kinds = {field["name"]: field["type"] for field in one["schema"]["fields"]}
        frame = pd.read_csv(folder / one["path"])
        numbers = [name for name, kind in kinds.items() if kind != "string"]
        assert all(pd.api.types.is_numeric_dtype(frame[name]) for name in numbers)


def test_the_page_has_every_column() -> None:
    page = (ROOT / "docs/reference/results.md").read_text()
    for table in TABLES:
        section = page.partition(f"\n## {table.file}\n")[2].partition("\n## ")[0]
        rows = [
            f"| `{one.name}` | {one.kind} | {one.meaning} |"
            for one in table.fields
            if one.name not in (SWEPT, DRAWN)
        ]
        assert [row for row in rows if row not in section] == []


def test_what_is_no_finished_study_is_told(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(NotAStudy, match=r"holds no study\.json"):
        simgrid.results(tmp_path)
    text = (folder / FILE).read_text()
    (folder / FILE).write_text(text.replace('"results_schema": 1', '"results_schema": 99'))
    with pytest.raises(NotAStudy, match="results schema 99, expected 1"):
        simgrid.results(folder)
    (folder / FILE).write_text(text)
    (folder / FILE).unlink()
    with pytest.raises(NotAStudy, match=r"no usable datapackage\.json"):
        simgrid.results(folder)
    (folder / FILE).write_text(text)


@pytest.mark.parametrize("name", ["summary.csv", "comparisons.csv", "replications.csv", "study.json"])
def test_tables_that_do_not_belong_together_are_no_study(folder: Path, name: str) -> None:
    """What a full disk leaves: some tables of more replications, the others of fewer."""
    before = (folder / name).read_bytes()
    (folder / name).write_bytes(
        before.replace(b"rwoa", b"rwoA", 1) if name != "study.json" else before + b" "
    )
    with pytest.raises(NotAStudy, match=f"{name} is not what was written with datapackage.json"):
        simgrid.results(folder)
    (folder / name).write_bytes(before)
    assert simgrid.results(folder).design.replications == 4
