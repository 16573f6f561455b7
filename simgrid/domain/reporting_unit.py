"""A reporting unit: a place with desks where radiologists read."""

from __future__ import annotations

from dataclasses import dataclass

from simgrid.domain.copies import CacheRules
from simgrid.domain.network import Access
from simgrid.domain.units import Bytes, Megapixels


@dataclass(frozen=True, slots=True)
class SharedMonitors:
    """High-resolution monitors that stand ready for whoever at the unit reads a study that needs one."""

    count: int
    megapixels: Megapixels


@dataclass(frozen=True, slots=True)
class ReportingUnit:
    """Shared by its radiologists: the link, the storage, the workstations and their monitors.

    ``monitor_megapixels``: at every workstation; 0 where there are only ``monitors``, which a study that
    needs more must have one of. ``storage_bytes`` limits the work in progress; what has been read may stay in
    the ``cache``, room of its own.
    """

    name: str
    access: Access
    storage_bytes: Bytes
    workstations: int
    monitor_megapixels: Megapixels
    monitors: SharedMonitors | None = None
    cache: CacheRules | None = None

    @property
    def shared_megapixels(self) -> Megapixels:
        """The resolution of its shared monitors, 0 where it has none."""
        return 0.0 if self.monitors is None else self.monitors.megapixels
