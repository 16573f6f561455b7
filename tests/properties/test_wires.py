"""The one wake-up of the wires: nobody is told late, whatever rounding makes of now + (then - now)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simgrid.network import Flow, SharedLinks, completion_times
from simgrid.simulation.clock import Clock
from simgrid.simulation.transfer_log import TransferLog
from simgrid.simulation.transfers import Wires

ROWS = 300


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32))
def test_every_end_is_told_at_its_time(seed: int) -> None:
    """Eight senders, one transfer after the other; the journal replayed outside gives the same ends."""
    rng = np.random.default_rng(seed)
    capacity = {name: float(rng.uniform(1e6, 2e7)) for name in "abcd"}
    paths = [("a", "c"), ("a", "d"), ("b", "c"), ("b", "d"), ("c",)]
    work = [(paths[rng.integers(5)], float(rng.lognormal(15.0, 1.0))) for _ in range(ROWS)]
    env = Clock()
    log = TransferLog(ROWS)
    wires = Wires(env, SharedLinks(capacity), log)
    todo = iter(range(ROWS))

    def send_next(_: int) -> None:
        row = next(todo, None)
        if row is not None:
            wires.send("upload", row, *work[row], send_next)

    for _ in range(8):
        send_next(-1)
    env.run()
    found = log.records()
    assert len(found.started_s) == ROWS
    flows = [
        Flow(start, size, path) for start, (path, size) in zip(found.started_s.tolist(), work, strict=True)
    ]
    assert found.finished_s.tolist() == pytest.approx(completion_times(capacity, flows), rel=1e-9)
