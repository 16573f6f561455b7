"""``simgrid diff --events``: how runs are named, what is printed, how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from simgrid.cli.main import cli
from simgrid.experiments.run_names import BadRunName, run_name


def simgrid(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, [str(one) for one in arguments])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A results folder of the tiny scenario under two policies."""
    parent = tmp_path_factory.mktemp("events")
    result = simgrid(
        "run", "tiny/one-unit", "--set", "policies=[rwoa, manual]", "-r", 2, "-j", 1, "-o", parent
    )
    assert result.exit_code == 0, result.output
    return Path(result.stdout.splitlines()[-1])


@pytest.mark.parametrize(
    ("rest", "policy", "replication", "at"),
    [
        ("", None, None, ()),
        (":rwoa@no-deadline", "rwoa@no-deadline", None, ()),
        (":3", None, 3, ()),
        (":manual:0", "manual", 0, ()),
        (":2:manual:variant=outage", "manual", 2, (("variant", "outage"),)),
        (":a.b=8 Mbit/s:variant=x", None, None, (("a.b", "8 Mbit/s"), ("variant", "x"))),
        (
            ":radiologists.ada.hours=Mon-Fri 17:00-20:00:variant=x",
            None,
            None,
            (("radiologists.ada.hours", "Mon-Fri 17:00-20:00"), ("variant", "x")),
        ),
    ],
)
def test_names_of_runs(
    tmp_path: Path, rest: str, policy: str | None, replication: int | None, at: tuple[tuple[str, str], ...]
) -> None:
    found = run_name(f"{tmp_path}{rest}")
    assert (found.folder, found.policy, found.replication, found.at) == (tmp_path, policy, replication, at)


def test_a_folder_may_have_a_colon_in_its_name(tmp_path: Path) -> None:
    (tmp_path / "a:b").mkdir()
    assert run_name(f"{tmp_path}/a:b:rwoa:1") == run_name(f"{tmp_path}/a:b:1:rwoa")
    assert run_name(f"{tmp_path}/a:b:rwoa").folder == tmp_path / "a:b"
    assert run_name(r"C:\results\x:rwoa").folder == Path(r"C:\results\x")


def test_a_pattern_names_the_only_folder_that_it_matches(tmp_path: Path) -> None:
    (tmp_path / "night-1").mkdir()
    assert run_name(f"{tmp_path}/night-*:rwoa:1").folder == tmp_path / "night-1"
    (tmp_path / "night-2").mkdir()
    with pytest.raises(BadRunName, match=r"several folders match: .*night-1, .*night-2"):
        run_name(f"{tmp_path}/night-*:rwoa:1")


@pytest.mark.parametrize("rest", [":1:2", ":rwoa:manual", "::1", ":rwoa:"])
def test_what_names_no_run(tmp_path: Path, rest: str) -> None:
    with pytest.raises(BadRunName, match="FOLDER"):
        run_name(f"{tmp_path}{rest}")


def test_the_same_run_has_no_difference(folder: Path) -> None:
    result = simgrid("diff", "--events", f"{folder}:rwoa", folder)
    assert result.exit_code == 0
    assert "they were asked to do the same" in result.stdout
    assert "no difference in 96 events" in result.stdout
    told = json.loads(simgrid("diff", "--events", folder, folder, "--json").stdout)
    assert (told["same_events"], told["a"]["next"], told["why"]) == (None, None, [])


def test_two_policies_part_at_an_assignment(folder: Path) -> None:
    result = simgrid("diff", "--events", f"{folder}:rwoa", f"{folder}:manual")
    assert result.exit_code == 1
    assert "policy: rwoa -> manual" in result.stdout
    assert "is assigned to ada\n" in result.stdout
    assert "the policies were shown the same picture and chose otherwise" in result.stdout
    told = json.loads(simgrid("diff", "--events", f"{folder}:rwoa", f"{folder}:manual", "--json").stdout)
    assert told["a"]["next"]["kind"] == told["b"]["next"]["kind"] == "assigned"
    assert told["a"]["shown"]["desks"] == told["b"]["shown"]["desks"]
    assert len(told["common"]) == 5
    assert [one["number"] for one in told["common"]] == list(
        range(told["same_events"] - 4, told["same_events"] + 1)
    )


def test_two_replications_part_at_the_first_request(folder: Path) -> None:
    result = simgrid("diff", "--events", f"{folder}:1", f"{folder}:0", "--json")
    told = json.loads(result.stdout)
    assert (result.exit_code, told["same_events"]) == (1, 0)
    assert told["differ_in"] == ["replication: 1 -> 0"]


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (":nobody", "'nobody' is not among the policies: rwoa, manual"),
        (":7", "there is no replication 7"),
        (":1:2", "is a second replication"),
        (":variant=x", "there is no cell --at 'variant=x': nothing was swept"),
    ],
)
def test_runs_that_are_not_there(folder: Path, other: str, said: str) -> None:
    result = simgrid("diff", "--events", folder, f"{folder}{other}")
    assert result.exit_code == 2
    assert said in result.stderr


def test_no_results_folder(tmp_path: Path) -> None:
    result = simgrid("diff", "--events", tmp_path / "nothing", tmp_path)
    assert result.exit_code == 2
    assert "no such folder" in result.stderr
    (tmp_path / "empty").mkdir()
    result = simgrid("diff", "--events", tmp_path / "empty", tmp_path)
    assert result.exit_code == 2
    assert "study.json" in result.stderr


def test_a_run_that_no_longer_comes_out_as_stored(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / folder.name
    copy.mkdir()
    for file in folder.rglob("*"):
        if file.is_file():
            (copy / file.relative_to(folder)).parent.mkdir(parents=True, exist_ok=True)
            (copy / file.relative_to(folder)).write_bytes(file.read_bytes())
    text = (copy / "scenario-resolved.yaml").read_text()
    (copy / "scenario-resolved.yaml").write_text(text.replace("20 Mbit/s", "2 Mbit/s"))
    result = simgrid("diff", "--events", folder, copy)
    assert result.exit_code == 4
    assert "have changed since this run was stored" in result.stderr


def test_export_takes_the_same_names(folder: Path, tmp_path: Path) -> None:
    one, other = tmp_path / "one.csv", tmp_path / "other.csv"
    assert simgrid("export", f"{folder}:manual:1", "--format", "csv", "-o", one).exit_code == 0
    plain = ("--policy", "manual", "--replication", 1)
    assert simgrid("export", folder, *plain, "--format", "csv", "-o", other).exit_code == 0
    assert one.read_bytes() == other.read_bytes()
    twice = simgrid("export", f"{folder}:manual", *plain, "--format", "csv", "-o", tmp_path / "third")
    assert twice.exit_code == 2
    assert "RUN already names manual" in twice.stderr
