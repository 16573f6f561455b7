"""All exhibits, in the order of the study."""

from __future__ import annotations

from simgrid.reproduction.exhibits.exhibit import Exhibit
from simgrid.reproduction.exhibits.table_1 import TABLE_1

EXHIBITS: tuple[Exhibit, ...] = (TABLE_1,)
