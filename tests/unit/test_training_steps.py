"""Training steps by name, and bytes that hold no clock."""

from __future__ import annotations

import io

import numpy as np
import pytest

from simgrid.quality.training import steps


def test_every_step_can_be_imported_and_called() -> None:
    pytest.importorskip("torch")
    for name in steps.STEPS:
        assert callable(steps.load(name))


def test_an_unknown_step_stops_before_any_runs() -> None:
    told: list[str] = []
    with pytest.raises(ValueError, match="no training step astrology; there are"):
        list(steps.run(steps.Context(smoke=True, tell=told.append), ["astrology"]))
    assert told == []


def test_npz_bytes_repeat_and_load_without_pickle() -> None:
    pytest.importorskip("torch")
    from simgrid.quality.training.deterministic import npz_bytes

    arrays = {"b": np.arange(5), "a": np.eye(3, dtype=np.float16)}
    content = npz_bytes(arrays)
    assert content == npz_bytes(dict(reversed(arrays.items())))
    with np.load(io.BytesIO(content), allow_pickle=False) as loaded:
        assert np.array_equal(loaded["a"], np.eye(3))
    with pytest.raises(ValueError, match="allow_pickle"):
        npz_bytes({"o": np.array([{}], dtype=object)})
