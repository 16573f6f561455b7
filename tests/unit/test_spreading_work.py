"""Work that is no run is spread over processes like runs: in order, the same, and a lost worker is told."""

from __future__ import annotations

import os
from functools import partial

import pytest

from simgrid.experiments.parallel import WorkerLost, each


def shown(offset: int, item: int) -> tuple[int, int]:
    return item + offset, os.getpid()


def end(item: int) -> int:
    os._exit(item)


def test_any_number_of_workers_gives_the_same_in_the_same_order() -> None:
    alone = list(each(partial(shown, 10), range(6), 1))
    spread = list(each(partial(shown, 10), range(6), 2))
    assert [value for value, _ in spread] == [value for value, _ in alone] == list(range(10, 16))
    assert {who for _, who in alone} == {os.getpid()}
    assert os.getpid() not in {who for _, who in spread}


def test_a_killed_worker_is_told() -> None:
    with pytest.raises(WorkerLost, match="a worker process was killed"):
        list(each(end, range(1, 5), 2))
