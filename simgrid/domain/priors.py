"""Earlier examinations of the same patient: how many, how old, where they are held, how large."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from simgrid.domain.distribution import Distribution, lognormal
from simgrid.domain.units import DAY, Seconds

_MB = 1e6


def _archive_shares() -> dict[str, float]:
    return {"CR": 57.4, "DX": 15.2, "MR": 12.6, "CT": 12.6, "MG": 0.5}


def _archive_sizes() -> dict[str, Distribution]:
    means = {"CR": 7.5 * _MB, "DX": 10 * _MB, "MR": 125 * _MB, "CT": 179 * _MB, "MG": 112.5 * _MB}
    return {modality: lognormal(mean, 0.5) for modality, mean in means.items()}


def _archive_images() -> dict[str, int]:
    return {"CR": 1, "DX": 1, "MR": 250, "CT": 342, "MG": 4}


@dataclass(frozen=True, slots=True)
class PriorRule:
    """What a world's priors are drawn from.

    ``count_mean`` and ``count_sd`` (7.6 and 12.3 priors a patient), ``relevant_share`` (0.61), ``age_mean_s``
    and ``age_sd_s`` (203 and 385 days): figures that the project was given without a publication. That the
    count is negative binomial and the age lognormal is our assumption. Such a count is 0 for 30 % of the
    patients; in one hospital's archive it was 0, and most often 0, for 11 % (doi 10.1007/BF03168731).

    ``modality_share``: relative weights, by default those of the study's archive (CR 57.4, DX 15.2, MR 12.6,
    CT 12.6, MG 0.5 %; doi 10.1016/j.cmpb.2015.10.005). ``size_bytes``: means of 7.5 MB (CR), 10 MB (DX),
    179 MB (CT; doi 10.1016/S1076-6332(15)00245-7), the middle of 50-200 MB (MR) and of 75-150 MB (MG),
    lognormal; their coefficient of variation of 0.5 is an assumption. ``images``: a CT has 342 (same source);
    that a radiograph has 1, MG 4 and MR 250 are assumptions.

    Without a source, assumptions to be varied: ``elsewhere_share`` of priors that another site holds, which
    site by its share of the archive; ``same_modality_share`` of priors that have the modality of the
    patient's inspection, beyond those that have it by chance; ``archived_share`` of priors that the data
    centre has beside the site (all of them in an archive older than they are).
    """

    count_mean: float = 7.6
    count_sd: float = 12.3
    relevant_share: float = 0.61
    age_mean_s: Seconds = 203 * DAY
    age_sd_s: Seconds = 385 * DAY
    elsewhere_share: float = 0.4
    same_modality_share: float = 0.3
    archived_share: float = 1.0
    modality_share: Mapping[str, float] = field(default_factory=_archive_shares)
    size_bytes: Mapping[str, Distribution] = field(default_factory=_archive_sizes)
    images: Mapping[str, int] = field(default_factory=_archive_images)

    def __post_init__(self) -> None:
        problems = [
            f"{name} is {value!r}: give a share from 0 to 1"
            for name in ("relevant_share", "elsewhere_share", "same_modality_share", "archived_share")
            if not 0 <= (value := getattr(self, name)) <= 1
        ]
        problems += [
            f"{name} is {value!r}: give a positive time"
            for name in ("age_mean_s", "age_sd_s")
            if not 0 < (value := getattr(self, name)) < math.inf
        ]
        if not 0 <= self.count_mean < math.inf:
            problems.append(f"count_mean is {self.count_mean!r}: give 0 or more")
        elif self.count_mean > 0 and not self.count_mean < self.count_sd**2 < math.inf:
            problems.append(
                f"count_sd is {self.count_sd!r}: its square must be above count_mean {self.count_mean!r}, "
                "as counts of a negative binomial spread more than Poisson's"
            )
        weights = self.modality_share.values()
        if not all(0 <= weight < math.inf for weight in weights) or not sum(weights) > 0:
            problems.append("modality_share: weights must be finite, 0 or more, and not all 0")
        missing = sorted(set(self.modality_share) - set(self.size_bytes))
        if missing:
            problems.append(f"size_bytes: no distribution for {', '.join(missing)}")
        if problems:
            raise ValueError("\n".join(problems))


@dataclass(frozen=True, slots=True)
class PriorFetching:
    """Which priors are imported, and when.

    At opening, the ``last`` so many relevant ones that are not older than ``within_s`` are wanted; reading
    waits for those that are not at the unit. With ``prefetch`` the ``last`` so many, relevant or not, are
    imported from the assignment on, of the inspection's own modality where ``same_modality`` says so.
    """

    rule: PriorRule = field(default_factory=PriorRule)
    prefetch: bool = False
    last: int = 3
    within_s: Seconds = 3 * 365 * DAY
    same_modality: bool = True
