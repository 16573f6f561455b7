"""Whether policies live the same events: their journals in the same worlds, event by event."""

from __future__ import annotations

from collections.abc import Mapping

from simgrid.domain.scenario import Scenario
from simgrid.experiments.assemble import run_journal

SAME_JOURNAL = "same_journal"
"""1 where a policy's journal is that of the first policy, event by event."""


def same_journals(cell: Scenario, world: int) -> Mapping[str, Mapping[str, float]]:
    """Every policy's journal in this world against the first policy's."""
    reference = run_journal(cell, cell.policies[0], world).fingerprint
    same = {choice.label: run_journal(cell, choice, world).fingerprint for choice in cell.policies}
    return {SAME_JOURNAL: {name: float(found == reference) for name, found in same.items()}}
