"""Everything that is measured here, and what must find which fault: START HERE to add to either.

A further kind of measure joins by one line in MEASURES, a further fault by an entry in ``mutants.MUTANTS``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from tests.statistical import coverage, ranking, sequential, theory
from tests.statistical.measures import Equivalence, Measure
from tests.statistical.mutants import MUTANTS, Mutant

Told: TypeAlias = Measure | Equivalence

MEASURES: tuple[Told, ...] = (
    *coverage.MEASURES,
    *sequential.MEASURES,
    *ranking.PROMISES,
    *theory.MEASURES,
)

LEAST_POWER = 0.99
"""Of each measure against the first fault that it must find."""


def must_find(mutant: Mutant) -> Iterator[tuple[Told, float]]:
    """The measures that must fail under the mutant, each with its true share there."""
    for one in MEASURES:
        share = mutant.share(one.name)
        if share is not None:
            yield one, share


def power(measure: Told) -> float:
    """The measure's power against the first fault that it must find; 0 where it need find none."""
    shares = (mutant.share(measure.name) for mutant in MUTANTS)
    return next((measure.power(share) for share in shares if share is not None), 0.0)
