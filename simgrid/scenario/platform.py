"""The data centre's archive, streaming and monitoring as the domain knows them."""

from __future__ import annotations

from simgrid.domain.data_platform import DataPlatform, Streaming
from simgrid.domain.grid import Monitoring
from simgrid.scenario.schema_platform import MonitoringSpec, PlatformSpec, StreamingSpec


def build_platform(spec: PlatformSpec | None) -> DataPlatform | None:
    """The data centre's archive; None where it is off."""
    if spec is None:
        return None
    return DataPlatform(
        shards=spec.shards,
        master_s=spec.master,
        insert_s=spec.insert,
        query_s=spec.query,
        disk_bps=float("inf") if spec.disk is None else spec.disk,
        recent_bytes=spec.recent or 0.0,
        frequent_queries=spec.frequent_queries or 0,
    )


def build_streaming(spec: StreamingSpec | None) -> Streaming | None:
    """A client's streaming; None where it takes whole studies."""
    return None if spec is None else Streaming(spec.ratio, spec.images)


def build_monitoring(spec: MonitoringSpec | None) -> Monitoring | None:
    """How fresh the optimisation service's picture is; None where it sees the present."""
    return None if spec is None else Monitoring(spec.every, spec.bandwidth)
