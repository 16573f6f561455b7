"""What each world draws for the values that are uncertain."""

from __future__ import annotations

from collections.abc import Sequence

from simgrid.domain.uncertain import Uncertain
from simgrid.randomness import stream


def draws_of(places: Sequence[Uncertain], seed: int, replication: int) -> tuple[float, ...]:
    """The value of each place in one world, in its unit.

    Each place has its own stream: further places, another order or another policy move no draw.
    """
    return tuple(
        one.value(float(stream(seed, replication, "uncertain", one.place).random())) for one in places
    )
