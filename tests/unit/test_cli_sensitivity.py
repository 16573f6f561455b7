"""``simgrid sensitivity`` through a tiny scenario: files, numbers, and a place that cannot matter."""

from __future__ import annotations

import csv
import json
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from simgrid.cli.main import cli
from simgrid.experiments.data_dictionary import SENSITIVITY, columns
from simgrid.experiments.study import NotAStudy
from simgrid.presentation.frames import results

ROOT = Path(__file__).parents[2]
TEXT = """extends: tiny/one-unit.yaml
policies: [round-robin, manual]
baseline: manual
replications: 3
sensitivity:
  trajectories: 3
  over:
    spread.speed: {from: 0.1, to: 0.6}
    spread.skill: {from: 0.0, to: 0.2}
    discrepancy.best: {from: 1 %, to: 3 %}
  of: [tat_mean_min, response_time_success_planned]
  cross: {network.sharing: [shared, separate]}
"""
Rows = list[dict[str, str]]


def asked(folder: Path, *options: str, code: int = 0) -> Result:
    arguments = ["sensitivity", str(folder / "s.yaml"), "-j", "1", "-o", str(folder / "out"), *options]
    done = CliRunner().invoke(cli, arguments)
    assert done.exit_code == code, done.output
    return done


def rows_of(folder: Path) -> Rows:
    with (folder / "sensitivity.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def analysed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Result]:
    """Where the scenario lies, its results folder, and what its analysis said."""
    place = tmp_path_factory.mktemp("sensitivity")
    (place / "s.yaml").write_text(TEXT, encoding="utf-8")
    done = asked(place)
    (folder,) = (place / "out").iterdir()
    return place, folder, done


def test_a_place_that_cannot_matter_has_exactly_no_effect(analysed: tuple[Path, Path, Result]) -> None:
    """The discrepancies of reports come after their times: at common seeds nothing of them moves."""
    rows = [row for row in rows_of(analysed[1]) if row["metric"] == "tat_mean_min"]
    still = [row for row in rows if row["place"] == "discrepancy.best"]
    assert len(still) == 2 * 3  # sharing rules; two policies and their difference
    for row in still:
        assert [float(row[name]) for name in ("main", "main_lo95", "main_hi95", "other", "noise")] == [
            0.0
        ] * 5
        assert row["verdict"] == "no effect"
    moved = [row for row in rows if row["place"] == "spread.speed"]
    assert all(float(row["main"]) > 0 for row in moved)
    assert all(0 < float(row["noise_share"]) <= 1 for row in rows)
    assert all(float(row["noise_share_own"]) <= float(row["noise_share"]) for row in rows)


def test_every_output_and_place_has_its_row(analysed: tuple[Path, Path, Result]) -> None:
    rows = rows_of(analysed[1])
    assert list(rows[0]) == [field.name for field in columns(SENSITIVITY, ("network.sharing",))]
    keys = [
        (row["network.sharing"], row["metric"], row["policy"], row["baseline"], row["place"]) for row in rows
    ]
    assert len(set(keys)) == len(keys) == 2 * 2 * 3 * 3
    assert {(row["policy"], row["baseline"]) for row in rows} == {
        ("round-robin", ""),
        ("manual", ""),
        ("round-robin", "manual"),
    }
    assert {row["n"] for row in rows} == {"3"}


def test_the_columns_are_in_the_reference_and_in_the_data_package(
    analysed: tuple[Path, Path, Result],
) -> None:
    page = (ROOT / "docs/reference/results.md").read_text(encoding="utf-8").split("## sensitivity.csv")[1]
    for field in SENSITIVITY.fields:
        name = "a column a crossed switch" if field.name.startswith("<") else f"`{field.name}`"
        assert f"| {name} | {field.kind} | {field.meaning} |" in page
    package = json.loads((analysed[1] / "datapackage.json").read_text(encoding="utf-8"))
    assert [one["path"] for one in package["resources"]] == ["sensitivity.csv", "replications.csv"]
    for one in package["resources"]:
        with (analysed[1] / one["path"]).open(newline="", encoding="utf-8") as file:
            assert next(csv.reader(file)) == [field["name"] for field in one["schema"]["fields"]]


def test_tables_and_figures_tell_the_numbers(analysed: tuple[Path, Path, Result]) -> None:
    _, folder, done = analysed
    assert done.stderr.splitlines()[0].endswith("0 stored")
    first = next(row for row in rows_of(folder) if row["place"] == "spread.speed")
    told = f"{float(first['main']):.2f} [{float(first['main_lo95']):.2f}, {float(first['main_hi95']):.2f}]"
    for text in (done.stdout, (folder / "sensitivity.md").read_text(encoding="utf-8")):
        assert "Mean turnaround [min]: round-robin - manual; network.sharing = separate" in text
        assert told in text
        assert re.search(r"\d+ % of the variance of single runs is noise", text)
        assert "cannot be told apart" in " ".join(text.split())
    svg = (folder / "sensitivity-tat-mean-min.svg").read_text(encoding="utf-8")
    assert "discrepancy.best" in svg
    assert "round-robin - manual" in svg
    assert (folder / "sensitivity-tat-mean-min.png").stat().st_size > 10_000


def test_again_computes_nothing_and_json_has_the_rows(analysed: tuple[Path, Path, Result]) -> None:
    place, folder, _ = analysed
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    done = asked(place, "--json")
    assert "0 runs to compute" in done.stderr
    *lines, last = map(json.loads, done.stdout.splitlines())
    assert last == {"folder": str(folder)}
    rows = rows_of(folder)
    assert [line["place"] for line in lines] == [row["place"] for row in rows]
    assert [f"{line['main']:.10g}" for line in lines] == [row["main"] for row in rows]
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()} == before


