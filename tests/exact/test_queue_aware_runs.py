"""A hundred studies at once: what eq. 8 plans, what the queue-aware plan says, and what then happens."""

import numpy as np
import pytest

from simgrid.domain.scenario import PolicyChoice
from simgrid.experiments.assemble import run_journal
from simgrid.experiments.installed import installed
from simgrid.metrics import success
from simgrid.scenario import load, shipped

SITES = ("central", "harbour", "valley", "island")
AT_ONCE = (
    "horizon=1 min",
    "demand.required.urgent=40 min",
    "demand.required.routine=120 min",
    "data_centre.link.bandwidth=10 Gbit/s",
    "sources=null",
    "clients=null",
    *(f"sites.{site}.link.bandwidth=10 Gbit/s" for site in SITES),
    *(f"sites.{site}.scanners=100" for site in SITES),
)
AS_BELIEVED = (
    "spread.speed=0",
    "spread.estimate_error=0",
    *(f"reading_time.{modality}.lognormal.cv=0.001" for modality in ("CT", "MR", "DX", "MG")),
)


def journal(label, replication=0, sets=AT_ONCE):
    scenario = load(shipped("paper/table-1"), sets, installed()).cells[0]
    return run_journal(scenario, PolicyChoice.parse(label), replication)


def shares(label, replication=0, sets=AT_ONCE):
    """Share in time as planned and as realised."""
    records = journal(label, replication, sets).inspections
    return float(success.in_time_planned(records).mean()), float(success.in_time(records).mean())


def test_where_times_are_as_believed_every_plan_comes_true():
    records = journal("rwoa@queue-aware", sets=(*AT_ONCE, *AS_BELIEVED)).inspections
    realised = records.read_s - records.requested_s
    assert len(records.planned_s) == 100
    assert records.planned_s == pytest.approx(realised, rel=0.01)
    planned, in_time = shares("rwoa@queue-aware", sets=(*AT_ONCE, *AS_BELIEVED))
    assert planned == pytest.approx(in_time)
    assert 0.2 < planned < 0.95


def test_the_plan_is_kept_far_better_than_that_of_rwoa():
    plain = np.array([shares("rwoa", replication) for replication in range(3)]).mean(axis=0)
    aware = np.array([shares("rwoa@queue-aware", replication) for replication in range(3)]).mean(axis=0)
    assert plain[0] - plain[1] > 0.3
    assert abs(aware[0] - aware[1]) < (plain[0] - plain[1]) / 3
