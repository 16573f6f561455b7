"""What training makes is what runs: trees as scikit-learn's, ONNX as torch's, the same bytes twice."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("sklearn")

from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from simgrid.quality.classifier import inputs
from simgrid.quality.classifier.classifier import session
from simgrid.quality.classifier.forest import from_arrays, grove_from
from simgrid.quality.defect_names import DEFECTS, possible
from simgrid.quality.image import Image
from simgrid.quality.measures.view import View
from simgrid.quality.sources.images import NotFetched
from simgrid.quality.training import network, trees
from simgrid.quality.training.classifier import enough
from simgrid.quality.training.collection import all_samples
from simgrid.quality.training.folds import folds_of, shuffle_within
from simgrid.quality.training.network import Course, Network
from simgrid.quality.training.onnx_bytes import onnx_bytes
from simgrid.quality.training.samples import Samples, joined, samples_of, varied
from simgrid.quality.training.steps import Context
from simgrid.quality.training.trees import Size
from simgrid.randomness import stream

KINDS = ("CT", "MR", "DX")


def phantom(modality: str, side: int = 72) -> Image:
    y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
    plane = 1000.0 * (np.hypot(x / 0.7, y / 0.8) < 1) + 300 * (np.hypot(x - 0.2, y) < 0.2)
    return Image((plane - 1000 * (modality == "CT")).astype(np.float32), modality)


@pytest.fixture(scope="module")
def samples() -> Samples:
    return joined(samples_of(kind, [phantom(kind)], 24, 5) for kind in KINDS)


@pytest.mark.parametrize("leaves", [2, 9, 31])
def test_trees_as_arrays_say_what_scikit_learn_says(leaves: int) -> None:
    rng = np.random.default_rng(leaves)
    ranks = rng.integers(0, inputs.LEVELS, (600, 20)).astype(np.uint8)
    target = ranks[:, 3] / 64.0 + (ranks[:, 7] > 30) * rng.normal(1, 0.1, 600)
    same = {"max_iter": 25, "max_leaf_nodes": leaves, "random_state": 0, "early_stopping": False}
    classifier = HistGradientBoostingClassifier(**same).fit(ranks.astype(np.float32), target > 0.9)
    regression = HistGradientBoostingRegressor(**same).fit(ranks.astype(np.float32), target)
    forest = trees.forest_of([[classifier], [], [regression, None, regression]])
    unseen = rng.integers(0, inputs.LEVELS, (200, 20)).astype(np.uint8)
    found = from_arrays(forest.arrays("x"), "x").evaluate(unseen)
    assert np.allclose(found[:, 0], classifier.decision_function(unseen.astype(np.float32)), atol=0.01)
    assert (found[:, 1] == 0).all()
    assert np.allclose(found[:, 2], regression.predict(unseen.astype(np.float32)), atol=0.003)


def test_a_grove_takes_the_mean_of_all_and_of_the_images_own_family(samples: Samples) -> None:
    size = Size(4, 4, 2, 1)
    truth = samples.truth.copy()
    truth[:, -1] = np.arange(len(truth)) % 2 == 0
    some = replace(samples, truth=truth)
    ranks = inputs.ranks(some.features, trees.edges_of(some.features))
    grove = trees.grow_defects(ranks, some, replace(size, trees=4), 1, heads=("any",))
    found = grove_from(grove.arrays("x"), "x").evaluate(ranks)
    assert (found[:, :-1] == 0).all()
    for number, kind in enumerate(inputs.FAMILIES):
        own = some.kind == kind
        alone, of_all = (
            grove.kinds[number].evaluate(ranks[own])[:, -1],
            grove.every.evaluate(ranks[own])[:, -1],
        )
        mean = (alone + of_all) / 2 if truth[own, -1].sum() >= trees.FEWEST else of_all
        assert np.allclose(found[own, -1], mean)


def test_trees_that_too_few_images_could_teach_always_say_zero() -> None:
    forest = trees.forest_of([[None], []])
    found = from_arrays(forest.arrays("x"), "x").evaluate(np.zeros((5, 20), np.uint8))
    assert found.tolist() == [[0.0, 0.0]] * 5


def test_onnx_says_what_torch_says() -> None:
    import torch

    torch.manual_seed(1)
    made = Network(with_measures=True).eval()
    rng = np.random.default_rng(2)
    pictures = rng.normal(size=(3, len(inputs.CHANNELS), inputs.SIDE, inputs.SIDE)).astype(np.float16)
    measures = rng.uniform(-1, 1, (3, len(inputs.FEATURES))).astype(np.float32)
    content = network.exported(made)
    logits, damages = session(content).run(
        ["defects", "damages"], {"pictures": pictures.astype(np.float32), "measures": measures}
    )
    in_torch = network.predict(made, pictures, measures)
    assert np.allclose(logits, in_torch[0], atol=5e-3)
    assert np.allclose(damages, in_torch[1], atol=5e-3)


def test_samples_repeat_and_are_labelled_as_their_modality_allows(samples: Samples) -> None:
    again = joined(samples_of(kind, [phantom(kind)], 24, 5) for kind in KINDS)
    assert np.array_equal(samples.pictures, again.pictures)
    assert np.array_equal(samples.features, again.features)
    assert not (samples.truth & ~samples.could).any()
    assert np.array_equal(samples.truth[:, -1], samples.truth[:, :-1].any(axis=1))
    assert (samples.damages[~samples.truth[:, :-1]] == 0).all()
    assert set(samples.kind.tolist()) == {"CT", "MR", "CR"}
    for row in range(0, len(samples), 24):
        allowed = [one in possible(samples.kind[row]) for one in DEFECTS]
        assert samples.could[row, :-1].tolist() == allowed
    assert 0.4 < samples.truth[:, -1].mean() < 0.9


def test_the_second_generator_makes_samples_too() -> None:
    made = samples_of("x", [phantom("MR")], 8, 5, second=True)
    assert made.truth[:, -1].any()
    assert not made.damages.any()


def test_a_varied_image_keeps_meaning_and_scale() -> None:
    image = phantom("CT", 200)
    for k in range(5):
        other = varied(image, stream(0, 0, str(k)))
        assert other.modality == "CT"
        assert np.isfinite(other.pixels).all()
        assert abs(float(np.median(other.pixels[other.pixels > -200])) - 0) < 60


def test_exporting_twice_gives_the_same_bytes() -> None:
    import torch

    torch.manual_seed(0)
    small = torch.nn.Sequential(torch.nn.Linear(8, 8), torch.nn.ReLU())
    made = [onnx_bytes(small, (torch.zeros(2, 8),), ("x",), ("y",)) for _ in range(2)]
    assert made[0] == made[1]
    assert str(Path(__file__).parents[2]).encode() not in made[0]


def test_training_twice_gives_the_same_weights(samples: Samples) -> None:
    import torch

    ranks = inputs.centred(inputs.ranks(samples.features, trees.edges_of(samples.features)))
    made = [
        network.teach(samples, ranks, Course(epochs=1, batch=16), 3, threads=1, with_measures=True)
        for _ in range(2)
    ]
    first, second = (one.state_dict() for one in made)
    assert all(torch.equal(first[name], second[name]) for name in first)
    other = network.teach(samples, ranks, Course(epochs=1, batch=16), 4, threads=1, with_measures=True)
    assert not torch.equal(other.state_dict()["defects.weight"], first["defects.weight"])


def test_mirroring_a_batch_is_mirroring_the_image() -> None:
    """Within what nearest neighbours and uneven tiles leave."""
    import torch

    image = phantom("MR", 384)
    tilted = image.with_pixels(
        (image.pixels + np.linspace(0, 300, 384)[None, :] + 50 * np.sin(np.arange(384)[:, None])).astype(
            np.float32
        )
    )

    one = torch.from_numpy(inputs.pictures(View(tilted)).astype(np.float32))[None]
    other = inputs.pictures(View(tilted.with_pixels(np.ascontiguousarray(tilted.pixels[:, ::-1]))))
    for seed in range(50):
        order = torch.Generator().manual_seed(seed)
        chance = torch.rand(3, generator=torch.Generator().manual_seed(seed))
        if chance[0] < 0.5 and chance[1] >= 0.15:
            break
    mirrored = network.turned(one, torch.zeros(1, 1), order)[0][0].numpy()
    for channel, name in enumerate(inputs.CHANNELS):
        alike = np.corrcoef(mirrored[channel].ravel(), other[channel].astype(float).ravel())[0, 1]
        assert alike > 0.5, name  # angles and tiles do not quite meet


def test_too_few_sources_are_told_before_anything_is_learned(samples: Samples, tmp_path: Path) -> None:
    def of(names: str, kinds: list[str]) -> Samples:
        part = samples.chosen(np.arange(len(samples)) < len(names))
        return replace(part, source=np.array(list(names)), kind=np.array(kinds))

    with pytest.raises(NotFetched, match=r"2 training sources .* 5 or more"):
        enough(of("abb", ["CT", "MR", "CR"]))
    with pytest.raises(NotFetched, match="no image of CR to train on"):
        enough(of("abcde", ["CT", "CT", "MR", "MR", "CT"]))
    enough(of("abcde", ["CT", "CR", "CT", "MR", "MR"]))
    with pytest.raises(NotFetched, match="fetch-data"):
        all_samples(Context(smoke=True, tell=print, cache=tmp_path / "empty", threads=1))


def test_every_source_is_left_out_once_and_radiographs_are_spread() -> None:
    sources = ["a", "b", "c", "d", "e", "f", "a", "b"]
    kinds = ["CT", "CT", "CT", "MR", "MR", "MR", "CR", "CR"]
    folds = folds_of(sources, kinds, 3)
    assert set(folds) == set(sources)
    assert folds["a"] != folds["b"]
    assert set(folds.values()) == {0, 1, 2}


def test_shuffling_stays_within_a_modality() -> None:
    kind = np.array(["CT"] * 30 + ["MR"] * 20)
    order = shuffle_within(kind, 1)
    assert sorted(order.tolist()) == list(range(50))
    assert (kind[order] == kind).all()
    assert (order != np.arange(50)).mean() > 0.8


def test_a_defect_too_rare_to_learn_is_never_found(samples: Samples) -> None:
    none = replace(samples, truth=np.zeros_like(samples.truth))
    ranks = inputs.ranks(none.features, trees.edges_of(none.features))
    some = replace(none, truth=np.where(np.arange(11) == 10, samples.truth, none.truth))
    forest = trees.grow_defects(ranks, some, Size(3, 4, 2), 1)
    assert (forest.evaluate(ranks)[:, :-1] == 0).all()
