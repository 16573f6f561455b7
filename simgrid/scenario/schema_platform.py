"""The schema of the data centre's archive, of streaming from it, and of what is monitored."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from simgrid.scenario.fields import Bandwidth, Count, DurationOrZero, Size, Strictly

Shards = Annotated[int, Field(strict=True, ge=1, le=1024)]
Ratio = Annotated[float, Field(strict=True, ge=1, le=100)]


class MonitoringSpec(Strictly):
    """How fresh the picture is that the policies decide on, and the archive of how much the links are used.

    ``every``: the agents post samples so often (0 s: the present itself). ``bandwidth``: of a unit's link
    they post its ``capacity``, or what a further transfer would get of it now (``free``).
    """

    every: DurationOrZero = 0.0
    bandwidth: Literal["capacity", "free"] = "capacity"


class PlatformSpec(Strictly):
    """The data centre's archive: a file layer, a database of shards, and caches before them.

    ``master``: it finds the shard. ``insert``, ``query``: a shard enters a study, or answers. ``disk``: what
    the file layer writes or reads (absent: at once). ``recent``: cache of recent studies (absent: none).
    ``frequent_queries``: how many patients' answers are kept (absent: none).
    """

    shards: Shards = 16
    master: DurationOrZero = 0.0
    insert: DurationOrZero = 0.0
    query: DurationOrZero = 0.0
    disk: Bandwidth | None = None
    recent: Size | None = None
    frequent_queries: Count | None = None


class StreamingSpec(Strictly):
    """JPEG streaming: ``ratio`` times fewer bytes, and the first of so many ``images`` is shown at once."""

    ratio: Ratio = 10.0
    images: Count = 100
