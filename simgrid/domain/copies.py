"""What places keep of studies that have gone through them, and who sees to it that no last copy goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from simgrid.domain.units import Bytes, Seconds

EvictionRule: TypeAlias = Literal["lru", "lfu", "gdsf", "fifo", "ttl", "belady"]
Source: TypeAlias = Literal["data-centre", "nearest", "least-loaded"]


@dataclass(frozen=True, slots=True)
class CacheRules:
    """One place's cache of studies: ``size_bytes``, and the ``rule`` that names what goes first.

    ``lifetime_s``: under ``ttl``, how long a copy counts as there. ``belady`` knows who comes back when: a
    reference, not a policy (Belady, IBM Systems Journal 5(2), 1966).
    """

    size_bytes: Bytes
    rule: EvictionRule = "lru"
    lifetime_s: Seconds = float("inf")


@dataclass(frozen=True, slots=True)
class Redundancy:
    """The Redundancy Service: a copy goes only by its permission, which takes a message each way.

    ``copies``: durable copies that must remain. ``archives``: the places whose copy is durable, by name, the
    data centre among them. ``source``: from where an import is fetched where several places hold it:
    the data centre, the one with the widest path, or the one with the least to send. ``delete_s``: what a
    delete worker takes for one study. ``keep_free``: an agent deletes ahead when less than this share of its
    cache is free, until twice as much is.
    """

    copies: int = 1
    archives: tuple[str, ...] = ("data-centre",)
    source: Source = "data-centre"
    delete_s: Seconds = 0.0
    keep_free: float = 0.0


@dataclass(frozen=True, slots=True)
class IndexRules:
    """The Grid Index: a change is known to every agent ``push_s`` later."""

    push_s: Seconds = 0.0
