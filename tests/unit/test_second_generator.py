"""The second defect generator: other means, other code, visible and repeatable damage."""

from __future__ import annotations

import ast
import subprocess
import sys
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from simgrid.quality.defect_names import DEFECTS, POSSIBLE, Defect
from simgrid.quality.image import Image
from simgrid.quality.second_generator import degrade

PAIRS = [(modality, defect) for modality, some in POSSIBLE.items() for defect in some]
ROOM = Path(__file__).parents[2] / "simgrid/quality"


def phantom(modality: str, shape: tuple[int, int] = (96, 112)) -> Image:
    """An ellipse with an inner structure, in the units of its modality."""
    down, right = (np.linspace(-1, 1, size) for size in shape)
    body = (down[:, None] / 0.85) ** 2 + (right[None, :] / 0.75) ** 2 < 1
    organ = (down[:, None] - 0.2) ** 2 + (right[None, :] + 0.1) ** 2 < 0.09
    pixels = 0.6 * body + 0.3 * organ + 0.05 * np.sin(9 * right)[None, :] * body
    scaled = {"CT": 1100 * pixels - 1000, "MR": 800 * pixels, "CR": 3000 * pixels + 100}[modality]
    return Image(scaled.astype(np.float32), modality)


def seeded(number: int) -> np.random.Generator:
    return np.random.default_rng(number)


@pytest.mark.parametrize(("modality", "defect"), PAIRS, ids=str)
def test_each_possible_defect_damages_and_repeats(modality: str, defect: Defect) -> None:
    clean = phantom(modality)
    damages = []
    for number in range(4):
        once, again = degrade(defect, clean, seeded(number)), degrade(defect, clean, seeded(number))
        assert once.pixels.tobytes() == again.pixels.tobytes()
        assert once.pixels.shape == clean.pixels.shape
        assert once.modality == modality
        assert np.isfinite(once.pixels).all()
        damages.append(float(np.abs(once.pixels - clean.pixels).mean() / clean.pixels.std()))
    assert min(damages) > 0.002
    assert len(set(damages)) >= 3  # strength and place are drawn


def test_the_clean_image_is_left_as_it_was() -> None:
    for modality, defect in PAIRS:
        clean = phantom(modality)
        before = clean.pixels.copy()
        degrade(defect, clean, seeded(1))
        assert np.array_equal(clean.pixels, before)


@pytest.mark.parametrize("shape", [(17, 40), (64, 64), (33, 31)])
def test_flat_and_small_planes_stay_finite(shape: tuple[int, int]) -> None:
    for (modality, defect), value in product(PAIRS, (0.0, -1000.0)):
        image = Image(np.full(shape, value, np.float32), modality)
        degraded = degrade(defect, image, seeded(2))
        assert degraded.pixels.shape == shape
        assert np.isfinite(degraded.pixels).all()


def test_limits_of_the_file_are_kept() -> None:
    clean = phantom("CT")
    image = Image(clean.pixels, "CT", limits=(-1024.0, 1500.0))
    degraded = degrade("metal", image, seeded(0)).pixels
    assert degraded.max() <= 1500
    assert degraded.min() >= -1024


def test_an_impossible_defect_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="a CT image cannot have ghosting"):
        degrade("ghosting", phantom("CT"), seeded(0))
    with pytest.raises(ValueError, match="a US image cannot have noise: its defects are none"):
        degrade("noise", Image(np.zeros((9, 9), np.float32), "US"), seeded(0))


def spectrum_slope(pixels: NDArray[np.float32]) -> float:
    power = np.abs(np.fft.fft2(pixels - pixels.mean())) ** 2
    radius = np.hypot(*np.meshgrid(*(np.fft.fftfreq(size) for size in pixels.shape), indexing="ij"))
    return float(power[radius > 0.25].sum() / power.sum())


def test_defects_leave_the_traces_they_are_named_after() -> None:
    clean = {modality: phantom(modality) for modality in POSSIBLE}
    flat = Image(np.zeros((128, 128), np.float32), "CT")
    assert spectrum_slope(degrade("noise", flat, seeded(1)).pixels) > 0.3
    for modality, image in clean.items():
        sharp = spectrum_slope(image.pixels)
        assert spectrum_slope(degrade("blur", image, seeded(1)).pixels) < sharp, modality
        inverted = degrade("inversion", image, seeded(1)).pixels
        assert np.corrcoef(inverted.ravel(), image.pixels.ravel())[0, 1] < -0.9
    assert (degrade("metal", clean["CT"], seeded(1)).pixels == 3000).any()
    ringed = degrade("ring", flat, seeded(3)).pixels
    assert np.abs(ringed).max() > 15
    corner = np.abs(ringed[:4, :4]).max()
    assert corner < 1e-3  # painted around the centre, never in the corners
    shaded = degrade("bias", clean["MR"], seeded(1)).pixels
    inside = clean["MR"].pixels > 100
    ratio = shaded[inside] / clean["MR"].pixels[inside]
    assert ratio.max() / ratio.min() > 1.3


def imported_from(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {str(node.module)}
    return names


def functions_of(path: Path) -> set[str]:
    """Bodies of functions, names of variables and numbers left as they are, docstrings aside."""
    bodies = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            bodies |= {"\n".join(ast.dump(one) for one in body)} if len(body) > 1 else set()
    return bodies


def test_it_shares_no_code_with_the_first_generator() -> None:
    own = ROOM / "second_generator.py"
    project = {one for one in imported_from(own) if one.startswith("simgrid")}
    assert project == {"simgrid.quality.defect_names", "simgrid.quality.image"}
    first = [path for path in sorted((ROOM / "defects").rglob("*.py")) if path.name != "__init__.py"]
    for path in first:
        assert "simgrid.quality.second_generator" not in imported_from(path)
        assert functions_of(own).isdisjoint(functions_of(path)), path.name


def test_importing_it_does_not_load_the_first_generator() -> None:
    code = (
        "import sys, simgrid.quality.second_generator as s;"
        "sys.exit(any(n.startswith('simgrid.quality.defects') for n in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=ROOM.parents[1]).returncode == 0


def test_nobody_uses_it_but_whoever_measures() -> None:
    """A trainer that learned from it would spoil what it is for; samples drawn by it are scored only."""
    users = {
        str(path.relative_to(ROOM))
        for path in ROOM.rglob("*.py")
        if any("second_generator" in one for one in imported_from(path))
    }
    assert {one for one in users if not one.startswith("evaluation")} <= {"training/samples.py"}
    assert len(DEFECTS) == len({defect for _, defect in PAIRS})
