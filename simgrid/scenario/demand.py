"""The workload of a scenario: case mix through the code tables, arrivals, urgency."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches

from simgrid.codes import CodeTables
from simgrid.domain.demand import Arrivals, CaseMix, Demand, DicomSource, Flow, Urgency
from simgrid.domain.distribution import Distribution, constant
from simgrid.domain.kind import Kind
from simgrid.domain.units import MINUTE
from simgrid.scenario.findings import Findings
from simgrid.scenario.problems import did_you_mean, shown
from simgrid.scenario.schema import FlowSpec, MixSpec, ScenarioSpec

ANY = "any"
MEGABYTE = 1e6


def build_demand(spec: ScenarioSpec, codes: CodeTables, findings: Findings) -> Demand:
    """The domain's demand; everything that does not fit the code tables goes to ``findings``."""
    mix = spec.demand.mix
    flows = _flows(spec, codes, findings)
    weighted = _kinds(mix, flows, codes, findings) if mix is not None else []
    dicom = spec.demand.dicom
    listed = dicom.modalities if dicom is not None else ()
    requested = [modality for modality in listed if modality in codes.modalities]
    synthetic = list(dict.fromkeys(kind.modality for kind, _ in weighted))
    modalities = synthetic or requested or list(codes.modalities)
    for block in ("studies", "reading_time", "defects"):
        for modality in getattr(spec, block):
            _known_modality(modality, codes, findings, (block, modality), extra=(ANY,))
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
        ),
        urgency=_urgency(spec, None),
        dicom=_dicom(spec, codes, findings),
        defect_share={
            modality: spec.defects.get(modality, spec.defects.get(ANY, 0.0)) for modality in modalities
        }
        if spec.defects
        else {},
    )


def _dicom(spec: ScenarioSpec, codes: CodeTables, findings: Findings) -> DicomSource | None:
    """Whether the folder's files are any good is for their reader to say."""
    dicom = spec.demand.dicom
    if dicom is None:
        return None
    for index, modality in enumerate(dicom.modalities):
        _known_modality(modality, codes, findings, ("demand", "dicom", "modalities", index))
    path = findings.file_named(("demand", "dicom", "folder"), dicom.folder)
    if dicom.folder is None or path is None:
        return DicomSource(None, dicom.sizes, dicom.modalities)
    if "\0" in dicom.folder or not path.is_dir():
        findings.add(
            "E201", ("demand", "dicom", "folder"), f"no such folder: {shown(dicom.folder)}", "name a folder"
        )
    return DicomSource(str(path), dicom.sizes, dicom.modalities)


def kind_of(modality: str, body_part: str, icd10: str, codes: CodeTables) -> Kind:
    """The kind of inspection that the code tables describe; raises UnknownCodeError where they do not."""
    protocol = codes.protocol(modality, body_part)
    return Kind(
        modality=modality,
        body_part=body_part,
        anatomy=codes.anatomy(body_part),
        icd10=icd10,
        disease=codes.disease(icd10),
        protocol=protocol.protocol,
        effort_points=protocol.effort_points,
        effort_min=protocol.reading_min,
        required_reading_min=protocol.reading_min,
        image_megapixels=codes.resolution(modality).megapixels,
    )


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
            if not _known_modality(modality, codes, findings, (*place, modality), extra=("share", "per_day")):
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


def _kinds(
    mix: MixSpec, flows: Sequence[Flow], codes: CodeTables, findings: Findings
) -> list[tuple[Kind, float]]:
    place = ("demand", "mix")
    wanted = list(dict.fromkeys(flow.modality for flow in flows))
    if not mix.kinds and not mix.modalities and not wanted:
        way_out = "give modalities with their shares, or kinds"
        findings.add("E102", place, "the mix is not stated once", way_out)
        return []
    shares = mix.modalities or {modality: 1 / len(wanted) for modality in wanted}
    made = _kinds_by_name(mix, codes, findings) if mix.kinds else _by_share(mix, shares, codes, findings)
    held = {kind.modality for kind, weight in made if weight > 0}
    for flow in flows:
        if held and flow.modality not in held:
            path = ("sites", flow.site, "demand", flow.modality)
            findings.add("E204", path, f"the mix has no {flow.modality}", "add it to demand.mix")
    return made


