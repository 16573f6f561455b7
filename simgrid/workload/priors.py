"""Priors of a world, drawn once: every policy and every way to fetch them sees the same.

They belong to the patient, so that her next inspection meets the same ones again, older by the time between.
``patients`` says whose inspection is whose; the distributions are ``domain.priors.PriorRule``'s.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from simgrid.domain.distribution import lognormal
from simgrid.domain.priors import PriorRule
from simgrid.domain.units import BoolArray, FloatArray, IntArray, Seconds
from simgrid.randomness import stream
from simgrid.workload.arrivals import Streams, choose


@dataclass(frozen=True, slots=True)
class Priors:
    """N priors of the patients of S inspections, grouped by patient, the most recent first.

    ``begin``, ``end`` (S,): an inspection's priors are rows begin to end - 1 of the flat columns, and the
    number of such a row is the prior's identity: inspections of one patient share theirs. ``elapsed_s`` (S,):
    time since the patient's first inspection. Flat, (N,): ``age_s`` at that first one, ``site`` that holds
    it, ``modality`` (index into ``modalities``), ``size_bytes`` (whole bytes), ``relevant``.
    """

    begin: IntArray
    end: IntArray
    elapsed_s: FloatArray
    age_s: FloatArray
    site: IntArray
    modality: IntArray
    size_bytes: IntArray
    relevant: BoolArray
    modalities: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.age_s)

    def of(self, inspection: int) -> range:
        """The priors of one inspection, the most recent first."""
        return range(int(self.begin[inspection]), int(self.end[inspection]))

    def ages_s(self, inspection: int) -> FloatArray:
        """How old each of them is when the inspection is requested, ascending."""
        own = slice(int(self.begin[inspection]), int(self.end[inspection]))
        ages: FloatArray = self.age_s[own] + self.elapsed_s[inspection]
        return ages

    def chosen(
        self,
        inspection: int,
        last: int | None = None,
        within_s: Seconds | None = None,
        modality: str | None = None,
        relevant: bool = False,
    ) -> list[int]:
        """Priors to fetch, the most recent first, under all rules given.

        Those of ``modality``, not older than ``within_s``, only ``relevant`` ones; of what is left the
        ``last`` so many. A prefetch cannot know relevance, a radiologist who opens the study can.
        """
        found = np.arange(self.begin[inspection], self.end[inspection])
        keep = np.ones(len(found), dtype=bool)
        if within_s is not None:
            keep &= self.ages_s(inspection) <= within_s
        if modality is not None:
            code = self.modalities.index(modality) if modality in self.modalities else -1
            keep &= self.modality[found] == code
        if relevant:
            keep &= self.relevant[found]
        rows: list[int] = found[keep][:last].tolist()
        return rows


def draw_priors(
    rule: PriorRule,
    patient: IntArray,
    site: IntArray,
    modality: list[str],
    requested_s: FloatArray,
    site_weight: FloatArray,
    seed: int,
    replication: int,
) -> Priors:
    """Priors of S inspections; give only those that may fetch any, in order of request.

    ``patient``, ``site``, ``modality``, ``requested_s``: (S,) or so many. ``site_weight`` (sites,): how much
    of the archive each site holds; at least one is above 0 unless nothing is held elsewhere. What
    belongs to a patient follows her first inspection given. Further patients at the end change nobody
    before them, as far as the draws go.

    ValueError: columns of different lengths, or no weight.
    """
    lengths = {len(patient), len(site), len(modality), len(requested_s)}
    if len(lengths) > 1:
        raise ValueError(
            f"patient, site, modality and requested_s have lengths {sorted(lengths)}: one is needed"
        )
    if rule.elsewhere_share > 0 and not np.sum(site_weight) > 0:
        raise ValueError("site_weight: all 0, but some priors are held elsewhere")
    streams = partial(stream, seed, replication, "priors")
    patients, first, whose = np.unique(patient, return_index=True, return_inverse=True)
    seen = np.argsort(first, kind="stable")
    # In order of first appearance, so that a further patient comes last whatever her number.
    first, whose = first[seen], np.argsort(seen, kind="stable")[whose]
    count = _counts(rule, len(patients), streams("count"))
    of_patient = np.repeat(np.arange(len(patients)), count)
    total = len(of_patient)
    age_s = lognormal(rule.age_mean_s, rule.age_sd_s / rule.age_mean_s).sample(streams("age"), total)
    order = np.lexsort((age_s, of_patient))
    bounds = np.concatenate(([0], np.cumsum(count)))
    modalities = tuple(sorted({*rule.modality_share, *modality}))
    code = _modalities(rule, modalities, [modality[row] for row in first.tolist()], of_patient, streams)
    return Priors(
        begin=bounds[whose],
        end=bounds[whose + 1],
        elapsed_s=requested_s - requested_s[first][whose],
        age_s=age_s[order],
        site=_sites(rule, site[first][of_patient], site_weight, streams),
        modality=code,
        size_bytes=_sizes(rule, modalities, code, streams),
        relevant=streams("relevant").random(total) < rule.relevant_share,
        modalities=modalities,
    )


def _counts(rule: PriorRule, patients: int, rng: np.random.Generator) -> IntArray:
    """Negative binomial of the given moments: p = mean / sd^2, r = mean^2 / (sd^2 - mean)."""
    if rule.count_mean == 0:
        return np.zeros(patients, dtype=np.int64)
    variance = rule.count_sd**2
    shape = rule.count_mean**2 / (variance - rule.count_mean)
    drawn: IntArray = rng.negative_binomial(shape, rule.count_mean / variance, patients).astype(np.int64)
    return drawn


def _sites(rule: PriorRule, own: IntArray, weight: FloatArray, streams: Streams) -> IntArray:
    """The patient's own site, or one of the others by weight (none is left where hers is the only one)."""
    total = len(own)
    elsewhere = streams("elsewhere").random(total) < rule.elsewhere_share
    luck = streams("site").random(total)
    site = own.copy()
    for home in np.unique(own[elsewhere]).tolist():
        others = np.array(weight, dtype=np.float64)
        others[home] = 0.0
        if others.sum() > 0:
            rows = elsewhere & (own == home)
            site[rows] = choose(others, luck[rows])
    return site


def _modalities(
    rule: PriorRule, modalities: tuple[str, ...], now: list[str], of_patient: IntArray, streams: Streams
) -> IntArray:
    total = len(of_patient)
    weights = np.array([rule.modality_share.get(name, 0.0) for name in modalities])
    code = choose(weights, streams("modality").random(total))
    same = streams("same-modality").random(total) < rule.same_modality_share
    # A modality without a size has no priors of its own kind.
    known = np.array([name in rule.size_bytes for name in now], dtype=bool)
    of_now = np.array([modalities.index(name) for name in now], dtype=np.int64)
    if total:
        same &= known[of_patient]
        code[same] = of_now[of_patient[same]]
    return code


def _sizes(rule: PriorRule, modalities: tuple[str, ...], code: IntArray, streams: Streams) -> IntArray:
    size = np.zeros(len(code))
    for index, name in enumerate(modalities):
        rows = code == index
        if rows.any():
            size[rows] = rule.size_bytes[name].sample(streams("size", name), int(rows.sum()))
    return np.ceil(size).astype(np.int64)
