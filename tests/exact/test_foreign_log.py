"""A log written elsewhere, all the way: every row accounted for, mined, replayed, drawn."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from simgrid.cli.main import cli
from simgrid.experiments.assemble import ontology_of
from simgrid.experiments.believing import believed
from simgrid.scenario import load
from tests import foreign_logs
from tests.foreign_logs import ZONE, Planted, department, in_another_shape, in_local_time, mapping, planted

SHAPES = {"local": in_local_time, "offset": in_another_shape}
STAGE_2 = """\
extends: {demand}.yaml
title: "One's own"
policies: [logged, rwoa]
baseline: logged
replications: 3
horizon: 3 d
belief: {{log: {{file: {belief}.log.csv}}}}
"""


@dataclass(frozen=True, slots=True)
class Month:
    """A folder with the converted logs of May in several shapes."""

    folder: Path
    rows: list[dict[str, str]]
    spoilt: Planted
    said: str


def simgrid(*arguments: str) -> Result:
    return CliRunner().invoke(cli, list(arguments))


def convert(folder: Path, name: str, text: str) -> str:
    (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    (folder / "names.json").write_text(mapping(), encoding="utf-8")
    (folder / "key").write_bytes(bytes(range(32)))
    done = simgrid(
        *("replay", str(folder / f"{name}.csv"), "--map", str(folder / "names.json"), "--zone", ZONE),
        *("--keep", "sites,radiologists", "--key-file", str(folder / "key")),
        *("-o", str(folder / f"{name}.yaml")),
    )
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Month]:
    folder = tmp_path_factory.mktemp("foreign")
    rows = foreign_logs.rows_of(*department("may", folder))
    spoilt = planted(rows)
    said = convert(folder, "spoilt", spoilt.text)
    for name, shape in SHAPES.items():
        convert(folder, name, shape(rows))
    yield Month(folder, rows, spoilt, said)


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_refused_row_is_listed_with_place_value_and_reason(month: Month) -> None:
    refused = read(month.folder / "spoilt.rejected.csv")
    found = {(int(one["line"]), one["field"]): one for one in refused}
    assert len(found) == len(refused)
    assert found.keys() == month.spoilt.refused.keys()
    for place, word in month.spoilt.refused.items():
        assert word in found[place]["reason"]
        assert found[place]["reason"]
    by_field = {one["field"]: one["value"] for one in refused}
    assert by_field["modality"] == "AA"
    assert by_field["requested_at"] == ""
    assert by_field["size_bytes"] == "999.999.999"
    assert by_field["inspection_id"] == ""


def test_accepted_and_refused_rows_and_cells_add_up(month: Month) -> None:
    accepted, refused = month.spoilt.rows - len(month.spoilt.refused), len(month.spoilt.refused)
    assert f"{month.spoilt.rows} rows read: {accepted} accepted, {refused} rejected" in month.said
    log = read(month.folder / "spoilt.log.csv")
    assert len(log) == accepted == len(month.rows)
    for own, ours in foreign_logs.HEADER.items():
        empty = sum(not one[ours] for one in log)
        assert empty == month.spoilt.missing.get(own, 0), ours


def test_the_same_log_in_another_shape_is_the_same_log(month: Month) -> None:
    texts = [(month.folder / f"{name}.log.csv").read_text(encoding="utf-8") for name in SHAPES]
    assert texts[0] == texts[1]
    assert all(not read(month.folder / f"{name}.rejected.csv") for name in SHAPES)


def test_the_same_log_in_another_shape_gives_the_same_belief(month: Month) -> None:
    told = []
    for name in SHAPES:
        file = month.folder / f"stage-2-{name}.yaml"
        file.write_text(STAGE_2.format(demand="local", belief=name), encoding="utf-8")
        scenario = load(file).cells[0]
        assert scenario.belief is not None
        told.append(believed(scenario, scenario.belief, 0, ontology_of(scenario), _no_run))
    assert told[0] == told[1]
    assert set(told[0].profiles[0].minutes) == {(one["Mod"], one["Part"]) for one in month.rows}


def _no_run(*_: object) -> None:  # type: ignore[return]
    raise AssertionError("a log is read and not simulated")


def test_what_is_mined_is_what_the_rows_say(month: Month) -> None:
    file = month.folder / "counted.yaml"
    file.write_text(STAGE_2.format(demand="spoilt", belief="spoilt"), encoding="utf-8")
    done = simgrid("department", str(file), "-j", "1", "-o", str(month.folder / "results"), "--json")
    assert done.exit_code == 1, done.output  # the links that a log shows are guesses, and too slow here
    made = json.loads(done.stdout.splitlines()[-1])["exhibits"]
    assert all(Path(one).stat().st_size > 0 for one in made)
    folder = Path(made[0]).parents[1]
    assert {Path(one).name for one in made} >= {
        "figure-3.png",
        "figure-3.csv",
        "figure-4.png",
        "figure-4.csv",
    }
    account = {one["what"]: int(one["number"]) for one in read(folder / "tables" / "figure-3-rows.csv")}
    parts = month.spoilt.missing["Part"]
    assert account["rows"] == len(month.rows)
    assert account["without modality or body part"] == parts
    assert account["used"] == len(month.rows) - parts
    mined = read(folder / "tables" / "figure-3.csv")
    assert sum(int(one["readings"]) for one in mined) == account["used"]
    assert sum(int(one["timed"]) for one in mined) == account["timed"]
    log = [one for one in read(month.folder / "spoilt.log.csv") if one["body_part"]]
    for one in mined:
        alike = [
            row
            for row in log
            if (row["assigned_to"], row["modality"], row["body_part"])
            == (one["radiologist"], one["modality"], one["body_part"])
        ]
        times = [_minutes(row) for row in alike if row["opened_at"]]
        assert int(one["readings"]) == len(alike)
        assert float(one["minutes_mean"]) == pytest.approx(np.mean(times), rel=1e-4)


def _minutes(row: dict[str, str]) -> float:
    opened, reported = (np.datetime64(row[name][:-6]) for name in ("opened_at", "reported_at"))
    return float((reported - opened) / np.timedelta64(1, "s")) / 60.0
