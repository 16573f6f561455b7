"""All exhibits, in the order of the study."""

from __future__ import annotations

from simgrid.reproduction.exhibits.exhibit import Exhibit
from simgrid.reproduction.exhibits.figure_2 import FIGURE_2
from simgrid.reproduction.exhibits.figure_3 import FIGURE_3, FIGURE_3_WORKLOAD
from simgrid.reproduction.exhibits.figure_4 import FIGURE_4, FIGURE_4_GAINS
from simgrid.reproduction.exhibits.frontier import FRONTIER_OF_POLICIES, FRONTIER_PAIRS
from simgrid.reproduction.exhibits.maps import MAP_EXHIBITS
from simgrid.reproduction.exhibits.predictions import PREDICTIONS
from simgrid.reproduction.exhibits.regions import REGIONS
from simgrid.reproduction.exhibits.sensitivity import ASSUMPTIONS
from simgrid.reproduction.exhibits.table_1 import TABLE_1, TABLE_1_IN_FULL

EXHIBITS: tuple[Exhibit, ...] = (
    TABLE_1,
    TABLE_1_IN_FULL,
    FIGURE_2,
    FIGURE_3,
    FIGURE_3_WORKLOAD,
    FIGURE_4,
    FIGURE_4_GAINS,
    FRONTIER_OF_POLICIES,
    FRONTIER_PAIRS,
    PREDICTIONS,
    *MAP_EXHIBITS,
    REGIONS,
    ASSUMPTIONS,
)
