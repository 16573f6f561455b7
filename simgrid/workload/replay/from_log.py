"""The inspections of a replication, replayed from a log: its arrivals exactly, its gaps sampled.

What the log states is the same in every replication; what it leaves open belongs to the inspection and is
drawn anew for each. Sizes and kinds come from the scenario's case mix, else from the code tables.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta, tzinfo
from itertools import islice

import numpy as np
import numpy.typing as npt

from simgrid.codes.tables import CodeTables
from simgrid.domain.demand import CaseMix, Demand, LogSource, Triage
from simgrid.domain.inspection import GATE_ATTEMPTS, POLICY_LUCK, Codes, Inspections, Labels
from simgrid.domain.kind import Kind
from simgrid.domain.units import BoolArray, FloatArray, Seconds
from simgrid.workload.arrivals import choose
from simgrid.workload.case_mix import check_readings
from simgrid.workload.errors import WorkloadError
from simgrid.workload.replay.collect import collect
from simgrid.workload.replay.csv_log import read_csv
from simgrid.workload.replay.draws import Words, normals, quantile, uniforms
from simgrid.workload.replay.event_log import EventLog
from simgrid.workload.replay.log_files import LogError, open_log
from simgrid.workload.replay.patterns import Pattern
from simgrid.workload.replay.priorities import ROUTINE
from simgrid.workload.replay.pseudonyms import AsGiven, Spelt
from simgrid.workload.replay.rows import Rejected
from simgrid.workload.replay.rules import Rules

_MISSING = -1
_SHOWN = 10
_LARGE_BYTES = 2_000_000


def load(source: LogSource, codes: CodeTables) -> EventLog:
    """The log that a scenario refers to, in the standard form; its names stay as they are.

    Raises:
        LogError: the file cannot be read, or any of its rows would be refused: a scenario never replays a
            part of its log in silence.
    """
    found = _load_blocks(source, codes)
    return found if found is not None else _load_rows(source, codes)


def _load_blocks(source: LogSource, codes: CodeTables) -> EventLog | None:
    with open_log(source.file) as file:
        if os.fstat(file.fileno()).st_size < _LARGE_BYTES:
            return None
    # Importing what reads blocks takes as long as reading ten thousand rows one by one.
    from simgrid.workload.replay.standard_blocks import load_standard

    return load_standard(source.file, codes, Rules.of(source))


def _load_rows(source: LogSource, codes: CodeTables) -> EventLog:
    """As ``load``, row by row, with the place and reason of each row that would be refused."""
    refused: list[Rejected] = []
    number = 0

    def note(one: Rejected) -> None:
        nonlocal number
        number += 1
        if len(refused) < _SHOWN:
            refused.append(one)

    log = collect([read_csv(source.file)], codes, Rules.of(source), AsGiven(), note)
    if refused:
        lines = [
            f"log {source.file!r}, line {one.line}: {f'{one.field} ' if one.field else ''}{one.reason}"
            for one in refused
        ]
        if number > len(refused):
            lines.append(f"log {source.file!r}: {number - len(refused)} more rows are refused")
        lines.append(f"log {source.file!r}: convert it with `simgrid replay`, which sets such rows aside")
        raise LogError(lines)
    return log


def inspections(
    log: EventLog,
    demand: Demand,
    sites: Sequence[str],
    seed: int,
    replication: int,
    start: datetime,
    radiologists: Sequence[str] = (),
) -> Inspections:
    """The log's inspections requested in [start, start + the window of ``demand.arrivals``), ascending.

    ``radiologists``: the scenario's, for ``logged``. ``requested_s`` counts from ``start`` (aware).
    Each draw depends on seed, replication, purpose and the inspection, not on what else is in the log.

    Raises:
        WorkloadError: sites that the scenario lacks, or readings that cannot be drawn; all at once.
    """
    window = _window(log, start, demand.arrivals.within_s)
    draw = _Draw(log.inspection[window], seed, replication)
    site = _sites(log, window, sites, demand.arrivals.site_share, draw)
    kinds, kind = _kinds(log, window, demand.mix, draw)
    problems = check_readings(demand, kinds)
    if problems:
        raise WorkloadError(problems)
    urgent = _urgent(log.priority[window], demand.urgency.urgent_share, draw)
    size, images = _sizes(log, window, demand.mix, kinds, kind, draw)
    urgency = demand.urgency
    allowed_s = float(urgency.urgent_within_s), float(urgency.routine_within_s)
    return Inspections(
        identifier=Spelt(draw.inspection),
        kinds=kinds,
        sites=tuple(sites),
        kind=kind,
        site=site,
        requested_s=log.requested_s[window] - start.timestamp(),
        required_s=np.where(urgent, *allowed_s),
        urgent=urgent,
        size_bytes=size,
        images=images,
        reading_draw_min=_reading(demand.mix, kinds, kind, draw),
        luck=_luck(draw),
        defect=_defects(_defect_share(demand, kinds)[kind], draw),
        logged=_logged(log, window, radiologists),
        label=None if demand.triage is None else _label(demand.triage, urgent, allowed_s, draw),
    )


def natural_start(log: EventLog, zone: tzinfo) -> datetime:
    """The midnight before the first request, in the zone; :raises LogError: for a log without rows."""
    if not len(log):
        raise LogError(["the log has no accepted row, so it has no beginning: see the rejected rows"])
    first = datetime.fromtimestamp(float(log.requested_s[0]), zone)
    return datetime.combine(first.date(), time(), zone)


def natural_horizon_s(log: EventLog, zone: tzinfo) -> Seconds:
    """Seconds from ``natural_start`` to the midnight after the last request, in the zone."""
    start = natural_start(log, zone)
    last = datetime.fromtimestamp(float(log.requested_s[-1]), zone)
    end = datetime.combine(last.date() + timedelta(days=1), time(), zone)
    return end.timestamp() - start.timestamp()


def readers(log: EventLog, start: datetime, within_s: Seconds) -> dict[str, int]:
    """How many requests of the window the log gives to whom; those of nobody under an empty name."""
    given = log.assigned[_window(log, start, within_s)]
    found, number = np.unique(given, return_counts=True)
    names = [log.radiologists[one] if one >= 0 else "" for one in found.tolist()]
    return dict(zip(names, number.tolist(), strict=True))


def outside(log: EventLog, start: datetime, within_s: Seconds) -> tuple[int, int]:
    """How many requests come before the window that begins at ``start``, and how many after it."""
    window = _window(log, start, within_s)
    return window.start, len(log) - window.stop


class _Draw:
    """The draws of some inspections in one replication."""

    def __init__(self, inspection: Words, seed: int, replication: int) -> None:
        self.inspection = inspection
        self._seed = seed
        self._replication = replication

    def uniform(self, *purpose: str) -> FloatArray:
        return uniforms(self.inspection, self._seed, self._replication, *purpose)

    def normal(self, *purpose: str) -> FloatArray:
        return normals(self.inspection, self._seed, self._replication, *purpose)


def _window(log: EventLog, start: datetime, within_s: Seconds) -> slice:
    if start.tzinfo is None:
        raise WorkloadError([f"start {start.isoformat()} has no zone: a replayed log needs one"])
    first = start.timestamp()
    begin, end = np.searchsorted(log.requested_s, [first, first + within_s], side="left")
    return slice(int(begin), int(end))


def _sites(
    log: EventLog, window: slice, sites: Sequence[str], share: Mapping[str, float], draw: _Draw
) -> Codes:
    """Index into the scenario's sites.

    A row without one gets one with the frequency of those named in the whole log; where it names none, by the
    scenario's shares, or else evenly.
    """
    strange = [name for name in log.sites if name not in sites]
    if strange:
        listed = ", ".join(repr(name) for name in islice(strange, _SHOWN))
        more = f" and {len(strange) - _SHOWN} more" if len(strange) > _SHOWN else ""
        raise WorkloadError(
            [
                f"the log has requests of {listed}{more}, which are no sites of the scenario: it has "
                f"{', '.join(sites)}"
            ]
        )
    if not sites:
        raise WorkloadError(["sites: there is none, so nobody requests an inspection; add one"])
    table = np.array([*(sites.index(name) for name in log.sites), _MISSING], dtype=np.int32)
    found = table[log.site[window]]
    unnamed = found == _MISSING
    if unnamed.any():
        named = table[log.site[log.site != _MISSING]]
        weights = np.bincount(named, minlength=len(sites)).astype(np.float64)
        if not weights.any():
            weights = np.array([share.get(name, 0.0) for name in sites])
        if not weights.any():
            weights = np.ones(len(sites))
        found[unnamed] = choose(weights, draw.uniform("site")[unnamed])
    return found


def _logged(log: EventLog, window: slice, radiologists: Sequence[str]) -> Codes:
    place = {name: number for number, name in enumerate(radiologists)}
    table = np.array([*(place.get(name, _MISSING) for name in log.radiologists), _MISSING], dtype=np.int16)
    logged: Codes = table[log.assigned[window]]
    return logged


def _kinds(log: EventLog, window: slice, mix: CaseMix, draw: _Draw) -> tuple[tuple[Kind, ...], Codes]:
    """All kinds that the log's patterns may be, and which each inspection is."""
    open_to = [_fitting(pattern, mix) for pattern in log.patterns]
    kinds = tuple(sorted({kind for fitting, _ in open_to for kind in fitting}))
    place = {kind: number for number, kind in enumerate(kinds)}
    pattern = log.pattern[window]
    only = np.array([place[fitting[0]] for fitting, _ in open_to], dtype=np.int32)
    kind = only[pattern] if len(only) else np.zeros(0, dtype=np.int32)
    several = [number for number, (fitting, _) in enumerate(open_to) if len(fitting) > 1]
    if not several:
        return kinds, kind
    uniform = draw.uniform("case-mix")
    order = np.argsort(pattern, kind="stable")
    edges = np.searchsorted(pattern[order], np.arange(len(open_to) + 1))
    for number in several:
        rows = order[edges[number] : edges[number + 1]]
        fitting, weights = open_to[number]
        indices = np.array([place[one] for one in fitting], dtype=np.int64)
        kind[rows] = indices[choose(np.array(weights), uniform[rows])]
    return kinds, kind


