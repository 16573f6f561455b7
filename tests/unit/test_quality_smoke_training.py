"""``simgrid qa train --smoke``: every step on real images, and what it wrote judges without torch.

The images are fetched as ``simgrid qa fetch-data`` does, where the user's cache does not have them yet.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from simgrid.quality.sources.catalogue import packages
from simgrid.quality.sources.fetch import cache_folder, fetch, folder_of

NEEDED = ("pydicom", "pydicom-data", "totalsegmentator")  # every modality, label maps, volumes to project
TOOLS = ("torch", "sklearn", "onnx", "onnxscript")
SECONDS_AT_MOST = 120  # of processor time: a machine shared with others takes longer by the clock
JUDGES = """
import sys, zipfile
from pathlib import Path
import numpy as np

class Blocked:
    def find_spec(self, name, *rest):
        if name.split(".")[0] in ("torch", "sklearn", "skimage", "onnx", "onnxscript"):
            raise ImportError(name)

sys.meta_path.insert(0, Blocked())
from pydicom.data import get_testdata_file
from simgrid.dicom.pixels import read_images
from simgrid.quality.anomaly import Anomalies
from simgrid.quality.check import images_of
from simgrid.quality.classifier.classifier import load
from simgrid.quality.defect_names import DEFECTS
from simgrid.quality.enhancement.denoise import Denoiser
from simgrid.quality.network import open_network
from simgrid.quality.segmentation.organs import Segmenter

folder = Path(sys.argv[1])
images = images_of(read_images(Path(get_testdata_file("CT_small.dcm"))))
classifier = load((folder / "classifier.onnx").read_bytes(), (folder / "classifier.npz").read_bytes())
(said,) = classifier.judge(images)
assert tuple(said.probability) == tuple(said.severity) == DEFECTS and len(DEFECTS) == 10
assert np.isfinite([*said.probability.values(), *said.severity.values()]).all()
assert all(0 <= one <= 1 for one in said.probability.values()) and any(said.probability.values())
shape = images[0].pixels.shape
assert np.isfinite(Denoiser.load(folder / "denoiser.onnx").denoise(images[0]).pixels).all()
assert np.isfinite(Anomalies(open_network(folder / "anomaly.onnx")).learned(images[0])).all()
assert Segmenter(open_network(folder / "organs.onnx")).anatomy(images[0]).labels.shape == shape
for path in folder.parent.rglob("*.npz"):
    with zipfile.ZipFile(path) as archive:
        assert all(name.endswith(".npy") for name in archive.namelist())
    with np.load(path, allow_pickle=False) as arrays:
        assert not [name for name in arrays.files if arrays[name].dtype.hasobject]
"""


def _python(*arguments: str) -> tuple[str, float]:
    """A process of its own with one thread: what it says, and the processor time that it took."""
    one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    before = os.times()
    ended = subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, **one_thread},
        capture_output=True,
        text=True,
        check=False,
    )
    after = os.times()
    assert ended.returncode == 0, ended.stdout + ended.stderr
    children = after.children_user + after.children_system - before.children_user - before.children_system
    return ended.stdout + ended.stderr, children


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """A cache with the same packages on every machine; on CI their absence is an error."""
    cache = tmp_path / "images"
    cache.mkdir()
    wanted = [one for one in packages() if one.name in NEEDED]
    for package in wanted:
        there = folder_of(package)
        if there is not None:
            (cache / there.name).symlink_to(there, target_is_directory=True)
    missing = [one for one in wanted if folder_of(one, cache) is None]
    if missing:
        fetched = fetch(cache_folder(), only=missing)
        absent = [f"{one.package.name}: {one.why}" for one in fetched if one.state in ("absent", "refused")]
        if absent and os.environ.get("CI") == "true":
            pytest.fail(f"images to train on cannot be had, and CI promises them: {'; '.join(absent)}")
        if absent:
            pytest.skip("; ".join(absent))
        for package in missing:
            there = folder_of(package)
            assert there is not None
            (cache / there.name).symlink_to(there, target_is_directory=True)
    return cache


def test_a_smoke_training_within_two_minutes_judges_without_torch(images: Path, tmp_path: Path) -> None:
    for name in TOOLS:
        if os.environ.get("CI") != "true":
            pytest.importorskip(name)
    out = tmp_path / "trained"
    train = ("-m", "simgrid_telerad", "qa", "train", "--smoke", "--threads", "1")
    said, seconds = _python(*train, "--cache", str(images), "-o", str(out))
    assert re.findall(r"^training (\w+)$", said, re.M) == ["classifier", "organs", "denoiser", "anomaly"]
    assert seconds < SECONDS_AT_MOST
    assert sorted(str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()) == [
        "evaluation/out_of_fold.npz",
        "weights/anomaly.md",
        "weights/anomaly.onnx",
        "weights/classifier.md",
        "weights/classifier.npz",
        "weights/classifier.onnx",
        "weights/denoiser.md",
        "weights/denoiser.onnx",
        "weights/organs.md",
        "weights/organs.onnx",
    ]
    _python("-c", JUDGES, str(out / "weights"))
