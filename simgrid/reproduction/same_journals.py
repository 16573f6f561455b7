"""Whether policies live the same events: their journals in the same worlds, event by event."""

from __future__ import annotations

import numpy as np

from simgrid.experiments.assemble import run_journal
from simgrid.experiments.campaign import Campaign
from simgrid.reproduction.watching import Values, Watch

SAME_JOURNAL = "same_journal"
"""1 where a policy's journal is that of the first policy, event by event."""


def same_journals(asked: Campaign, watch: Watch, name: str) -> Values:
    """Every policy's journal in every world against the first policy's."""
    cell = asked.cells[0]
    first = cell.policies[0]
    same = {choice.label: np.ones(asked.replications) for choice in cell.policies}
    with watch(asked.replications * len(cell.policies), name) as progress:
        for world in range(asked.replications):
            reference = run_journal(cell, first, world)
            for choice in cell.policies:
                journal = run_journal(cell, choice, world)
                same[choice.label][world] = float(reference.fingerprint == journal.fingerprint)
                progress(1)
    return {SAME_JOURNAL: same}
