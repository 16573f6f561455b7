"""Replications until the means are precise: which of them count, whatever is stored and whoever computes."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from simgrid.cli.main import cli
from simgrid.domain.precision import Precision, Target
from simgrid.domain.scenario import PolicyChoice, Scenario
from simgrid.experiments import assemble
from simgrid.experiments.answers import summaries
from simgrid.experiments.campaign import Campaign
from simgrid.experiments.combine import combine
from simgrid.experiments.csv_files import summary_csv
from simgrid.experiments.identity import cell_digest, folder_name
from simgrid.experiments.parallel import RunOnce, WorkerLost
from simgrid.experiments.replicate import replicate
from simgrid.experiments.smoke import cut_short
from simgrid.experiments.stopping import Stopping
from simgrid.experiments.store import RunStore
from simgrid.experiments.study import STUDY_FILE, NotAStudy, Study, read_study, study_text
from simgrid.experiments.until_precise import until_precise
from simgrid.metrics import Measurement
from simgrid.presentation.blocks import as_text
from simgrid.presentation.precision import asked_for, look_line, precision_block, precision_line
from simgrid.randomness import stream
from simgrid.statistics.stopping import looks
from tests.campaigns import asked, dying_run, invented_run, scenario

SUCCESS, TURNAROUND = "response_time_success", "tat_mean_min"
PRECISION = Precision(
    (Target(SUCCESS, 0.07, relative=True), Target("workload_distance", 0.02, relative=False))
)


POLICIES = (PolicyChoice("rwoa"), PolicyChoice("random"))


def small(**changes: Any) -> Scenario:
    return scenario(policies=POLICIES, **changes)


def study(
    folder: Path,
    precision: Precision = PRECISION,
    most: int = 300,
    jobs: int = 1,
    run: RunOnce = invented_run,
    heard: list[Stopping] | None = None,
    **changes: Any,
) -> tuple[Campaign, Study]:
    campaign = asked(small(replications=most, precision=precision, **changes))
    told = (lambda _: None) if heard is None else heard.append
    return until_precise(campaign, precision, lambda part: replicate(part, folder, run, jobs=jobs), told)


def course_of(found: Study) -> Stopping:
    assert found.design.stopping is not None
    return found.design.stopping


def written(found: Study) -> str:
    return study_text(found) + summary_csv(found, summaries(found))


def test_it_goes_on_until_every_mean_is_precise_and_tells_each_look(tmp_path: Path) -> None:
    heard: list[Stopping] = []
    campaign, found = study(tmp_path, heard=heard)
    course = course_of(found)
    assert course.reached
    assert course.counts == looks(300)
    assert [one.replications for one in course.looks] == list(looks(300)[: len(course.looks)])
    assert len(course.looks) > 1
    assert [len(one.looks) for one in heard] == list(range(1, len(course.looks) + 1))
    assert not any(one.reached for one in heard[:-1])
    assert campaign.replications == found.design.replications == course.last.replications
    assert found.values.shape[2] == course.last.replications
    assert course.confidence == pytest.approx(1 - 0.025 / 4)
    assert [(one.policy, one.metric) for one in course.series][:3] == [
        ("rwoa", SUCCESS),
        ("rwoa", "workload_distance"),
        ("random", SUCCESS),
    ]


def test_runs_beyond_the_stop_are_stored_and_not_counted(tmp_path: Path) -> None:
    _, alone = study(tmp_path / "alone")
    replicate(asked(small(replications=120)), tmp_path / "more", invented_run)
    computed: list[int] = []

    def telling(cell: Scenario, policy: PolicyChoice, replication: int, _: Any) -> tuple[Measurement, ...]:
        computed.append(replication)
        return invented_run(cell, policy, replication)

    _, again = study(tmp_path / "more", run=telling)
    assert computed == []
    assert written(again) == written(alone)
    assert again.values.shape[2] == course_of(again).last.replications < 120


def test_the_same_bytes_for_any_number_of_workers_and_after_a_kill(tmp_path: Path) -> None:
    _, one = study(tmp_path / "one")
    with pytest.raises(WorkerLost):
        study(tmp_path / "killed", jobs=2, run=dying_run)
    _, resumed = study(tmp_path / "killed", jobs=2)
    assert written(one) == written(resumed)


def test_more_precision_reuses_what_is_stored(tmp_path: Path) -> None:
    plain = small()
    finer = small(precision=PRECISION, replications=500)
    assert folder_name((finer,)) == folder_name((plain,))
    assert cell_digest(finer) == cell_digest(plain)
    coarse = Precision((Target(SUCCESS, 0.2, relative=True),))
    _, first = study(tmp_path, coarse)
    before = {path.name for path in (tmp_path / "runs").iterdir()}
    _, second = study(tmp_path)
    assert first.design.replications < second.design.replications
    assert before < {path.name for path in (tmp_path / "runs").iterdir()}


def test_the_most_ends_it_and_what_is_missing_is_said(tmp_path: Path) -> None:
    _, found = study(
        tmp_path, Precision((Target(SUCCESS, 0.05, relative=True), PRECISION.targets[1])), most=50
    )
    course = course_of(found)
    assert not course.reached
    assert found.design.replications == 50
    text = " ".join(as_text(list(precision_block(course)), 100).split())
    assert text.startswith("Precision not reached with 50 replications")
    assert "response_time_success of random is within" in text
    assert "(asked: 5 %)" in text
    assert "replications would do" in text
    assert "for all 4 means together (Bonferroni); looked at 40 and 50." in text
    assert look_line(course).startswith("after 50 replications: ")
    line = json.loads(precision_line(course))
    assert (line["table"], line["reached"], line["replications"]) == ("precision", False, 50)
    assert line["looks"][-1]["half_width"] == list(course.last.half_width)


def test_how_many_would_do_is_about_right(tmp_path: Path) -> None:
    """Half-widths go with one over the square root: 50 x (half / allowed)^2, in two digits, rounded."""
    _, found = study(tmp_path, Precision((Target(SUCCESS, 0.01, relative=True),)), most=50)
    course = course_of(found)
    place = course.short[0]
    half, allowed = course.last.half_width[place], course.last.allowed[place]
    assert half is not None
    assert allowed is not None
    said = as_text(list(precision_block(course)), 200)
    wanted = 50 * (half / allowed) ** 2
    guesses = [int(line.split("; about ")[1].split()[0]) for line in said.splitlines() if "; about " in line]
    assert any(guess == pytest.approx(wanted, rel=0.06) for guess in guesses)


def test_a_mean_at_zero_is_no_measure_of_itself(tmp_path: Path) -> None:
    def centred(cell: Scenario, policy: PolicyChoice, replication: int, _: Any) -> tuple[Measurement, ...]:
        value = float(np.random.default_rng(replication).normal())
        return (Measurement("all", SUCCESS, "1", value), Measurement("all", "unassigned", "inspections", 0.0))

    precision = Precision((Target(SUCCESS, 0.1, relative=True), Target("unassigned", 0.02, relative=True)))
    _, found = study(tmp_path, precision, most=60, run=centred)
    course = course_of(found)
    said = as_text(list(precision_block(course)), 200)
    assert "response_time_success of rwoa cannot be told from 0: a share of such a mean says nothing" in said
    assert "'within'" in said
    assert {course.series[place].metric for place in course.short} == {SUCCESS}


def test_what_is_never_measured_ends_it_at_once(tmp_path: Path) -> None:
    _, found = study(tmp_path, Precision((Target("cache_hit_ratio", 0.1, relative=True),)))
    course = course_of(found)
    assert not course.reached
    assert course.last.replications == 40
    assert course.last.mean == (None, None)
    said = as_text(list(precision_block(course)), 200)
    assert "cache_hit_ratio of rwoa was not measured: no number of replications would do" in said


def test_it_is_read_back_from_the_folder(tmp_path: Path) -> None:
    _, found = study(tmp_path)
    (tmp_path / STUDY_FILE).write_text(study_text(found), encoding="utf-8")
    read = read_study(tmp_path)
    assert read.design == found.design
    stored = json.loads(study_text(found))
    stored["design"]["stopping"]["looks"][0]["mean"].pop()
    (tmp_path / STUDY_FILE).write_text(json.dumps(stored), encoding="utf-8")
    with pytest.raises(NotAStudy, match="damaged"):
        read_study(tmp_path)


def test_cells_are_told_apart_and_studies_beside_each_other_have_no_common_end(tmp_path: Path) -> None:
    cells = [
        small(replications=40, precision=PRECISION, swept=(("slack", slack),), storage_factor=factor)
        for slack, factor in (("1", 1.0), ("2", 2.0))
    ]
    campaign = asked(*cells)
    _, found = until_precise(
        campaign, PRECISION, lambda part: replicate(part, tmp_path, invented_run), lambda _: None
    )
    course = course_of(found)
    assert len(course.series) == 2 * 2 * 2
    assert course.series[-1].where == "slack = 2"
    assert course.confidence == pytest.approx(1 - 0.025 / 8)
    assert "at slack = " in as_text(list(precision_block(course)), 200)
    other = replace(found, design=replace(found.design, stopping=None))
    assert combine({"a": found, "b": other}).design.stopping is None
    for name, one in {"a": found, "b": other}.items():
        shutil.copytree(tmp_path / "runs", tmp_path / name / "runs")
        (tmp_path / name / STUDY_FILE).write_text(study_text(one))
    beside = CliRunner().invoke(cli, ["compare", str(tmp_path / "a"), str(tmp_path / "b")])
    assert beside.stdout.count("replications of ") == 1
    assert "replications of a\n" in beside.stdout
    lines = CliRunner().invoke(cli, ["compare", "--format", "json", str(tmp_path / "a"), str(tmp_path / "b")])
    assert json.loads(lines.stdout.splitlines()[0])["study"] == "a"


def test_a_quick_trial_asks_for_no_precision() -> None:
    assert cut_short(scenario(replications=300, precision=PRECISION)).precision is None


def test_a_look_needs_no_more_than_its_first_replications(tmp_path: Path) -> None:
    """Damage to a run beyond the stop is nobody's business."""
    replicate(asked(small(replications=120)), tmp_path, invented_run)
    _, found = study(tmp_path)
    store = RunStore(tmp_path / "runs")
    beyond = [task for task in asked(small(replications=120)).tasks() if task.replication == 119]
    store.path(beyond[0].key).write_text("{", encoding="utf-8")
    _, again = study(tmp_path)
    assert written(again) == written(found)


