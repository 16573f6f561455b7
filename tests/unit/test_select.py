"""``simgrid select``: which runs count, whatever is stored and whoever computes; what is said and refused."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from simgrid.cli.main import cli
from simgrid.domain.scenario import PolicyChoice, Scenario
from simgrid.experiments import assemble, parallel
from simgrid.experiments.campaign import CannotBeAsked, Task
from simgrid.experiments.candidates import Observations, candidates, check_metric, independent
from simgrid.experiments.replicate import replicate
from simgrid.experiments.selecting import Selection, select, spend
from simgrid.experiments.store import RunStore
from simgrid.metrics import Measurement
from simgrid.presentation.selection import selection_text
from simgrid.randomness import stream
from simgrid.statistics.ranking import Promise, begin, fed
from tests.campaigns import asked, counting_run, invented_run, scenario

SUCCESS, DISTANCE, TURNAROUND = "response_time_success", "workload_distance", "tat_mean_min"
CLOSE = {"a": 10.0, "b": 10.4, "c": 12.0}


def close_run(
    cell: Scenario, policy: PolicyChoice, replication: int, _: Any = None
) -> tuple[Measurement, ...]:
    """Two that are hard to tell apart and one that is not; more noise than the world shares."""
    world = float(stream(cell.seed, replication, "world").normal())
    own = float(stream(cell.seed, replication, "own", policy.label).normal())
    return (Measurement("all", TURNAROUND, "min", CLOSE[policy.label] + world + own),)


def chosen(
    folder: Path, run: Any = close_run, jobs: int = 1, most: int = 1000, heard: list[Selection] | None = None
) -> Selection:
    def compute(cells: Sequence[Scenario], tasks: Sequence[Task]) -> None:
        store.prepare()
        parallel.compute(cells, tasks, store, run, jobs, lambda _: None)

    store = RunStore(folder / "runs")
    policies = tuple(PolicyChoice(name) for name in CLOSE)
    those = candidates(asked(scenario(policies=policies, baseline="a")))
    seen = Observations(those, TURNAROUND, store, compute, lambda _: None)
    told = (lambda _: None) if heard is None else heard.append
    return select(seen, "policy", Promise(0.2), most, told)


def spent(folder: Path, budget: int = 120, names: Sequence[str] = tuple(CLOSE), jobs: int = 1) -> Selection:
    def compute(cells: Sequence[Scenario], tasks: Sequence[Task]) -> None:
        store.prepare()
        parallel.compute(cells, tasks, store, close_run, jobs, lambda _: None)

    store = RunStore(folder / "runs")
    those = candidates(asked(scenario(policies=tuple(map(PolicyChoice, names)), baseline=names[0])))
    seen = Observations(independent(those), TURNAROUND, store, compute, lambda _: None)
    return spend(seen, "policy", budget, lambda _: None)


def keys(folder: Path) -> set[str]:
    return {path.name for path in (folder / "runs").iterdir()}


def test_it_is_kn_row_by_row_with_common_worlds(tmp_path: Path) -> None:
    heard: list[Selection] = []
    found = chosen(tmp_path, heard=heard)
    rows = [
        [close_run(scenario(), PolicyChoice(name), r)[0].value for name in CLOSE]
        for r in range(found.replications)
    ]
    race = begin(list(zip(*rows[:20], strict=True)), Promise(0.2), "lower")
    for row in rows[20:]:
        race = fed(race, [[row[number]] for number in race.going])
    assert race.ended
    assert found.selected == "a"
    names = list(CLOSE)
    told = {(one.name, one.out_at, one.beaten_by) for one in found.standings if one.out_at}
    assert told == {(names[one.candidate], one.replications, names[one.by]) for one in race.out}
    assert found.replications == race.count > 40
    assert [one.replications for one in heard][:3] == [20, 30, 40]
    assert heard[-1] == found
    by_name = {one.name: one for one in found.standings}
    assert by_name["c"].replications == by_name["c"].out_at < found.replications
    values = [row[2] for row in rows[: by_name["c"].replications]]
    assert by_name["c"].mean == pytest.approx(sum(values) / len(values))


def test_the_same_for_any_number_of_workers_with_the_same_runs_stored(tmp_path: Path) -> None:
    one, two = chosen(tmp_path / "1"), chosen(tmp_path / "2", jobs=2)
    assert selection_text(one) == selection_text(two)
    assert keys(tmp_path / "1") == keys(tmp_path / "2")
    counted = sum(one.replications for one in one.standings)
    assert len(keys(tmp_path / "1")) >= counted


def test_runs_beyond_an_end_are_stored_and_not_counted(tmp_path: Path) -> None:
    alone = chosen(tmp_path / "alone")
    policies = tuple(PolicyChoice(name) for name in CLOSE)
    more = asked(scenario(policies=policies, baseline="a", replications=alone.replications + 15))
    replicate(more, tmp_path / "more", close_run)

    def none(*_: Any) -> tuple[Measurement, ...]:
        raise AssertionError("everything is stored")

    assert chosen(tmp_path / "more", run=none) == alone


def test_nothing_stored_is_computed_again_and_damage_is(tmp_path: Path) -> None:
    first = chosen(tmp_path)
    damaged = sorted((tmp_path / "runs").iterdir())[0]
    whole = damaged.read_bytes()
    damaged.write_text("{", encoding="utf-8")
    calls: list[int] = []

    def telling(cell: Scenario, policy: PolicyChoice, replication: int, _: Any) -> tuple[Measurement, ...]:
        calls.append(replication)
        return close_run(cell, policy, replication)

    assert chosen(tmp_path, run=telling) == first
    assert len(calls) == 1
    assert damaged.read_bytes() == whole


def test_the_most_ends_it_and_more_goes_on_from_there(tmp_path: Path) -> None:
    short = chosen(tmp_path, most=30)
    assert (short.selected, short.replications) == (None, 30)
    assert short.needed > 30
    before = keys(tmp_path)
    assert chosen(tmp_path).selected == "a"
    assert before < keys(tmp_path)
    with pytest.raises(CannotBeAsked, match="--max: 19 is fewer than the 20"):
        chosen(tmp_path, most=19)


def test_a_budget_is_spent_where_it_tells_most_in_worlds_apart(tmp_path: Path) -> None:
    found = spent(tmp_path)
    counts = {one.name: one.replications for one in found.standings}
    assert sum(counts.values()) == 120 == len(keys(tmp_path))
    assert counts["c"] < 20
    assert min(counts["a"], counts["b"]) > 40
    assert len({one.seed for one in found.standings}) == 3
    assert selection_text(spent(tmp_path / "two", jobs=2)) == selection_text(found)
    assert keys(tmp_path / "two") == keys(tmp_path)


def test_a_candidate_s_worlds_are_its_own_whoever_else_stands(tmp_path: Path) -> None:
    seeds = {one.name: one.seed for one in spent(tmp_path).standings}
    turned = spent(tmp_path, names=("c", "a", "b"))
    assert {one.name: one.seed for one in turned.standings} == seeds
    assert len(keys(tmp_path)) == 120
    assert {one.name: one.seed for one in spent(tmp_path, 40, ("a", "b")).standings}.items() <= seeds.items()
    with pytest.raises(CannotBeAsked, match="--budget: 29 replications are too few: 3 candidates need 30"):
        spent(tmp_path, 29)


def test_neighbours_share_a_world(tmp_path: Path) -> None:
    """Runs of one replication come one after the other, so that a worker draws its world once."""
    log = tmp_path / "log"
    those = candidates(asked(scenario(title=str(log))))
    store = RunStore(tmp_path / "runs")

    def compute(cells: Sequence[Scenario], tasks: Sequence[Task]) -> None:
        store.prepare()
        parallel.compute(cells, tasks, store, counting_run, 1, lambda _: None)

    Observations(those, SUCCESS, store, compute, lambda _: None).upto({0: 2, 1: 2, 2: 2})
    assert log.read_text().splitlines() == [
        f"{label} {replication}" for replication in (0, 1) for label in ("rwoa", "rbsm", "random")
    ]


def swept(**factors: float) -> list[Scenario]:
    return [scenario(swept=(("room", name),), storage_factor=one) for name, one in factors.items()]


def test_cells_under_one_policy_are_candidates_too() -> None:
    found = candidates(asked(*swept(small=1.0, large=2.0)), "room", "rbsm")
    assert [(one.name, one.cell.storage_factor, one.policy.label) for one in found] == [
        ("small", 1.0, "rbsm"),
        ("large", 2.0, "rbsm"),
    ]


@pytest.mark.parametrize(
    ("cells", "across", "policy", "said"),
    [
        ([scenario()], None, "rbms", "did you mean 'rbsm'"),
        ([scenario()], None, "rbsm", "it goes with --across"),
        ([scenario()], "room", "rbsm", "'room' is no swept column of the scenario; it has neither"),
        (swept(a=1, b=2), None, None, r"2 cells, .* --across \(room\), or keep one: --set 'sweep.room="),
        (swept(a=1, b=2), "rooms", "rbsm", "its columns are: room"),
        (swept(a=1, b=2), "room", None, r"name it with --policy \(rwoa, rbsm, random\)"),
        (swept(a=1), "room", "rbsm", "a is its only value"),
        ([scenario(policies=(PolicyChoice("rbsm"),), baseline="rbsm")], None, None, "is the only one"),
    ],
)
def test_what_leaves_nothing_to_choose_is_refused(
    cells: list[Scenario], across: str | None, policy: str | None, said: str
) -> None:
    with pytest.raises(CannotBeAsked, match=said):
        candidates(asked(*cells), across, policy)


def test_cells_that_differ_in_two_things_are_refused() -> None:
    cells = [scenario(swept=(("room", "a"), ("variant", name))) for name in ("base", "other")]
    with pytest.raises(CannotBeAsked, match="differ in variant as well; keep one: --set variants=null"):
        candidates(asked(*cells), "room", "rbsm")


def test_metrics_that_tell_no_better_are_refused() -> None:
    with pytest.raises(CannotBeAsked, match="did you mean 'tat_p95_min'"):
        check_metric("tat_p95")
    with pytest.raises(CannotBeAsked, match="use --metric workload_distance"):
        check_metric("workload_success")
    check_metric(TURNAROUND)


def test_a_run_without_the_metric_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        CannotBeAsked, match=r"tat_mean_min was not measured under a in replication 0.*has: resp"
    ):
        chosen(tmp_path, run=unmeasured)


def unmeasured(
    cell: Scenario, policy: PolicyChoice, replication: int, _: Any = None
) -> tuple[Measurement, ...]:
    return invented_run(cell, PolicyChoice("rwoa"), replication)


@pytest.fixture
def invented(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command with a model that takes no time, for policies and cells of any name."""

    def quick(cell: Scenario, policy: PolicyChoice, replication: int, _: Any) -> tuple[Measurement, ...]:
        luck = float(stream(cell.seed, replication, policy.label, str(cell.swept)).normal())
        better = 5.0 if policy.label == "rbsm" else 0.0
        return (Measurement("all", TURNAROUND, "min", 60 + 6 * luck - better),)

    monkeypatch.setattr(assemble, "run_once", quick)


