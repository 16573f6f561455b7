"""The schema of what is kept where: caches of places, the Redundancy Service, the Grid Index."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from simgrid.scenario.fields import Count, Duration, DurationOrZero, Name, Share, Size, Strictly, refuse


class CacheSpec(Strictly):
    """Room for copies of studies, and the ``rule`` by which they go; ``ttl``: how long one counts."""

    size: Size
    rule: Literal["lru", "lfu", "gdsf", "fifo", "ttl", "belady"] = "lru"
    ttl: Duration | None = None

    @model_validator(mode="after")
    def _a_lifetime_for_ttl(self) -> Self:
        if self.rule == "ttl" and self.ttl is None:
            raise refuse("E102", "'ttl' is missing", "say how long a copy lives, such as ttl: 30 d")
        if self.rule != "ttl" and self.ttl is not None:
            raise refuse("E102", "only the rule ttl has a lifetime", "write rule: ttl, or leave ttl out")
        return self


class RedundancySpec(Strictly):
    """The Redundancy Service: a copy goes by its permission only, while ``copies`` durable ones remain.

    ``archives``: the places whose copy is durable. ``source``: from where an import is fetched. ``delete``:
    what a delete worker takes for a study. ``keep_free``: an agent deletes ahead when less of its cache is
    free.
    """

    copies: Count = 1
    archives: Annotated[tuple[Name, ...], Field(min_length=1, max_length=64)] = ("data-centre",)
    source: Literal["data-centre", "nearest", "least-loaded"] = "data-centre"
    delete: DurationOrZero = 0.0
    keep_free: Share = 0.0


class IndexSpec(Strictly):
    """The Grid Index: every agent hears of a change ``push`` later."""

    push: DurationOrZero = 0.0
