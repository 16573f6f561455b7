"""A misspelt file or folder is answered with the one that lies there, by every command that is given one."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from simgrid.cli.main import cli
from simgrid.scenario import ScenarioInvalid, load
from simgrid.scenario.near_files import file_meant, folder_meant

ENDINGS = (".yaml", ".yml")
TINY = "extends: tiny/one-unit\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("mine/small.yaml", "mine/region.yml", "mine/notes.txt", "wednesday.yaml.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(TINY, encoding="utf-8")
    (tmp_path / "results/small-1a2b3c4d").mkdir(parents=True)
    (tmp_path / "report.html").write_text("", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("mine/smal.yaml", "did you mean 'mine/small.yaml'?"),
        ("mine/small", "did you mean 'mine/small.yaml'?"),
        ("mine/small.yml", "did you mean 'mine/small.yaml'?"),
        ("mine/Small.YAML", "did you mean 'mine/small.yaml'?"),
        ("mien/small.yaml", "did you mean 'mine/small.yaml'?"),
        ("mine/reigon.yaml", "did you mean 'mine/region.yml'?"),
        ("small.yaml", "did you mean 'mine/small.yaml'?"),
        ("./small.yaml", "did you mean 'mine/small.yaml'?"),
        (
            "wednesday.yaml",
            "'wednesday.yaml.txt' is there: an editor added .txt; rename it to 'wednesday.yaml'",
        ),
        ("mine/notes.yaml", ""),
        ("nowhere/at/all.yaml", ""),
        ("quite-different.yaml", ""),
        ("x" * 5000, ""),
        ("no\0thing", ""),
    ],
)
def test_the_file_that_was_meant(given: str, meant: str) -> None:
    assert file_meant(Path(given), ENDINGS) == meant


def test_an_absolute_name_is_answered_by_one(folder: Path) -> None:
    assert file_meant(folder / "mine/smal.yaml", ENDINGS) == f"did you mean '{folder}/mine/small.yaml'?"


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("results/smal-1a2b3c4d", "results/small-1a2b3c4d"),
        ("results/smal-*", "results/small-1a2b3c4d"),
        ("results/small-00000000", "results/small-1a2b3c4d"),
        ("result/small-1a2b3c4d", "results/small-1a2b3c4d"),
        ("results/quite-different", ""),
    ],
)
def test_the_folder_that_was_meant(given: str, meant: str) -> None:
    assert folder_meant(Path(given)) == (f"did you mean '{meant}'?" if meant else "")


@pytest.mark.parametrize(
    "command",
    [
        ("plan", "mine/smal.yaml"),
        ("stress", "mine/smal.yaml"),
        ("run", "mine/smal.yaml"),
        ("validate", "mine/smal.yaml"),
        ("estimate", "mine/smal.yaml"),
        ("show", "mine/smal.yaml"),
        ("diff", "mine/smal.yaml", "mine/small.yaml"),
        ("sensitivity", "mine/smal.yaml"),
        ("select", "mine/smal.yaml", "--metric", "tat_p95_min", "--indifference", "5 min"),
        ("warm-up", "mine/smal.yaml"),
        ("app", "mine/smal.yaml"),
    ],
    ids=lambda command: command[0],
)
def test_every_command_asks_whether_another_file_was_meant(command: tuple[str, ...]) -> None:
    done = CliRunner().invoke(cli, command)
    assert done.exit_code == 2, done.output
    assert "no such file: 'mine/smal.yaml'" in done.stderr
    assert "did you mean 'mine/small.yaml'?" in done.stderr


@pytest.mark.parametrize(
    "command",
    [
        ("report", "results/smal-*"),
        ("compare", "results/smal-*"),
        ("explain-study", "results/smal-1a2b3c4d", "latest"),
        ("snapshot", "results/smal-1a2b3c4d", "--at", "2026-01-05 18:30", "-o", "tonight.yaml"),
        ("export", "results/smal-1a2b3c4d", "--format", "csv", "-o", "log.csv"),
    ],
    ids=lambda command: command[0],
)
def test_every_command_asks_whether_another_folder_was_meant(command: tuple[str, ...]) -> None:
    done = CliRunner().invoke(cli, command)
    assert done.exit_code == 2, done.output
    assert "did you mean 'results/small-1a2b3c4d'?" in done.stderr


def test_where_results_lie_is_said_where_none_are_called_so() -> None:
    done = CliRunner().invoke(cli, ["report", "elsewhere/plan-*"])
    assert done.exit_code == 2
    assert "no such folder: elsewhere/plan-*: results lie below the folder in which" in done.stderr


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("plan.vary.radiologist.late.count", "radiologists.late.count"),
        ("radiologsts.day", "radiologists"),
        ("radiologists.dya", "day"),
    ],
)
def test_of_a_null_that_removes_nothing_the_place_is_named_that_was_meant(key: str, meant: str) -> None:
    with pytest.raises(ScenarioInvalid) as refused:
        load("tiny/plan", [f"{key}=null"])
    (problem,) = refused.value.problems
    assert (problem.code, problem.help) == ("E211", f"did you mean '{meant}'?")


def test_a_report_of_another_name_is_asked_for() -> None:
    done = CliRunner().invoke(cli, ["verify", "reprot.html"])
    assert done.exit_code == 2
    assert "reprot.html: no such file: did you mean 'report.html'?" in done.stderr


def test_what_is_extended_is_looked_for_beside_the_file_that_says_so(folder: Path) -> None:
    (folder / "mine/chosen.yaml").write_text("extends: smal.yaml\n", encoding="utf-8")
    with pytest.raises(ScenarioInvalid) as refused:
        load(folder / "mine/chosen.yaml")
    (problem,) = refused.value.problems
    assert (problem.code, problem.help) == ("E008", "did you mean 'small.yaml'?")


def test_a_misspelt_command_is_answered_with_the_one_that_was_meant() -> None:
    done = CliRunner().invoke(cli, ["plna", "mine/small.yaml"])
    assert done.exit_code == 2
    assert "there is no command 'plna': did you mean 'plan'?" in done.stderr


@pytest.mark.parametrize(
    ("line", "code", "meant"),
    [
        ("start_from: tonigt.yaml", "E208", "tonight.yaml"),
        ("incidents: outages-2025.csv", "E208", "outages.csv"),
        ("demand: {log: {file: night.cvs}}", "E201", "night.csv"),
        ("belief: {stage: frist.yaml}", "E201", "first.yaml"),
    ],
)
def test_what_a_scenario_reads_is_looked_for_beside_it(
    line: str, code: str, meant: str, folder: Path
) -> None:
    for name in ("tonight.yaml", "outages.csv", "night.csv", "first.yaml"):
        (folder / "mine" / name).write_text("", encoding="utf-8")
    (folder / "mine/evening.yaml").write_text(TINY + line + "\n", encoding="utf-8")
    with pytest.raises(ScenarioInvalid) as refused:
        load(folder / "mine/evening.yaml")
    (problem,) = [one for one in refused.value.problems if one.code == code and one.line == 2]
    assert problem.help == f"did you mean '{meant}'?"
