"""The estimate of a scenario, wherever its demand stands: declared, in DICOM files, or in a log."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf

from simgrid.domain.scenario import Scenario
from simgrid.experiments import workloads
from simgrid.foresight.estimate import Estimate, estimate, not_counted
from simgrid.foresight.outlook import Outlook, outlook, outlook_of

READING_TIME, CODE_TABLES = "reading_time", "code tables"


@dataclass(frozen=True, slots=True)
class ReadingTime:
    """How long the requested studies of a modality are read at speed 1.

    ``told_by``: what in the scenario says so, in its own word where it has one.
    """

    modality: str
    requests: float
    mean_min: float
    sd_min: float
    told_by: str


@dataclass(frozen=True, slots=True)
class Expectation:
    """What is expected of one cell, and in ``notes`` what the numbers rest on and leave out."""

    scenario: Scenario
    expected: Estimate
    reading: tuple[ReadingTime, ...]
    notes: tuple[str, ...]


def expectation(scenario: Scenario) -> Expectation:
    """Estimate a cell. Of requests that stand in files the ones of replication 0 are counted by the hour.

    Raises WorkloadError or DicomFolderError for files that cannot be read.
    """
    ahead = outlook(scenario, inf)
    if ahead is None:
        ahead = outlook_of(scenario, workloads.draw(scenario, 0))
    reading = tuple(_reading(scenario, ahead))
    return Expectation(scenario, estimate(scenario, ahead), reading, tuple(_notes(scenario)))


def _reading(scenario: Scenario, ahead: Outlook) -> Iterator[ReadingTime]:
    """Of every modality that is requested; times of a log are its own where it has them."""
    for name in ahead.modalities:
        told_by = READING_TIME if name in scenario.demand.mix.reading_min else CODE_TABLES
        if scenario.demand.log is not None:
            told_by = f"the log, or {told_by}"
        mean = ahead.minutes[name]
        yield ReadingTime(name, ahead.number(name), mean, ahead.spread[name] * mean, told_by)


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
