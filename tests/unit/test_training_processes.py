"""Training in processes: one that has grown is replaced without a word, and nothing else is silenced."""

from __future__ import annotations

import time
import warnings
from typing import Any

import numpy as np
import pytest
from joblib.externals.loky import get_reusable_executor

from simgrid.quality.training.processes import in_processes

KEPT: list[np.ndarray[tuple[int, ...], np.dtype[np.float64]]] = []


def work(number: int, megabytes: int) -> int:
    """So much more memory in this process, kept; joblib looks at it once a second."""
    if megabytes:
        KEPT.append(np.ones(megabytes * 125_000))
        time.sleep(1.1)
    return number


def test_a_process_that_has_grown_is_replaced_without_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    warn = warnings.warn

    def heard(message: str, *rest: Any, **named: Any) -> None:
        said.append(message)
        warn(message, *rest, **named)

    monkeypatch.setattr(warnings, "warn", heard)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        done = in_processes(work, [(n, 350 if n in (2, 3) else 0) for n in range(7)], 2)
        get_reusable_executor().shutdown(wait=True)  # type: ignore[no-untyped-call]
        warn("something else", UserWarning, stacklevel=1)
    assert done == list(range(7))
    assert any("A worker stopped" in one for one in said), "no process was replaced"
    assert [str(one.message) for one in told] == ["something else"]
