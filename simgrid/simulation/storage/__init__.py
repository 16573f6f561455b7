"""WHERE STUDIES LIE during a run: caches, the Redundancy Service and the Grid Index.

START HERE: ``copies`` is what the journey and other rooms call: a study is taken in at its site, is uploaded,
is fetched to a place, is read and kept. ``holdings`` knows who holds what, in truth and as far as agents
have heard; ``making_room`` admits to caches and deletes; ``permission`` says what may go; ``imports``
fetches, from where ``sources`` says. The rules themselves are in ``simgrid.network.copies``.
"""

from simgrid.simulation.storage.copies import Copies

__all__ = ["Copies"]
