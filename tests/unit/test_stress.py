"""``simgrid stress``: what is taken away and when, what a dry run says, what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from simgrid.cli.main import cli
from simgrid.experiments import parallel
from simgrid.experiments.store import RunStore
from simgrid.planning.busiest import Traffic, traffic
from simgrid.planning.observed import Runs
from simgrid.planning.states import heavier, lasting, states
from simgrid.scenario import ScenarioInvalid, load


def test_places_and_hours_by_arithmetic() -> None:
    region = load("templates/regional-network", ["variants=null"]).cells[0]
    ahead = traffic(region)
    assert ahead.main == "harbour"  # 10 Mbit/s up for ten CT a day: the fullest by the estimate
    assert max(ahead.use.values()) == ahead.use["harbour"]
    kinds = [one.kind for one in states(region, ahead, region.stress)]
    assert {kind: kinds.count(kind) for kind in kinds} == {"link": 7, "unit": 2, "radiologist": 6}
    late = ahead.busiest("harbour", 7 * 86400.0)
    assert late >= 7 * 86400.0
    assert late % 3600 == 0


def test_hours_are_looked_for_after_the_warm_up() -> None:
    ahead = Traffic((0.0, 3600.0, 7200.0), {"a": (1.0, 3.0, 2.0)}, {"a": 0.5})
    assert ahead.busiest("a", 0.0) == 3600.0
    assert ahead.busiest("a", 4000.0) == 7200.0
    assert ahead.busiest("a", 8000.0) == 7200.0  # within the last hour
    assert ahead.worst_windows("a", 3600.0, 0.0, 2) == (3600.0, 7200.0)
    assert ahead.worst_windows("a", 7200.0, 0.0, 2) == (3600.0,)
    assert lasting(86400.0) == "24 h"
    assert lasting(5400.0) == "90 min"


def test_what_is_drawn_in_a_world_is_drawn_in_every_state_of_it() -> None:
    deployed = load("methods/uncertain").cells[0]
    assert deployed.uncertain
    for state in states(deployed, traffic(deployed), deployed.stress):
        assert state.cell.of(3).draws == deployed.of(3).draws
        assert state.cell.of(3).events == state.cell.events != ()
    more = heavier(deployed, 1.1).of(3)
    assert more.draws == deployed.of(3).draws
    assert more.demand.arrivals != deployed.of(3).demand.arrivals


def invoke(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(cli, ["stress", *arguments])
    return result.exit_code, result.stdout, result.stderr


def test_a_dry_run_says_what_would_be_missing(tmp_path: Path) -> None:
    code, out, err = invoke("templates/regional-network", "--dry-run", "-o", str(tmp_path), "-r", "3")
    assert code == 0, err
    assert (
        "as deployed and without each of 15 things, at most 3 replications each: 0 of 48 runs are stored"
        in out
    )
    assert "up to 45 without each of 15 things, up to 15 for 5 steps of the load" in out
    assert "  link harbour: down for 24 h from Mon 2026-03-02 07:00" in out
    assert out.splitlines()[-1].startswith("nothing is computed; the results would be in ")
    assert "general-1, general-2, who are declared alike" in out
    assert "variants left aside" in err
    _, out, _ = invoke("tiny/one-unit", "--dry-run", "--json", "-o", str(tmp_path))
    told = json.loads(out)
    parts = {"deployed": 2, "without": 12, "load": 10, "outage": 12}  # two hours tried in two worlds, and two
    assert (told["parts"], told["stored"], len(told["without"])) == (parts, 0, 6)
    assert told["most"] == sum(parts.values())
    assert told["at_least"] == 2 + 12 + 2 + 12
    assert not list(tmp_path.iterdir())


def test_a_target_missed_as_deployed_is_exit_code_1(tmp_path: Path) -> None:
    target = "targets={never: {of: all, within: 1 s, share: 50 %}}"
    arguments = ["tiny/one-unit", "--set", target, "--set", "stress.load_to=1.05", "-r", "6", "-j", "1"]
    code, out, err = invoke(*arguments, "-o", str(tmp_path), "--json")
    assert code == 1, err
    assert json.loads(out.splitlines()[0])["targets"][0]["verdict"] == "missed"


def test_what_is_not_there_is_refused(tmp_path: Path) -> None:
    code, _, err = invoke("tiny/one-unit", "--policy", "rowa", "-o", str(tmp_path))
    assert code == 2
    assert "there is no policy 'rowa': did you mean 'rwoa'?" in err
    for value, told in (("down: 24", "or write always"), ("load_to: 1", "load_to"), ("hours: 3", "hours")):
        with pytest.raises(ScenarioInvalid, match=told):
            load("tiny/one-unit", [f"stress={{{value}}}"])


def test_a_damaged_run_is_computed_again(tmp_path: Path) -> None:
    heard: list[str] = []
    store = RunStore(tmp_path / "runs")

    def compute(cells: Any, tasks: Any, run: Any) -> None:
        store.prepare()
        parallel.compute(cells, tasks, store, run, 1, lambda _: None)

    deployed = load("tiny/one-unit").cells[0]
    runs = Runs(deployed.policies[0], "source", store, compute, heard.append)
    (first,) = runs.of([deployed], 2)
    (file, _) = sorted((tmp_path / "runs").iterdir())
    file.write_text("{", encoding="utf-8")
    (again,) = runs.of([deployed], 2)
    assert heard == [f"{file.name}: it is cut short or not a run"]
    assert first.of("tat_p95_min").tolist() == again.of("tat_p95_min").tolist()
    assert runs.missing([deployed], 3) == 1


def test_what_is_added_is_counted_in_the_runs(tmp_path: Path) -> None:
    """Of real runs: three studies a run, and no step up to +15 % is a fourth."""
    arguments = ["tiny/one-unit", "--set", "demand.count=3", "--set", "stress.load_to=1.2"]
    target = "targets={late: {of: all, within: 9 h, share: 1 %}}"
    code, out, err = invoke(*arguments, "--set", target, "-r", "3", "-j", "1", "--json", "-o", str(tmp_path))
    assert code == 0, err
    told = json.loads(out.splitlines()[0])
    assert [(one["scale"], one["added"], one["tests"]) for one in told["load"]] == [
        (1.05, 0.0, False),
        (1.1, 0.0, False),
        (1.15, 0.0, False),
        (1.2, 1.0, True),
    ]
