"""The judge of images: trees on measures and a network on pixels and measures, fused and calibrated."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from simgrid.quality.classifier import abstention, forest, inputs
from simgrid.quality.classifier.abstention import Known
from simgrid.quality.classifier.calibration import any_score, probabilities
from simgrid.quality.classifier.forest import Grove
from simgrid.quality.classifier.inputs import FEATURES
from simgrid.quality.classifier.judgement import Judgement, conclude, nothing_said
from simgrid.quality.defect_names import DEFECTS, Defect, possible
from simgrid.quality.image import Image
from simgrid.quality.measures import NAMES, measure_view
from simgrid.quality.measures.view import View

HEADS: tuple[str, ...] = (*DEFECTS, "any")
NETWORK, TREES = "classifier.onnx", "classifier.npz"


class WeightsError(ValueError):
    """Weights that do not belong to this version of the measures, or that are not there."""


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """Of n images, uncalibrated: log odds (n, 11) by trees, by the network, fused; severities (n, 10)."""

    trees: NDArray[np.float64]
    network: NDArray[np.float64]
    fused: NDArray[np.float64]
    severity: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Classifier:
    """Everything that is needed to judge; ``shipped`` loads what comes with the package.

    ``columns``: of the features that the weights were made for; ``edges`` (features, LEVELS - 1) turn these
    into ranks; ``share`` of the trees in the fused score; ``curves`` calibrate the fused scores,
    ``any_curve`` what ``any_score`` makes of them, ``tree_curve`` and ``network_curve`` the two judges' own
    heads for any defect.
    """

    session: Any
    defects: Grove
    damages: Grove
    columns: NDArray[np.int64]
    edges: NDArray[np.float32]
    share: float
    curves: NDArray[np.float64]
    any_curve: NDArray[np.float64]
    tree_curve: NDArray[np.float64]
    network_curve: NDArray[np.float64]
    known: Known

    @staticmethod
    @cache
    def shipped() -> Classifier:
        """The weights of the package, loaded once a process.

        Raises:
            WeightsError: when they are missing or were made for other measures.
        """
        folder = files("simgrid.quality") / "weights"
        try:
            return load((folder / NETWORK).read_bytes(), (folder / TREES).read_bytes())
        except FileNotFoundError as error:
            raise WeightsError(
                f"{error.filename} is missing: install again, or run 'simgrid qa train'"
            ) from None

    def judge(self, images: Sequence[Image]) -> list[Judgement]:
        """One judgement an image, the same for an image whatever the others are."""
        return [self._judge(image) for image in images]

    def _judge(self, image: Image) -> Judgement:
        unable = abstention.cannot_be_judged(image)
        if unable:
            return nothing_said(unable)
        view = View(image)
        measures = measure_view(view)
        scores = self.score(inputs.pictures(view)[None], inputs.features(measures, image.modality)[None])
        mine = possible(image.modality)
        found = self.probabilities(scores, np.array([[one in mine for one in DEFECTS]]))[0]
        probability = {one: float(found[k]) if one in mine else 0.0 for k, one in enumerate(DEFECTS)}
        severity: dict[Defect, float] = {
            one: float(scores.severity[0, k]) if one in mine else 0.0 for k, one in enumerate(DEFECTS)
        }
        strange = self.known.outside(measures[self.columns[self.columns < len(NAMES)]], image.modality)
        doubt = abstention.unlike_training(view, measures, strange, self.known) or self._doubt(scores)
        return conclude(probability, severity, float(found[-1]), doubt, image.modality)

    def probabilities(self, scores: Scores, could: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Calibrated (n, 11): ten defects and any; ``could`` (n, 10): which the modality can have."""
        found = probabilities(scores.fused, self.curves)
        mixed = any_score(found, could)
        found[:, -1] = probabilities(mixed[:, None], self.any_curve[None])[:, 0]
        return found

    def _doubt(self, scores: Scores) -> str:
        by_trees = float(probabilities(scores.trees[:, -1:], self.tree_curve[None])[0, 0])
        by_network = float(probabilities(scores.network[:, -1:], self.network_curve[None])[0, 0])
        return abstention.in_doubt(by_trees, by_network)

    def ranks(self, features: NDArray[np.float32]) -> NDArray[np.uint8]:
        """(n, features) of this version to the ranks (n, columns) that the weights look at."""
        return inputs.ranks(features[:, self.columns], self.edges)

    def score(self, pictures: NDArray[np.float16], features: NDArray[np.float32]) -> Scores:
        """Of (n, 4, side, side) pictures and (n, features): what evaluation looks at, abstentions apart."""
        ranks = self.ranks(features)
        trees = self.defects.evaluate(ranks)
        logits, damages = self.session.run(
            ["defects", "damages"],
            {"pictures": pictures.astype(np.float32), "measures": inputs.centred(ranks)},
        )
        network = np.asarray(logits, np.float64)
        fused = self.share * trees + (1 - self.share) * network
        severity = (self.damages.evaluate(ranks) + np.asarray(damages, np.float64)) / 2
        return Scores(trees, network, fused, np.clip(severity, 0, 1))


def load(network: bytes, trees: bytes) -> Classifier:
    """From the bytes of the two files.

    Raises:
        WeightsError: for trees that were grown on other measures than there are now.
    """
    with np.load(io.BytesIO(trees), allow_pickle=False) as archive:
        arrays: Mapping[str, NDArray[Any]] = {name: archive[name] for name in archive.files}
    named = tuple(str(name) for name in arrays["names"])
    unknown = [name for name in named if name not in NAMES]
    if unknown:
        raise WeightsError(
            f"the weights ask for measures that this version does not make ({', '.join(unknown[:3])}): "
            "run 'simgrid qa train'"
        )
    columns = [FEATURES.index(name) for name in (*named, *FEATURES[len(NAMES) :])]
    return Classifier(
        session=session(network),
        defects=forest.grove_from(arrays, "defects"),
        damages=forest.grove_from(arrays, "damages"),
        columns=np.array(columns),
        edges=arrays["edges"],
        share=float(arrays["share"][0]),
        curves=arrays["curves"],
        any_curve=arrays["any_curve"],
        tree_curve=arrays["tree_curve"],
        network_curve=arrays["network_curve"],
        known=Known(arrays["known_low"], arrays["known_high"], arrays["known_limit"]),
    )


def session(network: bytes) -> Any:
    """One thread, one order of sums: the same bits for the same image on one machine."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.use_deterministic_compute = True
    options.log_severity_level = 3
    return cast(Any, onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"]))
