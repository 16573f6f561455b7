"""Where a scenario's inspections come from: drawn from a case mix, resampled from DICOM files, or replayed.

What is read from files is read once a process, enters the runs' identity by its content, and is told to the
user: how much was understood, and which files were not used and why.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache, partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from simgrid.codes import CodeTables
from simgrid.domain.demand import DicomSource, LogSource
from simgrid.domain.inspection import Inspections
from simgrid.domain.prior_studies import PriorStudies
from simgrid.domain.scenario import Scenario, throughout
from simgrid.domain.study import ArchiveLoad, Studies
from simgrid.domain.units import MINUTE, Seconds
from simgrid.experiments.picturing import images_read, pictured
from simgrid.workload.archive import with_archive
from simgrid.workload.dicom_archive import StudyPool, load_pool, resample
from simgrid.workload.patients import draw_patients
from simgrid.workload.prior_studies import prior_studies
from simgrid.workload.priors import draw_priors
from simgrid.workload.replay import from_log
from simgrid.workload.replay.event_log import EventLog
from simgrid.workload.stretches import stretches
from simgrid.workload.synthetic import draw_inspections

if TYPE_CHECKING:
    from simgrid.scenario.installed import LogSeen

ACCOUNT = "workload.txt"
"""The file of a results folder that says what was understood."""


def draw(scenario: Scenario, replication: int) -> Inspections:
    """The inspections of one replication, with their images where it has any."""
    return pictured(scenario, _draw(scenario, replication), replication)


def _draw(scenario: Scenario, replication: int) -> Inspections:
    sites = tuple(site.name for site in scenario.sites)
    demand, seed = scenario.demand, scenario.seed
    if demand.log is not None:
        log = _log(demand.log, scenario.codes_folder)
        team = tuple(one.name for one in scenario.radiologists)
        return from_log.inspections(log, demand, sites, seed, replication, scenario.start, team)
    if demand.dicom is not None:
        pool = _pool(demand.dicom, scenario.codes_folder)
        return resample(pool, demand, sites, seed, replication, scenario.start)
    return draw_inspections(demand, sites, seed, replication, scenario.start)


def draw_studies(scenario: Scenario, inspections: Inspections, replication: int) -> Studies:
    """The inspections of one replication, as labelled, and those only archived, with their patients."""
    demand, seed = scenario.demand, scenario.seed
    inspections = inspections.as_labelled()
    if demand.archive is None:
        studies = Studies.of(inspections, ArchiveLoad.none())
    else:
        sites = tuple(site.name for site in scenario.sites)
        studies = with_archive(inspections, demand.archive, sites, seed, replication, scenario.start)
    returning = demand.patients
    if not returning.returning_share:
        return studies
    order, site = studies.order, np.empty_like(studies.site)
    for part in stretches(len(order)):
        site[part] = studies.site[order.block(part.start, part.stop)]
    drawn = draw_patients(site, returning.returning_share, returning.elsewhere_share, seed, replication)
    for part in stretches(len(order)):
        studies.patient[order.block(part.start, part.stop)] = drawn[part]
    return studies


def draw_prior_studies(
    scenario: Scenario, inspections: Inspections, studies: Studies, replication: int
) -> PriorStudies | None:
    """The priors that the inspections of one replication fetch; None where the system is off or has none.

    Sites hold other sites' priors by the studies that they make in this run.
    """
    rules, seed = scenario.grid.priors, scenario.seed
    if rules is None or not len(inspections):
        return None
    asked = slice(len(inspections))
    patient = studies.patient[asked].astype(np.int64)
    modality = inspections.labels("modality")
    weight = np.zeros(len(scenario.sites))
    for part in stretches(len(studies)):
        weight += np.bincount(studies.site[part], minlength=len(weight))
    site = inspections.site.astype(np.int64)
    drawn = draw_priors(
        rules.rule, patient, site, modality, inspections.requested_s, weight, seed, replication
    )
    found = prior_studies(rules, drawn, patient, modality, len(studies), seed, replication)
    return found if len(found.earlier) else None


def identified(scenario: Scenario) -> Scenario:
    """The scenario with the content of the studies or log that it reads among its inputs, in all worlds."""
    return throughout(scenario, _identified)


def _identified(scenario: Scenario) -> Scenario:
    dicom, log = scenario.demand.dicom, scenario.demand.log
    inputs = {**scenario.inputs, **images_read(scenario)}
    if dicom is not None:
        place = str(Path(dicom.folder or "pydicom") / "studies")
        inputs[place] = _pool(dicom, scenario.codes_folder).digest()
    if log is not None:
        inputs[log.file] = _digest(_log(log, scenario.codes_folder))
    belief = scenario.belief
    if belief is not None and belief.log is not None:
        whole_log(belief.log, scenario.codes_folder)  # a log that cannot be mined is told here
        inputs[belief.log.file] = sha256(Path(belief.log.file).read_bytes()).hexdigest()
    if belief is not None and belief.stage is not None:
        belief = replace(belief, stage=identified(belief.stage))
    return replace(scenario, inputs=inputs, belief=belief)


def logged_digest(scenario: Scenario) -> str:
    """The content of a replayed log that only the policy ``logged`` is shown: who was given what."""
    log = scenario.demand.log
    return "" if log is None else _log(log, scenario.codes_folder).logged_digest()


def describe(scenario: Scenario) -> tuple[str, ...]:
    """What was understood of the files, in printable lines; empty for a synthetic workload."""
    dicom, log = scenario.demand.dicom, scenario.demand.log
    if log is not None:
        return tuple(_log(log, scenario.codes_folder).summary())
    return tuple(_pool(dicom, scenario.codes_folder).summary()) if dicom is not None else ()


def brief(scenario: Scenario) -> tuple[str, ...]:
    """The same for whoever knows the files already: of a log two lines."""
    log = scenario.demand.log
    if log is None:
        return describe(scenario)
    requests, drawn = _log(log, scenario.codes_folder).brief()
    return f"{Path(log.file).name}: {requests}", f"{drawn} (every field: 'simgrid validate -v', or {ACCOUNT})"


def unused(scenario: Scenario) -> tuple[str, ...]:
    """One line for each file that was not used, with the reason."""
    dicom = scenario.demand.dicom
    return tuple(_pool(dicom, scenario.codes_folder).listing()) if dicom is not None else ()


def seen(source: LogSource, codes_folder: str | None) -> LogSeen:
    """What a log holds, for checks before anything runs; :raises LogError: it cannot be replayed."""
    from simgrid.scenario.installed import LogSeen  # brings the scenario language, which no worker needs

    log = _log(source, codes_folder)
    return LogSeen(
        sites=log.sites,
        modalities=tuple(sorted({one.modality for one in log.patterns} - {""})),
        requests=len(log),
        first_s=float(log.requested_s[0]) if len(log) else 0.0,
        last_s=float(log.requested_s[-1]) if len(log) else 0.0,
        outside=partial(from_log.outside, log),
        readers=partial(from_log.readers, log),
    )


def window_of(scenario: Scenario, requests: int) -> Seconds:
    """Seconds from the start in which the scenario's log has so many requests, or a few more at one instant.

    :raises LogError: the log cannot be replayed.
    """
    if scenario.demand.log is None:
        return scenario.horizon_s
    log = _log(scenario.demand.log, scenario.codes_folder)
    begin, _ = from_log.outside(log, scenario.start, scenario.horizon_s)
    if begin + requests >= len(log):
        return scenario.horizon_s
    within_s = float(log.requested_s[begin + requests]) - scenario.start.timestamp()
    return min(scenario.horizon_s, max(within_s, MINUTE))


@lru_cache(maxsize=2)
def _pool(source: DicomSource, codes_folder: str | None) -> StudyPool:
    return load_pool(source, codes_of(codes_folder))


def _log(source: LogSource, codes_folder: str | None) -> EventLog:
    """Read once, and again when the file is another: a notebook may convert its log anew."""
    try:
        found = Path(source.file).stat()
    except OSError:
        return from_log.load(source, codes_of(codes_folder)).requests_only()
    return _log_as_of(source, codes_folder, (found.st_ino, found.st_size, found.st_mtime_ns))


@lru_cache(maxsize=2)
def _log_as_of(source: LogSource, codes_folder: str | None, _: tuple[int, int, int]) -> EventLog:
    return from_log.load(source, codes_of(codes_folder)).requests_only()


def whole_log(source: LogSource, codes_folder: str | None) -> EventLog:
    """A log with who read what and when, read again when the file is another.

    :raises LogError: it cannot be read.
    """
    try:
        found = Path(source.file).stat()
    except OSError:
        return from_log.load(source, codes_of(codes_folder))
    return _whole_log_as_of(source, codes_folder, (found.st_ino, found.st_size, found.st_mtime_ns))


@lru_cache(maxsize=2)
def _whole_log_as_of(source: LogSource, codes_folder: str | None, _: tuple[int, int, int]) -> EventLog:
    return from_log.load(source, codes_of(codes_folder))


@lru_cache(maxsize=1)
def _digest(log: EventLog) -> str:
    """Once for all cells of a sweep: that of millions of rows takes most of a second."""
    return log.digest()


def codes_of(folder: str | None) -> CodeTables:
    """The code tables of a folder, or those that travel with simgrid."""
    return CodeTables.from_folder(Path(folder)) if folder else CodeTables.default()
