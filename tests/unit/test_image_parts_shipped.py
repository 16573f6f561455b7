"""The shipped image networks: what they do, what they weigh, and what they never import."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np

from simgrid.quality.anomaly import Anomalies
from simgrid.quality.enhancement.denoise import Denoiser
from simgrid.quality.evaluation.parts import denoising
from simgrid.quality.segmentation.findings import of_file
from tests.slices import slice_of

ROOT = Path(__file__).parents[2]


def test_nothing_but_training_needs_torch() -> None:
    blocked = ("torch", "sklearn", "skimage", "onnx", "onnxscript")
    code = (
        "import sys\n"
        "class Blocked:\n"
        "    def find_spec(self, name, *rest):\n"
        f"        if name.split('.')[0] in {blocked}: raise ImportError(name)\n"
        "sys.meta_path.insert(0, Blocked())\n"
        "import simgrid.quality.enhancement.denoise, simgrid.quality.segmentation.findings\n"
        "import simgrid.quality.anomaly, simgrid.quality.evaluation.parts.organs\n"
        "import simgrid.quality.evaluation.parts.denoising, simgrid.quality.evaluation.parts.anomalies\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=ROOT).returncode == 0


def test_the_shipped_networks_do_what_they_are_shipped_for() -> None:
    """A liver in a CT that is named neck, in pydicom-data's own file; noise taken out of a phantom."""
    from pydicom.data import get_testdata_file

    from simgrid.dicom.pixels import read_images
    from simgrid.quality.check import images_of

    images = images_of(read_images(Path(str(get_testdata_file("bad_sequence.dcm")))))
    told = of_file(images)
    assert "body-part-against-organs" in {one.rule for one in told}
    assert all(images[0].body_part not in one.message for one in told)  # a header's text is not repeated
    clean, rng = slice_of("CT", seed=5), np.random.default_rng(3)
    grain = (60 * rng.standard_normal(clean.pixels.shape)).astype(np.float32)
    measured = denoising.one_image(clean, clean.with_pixels(clean.pixels + grain), Denoiser.shipped())
    assert measured["gain"] > 3
    assert abs(measured["loss"]) < 0.05
    shown = Anomalies.shipped().learned(clean)
    assert np.isfinite(shown).all()
    assert shown.shape == clean.pixels.shape


def test_all_weights_together_stay_small_and_have_cards() -> None:
    folder = ROOT / "simgrid/quality/weights"
    assert sum(path.stat().st_size for path in folder.iterdir()) <= 1_500_000
    for name, most in (("organs", 250_000), ("denoiser", 80_000), ("anomaly", 80_000)):
        content = (folder / f"{name}.onnx").read_bytes()
        assert len(content) <= most
        card = (folder / f"{name}.md").read_text()
        assert hashlib.sha256(content).hexdigest() in card
        assert "What was looked at" in card
