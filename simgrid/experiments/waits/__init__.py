"""WHERE A STUDY'S TIME GOES: from request to report in parts that leave nothing out. Read ``table`` first.

``course`` follows a run that is simulated again, ``stages`` puts each inspection's events in a row, ``parts``
says of every moment what the inspection waited for, ``explained`` gathers that of one study.
"""

from simgrid.experiments.waits.course import Course, Follower
from simgrid.experiments.waits.explained import Explained, UnknownStudy, explain, explain_latest
from simgrid.experiments.waits.kinds import KINDS, Part
from simgrid.experiments.waits.parts import Wait, waits_of
from simgrid.experiments.waits.table import (
    WaitsTable,
    WhereTimeGoes,
    table_of,
    waits_of_run,
    where_the_time_goes,
)

__all__ = [
    "KINDS",
    "Course",
    "Explained",
    "Follower",
    "Part",
    "UnknownStudy",
    "Wait",
    "WaitsTable",
    "WhereTimeGoes",
    "explain",
    "explain_latest",
    "table_of",
    "waits_of",
    "waits_of_run",
    "where_the_time_goes",
]