def simgrid(folder: Path, *arguments: str, metric: str = TURNAROUND) -> Result:
    asking = ("tiny/one-unit", "--metric", metric, "-j", "1", "-o", str(folder))
    return CliRunner().invoke(cli, ["select", *asking, *arguments])


@pytest.mark.usefixtures("invented")
def test_the_command_says_who_went_when_and_what_is_promised(tmp_path: Path) -> None:
    done = simgrid(tmp_path, "--indifference", "2 min", "--probability", "90%")
    assert done.exit_code == 0, done.output
    said = " ".join(done.stdout.split())
    assert said.startswith("Selected: rbsm Mean turnaround [min], less is better")
    assert "behind rbsm" in said
    assert "best of the 4 is better than every other by 2 min or more" in said
    assert "a probability of at least 90 % (KN" in said
    assert "after 20 replications: 2 of 4 are left; decided after" in done.stderr
    assert max(len(line) for line in done.stdout.splitlines()[:-1]) <= 80
    folder = Path(done.stdout.splitlines()[-1])
    stored = json.loads((folder / "selection-tat_mean_min.json").read_text())
    assert (stored["schema"], stored["selected"], stored["promise"]["probability"]) == (1, "rbsm", 0.9)
    assert {"scenario.yaml", "scenario-resolved.yaml", "runs"} <= {path.name for path in folder.iterdir()}
    lines = [
        json.loads(line)
        for line in simgrid(tmp_path, "--indifference", "2 min", "--json").stdout.splitlines()
    ]
    assert [line.get("table") for line in lines] == ["candidates"] * 4 + ["selection", None]
    assert lines[0]["name"] == lines[-2]["selected"] == "rbsm"
    assert lines[-1] == {"folder": str(folder)}


