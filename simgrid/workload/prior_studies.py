"""The priors of a run as studies that can be fetched, and which inspection fetches which of them when."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from simgrid.domain.prior_studies import PriorStudies, StudyLists
from simgrid.domain.priors import PriorFetching
from simgrid.domain.study import EarlierStudies
from simgrid.domain.units import BoolArray, IntArray
from simgrid.randomness import stream
from simgrid.workload.priors import Priors


def prior_studies(
    rules: PriorFetching,
    priors: Priors,
    patient: IntArray,
    modality: Sequence[str],
    first_number: int,
    seed: int,
    replication: int,
) -> PriorStudies:
    """Only priors that some inspection may fetch become studies, numbered from ``first_number`` on.

    ``patient``, ``modality``: of the S inspections for which ``priors`` were drawn.
    """
    kinds = [name if rules.same_modality else None for name in modality]
    wanted = _lists(len(modality), lambda one: priors.chosen(one, rules.last, rules.within_s, relevant=True))
    ahead = _lists(
        len(modality),
        lambda one: priors.chosen(one, rules.last, rules.within_s, kinds[one]) if rules.prefetch else [],
    )
    rows, place = np.unique(np.concatenate([ahead.study, wanted.study]), return_inverse=True)
    number = place + first_number
    owner = np.zeros(len(priors), dtype=np.int32)
    for one, whose in enumerate(patient.tolist()):
        owner[priors.begin[one] : priors.end[one]] = whose
    images = np.array([rules.rule.images.get(name, 1) for name in priors.modalities], dtype=np.int32)
    earlier = EarlierStudies(
        site=priors.site[rows].astype(np.int16),
        size_bytes=priors.size_bytes[rows].astype(np.float64),
        images=images[priors.modality[rows]],
        patient=owner[rows],
        archived=_archived(rules.rule.archived_share, len(priors), seed, replication)[rows],
    )
    split = len(ahead.study)
    return PriorStudies(
        earlier, StudyLists(ahead.begin, number[:split]), StudyLists(wanted.begin, number[split:])
    )


def _lists(inspections: int, chosen: Callable[[int], list[int]]) -> StudyLists:
    rows = [chosen(one) for one in range(inspections)]
    begin = np.concatenate([[0], np.cumsum([len(own) for own in rows])]).astype(np.int64)
    return StudyLists(begin, np.array([row for own in rows for row in own], dtype=np.int64))


def _archived(share: float, priors: int, seed: int, replication: int) -> BoolArray:
    drawn: BoolArray = stream(seed, replication, "priors", "archived").random(priors) < share
    return drawn
