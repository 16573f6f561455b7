"""What a scenario asks of planning: what may differ, what must hold, and how sure the answer shall be."""

from __future__ import annotations

from dataclasses import dataclass

from simgrid.domain.targets import Target


@dataclass(frozen=True, slots=True)
class Planning:
    """``vary``: the places that differ between plans; ``meet``: the targets that a plan must reach.

    ``policy``: the label under which plans run that do not vary it. ``confidence``: of the statement that a
    plan reaches every target, one-sided. ``tolerance``: a plan nearer than this to a target (a share of 1 for
    shares, else of the target itself) is promised nothing. ``runs``: the most replications of one plan,
    in the search and in the test.
    """

    vary: tuple[str, ...]
    meet: tuple[Target, ...]
    policy: str
    confidence: float = 0.95
    tolerance: float = 0.01
    runs: int = 400