def _fitting(pattern: Pattern, mix: CaseMix) -> tuple[tuple[Kind, ...], tuple[float, ...]]:
    """The kinds that a pattern may be, with weights: those of the mix, else those of the tables.

    What a row states fully is that kind even where the mix gives it no weight.
    """
    fits = [(kind, weight) for kind, weight in zip(mix.kinds, mix.weights, strict=True) if pattern.fits(kind)]
    if pattern.modality and pattern.body_part and pattern.icd10:
        return ((fits[0][0],), (1.0,)) if fits else (pattern.kinds, pattern.probability)
    weighted = [(kind, weight) for kind, weight in fits if weight > 0]
    if not weighted:
        return pattern.kinds, pattern.probability
    return tuple(kind for kind, _ in weighted), tuple(weight for _, weight in weighted)


def _urgent(priority: npt.NDArray[np.int8], share: float, draw: _Draw) -> BoolArray:
    stated = (priority >= 0) & (priority < ROUTINE)
    if not np.any(priority == _MISSING):
        return stated
    return np.where(priority == _MISSING, draw.uniform("urgency") < share, stated)


def _label(triage: Triage, urgent: BoolArray, allowed_s: tuple[Seconds, Seconds], draw: _Draw) -> Labels:
    """As ``case_mix.draw_label`` has them: what the log states is the truth."""
    share = np.where(urgent, triage.sensitivity, triage.false_positives)
    label = draw.uniform("label") < share
    return Labels(label, np.where(label, *allowed_s))