@pytest.fixture
def invented(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command with a model that takes no time, for policies and cells of any name."""

    def quick(cell: Scenario, policy: PolicyChoice, replication: int, _: Any) -> tuple[Measurement, ...]:
        luck = float(stream(cell.seed, replication, policy.label).normal())
        return (Measurement("all", TURNAROUND, "min", 60 + 6 * luck),)

    monkeypatch.setattr(assemble, "run_once", quick)


def simgrid(folder: Path, *arguments: str) -> Result:
    asking = ("--set", f"replications.of=[{TURNAROUND}]", "-j", "1", "-o", str(folder))
    return CliRunner().invoke(cli, ["run", "tiny/one-unit", *arguments, *asking])


@pytest.mark.usefixtures("invented")
def test_the_command_says_each_look_and_ends_well(tmp_path: Path) -> None:
    before = simgrid(tmp_path, "--precision", "8%", "--dry-run")
    assert before.stdout.splitlines()[:2] == [
        "1 cell x 4 policies x at most 1000 replications = at most 4000 runs, 0 of them stored",
        "replications until tat_mean_min within 8 %; looking at 40, 60, 90, 135, 203, 305, 458, 687 and 1000",
    ]
    done = simgrid(tmp_path, "--precision", "8%")
    assert done.exit_code == 0, done.output
    assert "after 40 replications: precise" in done.stderr
    assert "4 policies x 40 paired replications" in done.stdout
    assert "Precise after 40 replications" in done.stdout
    folder = Path(done.stdout.splitlines()[-1])
    assert json.loads((folder / "manifest.json").read_text())["replications"] == 40
    assert len(list((folder / "runs").iterdir())) == 160
    assert "precision: 8%" in (folder / "scenario-resolved.yaml").read_text()
    again = CliRunner().invoke(cli, ["compare", str(folder)])
    assert "Precise after 40 replications" in again.stdout
    smoke = simgrid(tmp_path / "smoke", "--precision", "8%", "--smoke")
    assert smoke.exit_code == 0, smoke.output


@pytest.mark.usefixtures("invented")
def test_a_precision_that_is_not_reached_is_a_check_that_said_no(tmp_path: Path) -> None:
    done = simgrid(tmp_path, "--precision", "0.5 %", "-r", "50", "--json")
    assert done.exit_code == 1
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert (rows[0]["table"], rows[0]["reached"], rows[0]["replications"]) == ("precision", False, 50)
    folder = Path(rows[-1]["folder"])
    assert "Precision not reached with 50 replications" in (folder / "comparison.md").read_text()
    assert read_study(folder).design.replications == 50
    refused = simgrid(tmp_path, "--precision", "2")
    assert refused.exit_code == 2
    assert "E104" in refused.stderr


def test_what_is_asked_is_said_beforehand() -> None:
    said = asked_for(PRECISION, looks(100))
    assert said == (
        "replications until response_time_success within 7 % and workload_distance within 0.02; "
        "looking at 40, 60, 90 and 100"
    )
