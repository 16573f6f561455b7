"""Runs of Stage 2 keep their keys, whatever the language learns that they do not use."""

from __future__ import annotations

from simgrid.experiments.campaign import campaign
from simgrid.experiments.identity import cell_digest
from simgrid.scenario import load

STAGE_2 = "de86981b3c6091c5c41f08130b93c0f0"
"""A change of it makes every stored result of Stage 2 worthless; see ``simgrid.scenario.build.LATER``."""


def test_the_key_of_stage_2_is_that_of_its_stored_results() -> None:
    (cell,) = campaign(load("paper/stage-2").cells).cells
    assert cell_digest(cell) == STAGE_2
