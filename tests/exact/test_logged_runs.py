"""A run that was exported as a log and is replayed: under ``logged`` everybody gets what the log says."""

from dataclasses import replace
from datetime import datetime

import pytest
from click.testing import CliRunner

from simgrid.cli.main import cli
from simgrid.domain.scenario import PolicyChoice
from simgrid.experiments.assemble import run_journal
from simgrid.experiments.campaign import CannotBeAsked, campaign
from simgrid.experiments.installed import installed
from simgrid.presentation.logs import to_csv_log
from simgrid.scenario import ScenarioInvalid, load, shipped

SETS = ("clients=null", "sources=null")
REPLAYING = """\
extends: paper/table-1.yaml
clients: null
sources: null
primary: null
claims: null
policies: [manual, logged, random]
baseline: manual
reading_time: {any: {lognormal: {cv: 0.5}}}
demand:
  count: null
  mix: null
  log: {file: log.csv}
"""


@pytest.fixture(scope="module")
def manual():
    scenario = load(shipped("paper/table-1"), SETS, installed()).cells[0]
    return run_journal(scenario, PolicyChoice("manual"), 3), scenario.start


@pytest.fixture
def replaying(manual, tmp_path):
    journal, start = manual
    assert isinstance(start, datetime)
    to_csv_log(journal, start, tmp_path / "log.csv")
    path = tmp_path / "replaying.yaml"
    path.write_text(REPLAYING, encoding="utf-8")
    return path


def scenario_of(path):
    return load(path, (), installed()).cells[0]


def keys(path):
    """One key a policy: which run of it would be looked for."""
    asked = campaign((scenario_of(path),))
    return {task.policy.label: task.key for task in asked.tasks() if task.replication == 0}


def test_the_logged_assignments_are_those_of_the_run_that_was_logged(manual, replaying):
    was = manual[0].inspections
    found = run_journal(scenario_of(replaying), PolicyChoice("logged"), 0).inspections
    assert found.requested_s == pytest.approx(was.requested_s, abs=1e-5)
    assert found.radiologist.tolist() == was.radiologist.tolist()
    again = run_journal(scenario_of(replaying), PolicyChoice("random"), 0).inspections
    assert again.radiologist.tolist() != was.radiologist.tolist()


def test_who_was_given_what_moves_the_runs_of_logged_alone(replaying):
    before = keys(replaying)
    log = replaying.parent / "log.csv"
    log.write_text(log.read_text("utf-8").replace(",neuro,", ",abdomen,"), encoding="utf-8")
    after = keys(replaying)
    assert {label for label in before if before[label] != after[label]} == {"logged"}


def test_requests_that_are_nobodys_or_a_strangers_are_counted_at_the_door(replaying):
    log = replaying.parent / "log.csv"
    text = log.read_text("utf-8")
    nobodys, strangers = text.count(",neuro,"), text.count(",general,")
    assert nobodys and strangers
    log.write_text(text.replace(",neuro,", ",,").replace(",general,", ",Dr Grey,"), encoding="utf-8")
    with pytest.raises(ScenarioInvalid) as refused:
        scenario_of(replaying)
    (problem,) = refused.value.problems
    assert (problem.code, problem.place) == ("E206", "policies[1]")
    assert f"{nobodys} to nobody, {strangers} to 'Dr Grey', of 100 requests" in problem.message
    shown = CliRunner().invoke(cli, ["validate", str(replaying)])
    assert shown.exit_code == 2
    assert "declare who is missing under radiologists" in shown.output


def test_a_scenario_that_replays_nothing_is_refused():
    with pytest.raises(ScenarioInvalid, match="no log is replayed"):
        load(shipped("tiny/one-unit"), ("policies=[logged]",), installed())


def test_a_scenario_made_in_code_is_refused_as_well(replaying):
    cell = scenario_of(replaying)
    bare = replace(cell, demand=replace(cell.demand, log=None))
    with pytest.raises(CannotBeAsked, match="logged: the scenario replays no log"):
        campaign((bare,))
