"""The technologist's gate with recalls against its closed form: a geometric chain of independent draws.

Means over inspections, each an independent observation, within a band fixed beforehand by two one-sided
tests at 5 %: the 90 % interval lies inside it. The largest coefficient of variation is 5.2 (recalls), so 20 %
asks for (4.22 * 5.2 / .2)^2 = 12,000 inspections; 10 % for the more frequent repeats and missed defects.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from simgrid.domain.imaging import Chances, Recall
from simgrid.domain.inspection import POLICY_LUCK
from simgrid.domain.journal import Journal
from simgrid.domain.scenario import GateChoice
from simgrid.domain.world import Acquisition
from simgrid.foresight.gate import gate_outcome
from simgrid.randomness import stream
from tests.worlds import inspections, simulate, world

ROWS, DEFECTIVE, SENSITIVITY, SPECIFICITY, FOUND = 16_000, 0.15, 0.7, 0.95, 0.8
BANDS = {"acquisitions": 0.02, "repeats": 0.1, "false_repeats": 0.1, "missed": 0.1, "recalls": 0.2}


@cache
def run() -> Journal:
    """So far apart that nobody waits for anybody."""
    acquisition = Acquisition(10.0, 10.0, 2, recall=Recall(FOUND, 1.0, 100.0, 1))
    draws = stream(7, 0, "gate-theory")
    work = inspections(
        (np.arange(ROWS) * 1000.0).tolist(),
        [1.0] * ROWS,
        defect=draws.random((ROWS, acquisition.most)) < DEFECTIVE,
        luck=draws.random((ROWS, POLICY_LUCK + acquisition.most)),
    )
    work = replace(work, chances=Chances(draws.random((ROWS, 1)), np.zeros(ROWS)))
    gate = GateChoice("technologist", {"sensitivity": SENSITIVITY, "specificity": SPECIFICITY})
    return simulate(world(acquisition=acquisition), work, gate=gate)


@pytest.mark.parametrize("name", BANDS)
def test_means_are_those_of_the_formula(name: str) -> None:
    journal = run()
    quality = journal.quality
    assert quality is not None
    found = journal.inspections.repeats if name == "repeats" else getattr(quality, name)
    expected = getattr(gate_outcome(DEFECTIVE, SENSITIVITY, SPECIFICITY, 2, FOUND, 1), name)
    half = 1.645 * found.std(ddof=1) / np.sqrt(ROWS)
    band = BANDS[name] * expected
    assert expected - band < found.mean() - half
    assert found.mean() + half < expected + band


def test_reports_on_defective_images_are_those_of_the_formula() -> None:
    share = run().inspections.defect_missed.mean()
    expected = gate_outcome(DEFECTIVE, SENSITIVITY, SPECIFICITY, 2, FOUND, 1).reported_defective
    half = 1.645 * np.sqrt(share * (1 - share) / ROWS)
    assert abs(share - expected) + half < 0.2 * expected


def test_the_formula_at_its_ends() -> None:
    blind = gate_outcome(0.2, 0.0, 1.0, 2, found=0.5, most_recalls=1)
    assert (blind.repeats, blind.missed) == (0.0, pytest.approx(0.2 * 1.1))
    assert blind.reported_defective == pytest.approx(0.2 * 0.5 + 0.1 * 0.2)
    perfect = gate_outcome(0.2, 1.0, 1.0, 1)
    assert (perfect.repeats, perfect.missed) == (pytest.approx(0.2), pytest.approx(0.04))
    hopeless = gate_outcome(1.0, 1.0, 1.0, 3)
    assert (hopeless.repeats, hopeless.missed, hopeless.acquisitions) == (3.0, 1.0, 4.0)
    assert gate_outcome(0.0, 1.0, 0.9, 1).false_repeats == pytest.approx(0.1)
