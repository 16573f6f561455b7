"""The table and the figures of the smaller parts say what was measured, and which rows are controls."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Picture

from simgrid.presentation.quality_parts import TITLES, parts_figures, parts_markdown
from simgrid.quality.evaluation.parts.everything import measures
from simgrid.quality.evaluation.parts.found import Found

ROWS = [
    Found("segmentation", "network", "a: liver", "Dice", 0.9, 0.8, 0.95, 20),
    Found("segmentation", "atlas mean (control)", "a: liver", "Dice", 0.5, 0.4, 0.6, 20),
    Found("segmentation", "network - control", "a: liver", "Dice difference", 0.4, 0.3, 0.5, 20),
    Found("denoiser", "network", "held out", "gain dB", 2.5, float("nan"), float("nan"), 1),
]


def test_every_row_is_in_the_table_with_its_interval() -> None:
    table = parts_markdown(ROWS)
    assert "| a: liver | Dice | network | 0.900 [0.800, 0.950] | 20 |" in table
    assert "| held out | gain dB | network | 2.500 | 1 |" in table
    assert table.index("## Segmentation") < table.index("## Denoiser")
    broken = Found("anomaly", "network", "x", "AUC", float("nan"), float("nan"), float("nan"), 0)
    assert "| none |" in parts_markdown([broken])


def test_one_figure_a_part_that_was_measured_the_same_bytes_every_time() -> None:
    made = parts_figures(ROWS)
    assert set(made) == {"part-segmentation.png", "part-denoiser.png"}
    assert made == parts_figures(ROWS)
    with Picture.open(io.BytesIO(made["part-segmentation.png"])) as picture:
        dark = np.asarray(picture.convert("L")) < 60
    assert dark.any()


def test_parts_without_weights_are_left_out(tmp_path: Path) -> None:
    assert dict(measures(tmp_path)) == {}
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights/denoiser.onnx").write_bytes(b"x")
    assert list(measures(tmp_path)) == ["denoiser"]
    assert set(measures(tmp_path)) < set(TITLES)
    with pytest.raises(ValueError, match=r"denoiser\.onnx is no ONNX network"):
        measures(tmp_path)["denoiser"]()
