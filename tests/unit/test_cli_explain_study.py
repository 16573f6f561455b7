"""``simgrid explain-study``: one study's waits in words and as JSON, the latest studies, what is refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from simgrid.cli.main import cli
from simgrid.experiments.waits import KINDS, waits_of_run, where_the_time_goes
from simgrid.presentation.waits import duration

SWEPT = "{dispatch.every: [5 min, 15 min]}"


def simgrid(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, [str(one) for one in arguments])


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny scenario with little time to spare, its radiologists from nine to ten."""
    parent = tmp_path_factory.mktemp("late")
    changes = ("demand.required={urgent: 10 min, routine: 30 min}", f"sweep={SWEPT}")
    hours = (f"radiologists.{who}.hours=Mon-Fri 09:00-10:00" for who in ("ada", "ben"))
    sets = [part for change in (*changes, *hours) for part in ("--set", change)]
    result = simgrid("run", "tiny/one-unit", *sets, "-j", "1", "-o", parent)
    assert result.exit_code == 0, result.output
    (folder,) = parent.iterdir()
    return folder


AT = ("--at", "dispatch.every=15 min")


def test_the_latest_are_listed_and_each_is_explained(tiny: Path) -> None:
    listed = simgrid("explain-study", tiny, "latest", *AT)
    assert listed.exit_code == 0, listed.output
    assert "because nobody was rostered" in listed.stdout
    found = json.loads(simgrid("explain-study", tiny, "--worst", "3", *AT, "--json").stdout)
    assert found["run"]["cell"] == {"dispatch.every": "15 min"}
    late = [one["late_s"] for one in found["latest"]]
    assert len(late) == 3
    assert late == sorted(late, reverse=True)
    worst = found["latest"][0]["inspection"]
    told = simgrid("explain-study", tiny, worst, *AT)
    assert told.exit_code == 0, told.output
    assert told.stdout.startswith(f"{worst}: ")
    assert "late: without the time for 'nobody was rostered' it would have been in time." in " ".join(
        told.stdout.split()
    )
    assert max(len(line) for line in told.stdout.splitlines()) <= 100


def test_json_parts_add_up_to_the_turnaround(tiny: Path) -> None:
    told = json.loads(simgrid("explain-study", f"{tiny}:manual:1", "i0004", "--cell", AT[1], "--json").stdout)
    assert told["schema"] == 1
    assert told["run"] | {"folder": ""} == {
        "folder": "",
        "policy": "manual",
        "replication": 1,
        "cell": {"dispatch.every": "15 min"},
    }
    assert sum(one["seconds"] for one in told["waits"]) == pytest.approx(told["turnaround_s"], abs=1e-6)
    assert sum(told["parts_s"].values()) == pytest.approx(told["turnaround_s"], abs=1e-6)
    assert {one["kind"] for one in told["waits"]} == set(told["parts_s"])
    assert told["says"][-1].startswith("It was allowed ")


def test_the_table_is_that_of_the_stored_turnarounds(tiny: Path) -> None:
    table = waits_of_run(tiny, {"dispatch.every": "15 min"}, "rbsm", 1)
    rows = [line.split(",") for line in (tiny / "replications.csv").read_text().splitlines()]
    where = {name: rows[0].index(name) for name in ("policy", "replication", "metric", "group", "value")}
    sweep = rows[0].index("dispatch.every")
    (stored,) = [
        float(row[where["value"]])
        for row in rows[1:]
        if (row[where["policy"]], row[where["replication"]], row[sweep]) == ("rbsm", "1", "15 min")
        and (row[where["metric"]], row[where["group"]]) == ("tat_mean_min", "all")
    ]
    assert sum(table.mean().values()) == pytest.approx(stored, rel=1e-9)
    goes = where_the_time_goes(tiny, "rbsm", (0, 1), {"dispatch.every": "15 min"})
    place = [part.name for part in KINDS].index("nobody")
    means = [waits_of_run(tiny, dict([AT[1].split("=")]), "rbsm", one).mean()["nobody"] for one in (0, 1)]
    assert goes.n == 2
    assert goes.mean_min[place] == pytest.approx(sum(means) / 2)
    assert goes.low_min[place] < goes.mean_min[place] < goes.high_min[place]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["i0099", *AT], "nearest are i0009"),
        (["I7", *AT], "nearest are i0007"),
        (["so-and-so", *AT], "they are called i0001 to i0012; 'latest' lists the latest"),
        (["i0004"], "the study has 2 cells"),
        (["i0004", *AT, "--policy", "nobody"], "not among the policies"),
        (["i0004", *AT, "--worst", "2"], "give one of the two"),
        (["i0004", "--at", "nonsense"], "write COLUMN=VALUE"),
        (["i0004", *AT, "--replication", "7"], "numbered 0 to 1"),
    ],
)
def test_what_cannot_be_explained_is_refused(tiny: Path, arguments: list[str], said: str) -> None:
    result = simgrid("explain-study", tiny, *arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stdout == ""


def test_a_folder_without_a_study_and_a_changed_run_are_refused(tiny: Path, tmp_path: Path) -> None:
    assert simgrid("explain-study", tmp_path, "latest").exit_code == 2
    spoilt = Path(shutil.copytree(tiny, tmp_path / tiny.name))
    resolved = spoilt / "scenario-resolved.yaml"
    resolved.write_text(resolved.read_text().replace("09:00-10:00", "09:00-10:30"))
    changed = simgrid("explain-study", spoilt, "latest", *AT)
    assert changed.exit_code == 4
    assert "have changed since this run was stored" in changed.stderr


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.0, "0 s"),
        (0.2, "< 1 s"),
        (41.0, "41 s"),
        (59.6, "1 min"),
        (300.0, "5 min"),
        (3600.0, "1 h"),
        (47_100.0, "13 h 05 min"),
        (86_390.0, "1 d"),
        (183_600.0, "2 d 03 h"),
    ],
)
def test_durations_are_said_as_people_say_them(seconds: float, said: str) -> None:
    assert duration(seconds) == said
