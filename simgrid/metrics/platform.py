"""What the data centre's database was asked, and how long non-local clients waited."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from simgrid.domain.grid_records import PlatformRecords, RetrievalRecords

MILLISECONDS = 1e3


def asked(records: PlatformRecords) -> Iterator[tuple[str, float]]:
    """Metric and value: queries, their sojourn at the shards, how unevenly they fell, hits before them."""
    queries = float(records.queries.sum())
    yield "shard_queries", queries
    if len(records.sojourn_s):
        yield "shard_p95_ms", float(np.percentile(records.sojourn_s.astype(np.float64), 95)) * MILLISECONDS
    if queries:
        yield "shard_skew", float(records.queries.max() / records.queries.mean())
    if records.fetched:
        hits = records.recent_hits + records.query_hits
        yield "app_cache_hit_ratio", hits / records.fetched


def retrieved(records: RetrievalRecords) -> Iterator[tuple[str, float]]:
    """Metric and value: of the retrievals that ended, or showed their first image."""
    for name, until_s in (
        ("retrieval_p95_s", records.ended_s),
        ("retrieval_first_image_p95_s", records.first_s),
    ):
        took_s = (until_s - records.asked_s)[~np.isnan(until_s)]
        if len(took_s):
            yield name, float(np.percentile(took_s, 95))