def test_the_tables_of_a_run_are_not_read_from_an_analysis(analysed: tuple[Path, Path, Result]) -> None:
    with pytest.raises(NotAStudy, match="holds a sensitivity analysis"):
        results(analysed[1])


def test_sobol_on_request_with_its_own_points(analysed: tuple[Path, Path, Result]) -> None:
    place = analysed[0]
    options = ("--method", "sobol", "--points", "4", "-r", "2", "--set", "sensitivity.cross=null")
    told = asked(place, *options, "--dry-run").stdout
    assert re.search(r"^\d+ cells x 2 policies x 2 replications = \d+ runs, 0 of them stored", told)
    folder = Path(asked(place, *options).stdout.splitlines()[-1])
    rows = [row for row in rows_of(folder) if row["metric"] == "tat_mean_min"]
    assert {row["method"] for row in rows} == {"sobol"}
    assert {row["signed"] for row in rows} == {""}
    assert {row["main"] for row in rows if row["place"] == "discrepancy.best"} == {"0"}
    assert all(float(row["main"]) > 0 for row in rows if row["place"] == "spread.speed")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--set", "replications={precision: 5 %, of: [tat_mean_min]}"), "give -r"),
        (("--trajectories", "5000"), "5000 is not a number of trajectories"),
        (("--set", "sensitivity=null"), "the scenario has no such block"),
        (("--cluster", "tcp://localhost:1", "-j", "2"), "exclude each other"),
    ],
)
def test_what_cannot_be_asked(
    analysed: tuple[Path, Path, Result], options: tuple[str, ...], said: str
) -> None:
    assert said in asked(analysed[0], *options, code=2).output


def test_the_page_can_be_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    page = (ROOT / "docs/how-to/sensitivity.md").read_text(encoding="utf-8")
    (scenario,) = re.findall(r"```yaml\n(extends: .*?)```", page, re.DOTALL)
    Path("matters.yaml").write_text(scenario, encoding="utf-8")
    lines = "".join(re.findall(r"```sh\n(.*?)```", page, re.DOTALL)).splitlines()
    assert len(lines) >= 2
    for line in lines:
        program, *arguments = shlex.split(line.replace("--points 32", "--points 4"))
        assert program == "simgrid"
        few = ["--smoke", "-j", "1"] if arguments[0] in ("run", "sensitivity") else []
        if "--points" not in arguments and few:
            few += ["--trajectories", "2"]
        result = CliRunner().invoke(cli, [*arguments, *few])
        assert result.exit_code == 0, result.output
    assert list(Path("results").glob("*/sensitivity.csv"))
