"""The committed tables are those of the reference runs byte for byte; the committed pictures show as much."""

from __future__ import annotations

import io
from functools import cache

import numpy as np
import pytest
from PIL import Image

from simgrid.reproduction.again import NothingKept, recomputed, reference, references
from simgrid.reproduction.evidence import Evidence
from simgrid.reproduction.exhibits import rendering
from simgrid.reproduction.exhibits.catalogue import EXHIBITS
from simgrid.reproduction.exhibits.exhibit import worlds_needed
from simgrid.reproduction.experiments import EXPERIMENTS, Worlds
from simgrid.reproduction.reference import reference_folder

DRAWN = ("figure-2", "table-1")
ALIKE = 0.02
"""Mean difference of two pictures, as a share of black to white: other fonts' edges, no other numbers."""


@cache
def found() -> dict[str, Evidence]:
    return references(worlds_needed(EXHIBITS).values())


def committed(kind: str) -> dict[str, bytes]:
    return {f"{kind}/{file.name}": file.read_bytes() for file in (reference_folder() / kind).iterdir()}


def pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("L"), dtype=np.float64) / 255.0


def test_tables_are_those_of_the_reference_runs_byte_for_byte() -> None:
    assert rendering.tables(EXHIBITS, found()) == committed("tables")


def test_every_figure_with_evidence_is_there() -> None:
    ready = {f"figures/{one.name}.png" for one in EXHIBITS if one.figure and one.ready(found())}
    assert ready == set(committed("figures"))


def test_pictures_show_the_same() -> None:
    chosen = [one for one in EXHIBITS if one.name in DRAWN]
    assert len(chosen) == len(DRAWN)
    for name, content in rendering.figures(chosen, found()).items():
        again, kept = pixels(content), pixels(committed("figures")[name])
        assert again.shape == kept.shape
        assert np.abs(again - kept).mean() < ALIKE
        assert kept.std() > ALIKE  # an empty picture would be like any other


def test_a_recomputed_world_is_the_kept_one() -> None:
    worlds = EXPERIMENTS["table-1"].worlds
    live, kept = recomputed(worlds, 1, ("workload_distance",)), reference(worlds)
    for policy, values in live.values["workload_distance"].items():
        np.testing.assert_allclose(values, kept.values["workload_distance"][policy][:1], rtol=1e-9)


def test_what_is_not_kept_is_said() -> None:
    other = Worlds("nowhere", "paper/table-1", quick=1, full=1, cpu_s=1.0)
    assert references([other, None]) == {}
    with pytest.raises(NothingKept, match="nowhere"):
        reference(other)
