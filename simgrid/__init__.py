"""simgrid: a discrete-event testbed for teleradiology (not INRIA's SimGrid).

Path -> Scenario -> World + Workload + Policy -> Journal -> Study -> Exhibit.

Rooms, from the bottom up (imports point downwards only; tests/architecture holds the rule):

- ``domain``, ``codes``, ``randomness``: what exists, the code tables, named random streams;
- ``rating``, ``assignment``, ``network``, ``metrics``, ``dicom``, ``statistics``: pure knowledge, no clock;
- ``policies``, ``workload``, ``simulation``, ``scenario``: how to decide, where work comes from,
  what happens, and how YAML becomes domain objects; blind to each other;
- ``experiments``: introduces them to each other, runs many worlds, keeps the results;
- ``presentation``, ``cli``: show it, say it.

Start with ``simgrid.simulation.journey`` for the life of an inspection.
"""

__version__ = "0.1.0"
