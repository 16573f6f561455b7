"""``simgrid snapshot``: taken of a stored run, and a scenario begins with it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from simgrid.cli.main import cli


def simgrid(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, [str(one) for one in arguments])


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    parent = tmp_path_factory.mktemp("tonight")
    result = simgrid("run", "tiny/one-unit", "--set", "horizon=1 h", "-r", "1", "-j", "1", "-o", parent)
    assert result.exit_code == 0, result.output
    (folder,) = parent.iterdir()
    return folder


def test_a_snapshot_is_written_and_taken_up(tiny: Path, tmp_path: Path) -> None:
    file = tmp_path / "tonight.yaml"
    taken = simgrid("snapshot", f"{tiny}:manual", "--at", "2026-01-05 08:30", "-o", file)
    assert taken.exit_code == 0, taken.output
    assert taken.stdout == f"{file}\n"
    assert "studies without a report: " in taken.stderr
    handed = tmp_path / "handed-back.yaml"
    back = simgrid("snapshot", f"{tiny}:manual", "--at", "2026-01-05 08:46", "--hand-back", "-o", handed)
    assert back.exit_code == 0, back.output
    assert not {"at-desk", "delivering"} & set(handed.read_text(encoding="utf-8").replace(",", " ").split())
    again = simgrid("snapshot", f"{tiny}:manual", "--at", "2026-01-05 08:30", "-o", file)
    assert again.exit_code == 2
    assert "give --force" in again.stderr
    plan = tmp_path / "plan.yaml"
    plan.write_text(
        "extends: tiny/one-unit.yaml\nhorizon: 1 h\nreplications: 1\nstart_from: tonight.yaml\n"
        "variants: {line-down: {events: {a: {at: 2026-01-05 08:30, for: 1 h, link_down: desk}}}}\n"
    )
    ran = simgrid("run", plan, "-j", "1", "-o", tmp_path / "out")
    assert ran.exit_code == 0, ran.output
    (folder,) = (tmp_path / "out").iterdir()
    moved = simgrid("explain-study", f"{folder}:manual", "latest", "--at", "variant=line-down")
    assert moved.exit_code == 0, moved.output  # the stored scenario finds the file again


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--at", "2026-02-05 08:30", "-o", "a.yaml"], "not within the run"),
        (["--at", "noon", "-o", "a.yaml"], "write it like '2026-01-05 18:30'"),
        (["--at", "2026-01-05 08:30", "-o", "a.txt"], "ends in .yaml"),
        (["--at", "2026-01-05 08:30", "-o", "a.yaml", "--policy", "nobody"], "not among the policies"),
    ],
)
def test_what_cannot_be_taken_is_refused(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    result = simgrid("snapshot", tiny, *arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    assert list(tmp_path.iterdir()) == []
