"""The kinds of inspection that a case mix holds, each with its weight, through the code tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from simgrid.codes import CodeTables
from simgrid.domain.demand import Flow
from simgrid.domain.kind import Kind
from simgrid.kinds import kind_from_codes
from simgrid.scenario.findings import Findings
from simgrid.scenario.marks import Path
from simgrid.scenario.problems import closest, did_you_mean
from simgrid.scenario.schema_demand import MixSpec


def weighted_kinds(
    mix: MixSpec, flows: Sequence[Flow], codes: CodeTables, findings: Findings
) -> list[tuple[Kind, float]]:
    """Every kind of the mix; without shares each modality that a site requests counts alike."""
    place = ("demand", "mix")
    wanted = list(dict.fromkeys(flow.modality for flow in flows))
    numbered = sum(mix.counts.values())
    if not mix.kinds and not mix.modalities and not numbered and not wanted:
        way_out = "give modalities with their shares, counts, or kinds"
        findings.add("E102", place, "the mix is not stated once", way_out)
        return []
    shares = mix.modalities or {name: count / numbered for name, count in mix.counts.items()}
    shares = shares or {modality: 1 / len(wanted) for modality in wanted}
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
            made.append((kind_from_codes(codes, *triple), one.weight))
            continue
        near = nearest_kind(triple, codes)
        findings.add("E204", path, f"{' '.join(triple)} is not in the code tables", near)
    if made and sum(weight for _, weight in made) <= 0:
        findings.add("E209", ("demand", "mix", "kinds"), "all weights are zero", "give at least one above 0")
    return made


def _by_share(
    mix: MixSpec, shares: Mapping[str, float], codes: CodeTables, findings: Findings
) -> list[tuple[Kind, float]]:
    """Within a modality every compatible combination of the listed parts and codes is equally likely."""
    place = ("demand", "mix")
    listed = "counts" if mix.counts else "modalities"
    adds_up(shares.values(), findings, (*place, listed))
    used: set[str] = set()
    spoilt = not set(mix.body_parts) <= set(codes.body_parts) or not set(mix.icd10) <= set(codes.diagnoses)
    made: list[tuple[Kind, float]] = []
    for modality, share in shares.items():
        if not known_modality(modality, codes, findings, (*place, listed, modality)):
            continue
        fits = [
            triple
            for triple in sorted(codes.compatible)
            if triple[0] == modality
            and (not mix.body_parts or triple[1] in mix.body_parts)
            and (not mix.icd10 or triple[2] in mix.icd10)
        ]
        if not fits and not spoilt:
            way_out = "list a body part and an ICD-10 code that occur together under this modality"
            findings.add("E204", (*place, listed, modality), "fits no listed body part and code", way_out)
        made.extend((kind_from_codes(codes, *triple), share / len(fits)) for triple in fits)
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


def nearest_kind(triple: tuple[str, str, str], codes: CodeTables) -> str:
    """The nearest combination: the same modality and part first, then the nearest spelling."""
    same = [" ".join(one) for one in sorted(codes.compatible) if one[:2] == triple[:2]]
    if same:
        return f"{triple[0]} {triple[1]} goes with {', '.join(name.rsplit(' ', 1)[1] for name in same)}"
    every = [" ".join(one) for one in sorted(codes.compatible)]
    near = closest(" ".join(triple), every, cutoff=0.4)
    return f"did you mean '{near}'?" if near else "see the table of compatible combinations"


def known_modality(
    modality: str,
    codes: CodeTables,
    findings: Findings,
    path: Path,
    extra: tuple[str, ...] = (),
) -> bool:
    """Whether the code tables hold the modality, or it is one of the ``extra`` words."""
    known = (*codes.modalities, *extra)
    if modality not in known:
        message = f"'{modality}' is no modality of the code tables"
        findings.add("E204", path, message, modality_meant(modality, known))
    return modality in known


_OTHER_WORDS = {"DR": ("DX", "CR"), "XR": ("DX", "CR"), "X-RAY": ("DX", "CR"), "MRI": ("MR",), "MRT": ("MR",)}
"""What radiologists say for DICOM's words: no spelling is near, and the nearest one is another machine."""


def modality_meant(given: str, known: Sequence[str]) -> str:
    """The way out for a name that is no modality of the code tables."""
    meant = [name for name in _OTHER_WORDS.get(given.upper(), ()) if name in known]
    return f"the code tables call it {' or '.join(meant)}" if meant else did_you_mean(given, known)


def adds_up(
    shares: Iterable[float], findings: Findings, path: Path, way_out: str = "make them add up to 100 %"
) -> None:
    """Note shares of one whole that are not 100 % together."""
    total = sum(shares)
    if abs(total - 1) > 1e-6:
        findings.add("E209", path, f"the shares add up to {100 * total:g} %", way_out)