def _sizes(
    log: EventLog, window: slice, mix: CaseMix, kinds: Sequence[Kind], kind: Codes, draw: _Draw
) -> tuple[FloatArray, Codes]:
    """Whole bytes, and images; the log's, else the case mix's of the modality, else the tables' mean."""
    size, images = log.size_bytes[window].copy(), log.images[window].copy()
    without_size, without_images = np.isnan(size), images == 0
    if without_size.any() or without_images.any():
        typical = {one.modality: one for one in log.typical}
        open_to = np.unique(kind[without_size | without_images]).tolist()
        for name in sorted({kinds[one].modality for one in open_to}):
            alike = _of_modality(name, kinds, kind)
            rows = without_size & alike
            if name in mix.size_bytes:
                size[rows] = quantile(mix.size_bytes[name], draw.uniform("size")[rows])
            else:
                size[rows] = typical[name].size_bytes
            images[without_images & alike] = mix.images.get(name) or typical[name].images
    np.rint(size, out=size)
    return np.maximum(size, 1.0, out=size), images


def _reading(mix: CaseMix, kinds: Sequence[Kind], kind: Codes, draw: _Draw) -> FloatArray:
    """True reading minutes at speed 1, as ``case_mix.draw_reading`` has them."""
    mean = np.array([one.effort_min for one in kinds])
    variance = np.log1p(np.array([mix.reading_cv.get(one.modality, 0.0) for one in kinds]) ** 2)
    minutes = draw.normal("reading-time")
    minutes *= np.sqrt(variance)[kind]
    minutes -= (variance / 2)[kind]
    np.exp(minutes, out=minutes)
    minutes *= mean[kind]
    for name in sorted(mix.reading_min):
        rows = _of_modality(name, kinds, kind)
        if rows.any():
            minutes[rows] = quantile(mix.reading_min[name], draw.uniform("reading-time")[rows])
    return minutes


def _of_modality(name: str, kinds: Sequence[Kind], kind: Codes) -> BoolArray:
    """Which inspections are of it; the modality itself, spelt for each of millions, would fill the memory."""
    found: BoolArray = np.array([one.modality == name for one in kinds], dtype=np.bool_)[kind]
    return found


def _luck(draw: _Draw) -> FloatArray:
    luck = np.empty((len(draw.inspection), POLICY_LUCK + GATE_ATTEMPTS))
    for column in range(luck.shape[1]):
        luck[:, column] = draw.uniform("luck", str(column))
    return luck


def _defects(share: FloatArray, draw: _Draw) -> BoolArray:
    defect = np.empty((len(share), GATE_ATTEMPTS), dtype=np.bool_)
    for attempt in range(GATE_ATTEMPTS):
        defect[:, attempt] = draw.uniform("defect", str(attempt)) < share
    return defect


def _defect_share(demand: Demand, kinds: Sequence[Kind]) -> FloatArray:
    return np.array([demand.defect_share.get(one.modality, 0.0) for one in kinds], dtype=np.float64)
