"""How images and priors come to the desks, as the domain knows it."""

from __future__ import annotations

from collections.abc import Mapping

from simgrid.domain.distribution import Distribution
from simgrid.domain.priors import PriorFetching, PriorRule
from simgrid.domain.viewing import Viewer
from simgrid.scenario.findings import Findings
from simgrid.scenario.kinds import adds_up
from simgrid.scenario.schema import ScenarioSpec
from simgrid.scenario.schema_images import PriorsSpec, ViewerSpec

_PRIORS = ("grid", "priors")


def build_viewer(spec: ViewerSpec | None) -> Viewer | None:
    """The viewer; None where a study is opened when it is there, and nothing is counted."""
    if spec is None:
        return None
    return Viewer(spec.delivery == "streaming", spec.first_images, spec.neighbours, spec.groups)


def build_priors(whole: ScenarioSpec, findings: Findings) -> PriorFetching | None:
    """Which priors there are and which are fetched, None where that is off; doubts go into ``findings``."""
    spec = whole.grid.priors
    if spec is None:
        return None
    count = spec.count
    if count.mean > 0 and not count.mean < count.sd**2:
        message = f"{count.sd:g} is too little beside a mean of {count.mean:g}"
        way_out = (
            "counts of a negative binomial spread more than Poisson's: its square must be above the mean"
        )
        findings.add("E107", (*_PRIORS, "count", "sd"), message, way_out)
        return None
    shares = _shares(spec, whole, findings)
    if shares is None:
        return None
    rule = PriorRule()
    size_bytes: Mapping[str, Distribution] = {
        **rule.size_bytes,
        **{modality: one.size.build() for modality, one in whole.studies.items()},
    }
    images = {**rule.images, **{modality: one.images for modality, one in whole.studies.items()}}
    drawn = PriorRule(
        count_mean=count.mean,
        count_sd=count.sd,
        relevant_share=spec.relevant,
        age_mean_s=spec.age.mean,
        age_sd_s=spec.age.sd,
        elsewhere_share=spec.elsewhere,
        same_modality_share=spec.own_modality,
        archived_share=spec.archived,
        modality_share=shares,
        size_bytes=size_bytes,
        images=images,
    )
    return PriorFetching(drawn, spec.fetch == "prefetch", spec.last, spec.within, spec.same_modality)


def _shares(spec: PriorsSpec, whole: ScenarioSpec, findings: Findings) -> Mapping[str, float] | None:
    """The archive's own shares where the file has none."""
    rule = PriorRule()
    if not spec.modalities:
        return rule.modality_share
    place = (*_PRIORS, "modalities")
    adds_up(spec.modalities.values(), findings, place)
    unknown = [one for one in spec.modalities if one not in rule.size_bytes and one not in whole.studies]
    for modality in unknown:
        way_out = f"add 'studies: {{{modality}: {{size: ..., images: ...}}}}'"
        findings.add("E102", (*place, modality), "nothing says what its studies weigh", way_out)
    return None if unknown else spec.modalities
