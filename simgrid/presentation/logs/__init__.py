"""A run as an event log that other tools read: XES, OCEL 2.0, vidigi's columns, and our own CSV.

Each takes a journal, the instant at which its clock began, and the file to write. ``steps`` knows the events.
"""

from simgrid.presentation.logs.csv_log import to_csv_log
from simgrid.presentation.logs.ocel import to_ocel
from simgrid.presentation.logs.vidigi import to_vidigi
from simgrid.presentation.logs.xes import to_xes

__all__ = ["to_csv_log", "to_ocel", "to_vidigi", "to_xes"]
