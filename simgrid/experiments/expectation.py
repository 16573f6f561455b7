"""The estimate of a scenario, wherever its demand stands: declared, in DICOM files, or in a log."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf

from simgrid.domain.scenario import Scenario
from simgrid.experiments import workloads
from simgrid.foresight.estimate import Estimate, estimate, not_counted
from simgrid.foresight.outlook import outlook, outlook_of


@dataclass(frozen=True, slots=True)
class Expectation:
    """What is expected of one cell, and in ``notes`` what the numbers rest on and leave out."""

    scenario: Scenario
    expected: Estimate
    notes: tuple[str, ...]


def expectation(scenario: Scenario) -> Expectation:
    """Estimate a cell. Of requests that stand in files the ones of replication 0 are counted by the hour.

    Raises WorkloadError or DicomFolderError for files that cannot be read.
    """
    ahead = outlook(scenario, inf)
    if ahead is None:
        ahead = outlook_of(scenario, workloads.draw(scenario, 0))
    return Expectation(scenario, estimate(scenario, ahead), tuple(_notes(scenario)))


def _notes(scenario: Scenario) -> Iterator[str]:
    yield "means only: chance makes backlogs longer; studies count from their request on, images take no time"
    if scenario.uncertain:
        places = ", ".join(one.place for one in scenario.uncertain)
        yield f"of the values that each world draws, those that the scenario has: {places}"
    if scenario.demand.log is not None:
        yield "the requests are the log's, and what it lacks as replication 0 draws it"
    elif scenario.demand.dicom is not None:
        yield "the requests are those that replication 0 draws from the DICOM files"
    if scenario.demand.archive is not None and (scenario.demand.log or scenario.demand.dicom):
        yield "not counted: what is only archived"
    left_out = not_counted(scenario)
    if left_out:
        yield f"not counted: {', '.join(left_out)}"
