"""K11: what Stage 1's log makes of the radiologists, ranked beside the chief's marks."""

from __future__ import annotations

import numpy as np

from simgrid.experiments.assemble import run_journal
from simgrid.reproduction.evidence import asked_for
from simgrid.reproduction.experiments import Worlds
from simgrid.reproduction.mined_ratings import (
    EXCESS,
    MINUTES,
    OTHERS,
    OVERLOADED,
    READINGS,
    mined_against_marks,
    rank_excess,
)
from simgrid.reproduction.watching import Values

FEW = (
    *("demand.count=400", "demand.mix.counts={CT: 360, MR: 20, CR: 12, MG: 8}"),
    "horizon=7 d",
)


def values(*overrides: str) -> Values:
    _, asked = asked_for(Worlds("few", "paper/stage-1", 1, 2, 1.0, (*FEW, *overrides), "ratings"), 2)
    made = [mined_against_marks(asked.cells[0], world) for world in range(2)]
    return {
        metric: {
            arm: np.array([one[metric].get(arm, 0.0) for one in made])
            for arm in sorted({*made[0][metric], *made[1][metric]})
        }
        for metric in made[0]
    }


def test_ranks_by_hand() -> None:
    mined = np.array([[0.2, 1.0], [1.0, 1.0], [0.5, 0.0]])
    marks = np.array([[0.9, 0.5], [0.5, 0.5], [0.9, 0.5]])
    # Column 1: mined 1, 3, 2 and marked 2.5, 1, 2.5; column 2: mined 2.5, 2.5, 1 and all marked 2.
    assert rank_excess(mined, marks).tolist() == [[-1.5, 0.5], [2.0, 0.5], [-0.5, -1.0]]


def test_readings_and_minutes_are_the_log_s() -> None:
    _, asked = asked_for(Worlds("few", "paper/stage-1", 1, 2, 1.0, FEW, "ratings"), 2)
    found = values()
    for world in range(2):
        of = run_journal(asked.cells[0], asked.cells[0].policies[0], world).inspections
        assert sum(row[world] for row in found[READINGS].values()) == 400
        read_min = np.nansum(of.reported_s - of.opened_s) / 60.0
        np.testing.assert_allclose(sum(row[world] for row in found[MINUTES].values()), read_min)
        chosen = [
            who == 7 and (modality, part) == ("CT", "Brain")
            for who, modality, part in zip(of.radiologist, of.modality, of.body_part, strict=True)
        ]
        assert found[READINGS]["R8 CT Brain"][world] == sum(chosen)


def test_the_overloaded_rises_only_where_she_is_favoured() -> None:
    """She is marked lowest in CT, so any rank but the lowest is an excess; the favour lifts it further."""
    favoured, equal = values(), values("radiologists.r8.favour=null")
    assert favoured[EXCESS][OVERLOADED].min() >= 7.0
    assert (equal[EXCESS][OVERLOADED] < favoured[EXCESS][OVERLOADED]).all()
    cells = [row for name, row in favoured[EXCESS].items() if name not in (OVERLOADED, OTHERS)]
    assert len(cells) == 9 * (4 + 7) - 1
    np.testing.assert_allclose(favoured[EXCESS][OTHERS], np.mean(cells, axis=0))
