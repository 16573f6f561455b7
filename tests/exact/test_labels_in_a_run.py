"""Nobody who decides sees more of urgency than its label; what is scored is urgency itself."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from simgrid.domain.demand import Triage
from simgrid.domain.inspection import Inspections, Labels
from simgrid.domain.journal import Journal
from simgrid.domain.scenario import PolicyChoice, Scenario
from simgrid.experiments.assemble import run_setting, setting_of
from simgrid.experiments.setting import Setting
from simgrid.experiments.workloads import draw_studies
from simgrid.metrics import evaluate
from simgrid.scenario import load
from tests.worlds import inspections, simulate, world

OVERRIDES = (
    "demand.count=80",
    "demand.triage={sensitivity: 70 %, false_positives: 20 %}",
    "demand.patients={returning: 40 %}",
    "grid={agents: {}, reading: {interruption: true, end_of_shift: hand-over}, monitoring: {every: 5 min}}",
)
POLICIES = (
    "rwoa",
    "rwoa@queue-aware",
    "rwoa@whole-tree",
    "deadline-insertion",
    "effort-deficit",
    "shortest-completion@earliest-due-date",
    "shortest-completion@ageing+online",
    "continuity@rwoa",
    "manual",
)
TIMES = ("assigned_s", "delivered_s", "opened_s", "read_s", "reported_s")


def scenario() -> Scenario:
    (cell,) = load("tiny/one-unit", OVERRIDES).cells
    return cell


def shuffled(setting: Setting, cell: Scenario) -> Setting:
    """The same requests with the same labels, and urgency dealt out anew, times allowed and all."""
    order = np.random.default_rng(5).permutation(len(setting.inspections))
    of = setting.inspections
    other = replace(of, urgent=of.urgent[order], required_s=of.required_s[order])
    return replace(setting, inspections=other, studies=draw_studies(cell, other, 0))


def scores(journal: Journal, cell: Scenario) -> dict[tuple[str, str], float]:
    return {(one.group, one.metric): one.value for one in evaluate(journal, cell.discrepancy)}


@pytest.mark.parametrize("label", POLICIES)
def test_urgency_itself_moves_nothing_but_the_scores(label: str) -> None:
    cell = scenario()
    setting, choice = setting_of(cell, 0), PolicyChoice.parse(label)
    one = run_setting(cell, setting, choice, 0)
    other = run_setting(cell, shuffled(setting, cell), choice, 0)
    assert one.fingerprint == other.fingerprint
    assert np.array_equal(one.inspections.radiologist, other.inspections.radiologist)
    for time in TIMES:
        assert np.array_equal(getattr(one.inspections, time), getattr(other.inspections, time))
    was, now = scores(one, cell), scores(other, cell)
    moved = {key for key in was if key in now and was[key] != now[key]}
    assert {("urgency=urgent", "tat_mean_min"), ("urgency=routine", "wait_mean_min")} <= moved
    assert not [key for key in moved if not key[0].startswith("urgency=") and "response_time" not in key[1]]


def test_the_labels_do_move_what_happens() -> None:
    cell = scenario()
    setting, choice = setting_of(cell, 0), PolicyChoice.parse("deadline-insertion")
    of = setting.inspections
    truth = replace(of, label=Labels(of.urgent, of.required_s))
    told = replace(setting, inspections=truth, studies=draw_studies(cell, truth, 0))
    untold = replace(setting, inspections=replace(of, label=None), studies=draw_studies(cell, truth, 0))
    one, other, none = (run_setting(cell, each, choice, 0) for each in (setting, told, untold))
    assert one.fingerprint != other.fingerprint
    assert other.fingerprint == none.fingerprint
    assert none.inspections.labelled_urgent is None


def labelled(urgent: list[bool], label: list[bool]) -> Inspections:
    rows = len(urgent)
    of = inspections([0.0, 1.0, 2.0, 3.0][:rows], [10.0] * rows, urgent=np.array(urgent))
    return replace(of, label=Labels(np.array(label), np.where(label, 600.0, 3600.0)))


def test_who_is_read_first_by_hand() -> None:
    """The first is open; then the one labelled urgent, which is not, before the one that is and is missed."""
    of = labelled([False, True, False, False], [False, False, False, True])
    row = simulate(world(), of).inspections
    assert np.argsort(row.opened_s).tolist() == [0, 3, 1, 2]
    assert row.urgent.tolist() == [False, True, False, False]
    assert row.labelled_urgent is not None
    assert row.labelled_urgent.tolist() == row.shown_urgent.tolist() == [False, False, False, True]
    assert row.required_s.tolist() == [3600.0] * 4


def test_labels_of_another_length_are_refused() -> None:
    with pytest.raises(ValueError, match="label has not one entry a row: expected 2"):
        replace(inspections([0.0, 1.0], [1.0, 1.0]), label=Labels(np.zeros(3, np.bool_), np.zeros(2)))


def test_a_better_flag_is_the_same_flag_with_fewer_errors() -> None:
    """One uniform an inspection: sensitivity only adds labels, and nothing else of the workload moves."""
    found = []
    for sensitivity in (0.0, 0.5, 0.9, 1.0):
        cell = scenario()
        cell = replace(cell, canonical="", demand=replace(cell.demand, triage=Triage(sensitivity, 0.2)))
        found.append(setting_of(cell, 0).inspections)
    for worse, better in itertools.pairwise(found):
        assert worse.label is not None and better.label is not None
        assert np.all(better.label.urgent[worse.label.urgent])
        assert np.array_equal(worse.label.urgent[~worse.urgent], better.label.urgent[~better.urgent])
        assert np.array_equal(worse.luck, better.luck) and np.array_equal(worse.urgent, better.urgent)
    first, last = found[0].label, found[-1].label
    assert first is not None and last is not None
    assert not first.urgent[found[0].urgent].any() and last.urgent[found[-1].urgent].all()
