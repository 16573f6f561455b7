"""HOW BYTES SHARE LINKS. Pure: no clock of its own, no SimPy. Read ``fairshare`` first.

May import ``domain`` only. ``fairshare`` holds the engine that models use, ``completion`` runs it over a
given set of flows. Its insides: ``path_class`` (the state), ``class_registry``, ``ends`` (what comes next),
``allocation`` (who gets what: the usual change), ``one_link`` (the next in frequency), ``filling`` (all
others), ``exact_filling`` (where floats lose too much). ``separate`` is the reading without sharing,
``topology`` names the links of a star.
"""

from simgrid.network.completion import completion_times
from simgrid.network.fairshare import SharedLinks
from simgrid.network.flows import CapacityChange, Flow
from simgrid.network.separate import SeparateLinks
from simgrid.network.topology import agent, down, route, star, up

__all__ = [
    "CapacityChange",
    "Flow",
    "SeparateLinks",
    "SharedLinks",
    "agent",
    "completion_times",
    "down",
    "route",
    "star",
    "up",
]
