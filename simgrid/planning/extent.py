"""What a stress test may cost: runs of the model by part, each at most."""

from __future__ import annotations

from dataclasses import dataclass

from simgrid.domain.scenario import Scenario
from simgrid.planning.busiest import Traffic
from simgrid.planning.loading import scales_of
from simgrid.planning.looking import looks
from simgrid.planning.outage import worlds_of
from simgrid.planning.states import states


@dataclass(frozen=True, slots=True)
class Extent:
    """Runs as deployed, without each of ``things``, of ``steps`` of the load, and of outages (two a world).

    ``looks``: after so many replications a state may be decided, and gets no more. ``at_least``: what is left
    where every state is at its first look.
    """

    things: int
    steps: int
    looks: tuple[int, ...]
    deployed: int
    without: int
    load: int
    outage: int

    @property
    def most(self) -> int:
        """All together."""
        return self.deployed + self.without + self.load + self.outage

    @property
    def at_least(self) -> int:
        """Where everything is decided at its first look, the load at its first step."""
        return self.deployed + self.things * self.looks[0] + min(self.steps, 1) * self.looks[0] + self.outage


def extent(deployed: Scenario, ahead: Traffic, replications: int) -> Extent:
    """Of one cell, whatever of it is stored."""
    things, steps = len(states(deployed, ahead, deployed.stress)), len(scales_of(deployed))
    return Extent(
        things=things,
        steps=steps,
        looks=looks(deployed.targets, replications),
        deployed=replications,
        without=things * replications,
        load=steps * replications,
        outage=2 * worlds_of(deployed, ahead, replications),
    )
