"""Every system moves its declared metric in its declared direction: the paired interval excludes zero."""

from __future__ import annotations

import pytest

from tests.statistical.on_off import PAIRS, Pair, worth


@pytest.mark.statistical
@pytest.mark.parametrize("pair", PAIRS, ids=[pair.name for pair in PAIRS])
def test_the_declared_metric_moves_as_declared(pair: Pair) -> None:
    found = worth(pair)
    assert found.goes(pair.way), found
