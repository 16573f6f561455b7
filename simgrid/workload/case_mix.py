"""What is requested: kinds drawn by weight, with the size of their images and their own reading time.

Each purpose has its own stream, indexed by the row in order of request: changing the sizes moves no reading
time, and two coefficients of variation stretch the same draws.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from simgrid.domain.demand import CaseMix, Demand, Triage
from simgrid.domain.distribution import Distribution
from simgrid.domain.inspection import GATE_ATTEMPTS, POLICY_LUCK
from simgrid.domain.kind import Kind
from simgrid.domain.units import BoolArray, FloatArray, IntArray
from simgrid.workload.arrivals import Streams, choose
from simgrid.workload.errors import WorkloadError


@dataclass(frozen=True, slots=True)
class Imaged:
    """What was requested and what the images weigh: kind index, bytes and image count, each (n,)."""

    kind: IntArray
    size_bytes: FloatArray
    images: IntArray


def draw_imaged(mix: CaseMix, rows: int, streams: Streams) -> Imaged:
    """Draw ``rows`` kinds by weight and the size of each study by its modality's distribution.

    With ``mix.counts`` each modality has its number of rows, drawn without replacement; of other numbers of
    rows each has its part, as near as whole numbers come.
    """
    if mix.counts:
        kind = _counted(mix, rows, streams)
    else:
        kind = choose(np.asarray(mix.weights, dtype=np.float64), streams("case-mix").random(rows))
    modality = np.array([one.modality for one in mix.kinds])[kind]
    size = by_modality(mix.size_bytes, modality, "size", streams)
    images = np.array([mix.images[one] for one in modality], dtype=np.int64)
    return Imaged(kind, size, images)


def _counted(mix: CaseMix, rows: int, streams: Streams) -> IntArray:
    """The kinds of ``rows`` requests: whose modality is which by a shuffle, the kind within it by weight."""
    names = tuple(mix.counts)
    wanted = np.array([mix.counts[name] for name in names], dtype=np.float64)
    modality = np.repeat(np.arange(len(names)), _parts(wanted, rows))
    modality = modality[np.argsort(streams("case-mix", "shuffle").random(rows), kind="stable")]
    luck = streams("case-mix").random(rows)
    of_kind = np.array([names.index(one.modality) if one.modality in names else -1 for one in mix.kinds])
    kind: IntArray = np.empty(rows, dtype=np.int64)
    for place in range(len(names)):
        own = modality == place
        kind[own] = choose(np.where(of_kind == place, mix.weights, 0.0), luck[own])
    return kind


def _parts(wanted: FloatArray, rows: int) -> IntArray:
    """``rows`` shared out in proportion to ``wanted``: whole parts, then the largest remainders, in order."""
    exact = wanted * (rows / wanted.sum())
    parts: IntArray = np.floor(exact + 1e-9).astype(np.int64)
    for place in np.argsort(parts - exact, kind="stable")[: rows - int(parts.sum())].tolist():
        parts[place] += 1
    return parts


def of_modality(mix: CaseMix, modality: str) -> CaseMix:
    """The mix with no weight on any other modality; raises WorkloadError where that leaves nothing."""
    weights = tuple(
        weight if kind.modality == modality else 0.0
        for kind, weight in zip(mix.kinds, mix.weights, strict=True)
    )
    if not sum(weights):
        raise WorkloadError([f"case mix: a site requests {modality}, of which the mix has no kind; add one"])
    return replace(mix, weights=weights)


def by_modality(
    distributions: Mapping[str, Distribution],
    modality: Sequence[str] | npt.NDArray[np.str_],
    purpose: str,
    streams: Streams,
) -> FloatArray:
    """One draw a row from the distribution of its modality, 0 where there is none.

    Every modality draws for all rows from its own stream: a row keeps its draw when others change modality.
    """
    labels = np.asarray(modality)
    values = np.zeros(len(labels))
    for name in sorted(distributions):
        chosen = labels == name
        if chosen.any():
            values[chosen] = distributions[name].sample(streams(purpose, name), len(labels))[chosen]
    return values


def draw_urgent(share: float, rows: int, streams: Streams) -> BoolArray:
    """Whether each inspection is urgent."""
    return np.asarray(streams("urgency").random(rows) < share)


def draw_label(triage: Triage, urgent: BoolArray, streams: Streams) -> BoolArray:
    """Whether each inspection is labelled urgent, shape (n,).

    One uniform an inspection: a higher sensitivity, or a higher share of false positives, only adds labels.
    """
    share = np.where(urgent, triage.sensitivity, triage.false_positives)
    return np.asarray(streams("label").random(len(urgent)) < share)


def draw_reading(mix: CaseMix, kinds: Sequence[Kind], kind: IntArray, streams: Streams) -> FloatArray:
    """True reading minutes at speed 1, shape (n,).

    Lognormal around the kind's expected minutes with the modality's coefficient of variation; a modality
    with its own distribution in ``mix.reading_min`` draws from that instead.
    """
    modality = np.array([one.modality for one in kinds])[kind]
    mean = np.array([one.effort_min for one in kinds])[kind]
    variance = np.log1p(np.array([mix.reading_cv.get(one, 0.0) for one in modality]) ** 2)
    normal = streams("reading-time").standard_normal(len(kind))
    around_expected = mean * np.exp(np.sqrt(variance) * normal - variance / 2)
    own = np.isin(modality, sorted(mix.reading_min))
    return np.where(own, by_modality(mix.reading_min, modality, "reading-time", streams), around_expected)


def draw_luck(rows: int, streams: Streams) -> FloatArray:
    """Uniforms in [0, 1) for choices made about the inspection, shape (n, 6)."""
    return streams("luck").random((rows, POLICY_LUCK + GATE_ATTEMPTS))


def draw_defects(
    share: Mapping[str, float], kinds: Sequence[Kind], kind: IntArray, streams: Streams
) -> BoolArray:
    """Whether the acquisition is defective at the first, second and third attempt, shape (n, 3)."""
    by_kind = np.array([share.get(one.modality, 0.0) for one in kinds])
    return np.asarray(streams("defect").random((len(kind), GATE_ATTEMPTS)) < by_kind[kind][:, None])


def check_readings(demand: Demand, kinds: Sequence[Kind]) -> list[str]:
    """What is wrong with the parameters that every workload needs, synthetic or not."""
    mix, urgency = demand.mix, demand.urgency
    modalities = sorted({kind.modality for kind in kinds})
    problems = [
        f"reading: modality {name} has no coefficient of variation; add it to reading_cv or to reading_min"
        for name in modalities
        if name not in mix.reading_cv and name not in mix.reading_min
    ]
    if not 0 <= urgency.urgent_share <= 1:
        problems.append(f"urgency.urgent_share is {urgency.urgent_share}: expected 0 to 1")
    if demand.triage is not None:
        rates = {"sensitivity": demand.triage.sensitivity, "false_positives": demand.triage.false_positives}
        problems += [
            f"triage.{name} is {share}: expected 0 to 1"
            for name, share in rates.items()
            if not 0 <= share <= 1
        ]
    problems += [
        f"defect_share of {name} is {share}: expected 0 to 1"
        for name, share in sorted(demand.defect_share.items())
        if not 0 <= share <= 1
    ]
    return problems


def check_mix(mix: CaseMix) -> list[str]:
    """What is wrong with a synthetic case mix: kinds without weight, size or image count."""
    problems = []
    if not mix.kinds:
        problems.append("case mix: there is no kind; declare at least one modality and body part")
    if len(mix.weights) != len(mix.kinds):
        problems.append(f"case mix: {len(mix.weights)} weights for {len(mix.kinds)} kinds; give one each")
    weights = np.asarray(mix.weights, dtype=np.float64)
    if len(weights) and (not np.all(np.isfinite(weights)) or np.any(weights < 0) or weights.sum() <= 0):
        problems.append("case mix: weights must be finite, 0 or more, and not all 0")
    weighted = {kind.modality for kind, weight in zip(mix.kinds, mix.weights, strict=False) if weight > 0}
    for name, count in mix.counts.items():
        if count < 0 or (count and name not in weighted):
            problems.append(f"case mix: {count} of modality {name}: give 0 or more, and a kind of it")
    if mix.counts and sum(mix.counts.values()) <= 0:
        problems.append("case mix: counts add up to nothing; give at least one above 0")
    for name in sorted({kind.modality for kind in mix.kinds}):
        if name not in mix.size_bytes:
            problems.append(f"case mix: modality {name} has no study size; add it to size")
        if name not in mix.images:
            problems.append(f"case mix: modality {name} has no image count; add it to images")
    return problems


def require(problems: Sequence[str]) -> None:
    """Raise a WorkloadError when there is any problem."""
    if problems:
        raise WorkloadError(problems)
