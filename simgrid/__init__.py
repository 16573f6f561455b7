"""simgrid: a discrete-event testbed for teleradiology (not INRIA's SimGrid).

Path -> Scenario -> World + Workload + Policy -> Journal -> Study -> Exhibit.

Rooms, from the bottom up (imports point downwards only; tests/architecture holds the rule):

- ``domain``, ``codes``, ``randomness``: what exists, the code tables, named random streams;
- ``rating``, ``assignment``, ``network``, ``metrics``, ``dicom``, ``statistics``: pure knowledge, no clock;
- ``policies``, ``workload``, ``simulation``, ``scenario``: how to decide, where work comes from,
  what happens, and how YAML becomes domain objects; blind to each other;
- ``experiments``: introduces them to each other, runs many worlds, keeps the results;
- ``presentation``, ``reproduction``, ``cli``: show it, hold it against the study, say it.

Start with ``simgrid.simulation.journey`` for the life of an inspection.
``simgrid.results(folder)`` gives the tables of a finished study as DataFrames.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from simgrid.presentation.frames import Results

__version__ = "0.1.0"


def results(folder: str | Path) -> Results:
    """The tables of a results folder as pandas DataFrames; see ``simgrid.presentation.frames.Results``."""
    from simgrid.presentation import frames

    return frames.results(folder)
