"""When studies will be wanted again: what a clairvoyant cache is told."""

from __future__ import annotations

from collections.abc import Sequence

from simgrid.domain.prior_studies import StudyLists
from simgrid.domain.units import FloatArray, Seconds


def coming_uses(asked_for: Sequence[StudyLists], requested_s: FloatArray) -> tuple[list[int], list[Seconds]]:
    """Each prior and the request of an inspection that will ask for it, in pairs, inspection by inspection.

    ``asked_for``: what each inspection fetches ahead and what it wants at its opening; ``requested_s``: when
    each is requested. When it will be opened, and at which unit, depends on the policy: nobody knows it.
    """
    keys: list[int] = []
    at_s: list[Seconds] = []
    for row, when in enumerate(requested_s.tolist()):
        own = dict.fromkeys(study for lists in asked_for for study in lists.of(row))
        keys += own
        at_s += [when] * len(own)
    return keys, at_s
