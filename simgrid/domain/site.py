"""An imaging site: where inspections are acquired and where their reports come back to."""

from __future__ import annotations

from dataclasses import dataclass

from simgrid.domain.copies import CacheRules
from simgrid.domain.network import Access


@dataclass(frozen=True, slots=True)
class Site:
    """One imaging facility with its connection, its scanners (one pool) and its cache, if it keeps copies."""

    name: str
    access: Access
    scanners: int = 1
    cache: CacheRules | None = None
