"""The workload of a scenario: case mix through the code tables, arrivals, urgency."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path as File

from simgrid.codes import CodeTables
from simgrid.domain.demand import (
    ArchiveDemand,
    Arrivals,
    CaseMix,
    Demand,
    DicomSource,
    Flow,
    LogSource,
    Patients,
    Triage,
    Urgency,
)
from simgrid.domain.distribution import Distribution, constant
from simgrid.domain.units import MINUTE
from simgrid.scenario.files import MISSING, no_regular_file
from simgrid.scenario.findings import Findings
from simgrid.scenario.installed import Installed
from simgrid.scenario.kinds import adds_up, known_modality, weighted_kinds
from simgrid.scenario.marks import Path
from simgrid.scenario.problems import shown
from simgrid.scenario.schema import ScenarioSpec
from simgrid.scenario.schema_demand import FlowSpec, LogSpec

_LOGS = (".csv", ".xes", ".hl7")

ANY = "any"
MEGABYTE = 1e6


def build_demand(spec: ScenarioSpec, codes: CodeTables, installed: Installed, findings: Findings) -> Demand:
    """The domain's demand; everything that does not fit the code tables goes to ``findings``."""
    mix = spec.demand.mix
    flows = _flows(spec, codes, findings)
    weighted = weighted_kinds(mix, flows, codes, findings) if mix is not None else []
    dicom = spec.demand.dicom
    listed = dicom.modalities if dicom is not None else ()
    requested = [modality for modality in listed if modality in codes.modalities]
    synthetic = list(dict.fromkeys(kind.modality for kind, _ in weighted))
    if spec.demand.log is not None:  # its rows may be of any modality, whatever the mix that fills its gaps
        synthetic = []
    modalities = synthetic or requested or list(codes.modalities)
    for block in ("studies", "reading_time", "defects"):
        for modality in getattr(spec, block):
            known_modality(modality, codes, findings, (block, modality), extra=(ANY, *_archived(spec)))
    reading_cv, reading_min = _reading(spec, modalities, codes, findings)
    return Demand(
        arrivals=_arrivals(spec, flows, findings),
        mix=CaseMix(
            kinds=tuple(kind for kind, _ in weighted),
            weights=tuple(weight for _, weight in weighted),
            size_bytes={modality: _size(spec, modality, codes) for modality in modalities},
            images={modality: _images(spec, modality, codes) for modality in modalities},
            reading_cv=reading_cv,
            reading_min=reading_min,
            counts=_counts(spec, findings),
        ),
        urgency=_urgency(spec, None),
        dicom=_dicom(spec, codes, findings),
        log=None
        if spec.demand.log is None
        else log_source(spec.demand.log, ("demand", "log"), installed, findings),
        defect_share={
            modality: spec.defects.get(modality, spec.defects.get(ANY, 0.0)) for modality in modalities
        }
        if spec.defects
        else {},
        archive=_archive(spec, codes, findings),
        patients=_patients(spec),
        triage=_triage(spec),
        off_hours=spec.demand.off_hours,
    )


def _counts(spec: ScenarioSpec, findings: Findings) -> dict[str, int]:
    """The number of each modality, which must be those of a counted workload."""
    counts = spec.demand.mix.counts if spec.demand.mix is not None else {}
    total = sum(counts.values())
    if counts and spec.demand.count != total:
        message = f"they are {total} together, and demand.count is {spec.demand.count or 'not there'}"
        findings.add("E209", ("demand", "mix", "counts"), message, f"give demand.count: {total}")
    return dict(counts)


def _patients(spec: ScenarioSpec) -> Patients:
    returning = spec.demand.patients
    return Patients() if returning is None else Patients(returning.returning, returning.elsewhere)


def _triage(spec: ScenarioSpec) -> Triage | None:
    shown = spec.demand.triage
    return None if shown is None else Triage(shown.sensitivity, shown.false_positives)


def _archived(spec: ScenarioSpec) -> tuple[str, ...]:
    """The modalities of what is only archived."""
    return () if spec.demand.archive is None else tuple(spec.demand.archive.modalities)


