"""WHERE COPIES OF A STUDY LIE: what is kept, what goes first, what may go at all. Pure, as its parent is.

``cache`` is one place's storage under a rule of ``rules``; ``replicas`` knows every place's copies and alone
permits a deletion; ``grid_index`` is what agents have heard of both, later. A cache proposes victims,
``Replicas.ask`` permits or refuses each, and only then are they dropped: the messages between the two cost
time, which is the simulation's affair.
"""

from simgrid.network.copies.cache import Cache
from simgrid.network.copies.grid_index import Entry, GridIndex
from simgrid.network.copies.level import Level
from simgrid.network.copies.recency_cache import LARGEST_BYTES, RecencyCache
from simgrid.network.copies.replicas import Permission, Replicas
from simgrid.network.copies.rules import RULES, Clairvoyant, Fifo, Gdsf, Held, Lfu, Lru, Rule, Ttl

__all__ = [
    "LARGEST_BYTES",
    "RULES",
    "Cache",
    "Clairvoyant",
    "Entry",
    "Fifo",
    "Gdsf",
    "GridIndex",
    "Held",
    "Level",
    "Lfu",
    "Lru",
    "Permission",
    "RecencyCache",
    "Replicas",
    "Rule",
    "Ttl",
]
