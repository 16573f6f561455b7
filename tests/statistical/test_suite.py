"""What ``python -m tests.statistical`` prints, test by test: every measure holds, every fault is caught."""

from __future__ import annotations

import pytest

from tests.statistical.mutants import MUTANTS, Mutant
from tests.statistical.suite import MEASURES, Told, must_find

FOUND = [(mutant, one) for mutant in MUTANTS for one, _ in must_find(mutant)]


@pytest.mark.statistical
@pytest.mark.parametrize("measure", MEASURES, ids=lambda one: one.name)
def test_it_holds(measure: Told) -> None:
    seen = measure.look()
    assert seen.holds, (seen.shown, measure.band)


@pytest.mark.statistical
@pytest.mark.parametrize(
    ("mutant", "measure"), FOUND, ids=[f"{mutant.name}: {one.name}" for mutant, one in FOUND]
)
def test_the_fault_is_found(mutant: Mutant, measure: Told) -> None:
    with mutant.planted():
        seen = measure.look()
    assert not seen.holds, (seen.shown, measure.band)
