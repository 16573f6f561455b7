"""All four parts measured with the weights that are there; a part without weights is left out and named."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from simgrid.quality.anomaly import Anomalies
from simgrid.quality.classifier.classifier import NETWORK, TREES, Classifier, load
from simgrid.quality.enhancement.denoise import Denoiser
from simgrid.quality.evaluation.parts import anomalies, denoising, explanations, organs
from simgrid.quality.evaluation.parts.found import Found
from simgrid.quality.network import WEIGHTS, Network, open_network
from simgrid.quality.segmentation.organs import Segmenter

Measure = Callable[[], list[Found]]


def measures(trained: Path | None = None, cache: Path | None = None) -> Mapping[str, Measure]:
    """Part to what measures it; ``trained``: a folder of ``simgrid qa train``, None for what is shipped."""
    folder = WEIGHTS if trained is None else trained / "weights"
    files: dict[str, tuple[str, Measure]] = {
        organs.PART: ("organs.onnx", lambda: organs.measure(Segmenter(_network(folder, "organs")), cache)),
        denoising.PART: (
            "denoiser.onnx",
            lambda: denoising.measure(Denoiser(_network(folder, "denoiser")), cache),
        ),
        anomalies.PART: (
            "anomaly.onnx",
            lambda: anomalies.measure(Anomalies(_network(folder, "anomaly")), cache),
        ),
        explanations.PART: (NETWORK, lambda: explanations.measure(_classifier(folder), cache)),
    }
    return {part: measure for part, (file, measure) in files.items() if (folder / file).is_file()}


def _network(folder: Path, name: str) -> Network:
    return open_network(folder / f"{name}.onnx")


def _classifier(folder: Path) -> Classifier:
    if folder == WEIGHTS:
        return Classifier.shipped()
    return load((folder / NETWORK).read_bytes(), (folder / TREES).read_bytes())