def _archive(spec: ScenarioSpec, codes: CodeTables, findings: Findings) -> ArchiveDemand | None:
    archive = spec.demand.archive
    if archive is None:
        return None
    place = ("demand", "archive", "modalities")
    adds_up(archive.modalities.values(), findings, place)
    for modality in archive.modalities:
        if modality not in spec.studies and modality not in codes.modalities:
            way_out = f"add 'studies: {{{modality}: {{size: ..., images: ...}}}}'"
            findings.add("E102", (*place, modality), "nothing says what its studies weigh", way_out)
            return None
    shares = {name: site.demand.share for name, site in spec.sites.items()}
    return ArchiveDemand(
        count=max(1, round(archive.count * spec.demand.scale)),
        within_s=spec.horizon,
        modality_share=archive.modalities,
        size_bytes={modality: _size(spec, modality, codes) for modality in archive.modalities},
        images={modality: _images(spec, modality, codes) for modality in archive.modalities},
        urgent_share=archive.urgent,
        site_share={name: value for name, value in shares.items() if value is not None},
        hourly=archive.by_hour or spec.demand.by_hour,
    )


def _dicom(spec: ScenarioSpec, codes: CodeTables, findings: Findings) -> DicomSource | None:
    """Whether the folder's files are any good is for their reader to say."""
    dicom = spec.demand.dicom
    if dicom is None:
        return None
    for index, modality in enumerate(dicom.modalities):
        known_modality(modality, codes, findings, ("demand", "dicom", "modalities", index))
    path = findings.file_named(("demand", "dicom", "folder"), dicom.folder)
    if dicom.folder is None or path is None:
        return DicomSource(None, dicom.sizes, dicom.modalities)
    if "\0" in dicom.folder or not path.is_dir():
        findings.add(
            "E201", ("demand", "dicom", "folder"), f"no such folder: {shown(dicom.folder)}", "name a folder"
        )
    return DicomSource(str(path), dicom.sizes, dicom.modalities)


def log_source(log: LogSpec, place: Path, installed: Installed, findings: Findings) -> LogSource:
    """What the log's rows are worth is for its reader to say, and whether its fields have such names."""
    path = findings.file_named((*place, "file"), log.file)
    wrong = MISSING if path is None else no_regular_file(path)
    if wrong is not None:
        said = f"no such file: {shown(log.file)}" if wrong == MISSING else f"{shown(log.file)} {wrong}"
        near = findings.near_file((*place, "file"), log.file, (File(log.file).suffix, *_LOGS))
        findings.add("E201", (*place, "file"), said, near or "name a log")
    missing = tuple((name, str(rule)) for name, rule in log.missing.items())
    source = LogSource(str(path), log.zone, missing, log.lenient, log.sampled)
    for sentence in installed.log(source):
        key, _, message = sentence.partition(": ")
        known = key in type(log).model_fields
        findings.add("E108", (*place, key) if known else place, message if known else sentence)
    return source


def _urgency(spec: ScenarioSpec, flow: FlowSpec | None) -> Urgency:
    """The flow's own where it states them, else the whole demand's."""
    share = spec.demand.urgent if flow is None or flow.urgent is None else flow.urgent
    required = spec.demand.required if flow is None or flow.required is None else flow.required
    return Urgency(share, required.urgent, required.routine)


def _flows(spec: ScenarioSpec, codes: CodeTables, findings: Findings) -> tuple[Flow, ...]:
    """The demand by modality, scaled; what stands in its way goes to ``findings``."""
    made = []
    for name, site in spec.sites.items():
        place = ("sites", name, "demand")
        for modality, one in site.demand.flows.items():
            if not known_modality(modality, codes, findings, (*place, modality), extra=("share", "per_day")):
                continue
            if spec.demand.dicom is not None:
                way_out = "state per_day for the whole site"
                findings.add("E209", (*place, modality), "DICOM files have their own modalities", way_out)
            hourly = one.by_hour or spec.demand.by_hour
            per_day = one.per_day * spec.demand.scale
            made.append(Flow(name, modality, per_day, hourly, _urgency(spec, one)))
        if site.demand.flows and site.demand.per_day is not None:
            message = "the demand by modality already says how many"
            findings.add("E209", (*place, "per_day"), message, "remove one of the two")
    return tuple(made)