def _kinds_by_name(mix: MixSpec, codes: CodeTables, findings: Findings) -> list[tuple[Kind, float]]:
    made = []
    for index, one in enumerate(mix.kinds):
        path = ("demand", "mix", "kinds", index)
        triple = (one.modality, one.body_part, one.icd10)
        if triple in codes.compatible:
            made.append((kind_of(*triple, codes), one.weight))
            continue
        near = _nearest(triple, codes)
        findings.add("E204", path, f"{' '.join(triple)} is not in the code tables", near)
    if made and sum(weight for _, weight in made) <= 0:
        findings.add("E209", ("demand", "mix", "kinds"), "all weights are zero", "give at least one above 0")
    return made


def _by_share(
    mix: MixSpec, shares: Mapping[str, float], codes: CodeTables, findings: Findings
) -> list[tuple[Kind, float]]:
    """Within a modality every compatible combination of the listed parts and codes is equally likely."""
    place = ("demand", "mix")
    _adds_up(shares.values(), findings, (*place, "modalities"))
    used: set[str] = set()
    made: list[tuple[Kind, float]] = []
    for modality, share in shares.items():
        if not _known_modality(modality, codes, findings, (*place, "modalities", modality)):
            continue
        fits = [
            triple
            for triple in sorted(codes.compatible)
            if triple[0] == modality
            and (not mix.body_parts or triple[1] in mix.body_parts)
            and (not mix.icd10 or triple[2] in mix.icd10)
        ]
        if not fits:
            way_out = "list a body part and an ICD-10 code that occur together under this modality"
            findings.add(
                "E204", (*place, "modalities", modality), "fits no listed body part and code", way_out
            )
        made.extend((kind_of(*triple, codes), share / len(fits)) for triple in fits)
        used.update(*(triple[1:] for triple in fits))
    _listed(mix, codes, used, findings)
    return made


def _listed(mix: MixSpec, codes: CodeTables, used: set[str], findings: Findings) -> None:
    """Every listed body part and code is in the tables and of use."""
    place = ("demand", "mix")
    known = {"body_parts": list(codes.body_parts), "icd10": list(codes.diagnoses)}
    listed = [(block, index, name) for block in known for index, name in enumerate(getattr(mix, block))]
    unknown = [(block, index, name) for block, index, name in listed if name not in known[block]]
    for block, index, name in unknown:
        way_out = did_you_mean(name, known[block])
        findings.add("E204", (*place, block, index), f"'{name}' is not in the code tables", way_out)
    for block, index, name in listed if not unknown else ():
        if name not in used:
            message = f"'{name}' goes with nothing else that is listed"
            findings.add("E204", (*place, block, index), message, "remove it, or list what it goes with")


def _nearest(triple: tuple[str, str, str], codes: CodeTables) -> str:
    """The nearest combination: the same modality and part first, then the nearest spelling."""
    same = [" ".join(one) for one in sorted(codes.compatible) if one[:2] == triple[:2]]
    if same:
        return f"{triple[0]} {triple[1]} goes with {', '.join(name.rsplit(' ', 1)[1] for name in same)}"
    every = [" ".join(one) for one in sorted(codes.compatible)]
    near = get_close_matches(" ".join(triple), every, 1, cutoff=0.4)
    return f"did you mean '{near[0]}'?" if near else "see the table of compatible combinations"


def _known_modality(
    modality: str,
    codes: CodeTables,
    findings: Findings,
    path: tuple[str | int, ...],
    extra: tuple[str, ...] = (),
) -> bool:
    known = (*codes.modalities, *extra)
    if modality not in known:
        findings.add(
            "E204", path, f"'{modality}' is no modality of the code tables", did_you_mean(modality, known)
        )
    return modality in known


def _adds_up(shares: Iterable[float], findings: Findings, path: tuple[str | int, ...]) -> None:
    total = sum(shares)
    if abs(total - 1) > 1e-6:
        findings.add("E209", path, f"the shares add up to {100 * total:g} %", "make them add up to 100 %")


def _arrivals(spec: ScenarioSpec, flows: tuple[Flow, ...], findings: Findings) -> Arrivals:
    shares = {name: site.demand.share for name, site in spec.sites.items()}
    per_day = {name: site.demand.per_day for name, site in spec.sites.items()}
    share = {name: value for name, value in shares.items() if value is not None}
    daily = {name: value for name, value in per_day.items() if value is not None}
    if spec.demand.count is None:
        declared = [flow.per_day for site in spec.sites.values() for flow in site.demand.flows.values()]
        if sum(daily.values()) + sum(declared) <= 0:
            findings.add(
                "E102", ("demand", "count"), "nothing says how many", "give demand.count, or per_day at sites"
            )
        for name in share:
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
        _adds_up(share.values(), findings, ("sites",))
    count = max(1, round(spec.demand.count * spec.demand.scale))
    return Arrivals(spec.horizon, count, share, hourly=spec.demand.by_hour)


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