@pytest.mark.usefixtures("invented")
def test_a_run_shares_its_runs_with_a_selection(tmp_path: Path) -> None:
    ran = CliRunner().invoke(cli, ["run", "tiny/one-unit", "-r", "20", "-j", "1", "-o", str(tmp_path)])
    assert ran.exit_code == 0, ran.output
    folder = Path(ran.stdout.splitlines()[-1])
    before = keys(folder)
    done = simgrid(tmp_path, "--indifference", "50 min")
    assert done.stdout.splitlines()[-1] == str(folder)
    assert keys(folder) == before


@pytest.mark.usefixtures("invented")
def test_a_selection_that_comes_to_its_end_first_is_a_check_that_said_no(tmp_path: Path) -> None:
    done = simgrid(tmp_path, "--indifference", "1 s", "--max", "25")
    assert done.exit_code == 1
    said = " ".join(done.stdout.split())
    assert said.startswith("Nothing selected with 25 replications: ")
    assert "give --max " in said
    assert "probability" not in said


@pytest.mark.usefixtures("invented")
def test_a_budget_has_no_promise_and_says_so(tmp_path: Path) -> None:
    done = simgrid(tmp_path, "--budget", "80")
    assert done.exit_code == 0, done.output
    assert "No promise: rbsm has the best mean after 80 replications" in " ".join(done.stdout.split())
    assert "share" in done.stdout
    assert "after 80 of 80 replications: rbsm leads" in done.stderr
    folder = Path(done.stdout.splitlines()[-1])
    stored = json.loads((folder / "selection-tat_mean_min-budget.json").read_text())
    assert stored["promise"] is None
    assert sum(one["replications"] for one in stored["standings"]) == len(keys(folder)) == 80


