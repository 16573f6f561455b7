"""HOW BYTES SHARE LINKS. Pure: no clock of its own, no SimPy. Read ``fairshare`` first.

May import ``domain`` only. ``fairshare`` holds the engine that models use, ``completion`` runs it over a
given set of flows, ``path_class`` and ``filling`` are its insides, ``separate`` is the reading without
sharing, ``topology`` names the links of a star.
"""

from simgrid.network.completion import completion_times
from simgrid.network.fairshare import SharedLinks
from simgrid.network.flows import CapacityChange, Flow
from simgrid.network.separate import SeparateLinks
from simgrid.network.topology import down, route, star, up

__all__ = [
    "CapacityChange",
    "Flow",
    "SeparateLinks",
    "SharedLinks",
    "completion_times",
    "down",
    "route",
    "star",
    "up",
]
