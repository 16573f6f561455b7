"""The cheapest plan in a world in which it is known by hand, and what is said where there is none."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from simgrid.cli.main import cli
from tests.forked_commands import Commands
from tests.kills import files_in, no_torn_file, receipts_in, runs_in
from tests.planned import written

NO_PLAN = 1


def planned(file: Path, folder: Path, *options: str) -> Result:
    return CliRunner().invoke(cli, ["plan", str(file), "-j", "1", "-o", str(folder), *options])


def told(folder: Path) -> dict[str, Any]:
    (file,) = folder.glob("*/plan.json")
    found: dict[str, Any] = json.loads(file.read_text())
    return found


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    folder = tmp_path_factory.mktemp("planned")
    return folder / "out", planned(written(folder), folder / "out")


def test_the_plan_is_the_one_known_by_hand(answered: tuple[Path, Result]) -> None:
    folder, result = answered
    assert result.exit_code == 0, result.output
    found = told(folder)
    assert found["status"] == "found"
    assert found["plan"] == {"units.desk.link.bandwidth": "4 Mbit/s", "radiologists.reader.count": "1"}
    assert found["cost"]["total"] == pytest.approx(100 + 3 * 4)
    assert found["cost"]["unit"] == "EUR/month"
    assert found["now"]["cost"]["total"] == pytest.approx(200 + 3 * 8)
    assert found["now"]["plan"] == {
        "units.desk.link.bandwidth": "8 Mbit/s",
        "radiologists.reader.count": "2",
    }


def test_a_target_is_met_by_its_bound_and_never_by_a_round_number(answered: tuple[Path, Result]) -> None:
    folder, result = answered
    (target,) = told(folder)["targets"]
    assert target["verdict"] == "met"
    assert 0.9 <= target["low"] < target["mean"] == 1.0
    assert "high" not in target
    assert "100 %" not in result.stdout
    assert ">99.9 %" in result.stdout
    assert f"by {target['n']} replications" in result.stdout


def test_screen_and_file_say_the_same(answered: tuple[Path, Result]) -> None:
    folder, result = answered
    found = told(folder)
    said = " ".join(result.stdout.split())
    assert found["answer"] in said
    assert found["tolerance_says"] in said
    assert str(found["runs"]["search"]) in said
    assert found["runs"]["search"] + found["runs"]["test"] < found["runs"]["exhaustive"]


def test_the_same_command_computes_nothing_again(answered: tuple[Path, Result], tmp_path: Path) -> None:
    folder, _ = answered
    before, keys = files_in(folder), receipts_in(folder)
    again = planned(written(tmp_path), folder, "--json")
    assert again.exit_code == 0
    assert json.loads(again.stdout.splitlines()[0]) == told(folder)
    assert files_in(folder) == before
    assert receipts_in(folder) == keys


def test_a_calendar_in_the_way_is_said_before_any_run(tmp_path: Path) -> None:
    file = written(tmp_path, ("hours: always", 'hours: "Mon-Fri 17:00-20:00"'))
    result = planned(file, tmp_path / "out")
    assert result.exit_code == NO_PLAN
    found = told(tmp_path / "out")
    assert found["status"] == "none meets"
    assert found["plan"] is None
    assert found["screened"] == {"calendar": 8, "capacity": 0}
    (way,) = found["in_the_way"]
    assert way["target"] == "quick"
    assert way["best"] == 0
    assert "the hours on duty must change" in found["answer"]
    assert found["runs"]["search"] == found["runs"]["test"] == 0


def test_where_no_bandwidth_is_enough_the_target_that_stands_in_the_way_is_named(tmp_path: Path) -> None:
    file = written(tmp_path, (", 4 Mbit/s, 8 Mbit/s", ""))
    result = planned(file, tmp_path / "out")
    assert result.exit_code == NO_PLAN
    found = told(tmp_path / "out")
    assert found["status"] == "none meets"
    (way,) = found["in_the_way"]
    assert (way["target"], way["best"]) == ("quick", 0)
    assert "'quick' stands in the way" in result.stdout.replace("\n", " ")


def test_people_are_counted_by_planning_without_what_takes_them(tmp_path: Path) -> None:
    """Two requests in one minute: read one after the other within 25 minutes, unless 40 % goes elsewhere."""
    file = written(
        tmp_path,
        ("count: 1\n", "count: 2\n"),
        ("within: 14.5 min", "within: 25 min"),
        ("horizon: 1 h", "horizon: 1 min"),
        ("hours: always", "hours: always, non_reading: 40 %"),
        ("[1 Mbit/s, 2 Mbit/s, 4 Mbit/s, 8 Mbit/s]", "[8 Mbit/s]"),
    )
    result = planned(file, tmp_path / "out")
    assert result.exit_code == 0, result.output
    found = told(tmp_path / "out")
    assert found["plan"]["radiologists.reader.count"] == "2"
    people = {one["what"]: one for one in found["people"]}
    assert {what: one["radiologists"] for what, one in people.items()} == {
        "non-reading time": 1,
        "absence": 0,
        "uncertain load": 0,
    }
    said = people["non-reading time"]["says"]
    assert "of all rosters together, 2 are shown to meet the targets with it and 1 without it" in said
    assert people["absence"]["says"].startswith("none: in this scenario nobody is ever away")


def test_a_plan_that_was_asked_for_otherwise_does_not_stay_beside_a_study(
    answered: tuple[Path, Result], tmp_path: Path
) -> None:
    def run(*changes: tuple[str, str]) -> None:
        done = CliRunner().invoke(cli, ["run", str(written(tmp_path, *changes)), "-j", "1", "-o", str(out)])
        assert done.exit_code == 0, done.output

    folder, _ = answered
    out = tmp_path / "out"
    (source,) = folder.iterdir()
    copy = out / source.name
    copy.mkdir(parents=True)
    for name in ("plan.json", "plan.md"):
        (copy / name).write_bytes((source / name).read_bytes())
    run()
    assert (copy / "plan.json").is_file()
    run(("100 EUR/month", "90 EUR/month"))
    assert not (copy / "plan.json").exists()
    assert not (copy / "plan.md").exists()


def test_what_is_uncertain_is_drawn_in_every_plan(tmp_path: Path) -> None:
    """Readings of 10 to 16 minutes, due within 14.5 in all: no bandwidth is enough for nine in ten."""
    file = written(
        tmp_path,
        ("spread:", "uncertain: {reading_time.CT.constant: {uniform: {low: 10 min, high: 16 min}}}\nspread:"),
        ("1..2", "[1]"),
        ("[1 Mbit/s, 2 Mbit/s, 4 Mbit/s, 8 Mbit/s]", "[4 Mbit/s, 20 Mbit/s]"),
        ("policies: [shortest-queue]", "policies: [round-robin, shortest-queue]"),
        ("plan:\n  vary:", "plan:\n  vary:\n    policy: [shortest-queue]"),
    )
    result = planned(file, tmp_path / "out")
    assert result.exit_code == NO_PLAN, result.output
    found = told(tmp_path / "out")
    (way,) = found["in_the_way"]
    assert 0.4 < way["best"] < 0.9
    assert found["now"]["plan"]["policy"] == "round-robin"


def test_any_number_of_workers_leaves_the_same_bytes(answered: tuple[Path, Result], tmp_path: Path) -> None:
    folder, _ = answered
    result = CliRunner().invoke(cli, ["plan", str(written(tmp_path)), "-j", "2", "-o", str(tmp_path / "out")])
    assert result.exit_code == 0, result.output
    assert files_in(tmp_path / "out") == files_in(folder)


def test_killed_it_goes_on_to_the_same_bytes(
    forked: Commands, answered: tuple[Path, Result], tmp_path: Path
) -> None:
    folder, _ = answered
    out = tmp_path / "out"
    arguments = ("plan", str(written(tmp_path)), "-j", "2", "-o", str(out))
    command = forked.start(*arguments)
    until = time.monotonic() + 60
    while len(runs_in(out)) < 20 and time.monotonic() < until:
        time.sleep(0.01)
    os.kill(command.pid, signal.SIGKILL)
    assert command.ended() == -signal.SIGKILL
    stored, before = runs_in(out), receipts_in(out)
    assert len(stored) >= 20
    no_torn_file(out, files_in(folder))
    forked.run(*arguments)
    assert files_in(out) == files_in(folder)
    assert not {one.run for one in receipts_in(out)[len(before) :] if one.event == "began"} & stored
