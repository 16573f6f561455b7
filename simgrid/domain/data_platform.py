"""What the data centre's archive is made of, and how quick its parts are."""

from __future__ import annotations

from dataclasses import dataclass

from simgrid.domain.units import BITS_PER_BYTE, BitsPerSecond, Bytes, Seconds


@dataclass(frozen=True, slots=True)
class DataPlatform:
    """A file layer, a database of one master and its shards, and an application layer with two caches.

    ``shards``: 16, as the study states (doi 10.1016/j.cmpb.2015.10.005); a patient's identifier says which.
    ``master_s``: the master finds the shard. ``insert_s``, ``query_s``: a shard enters a study, or answers.
    ``disk_bps``: what the file layer writes or reads, one study after the other. ``recent_bytes``: the cache
    of recent studies, ``frequent_queries`` the number of patients whose answers are kept. Nothing was
    published about the times; the defaults cost nothing.
    """

    shards: int = 16
    master_s: Seconds = 0.0
    insert_s: Seconds = 0.0
    query_s: Seconds = 0.0
    disk_bps: BitsPerSecond = float("inf")
    recent_bytes: Bytes = 0.0
    frequent_queries: int = 0

    @property
    def disk_s_per_byte(self) -> Seconds:
        """Seconds that a byte takes in the file layer."""
        return BITS_PER_BYTE / self.disk_bps


@dataclass(frozen=True, slots=True)
class Streaming:
    """JPEG streaming: ``ratio`` times fewer bytes, and the first of ``images`` shows when it is there.

    Without it a client shows nothing before the last byte. No ratio was published: 10 is our assumption.
    """

    ratio: float = 10.0
    images: int = 100
