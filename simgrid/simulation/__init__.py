"""WHAT HAPPENS: the SimPy model, the only package that imports simpy. START with ``journey``.

``run`` turns a world, its inspections and the deciders into a journal.
"""

from simgrid.domain.observer import NOBODY
from simgrid.simulation.journey import Deciders
from simgrid.simulation.records import Fit
from simgrid.simulation.reviews import Believed, Learning
from simgrid.simulation.run import run

__all__ = ["NOBODY", "Believed", "Deciders", "Fit", "Learning", "run"]
