"""A second relation that is not monotone (links: ``test_fairshare_exact``): more radiologists under RBSM.

RBSM looks at ratings and never at queues: somebody better at everything draws every inspection to her desk.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from simgrid.domain.scenario import PolicyChoice
from simgrid.policies.registry import make
from simgrid.rating import Ontology
from tests.worlds import CT_BRAIN, MR_KNEE, inspections, radiologist, simulate, team_of, world

ROWS = 200
KINDS = (replace(CT_BRAIN, disease="Nervous system neoplasm"), replace(MR_KNEE, disease="Lower limb injury"))
CT_READER = radiologist("ct", ratings={"CT": 0.9, "MR": 0.3, "Brain": 0.5, "Extremity": 0.5})
MR_READER = radiologist("mr", ratings={"CT": 0.3, "MR": 0.9, "Brain": 0.5, "Extremity": 0.5})
STAR = radiologist("star", ratings={"CT": 1.0, "MR": 1.0, "Brain": 1.0, "Extremity": 1.0})


def share_in_time(*team):
    """Of inspections of two kinds in turn, one every ten minutes and twelve minutes to read each."""
    requested_s = 600.0 * np.arange(ROWS)
    one = world(team)
    work = inspections(requested_s, [12.0] * ROWS, kind=np.arange(ROWS) % 2, kinds=KINDS)
    policy = make(PolicyChoice("rbsm"), team_of(one, work), Ontology.default())
    found = simulate(one, work, policy).inspections
    return float((found.reported_s - requested_s <= 3600.0).mean()), set(found.radiologist.tolist())


def test_a_better_third_radiologist_makes_rbsm_late():
    assert share_in_time(CT_READER, MR_READER) == (1.0, {0, 1})
    in_time, readers = share_in_time(CT_READER, MR_READER, STAR)
    assert readers == {2}
    # She falls behind by two minutes an inspection, so the twenty-fifth is the last within the hour.
    assert in_time == 25 / ROWS
