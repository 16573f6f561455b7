"""Training again gives the same bytes; needs the images of ``simgrid qa fetch-data``, and two minutes."""

from __future__ import annotations

import pytest

from simgrid.quality.sources.images import available

pytestmark = pytest.mark.statistical


def test_a_smoke_training_twice_gives_the_same_bytes() -> None:
    pytest.importorskip("torch")
    from simgrid.quality.training.steps import Context, run

    if not available("train"):
        pytest.skip("no image is in the cache: simgrid qa fetch-data")
    told: list[str] = []
    first, second = (
        dict(run(Context(smoke=True, tell=told.append), ["classifier"]))["classifier"] for _ in range(2)
    )
    assert sorted(first) == sorted(second)
    assert [name for name in first if first[name] != second[name]] == []
    assert set(first) >= {"weights/classifier.onnx", "weights/classifier.npz", "weights/classifier.md"}
