"""The one wake-up of the wires: nobody is told late, whatever rounding makes of now + (then - now)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simgrid.domain.grid import Retry, TransferRules
from simgrid.domain.journal import TransferRecords
from simgrid.network import CapacityChange, Flow, SharedLinks, completion_times
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


class _Kept:
    """A journal's sink that keeps the transfers."""

    def __init__(self) -> None:
        self.rows: list[Flow] = []
        self.finished_s: list[float] = []
        self.broken: list[bool] = []

    def transfers(self, block: TransferRecords) -> None:
        ways = zip(block.started_s.tolist(), block.size_bytes.tolist(), block.path, strict=True)
        self.rows += [Flow(start_s, size, path, 1.0, 1e6) for start_s, size, path in ways]
        self.finished_s += block.finished_s.tolist()
        self.broken += block.broken.tolist()

    def archived(self, block: object) -> None:
        raise AssertionError("nothing is archived here")


@pytest.mark.parametrize("broken", ["resume", "restart"])
@pytest.mark.parametrize("seed", range(12))
def test_hundreds_that_break_together_end_with_their_link_when_replayed(seed: int, broken: str) -> None:
    """The rows of the table, replayed, end within 1e-9 of their end; two links that fail at once included."""
    rng = np.random.default_rng(seed)
    capacity = {"a": 1e6, "b": float(rng.choice([3e5, 5e7]))}
    env, kept = Clock(), _Kept()
    log = TransferLog(0, kept)
    rules = TransferRules(broken=broken, cap_bps=1e6, retry=Retry(3e3, 2.0, 3e3))  # type: ignore[arg-type]
    wires = Wires(env, SharedLinks(capacity), log, rules)
    first_s = float(rng.uniform(0.0, 3e5))
    down_s = first_s + 20.0 + float(rng.uniform(1.0, 30.0))
    paths = [("a",), ("b",), ("a", "b")]
    for row in range(350):
        size = float(rng.choice([5e6, 2e7]) * rng.uniform(0.01, 1.0))
        task = ("copy", row, paths[row % 3], size, 1, int)
        env.after(first_s + float(rng.uniform(0.0, 20.0)), lambda task: wires.send_images(*task), task)
    for after_s, share in ((0.0, 0.0), (1e3, 1.0), (4e3, 0.0), (5e3, 1.0)):
        for link, bps in capacity.items():
            env.after(down_s + after_s, lambda way: wires.set_capacity(*way), (link, bps * share))
    env.run(until=down_s + 1e6)
    wires.close()
    changes = [
        CapacityChange(at_s, name, bps) for name, steps in wires.changes.items() for at_s, bps in steps
    ]
    ends = completion_times(capacity, kept.rows, changes)
    assert sum(kept.broken) > 500
    assert ends == pytest.approx(kept.finished_s, rel=1e-9)
