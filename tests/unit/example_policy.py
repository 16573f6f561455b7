"""A policy of one's own, as the README shows it: the first radiologist on duty who could begin soon."""

import numpy as np

from simgrid.domain.decision import Assignment


class FirstOnDuty:
    def __init__(self, team, ontology, *, patience=0.0):
        self.team = team
        self.patience = patience

    def assign(self, worklist):
        ready = worklist.desks.on_duty & (worklist.desks.available_in_s <= self.patience)
        allowed = self.team.eligible(worklist.kind) & ready
        return Assignment(np.where(allowed.any(axis=1), allowed.argmax(axis=1), -1))
