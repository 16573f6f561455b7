"""``simgrid warm-up`` and the two regimes."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner, Result

from simgrid.cli.main import cli
from simgrid.experiments.identity import cell_digest, folder_name
from simgrid.scenario import load

SHORT = ("--set", "horizon=12 h", "--set", "warmup=2 h", "-r", "2", "-j", "1")


def simgrid(*arguments: str) -> Result:
    return CliRunner().invoke(cli, list(arguments))


def test_it_proposes_and_draws(tmp_path: Path) -> None:
    done = simgrid("warm-up", "methods/steady-state", *SHORT, "--metric", "waiting", "-o", str(tmp_path))
    said = done.stdout
    assert done.exit_code == (1 if "run too short" in said else 0), done.output
    folder = Path(said.splitlines()[-1])
    assert {path.name for path in folder.iterdir()} == {"warm-up.csv", "warm-up.svg", "warm-up.png"}
    assert "terminating" not in done.stderr
    again = simgrid("warm-up", "methods/steady-state", *SHORT, "--json", "-o", str(tmp_path))
    rows = [json.loads(line) for line in again.stdout.splitlines()]
    assert [row.get("series") for row in rows] == ["turnaround", "waiting", None]
    assert rows[-1]["folder"] == str(folder)


def test_what_cannot_be_judged_is_refused(tmp_path: Path) -> None:
    asked = ("warm-up", "methods/steady-state", *SHORT, "-o", str(tmp_path), "--batch")
    for batch, way_out in (("2 h", "holds 6 batches"), ("2", "write the unit"), ("0 h", "above 0")):
        done = simgrid(*asked, batch)
        assert done.exit_code == 2
        assert way_out in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_terminating_study_is_told_so(tmp_path: Path) -> None:
    set_so = ("--set", "regime=terminating")
    done = simgrid("warm-up", "methods/steady-state", *SHORT, *set_so, "-o", str(tmp_path))
    assert "the study is terminating" in done.stderr


def test_the_regime_changes_no_run_and_a_missing_warm_up_is_told() -> None:
    steady, other = (
        load("methods/steady-state", [f"regime={name}"]) for name in ("steady-state", "terminating")
    )
    assert (steady.cells[0].regime, other.cells[0].regime) == ("steady-state", "terminating")
    assert cell_digest(steady.cells[0]) == cell_digest(other.cells[0])
    assert folder_name(steady.cells) == folder_name(other.cells)
    assert not [one for one in steady.warnings if one.code == "W310"]
    bare = load("methods/steady-state", ["warmup=0 s"])
    (told,) = [one for one in bare.warnings if one.code == "W310"]
    assert "simgrid warm-up FILE" in told.help
    assert not [one for one in load("tiny/one-unit").warnings if one.code == "W310"]