@pytest.mark.parametrize(
    ("arguments", "runs", "said"),
    [
        (("--indifference", "1 min"), {"least": 40, "most": 2000}, "40 to 2000 runs"),
        (("--indifference", "1 min", "--max", "20"), {"least": 40, "most": 40}, ", 40 runs"),
        (("--budget", "80"), {"least": 80, "most": 80}, ", 80 runs"),
    ],
)
def test_a_dry_run_says_who_stands_and_what_it_may_take(
    arguments: tuple[str, ...], runs: dict[str, int], said: str, tmp_path: Path
) -> None:
    two = (*arguments, "--dry-run", "--set", "policies=[rbsm, manual]", "--set", "baseline=manual")
    done = simgrid(tmp_path, *two)
    assert done.exit_code == 0, done.output
    assert "2 candidates" in done.stdout
    assert said in done.stdout
    told = json.loads(simgrid(tmp_path, *two, "--json").stdout)
    assert (told["candidates"], told["runs"]) == (["rbsm", "manual"], runs)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "give --indifference AMOUNT (with a promise) or --budget N (without); neither was given"),
        (("--indifference", "1 min", "--budget", "9"), "(without); both were given"),
        (("--budget", "90", "--max", "90"), "leave out --probability and --max"),
        (("--indifference", "5"), "error[E104]: 5 has no unit\n  --> --indifference"),
        (("--indifference", "0 min"), "it must be above 0"),
        (("--indifference", "{"), "--indifference"),
        (("--indifference", "1 min", "--probability", "0.9"), "write the unit, such as '90 %'"),
        (("--indifference", "1 min", "--probability", "100 %"), "it must lie between 0 % and 100 %"),
        (
            ("--indifference", "1 min", "--probability", "20 %"),
            "--probability: 20 % is no more than a guess has",
        ),
        (("--indifference", "1 min", "--across", "variant"), "it has neither variants nor a sweep"),
        (
            ("--indifference", "1 min", "--across", "seed", "--set", "sweep={seed: [1, 2]}"),
            "seeds are other worlds, not other systems",
        ),
        (("--indifference", "1 min", "--set", "seeds=1"), "E101"),
    ],
)
def test_what_cannot_be_asked_ends_with_2_and_says_why(
    arguments: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    done = simgrid(tmp_path, *arguments)
    assert done.exit_code == 2, done.output
    assert said in done.stderr
    assert not list(tmp_path.iterdir())


def test_counts_are_given_without_a_unit(tmp_path: Path) -> None:
    done = simgrid(tmp_path, "--indifference", "2 min", metric="open_at_end")
    assert done.exit_code == 2
    assert "it counts inspections" in done.stderr
