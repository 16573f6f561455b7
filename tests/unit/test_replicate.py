"""Runs are stored whole, resumed exactly, and give the same bytes for any number of workers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from simgrid.domain.scenario import PolicyChoice, Scenario
from simgrid.experiments import atomic
from simgrid.experiments.answers import comparisons, summaries
from simgrid.experiments.atomic import clear_leftovers
from simgrid.experiments.campaign import Campaign
from simgrid.experiments.csv_files import comparisons_csv, replications_csv, summary_csv
from simgrid.experiments.identity import folder_name
from simgrid.experiments.parallel import RunFailed, _chunks, compute
from simgrid.experiments.receipts import computed_again, here, read_receipts
from simgrid.experiments.replicate import replicate, take_stock
from simgrid.experiments.results_folder import write_exhibits, write_results
from simgrid.experiments.store import DamagedRun, Run, RunStore
from simgrid.experiments.study import NotAStudy, Study, read_study, study_text
from simgrid.metrics import Measurement
from simgrid.presentation.figures import figure_files
from tests.campaigns import asked, counting_run, failing_run, invented_run, scenario

ODD = (0.1 + 0.2, 1e-300, float("inf"), -0.0, 1 / 3)


def a_run(key: str = "k") -> Run:
    numbers = tuple(Measurement("all", f"m{place}", "1", value) for place, value in enumerate(ODD))
    return Run(key, "rwoa", (("slack", "1.05"),), 3, numbers)


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def swept_cells(*slacks: str) -> list[Scenario]:
    return [scenario(swept=(("slack", text),), storage_factor=float(text)) for text in slacks]


def tables(study: Study) -> tuple[str, str, str]:
    rows = comparisons(study)
    return summary_csv(study, summaries(study)), comparisons_csv(study, rows), replications_csv(study)


def test_a_stored_run_comes_back_exactly(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    store.save(a_run())
    found = store.load("k")
    assert found == a_run()
    assert found is not None
    assert [one.value.hex() for one in found.measurements] == [value.hex() for value in ODD]
    assert store.load("other") is None


@pytest.mark.parametrize("damage", ["cut", "empty", "digit", "key", "list"])
def test_a_damaged_run_is_recognised(tmp_path: Path, damage: str) -> None:
    store = RunStore(tmp_path)
    store.save(a_run())
    text = store.path("k").read_text()
    broken = {
        "cut": text[: len(text) // 2],
        "empty": "",
        "digit": text.replace("0.30000000000000004", "0.31000000000000004"),
        "key": text.replace('"key": "k"', '"key": "l"'),
        "list": "[]",
    }[damage]
    assert broken != text
    store.path("k").write_text(broken)
    with pytest.raises(DamagedRun):
        store.load("k")


def test_a_crash_between_temporary_file_and_rename_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class PowerCut(BaseException):
        pass

    def cut(self: Path, target: Path) -> Path:
        assert Path(self).read_bytes() == b"new"
        raise PowerCut

    target = tmp_path / "file"
    target.write_bytes(b"old")
    monkeypatch.setattr(Path, "replace", cut)
    with pytest.raises(PowerCut):
        atomic.write_bytes(target, b"new")
    assert target.read_bytes() == b"old"
    assert names_in(tmp_path) == ["file"]


def test_only_missing_runs_are_computed(tmp_path: Path) -> None:
    log = tmp_path / "log"
    first = asked(scenario(title=str(log), replications=2))
    replicate(first, tmp_path, counting_run)
    assert len(log.read_text().splitlines()) == 6
    more = asked(scenario(title=str(log), replications=3))
    study = replicate(more, tmp_path, counting_run)
    assert log.read_text().splitlines()[6:] == ["rwoa 2", "rbsm 2", "random 2"]
    assert tables(study) == tables(replicate(more, tmp_path / "fresh", invented_run))
    # Fewer again: exactly the first replications, whatever else is stored.
    assert tables(replicate(first, tmp_path, counting_run)) == tables(
        replicate(first, tmp_path / "fresh", invented_run)
    )
    assert len(log.read_text().splitlines()) == 9


def test_a_damaged_run_is_computed_again_and_named(tmp_path: Path) -> None:
    study = replicate(asked(), tmp_path, invented_run)
    victim = tmp_path / "runs" / f"{study.keys[0][1][2]}.json"
    victim.write_text(victim.read_text()[:40])
    stock = take_stock(asked(), tmp_path)
    assert [task.key for task in stock.missing] == [study.keys[0][1][2]]
    assert stock.damaged[0].startswith(victim.name)
    assert tables(replicate(asked(), tmp_path, invented_run)) == tables(study)


def whole_folder(folder: Path, campaign: Campaign, study: Study) -> dict[str, bytes]:
    """Everything that a command leaves there, by path, but receipts."""
    write_results(folder, campaign, study, scenario_text="given: true\n", resolved_text="resolved: true\n")
    write_exhibits(folder, figure_files(study))
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.parent.name != "receipts"
    }


def test_same_bytes_for_any_number_of_workers_and_any_order(tmp_path: Path) -> None:
    campaign = asked(*swept_cells("1.02", "1.2"))
    tasks = list(campaign.tasks())
    one = replicate(campaign, tmp_path / "one", invented_run, jobs=1)
    seen: list[float] = []
    two = replicate(campaign, tmp_path / "two", invented_run, jobs=2, progress=seen.append)
    assert sum(seen) == len(tasks) == 24
    # Backwards, by policy first and not by replication, and only two thirds of it; then the rest.
    backwards = RunStore(tmp_path / "backwards" / "runs")
    backwards.prepare()
    order = sorted(tasks, key=lambda task: (-task.cell, task.policy.label, -task.replication))
    compute(campaign.cells, order[:16], backwards, invented_run, 1, lambda _: None)
    assert len(take_stock(campaign, tmp_path / "backwards").missing) == 8
    rest = replicate(campaign, tmp_path / "backwards", invented_run, jobs=1)
    whole = whole_folder(tmp_path / "one", campaign, one)
    assert len(whole) == 24 + 8 + len(figure_files(one))
    assert whole_folder(tmp_path / "two", campaign, two) == whole
    assert whole_folder(tmp_path / "backwards", campaign, rest) == whole


@pytest.mark.parametrize("jobs", [2, 5])
def test_chunks_hold_every_task_once_and_become_smaller(jobs: int) -> None:
    campaign = asked(*(replace(cell, replications=40) for cell in swept_cells("1.02", "1.2")))
    tasks = list(campaign.tasks())
    chunks = list(_chunks(campaign.cells, tasks, jobs))
    assert [task for chunk in chunks for task in chunk.tasks] == tasks
    assert all(chunk.cell is campaign.cells[task.cell] for chunk in chunks for task in chunk.tasks)
    sizes = [len(chunk.tasks) for chunk in chunks]
    whole = {2: 15, 5: 6}[jobs]  # the multiple of three policies below a part in eight of each worker's share
    assert sizes[0] == whole
    assert set(sizes[: -6 * jobs]) <= {3, 6, 9, 12, 15}
    assert sizes[-6 * jobs :] == [1] * (6 * jobs)  # two replications a worker


def test_what_a_killed_writer_left_goes_and_what_a_living_one_writes_stays(tmp_path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    if Path("/proc/self/stat").exists():  # one that nobody has asked how it ended is as dead
        os.waitid(os.P_PID, dead.pid, os.WEXITED | os.WNOWAIT)
    else:
        dead.wait()
    store = RunStore(tmp_path / "runs")
    store.prepare()
    for folder in (tmp_path, store.folder):
        for name in (
            f".summary.csv.{here()}-{dead.pid}-0.tmp",
            f".own.csv.{here()}-{os.getpid()}-0.tmp",
            f".far.csv.elsewhere-{dead.pid}-0.tmp",
            ".old.csv.elsewhere-1-0.tmp",
            "mine.tmp",
        ):
            (folder / name).write_text("half")
        long_ago = (folder / ".old.csv.elsewhere-1-0.tmp").stat().st_mtime - 2 * 86400
        os.utime(folder / ".old.csv.elsewhere-1-0.tmp", (long_ago, long_ago))
    replicate(asked(), tmp_path, invented_run)
    clear_leftovers(tmp_path)
    for folder in (tmp_path, store.folder):
        assert sorted(path.name for path in folder.glob("*.tmp")) == [
            f".far.csv.elsewhere-{dead.pid}-0.tmp",
            f".own.csv.{here()}-{os.getpid()}-0.tmp",
            "mine.tmp",
        ]
    dead.wait()


def test_a_run_that_somebody_else_stored_meanwhile_is_not_computed(tmp_path: Path) -> None:
    """A chunk may be given out again when its worker was lost, and a second campaign may share the folder."""
    log = tmp_path / "log"
    campaign = asked(scenario(title=str(log), replications=2))
    stock = take_stock(campaign, tmp_path)
    replicate(campaign, tmp_path, invented_run)
    study = replicate(campaign, tmp_path, counting_run, stock=stock)
    assert not log.exists()
    assert study.values.shape[:3] == (1, 3, 2)
    assert computed_again(read_receipts(tmp_path / "receipts")) == ()


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_failing_run_is_named_and_finished_runs_stay(tmp_path: Path, jobs: int) -> None:
    with pytest.raises(
        RunFailed, match=r"policy rbsm, replication 2: ZeroDivisionError: no radiologist"
    ) as failed:
        replicate(asked(), tmp_path, failing_run, jobs=jobs)
    assert "failing_run" in failed.value.details
    if jobs == 1:
        assert len(take_stock(asked(), tmp_path).stored) == 7


def test_keys_change_with_everything_that_can_change_a_number() -> None:
    def keys(one: Campaign) -> set[str]:
        return {task.key for task in one.tasks()}

    plain = keys(asked())
    assert len(plain) == 12
    demand = scenario().demand
    for changes in (
        {"seed": 8},
        {"storage_factor": 2.0},
        {"inputs": {"codes.csv": "abc"}},
        {"demand": replace(demand, arrivals=replace(demand.arrivals, count=11))},
    ):
        assert not keys(asked(scenario(**changes))) & plain, changes
    for changes in ({"title": "Other words"}, {"baseline": "rbsm"}, {"primary": ()}, {"replications": 2}):
        assert keys(asked(scenario(**changes))) <= plain, changes


def test_another_policy_source_changes_the_keys_of_that_policy_only() -> None:
    plain = asked()
    edited = replace(plain, sources=(("rwoa", "edited"), *plain.sources[1:]))
    changed = [a.policy.name for a, b in zip(plain.tasks(), edited.tasks(), strict=True) if a.key != b.key]
    assert changed == ["rwoa"] * 4


def test_keys_do_not_depend_on_where_hashed_files_lie() -> None:
    here = asked(scenario(codes_folder="/a/codes", inputs={"/a/codes/kinds.csv": "abc"}))
    there = asked(scenario(codes_folder="/b/codes", inputs={"/b/codes/kinds.csv": "abc"}))
    unhashed = asked(scenario(codes_folder="/b/codes"))
    assert [task.key for task in here.tasks()] == [task.key for task in there.tasks()]
    assert [task.key for task in here.tasks()] != [task.key for task in unhashed.tasks()]


def test_more_replications_share_the_folder_and_another_scenario_does_not() -> None:
    plain = folder_name((scenario(),))
    assert plain.startswith("small-")
    assert len(plain) == len("small-") + 8
    assert folder_name((scenario(replications=99, title="Other words"),)) == plain
    assert folder_name((scenario(seed=8),)) != plain
    assert folder_name((scenario(storage_factor=2.0),)) != plain


def test_a_study_is_read_again_from_its_folder_alone(tmp_path: Path) -> None:
    study = replicate(asked(), tmp_path, invented_run)
    (tmp_path / "study.json").write_text(study_text(study))
    again = read_study(tmp_path)
    assert again.design == study.design
    assert tables(again) == tables(study)
    (tmp_path / "runs" / f"{study.keys[0][0][0]}.json").unlink()
    with pytest.raises(NotAStudy, match="1 of its 12 runs"):
        read_study(tmp_path)
    with pytest.raises(NotAStudy, match=r"study\.json"):
        read_study(tmp_path / "runs")


def test_tables_have_the_promised_columns_and_order(tmp_path: Path) -> None:
    cells = swept_cells("1.2", "1.02")
    study = replicate(asked(*cells), tmp_path, invented_run)
    summary, comparison, replications = (text.splitlines() for text in tables(study))
    assert summary[0] == "policy,slack,group,metric,unit,mean,lo95,hi95,n"
    assert comparison[0] == (
        "policy,baseline,slack,group,metric,unit,difference,lo95,hi95,ratio,n,p_holm,"
        "role,verdict,lo_sim,hi_sim,ratio_lo95,ratio_hi95,pairing_gain,gain_lo95,gain_hi95"
    )
    assert replications[0] == "policy,slack,replication,group,metric,unit,value"
    assert [line.split(",")[:2] for line in summary[1::4]] == [
        [policy, slack] for slack in ("1.2", "1.02") for policy in ("rwoa", "rbsm", "random")
    ]
    primary = [line for line in comparison[1:] if ",primary," in line]
    assert len(primary) == 8  # two metrics, two policies against the baseline, two cells
    assert {line.split(",")[4] for line in primary} == {"response_time_success", "workload_distance"}
    assert len(replications) == 1 + 2 * 3 * 4 * 4


def test_eq_10_is_summarised_by_its_mean_distance(tmp_path: Path) -> None:
    study = replicate(asked(), tmp_path, invented_run)
    means = {(row.policy, row.column.metric): row.mean for row in summaries(study)}
    assert means["rwoa", "workload_success"] == pytest.approx(1 / means["rwoa", "workload_distance"])
    gains = {(row.policy, row.column.metric): row.ratio for row in comparisons(study)}
    expected = means["random", "workload_distance"] / means["rwoa", "workload_distance"]
    assert gains["rwoa", "workload_success"] == pytest.approx(expected)


def test_every_run_file_is_plain_json(tmp_path: Path) -> None:
    replicate(asked(scenario(replications=1)), tmp_path, invented_run)
    for file in (tmp_path / "runs").iterdir():
        stored = json.loads(file.read_text(), parse_constant=lambda word: pytest.fail(f"not JSON: {word}"))
        assert stored["key"] == file.stem


def test_a_run_that_tells_how_far_it_is_still_comes_to_one_run(tmp_path: Path) -> None:
    heard: list[float] = []

    def telling(
        cell: Scenario, policy: PolicyChoice, replication: int, told: Callable[[float], None]
    ) -> tuple[Measurement, ...]:
        told(0.25)
        told(0.5)
        return invented_run(cell, policy, replication)

    replicate(asked(scenario(replications=2)), tmp_path, telling, progress=heard.append)
    runs = 2 * len(scenario().policies)
    assert heard == [0.25, 0.5, 0.25] * runs


def test_workers_that_are_kept_write_where_the_command_is_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A notebook changes its folder between two campaigns; joblib keeps the workers of the first."""
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
        monkeypatch.chdir(tmp_path / name)
        replicate(asked(), Path("results"), invented_run, jobs=2)
        assert len(list((tmp_path / name / "results" / "runs").glob("*.json"))) == 12
