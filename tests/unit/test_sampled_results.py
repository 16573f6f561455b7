"""Results of a sample: its places are columns of every table, its runs are found however asked for."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from simgrid.cli.main import cli
from simgrid.experiments.study import read_study
from simgrid.presentation.figures import figure_files
from simgrid.presentation.swept_values import in_order, stretches

RATE, EVERY = "sites.clinic.link.bandwidth", "dispatch.every"
HEAD = """extends: tiny/one-unit.yaml
policies: [round-robin, manual]
baseline: manual
primary: [tat_mean_min]
claims:
  - {policy: round-robin, against: [manual], metric: tat_mean_min}
"""
SAMPLE = f"""sample:
  method: latin-hypercube
  points: 3
  seed: 7
  over:
    {RATE}: {{from: 4 Mbit/s, to: 16 Mbit/s, scale: log}}
    {EVERY}: {{from: 5 min, to: 30 min}}
"""
COLUMNS = ["seed", RATE, EVERY]
TABLES = ("summary.csv", "comparisons.csv", "claims.csv", "replications.csv")


def ran(file: Path, output: Path, *options: str) -> Result:
    done = CliRunner().invoke(cli, ["run", str(file), "--smoke", "-j", "1", "-o", str(output), *options])
    assert done.exit_code == 0, done.output
    return done


@pytest.fixture(scope="module")
def sampled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """A scenario file and its first run; the results lie in ``results`` beside it."""
    folder = tmp_path_factory.mktemp("sampled")
    file = folder / "s.yaml"
    file.write_text(
        HEAD
        + SAMPLE
        + "sweep: {seed: [1, 2]}\nexclude: [{seed: 2, dispatch.every: {from: 5 min, to: 13 min}}]\n"
    )
    return file, ran(file, folder / "results")


def study_folder(file: Path) -> Path:
    (folder,) = (file.parent / "results").iterdir()
    return folder


def test_cells_and_runs_are_counted_before_the_first(sampled: tuple[Path, Result]) -> None:
    first = sampled[1].stderr.splitlines()[0]
    assert first.startswith("5 cells x 2 policies x 2 replications = 20 runs: 20 runs to compute")


def test_sampled_places_are_columns_of_every_table(sampled: tuple[Path, Result]) -> None:
    folder = study_folder(sampled[0])
    points = read_study(folder).design.points
    assert len(set(points)) == 5
    assert {point[0] for point in points} == {"1", "2"}
    for name in TABLES:
        with (folder / name).open(encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
        place = header.index("seed")
        assert header[place : place + 3] == COLUMNS, name
        assert {tuple(row[place : place + 3]) for row in rows} == set(points), name


def test_sampled_places_are_columns_on_screen_and_in_json(sampled: tuple[Path, Result]) -> None:
    file, done = sampled
    points = read_study(study_folder(file)).design.points
    assert f"Swept: seed, bandwidth ({RATE}), every ({EVERY})." in done.stdout.replace("\n", " ")
    for shown in (done.stdout, (study_folder(file) / "comparison.md").read_text(encoding="utf-8")):
        assert all(value in shown for point in points for value in point)
    rows = [json.loads(line) for line in ran(file, file.parent / "results", "--json").stdout.splitlines()]
    tables: dict[str, set[tuple[str, ...]]] = {}
    for row in rows[:-1]:
        assert list(row["swept"]) == COLUMNS
        tables.setdefault(row["table"], set()).add(tuple(row["swept"].values()))
    assert {"summary", "comparisons", "claims"} <= tables.keys()
    assert all(found == set(points) for found in tables.values())


def test_the_same_points_written_by_hand_are_stored_already(sampled: tuple[Path, Result]) -> None:
    """Swept instead of sampled: the same runs in the same folder, nothing is computed, the same bytes."""
    file, _ = sampled
    folder = study_folder(file)
    before = {name: (folder / name).read_bytes() for name in TABLES}
    points = read_study(folder).design.points
    rates, everys = ([point[place] for point in points[:3]] for place in (1, 2))
    keep = {(rate, every) for _, rate, every in points}
    others = [
        f"  - {{{RATE}: {rate}, {EVERY}: {every}}}"
        for rate in rates
        for every in everys
        if (rate, every) not in keep
    ]
    by_hand = file.parent / "by-hand" / "s.yaml"
    by_hand.parent.mkdir()
    by_hand.write_text(
        f"{HEAD}sweep:\n  seed: [1, 2]\n  {RATE}: [{', '.join(rates)}]\n  {EVERY}: [{', '.join(everys)}]\n"
        "exclude:\n  - {seed: 2, dispatch.every: {from: 300 s, to: 780 s}}\n" + "\n".join(others) + "\n"
    )
    again = ran(by_hand, file.parent / "results")
    assert again.stderr.startswith(
        "5 cells x 2 policies x 2 replications = 20 runs: 0 runs to compute, 20 stored"
    )
    assert {name: (folder / name).read_bytes() for name in TABLES} == before


def test_one_cell_of_a_sample_is_exported_by_its_values(sampled: tuple[Path, Result], tmp_path: Path) -> None:
    file, _ = sampled
    point = read_study(study_folder(file)).design.points[-1]
    at = [part for name, value in zip(COLUMNS, point, strict=True) for part in ("--at", f"{name}={value}")]
    done = CliRunner().invoke(
        cli, ["export", str(study_folder(file)), "--format", "csv", *at, "-o", str(tmp_path / "out")]
    )
    assert done.exit_code == 0, done.output


def test_one_sampled_place_is_drawn_by_size(sampled: tuple[Path, Result]) -> None:
    file, _ = sampled
    one = file.parent / "one.yaml"
    over = "sample: {method: latin-hypercube, points: 4, over: {dispatch.every: {from: 5 min, to: 30 min}}}\n"
    one.write_text(HEAD + over)
    ran(one, file.parent / "one")
    (folder,) = (file.parent / "one").iterdir()
    study = read_study(folder)
    values = [every for (every,) in study.design.points]
    by_size = sorted(values, key=lambda text: float(text.removesuffix(" min")))
    assert values != by_size
    svg = next(content.decode() for name, content in figure_files(study).items() if name.endswith("svg"))
    found = [svg.index(value) for value in by_size]
    assert found == sorted(found)


@pytest.mark.parametrize(
    ("values", "meant"),
    [
        (["8 Mbit/s", "900 kbit/s", "8 Mbit/s", "1 Mbit/s"], ["900 kbit/s", "1 Mbit/s", "8 Mbit/s"]),
        (["5", "-1", "1e-05"], ["-1", "1e-05", "5"]),
        (["4", "2", "1"], ["4", "2", "1"]),
        (["base", "late", "any"], ["base", "late", "any"]),
        (["5 min", "1 MB", "2 min"], ["5 min", "1 MB", "2 min"]),
        (["5 min", "", "2 min"], ["5 min", "", "2 min"]),
        ([], []),
    ],
)
def test_scattered_amounts_are_put_in_order(values: list[str], meant: list[str]) -> None:
    assert in_order(values) == meant


def test_many_amounts_are_told_in_stretches() -> None:
    values = [f"{7 * number % 17} min" for number in range(17)]
    found = stretches(values)
    assert [said for said, _ in found] == [
        "0 min to 3 min",
        "4 min to 7 min",
        "8 min to 12 min",
        "13 min to 16 min",
    ]
    assert sorted(value for _, meant in found for value in meant) == sorted(values)
    words = [f"v{number}" for number in range(17)]
    assert stretches(words) == [(word, frozenset((word,))) for word in words]