def _arrivals(spec: ScenarioSpec, flows: tuple[Flow, ...], findings: Findings) -> Arrivals:
    shares = {name: site.demand.share for name, site in spec.sites.items()}
    per_day = {name: site.demand.per_day for name, site in spec.sites.items()}
    share = {name: value for name, value in shares.items() if value is not None}
    daily = {name: value for name, value in per_day.items() if value is not None}
    if spec.demand.log is not None:
        return _replayed(spec, share, daily, findings)
    if spec.demand.count is None:
        declared = [flow.per_day for site in spec.sites.values() for flow in site.demand.flows.values()]
        if sum(daily.values()) + sum(declared) <= 0:
            findings.add(
                "E102", ("demand", "count"), "nothing says how many", "give demand.count, or per_day at sites"
            )
        for name in share if spec.demand.archive is None else ():
            findings.add("E209", ("sites", name, "demand", "share"), "a share of what?", "give demand.count")
        scaled = {name: value * spec.demand.scale for name, value in daily.items()}
        return Arrivals(spec.horizon, per_day=scaled, hourly=spec.demand.by_hour, flows=flows)
    for name in daily:
        path = ("sites", name, "demand", "per_day")
        findings.add("E209", path, "demand.count already says how many", "remove one of the two")
    for flow in flows:
        path = ("sites", flow.site, "demand", flow.modality)
        findings.add("E209", path, "demand.count already says how many", "remove one of the two")
    if share:
        adds_up(share.values(), findings, ("sites",), _way_out(share, findings))
    count = max(1, round(spec.demand.count * spec.demand.scale))
    return Arrivals(spec.horizon, count, share, hourly=spec.demand.by_hour)


def _way_out(share: Iterable[str], findings: Findings) -> str:
    """How the sites' shares come to 100 %; those of a file that this one extends count as well."""
    sites = {name: findings.tree.at(("sites", name)) for name in share}
    keys = {name: site.key for name, site in sites.items() if site is not None and site.key is not None}
    theirs = [name for name, key in keys.items() if key.source is not findings.tree.mark.source]
    if not theirs or len(theirs) == len(keys):
        return "make them add up to 100 %"
    files = " and ".join(dict.fromkeys(keys[name].source.name for name in theirs))
    listed = ", ".join(f"{name}: null" for name in theirs)
    return f"{', '.join(theirs)} of {files} count too: remove what you do not want with {listed}"


def _replayed(
    spec: ScenarioSpec, share: dict[str, float], daily: dict[str, float], findings: Findings
) -> Arrivals:
    """The log has its own arrivals: whatever else says how many or when is refused, not ignored."""
    also: list[Path] = [
        ("sites", name, "demand", key) for name, site in spec.sites.items() for key in site.demand.flows
    ]
    also += [("sites", name, "demand", "per_day") for name in daily]
    also += [("demand", key) for key in ("count", "by_hour") if getattr(spec.demand, key)]
    also += [("demand", "scale")] if spec.demand.scale != 1 else []
    for path in also:
        findings.add("E209", path, "demand.log already says how many and when", "remove it here")
    if share:
        adds_up(share.values(), findings, ("sites",), _way_out(share, findings))
    return Arrivals(spec.horizon, site_share=share)


def _size(spec: ScenarioSpec, modality: str, codes: CodeTables) -> Distribution:
    """As declared; otherwise always the code table's mean."""
    if modality in spec.studies:
        return spec.studies[modality].size.build()
    return constant(codes.size(modality).size_mb * MEGABYTE)


def _images(spec: ScenarioSpec, modality: str, codes: CodeTables) -> int:
    if modality in spec.studies:
        return spec.studies[modality].images
    return max(1, round(codes.size(modality).images))


def _reading(
    spec: ScenarioSpec, modalities: list[str], codes: CodeTables, findings: Findings
) -> tuple[dict[str, float], dict[str, Distribution]]:
    """Spread around the code table's minutes by modality, and distributions that replace them."""
    spread: dict[str, float] = {}
    replaced: dict[str, Distribution] = {}
    without = []
    for modality in modalities:
        declared = spec.reading_time.get(modality) or spec.reading_time.get(ANY)
        if declared is None:
            without.append(modality)
        elif declared.by_spread_alone:
            spread[modality] = declared.lognormal.cv  # type: ignore[union-attr, assignment]
        else:
            replaced[modality] = declared.build().scaled(1 / MINUTE)
    unknown = [modality for modality in spec.reading_time if modality not in (*codes.modalities, ANY)]
    if without and not unknown:
        way_out = (
            f"add '{without[0]}: {{lognormal: {{cv: 0.5}}}}' for a spread around the code table's minutes"
        )
        findings.add("E102", ("reading_time",), f"says nothing of {', '.join(without)}", way_out)
    return spread, replaced
