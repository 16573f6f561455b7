"""A reporting unit: a place with desks where radiologists read."""

from __future__ import annotations

from dataclasses import dataclass

from simgrid.domain.network import Access
from simgrid.domain.units import Bytes, Megapixels


@dataclass(frozen=True, slots=True)
class ReportingUnit:
    """Shared by its radiologists: the link, the storage, the workstations and their monitors."""

    name: str
    access: Access
    storage_bytes: Bytes
    workstations: int
    monitor_megapixels: Megapixels
