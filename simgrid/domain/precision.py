"""How precise the means of a study shall be before it stops replicating."""

from __future__ import annotations

from dataclasses import dataclass

FIRST_LOOK = 40
"""Replications before which nobody looks whether they are enough."""


@dataclass(frozen=True, slots=True)
class Target:
    """The widest half-width that a metric's mean may have.

    ``width``: a share of the mean where ``relative``, else an amount in the metric's own unit.
    """

    metric: str
    width: float
    relative: bool


@dataclass(frozen=True, slots=True)
class Precision:
    """The targets that must hold together, for every policy in every cell, over all inspections."""

    targets: tuple[Target, ...]
