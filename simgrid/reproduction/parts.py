"""What of a claim has a verdict of its own: each of its readings and metrics, and what measures it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from simgrid.reproduction.claims import Claim
from simgrid.reproduction.experiments import EXPERIMENTS, Experiment, Reading, Worlds, reading_of

DISTANCE, RECIPROCAL = "workload_distance", "workload_success"
_WHOLE = ("counts", "sum", "differences", "joint")
"""Measures that are not estimated metric by metric."""
_ORDERINGS = ("difference", "share", "trend")
COUNTED = ("archived", "reported")
"""Metrics of which the deployment's figures are counted."""


@dataclass(frozen=True, slots=True)
class Part:
    """A claim under one reading and for one metric, and what measures it, if anything does."""

    claim: Claim
    reading: str
    metric: str
    experiment: Experiment | None = None
    how: Reading | None = None

    @property
    def name(self) -> str:
        """The reading, the metric where the claim has several, or both."""
        several = self.claim.quantity is not None and len(self.claim.quantity.metrics) > 1
        return ", ".join([self.reading] * bool(self.reading) + [self.metric] * bool(several and self.metric))

    @property
    def worlds(self) -> Worlds | None:
        """The worlds that are asked."""
        if self.experiment is None or self.how is None:
            return None
        return self.how.worlds or self.experiment.worlds

    @property
    def ordering(self) -> bool:
        """Whether only its direction is claimed: all orderings of an experiment are corrected together."""
        return self.claim.quantity is not None and self.claim.quantity.measure in _ORDERINGS

    @property
    def measured(self) -> str:
        """The metric of the worlds; a gain in eq. 10 is made of distances."""
        metric = self.how.metrics.get(self.metric, self.metric) if self.how is not None else self.metric
        return DISTANCE if metric == RECIPROCAL else metric


def parts_of(claim: Claim) -> tuple[Part, ...]:
    """One part a reading and metric; one alone where figures are counted or journals compared."""
    experiment = EXPERIMENTS.get(claim.experiment)
    quantity = claim.quantity
    metrics = ("",) if quantity is None or quantity.measure in _WHOLE else quantity.metrics
    return tuple(
        Part(claim, reading, metric, experiment, reading_of(experiment, reading) if experiment else None)
        for reading in (claim.readings or ("",))
        for metric in metrics
    )


def needed_for(shown: Sequence[Part], parts: Sequence[Part]) -> tuple[Part, ...]:
    """Of all ``parts`` those whose worlds the verdicts on ``shown`` rest on.

    They themselves; and with an ordering all orderings of its experiment, which are corrected together.
    """
    families = {part.claim.experiment for part in shown if part.ordering}
    return tuple(
        part for part in parts if part in shown or (part.ordering and part.claim.experiment in families)
    )


def members_of(part: Part, parts: Sequence[Part]) -> tuple[Part, ...]:
    """What a joint claim is about, in the claim's worlds: each under its reading, or else the default one."""
    quantity = part.claim.quantity
    if quantity is None or quantity.measure != "joint" or part.how is None:
        return ()
    members = []
    for name in quantity.metrics:
        own = [one for one in parts if one.claim.name == name]
        named = [one for one in own if one.reading == part.reading]
        for one in (named or own)[:1]:
            metrics = one.how.metrics if one.how is not None else {}
            members.append(replace(one, how=replace(part.how, metrics=metrics)))
    return tuple(members)


def metrics_for(parts: Sequence[Part], worlds: Worlds) -> tuple[str, ...]:
    """What has to be measured of these worlds."""
    own = [part for part in parts if part.worlds == worlds]
    own += [member for part in own for member in members_of(part, parts)]
    counted = [COUNTED for part in own if part.claim.quantity and part.claim.quantity.measure == "counts"]
    return tuple(dict.fromkeys([part.measured for part in own if part.metric] + [*sum(counted, ())]))
