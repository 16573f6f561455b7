"""When studies will be wanted again: what a clairvoyant cache is told."""

from __future__ import annotations

import numpy as np

from simgrid.domain.study import EarlierStudies, Studies
from simgrid.domain.units import Seconds


def coming_uses(studies: Studies, earlier: EarlierStudies) -> tuple[list[int], list[Seconds]]:
    """Each study, and the request of each later inspection to be reported of the same patient, in pairs.

    That is when her earlier studies are wanted as priors; nothing else about the future is known before it.
    """
    patient = np.concatenate([studies.patient, earlier.patient])
    order = np.argsort(patient, kind="stable")
    edges = np.searchsorted(patient[order], np.arange(patient.max(initial=-1) + 2))
    requested_s = np.concatenate([studies.requested_s, np.full(len(earlier), -np.inf)])
    keys: list[int] = []
    at_s: list[Seconds] = []
    for row in range(studies.to_report):
        whose = studies.patient[row]
        for other in order[edges[whose] : edges[whose + 1]].tolist():
            if other != row and requested_s[other] <= requested_s[row]:
                keys.append(other)
                at_s.append(float(studies.requested_s[row]))
    return keys, at_s
