"""Trains the organ network on label maps; whole sources are held out, and the weights shipped never saw them.

The label maps of the CT and MR volumes are the output of another program (TotalSegmentator's own reference
results), those of the brains come from atlases: what is learned here is to repeat them, not the anatomy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from scipy import ndimage
from torch import nn

from simgrid.quality.segmentation.label_maps import UNKNOWN, labels_of
from simgrid.quality.segmentation.organs import ORGANS, nearest, to_grid
from simgrid.quality.training.deterministic import prepare
from simgrid.quality.training.onnx_bytes import onnx_bytes
from simgrid.quality.training.part_card import ORGANS as ORGANS_CARD
from simgrid.quality.training.part_card import card
from simgrid.quality.training.part_images import slices
from simgrid.quality.training.steps import Context
from simgrid.quality.training.unet import UNet

WIDTHS = (10, 20, 40, 40)
CROP, BATCH, RATE = 96, 8, 4e-3
REPAINTED = 0.3
CLASSES = len(ORGANS) + 1


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """A slice on the grid: channels (2, rows, columns) and labels, ``UNKNOWN`` where nobody says."""

    channels: NDArray[np.float32]
    labels: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class SegmentationSettings:
    """How long to train, and from which seed."""

    steps: int
    seed: int = 11
    threads: int = 1


def train(context: Context) -> Mapping[str, bytes]:
    """The training step: the label maps of all training sources but those held out."""
    settings = SegmentationSettings(steps=8 if context.smoke else 1600)
    examples = labelled(context)
    context.tell(f"organs: {sum(len(some) for some in examples.values())} slices of {len(examples)} sources")
    content = to_onnx(fit(examples, settings))
    about = card(ORGANS_CARD, list(examples), "organs.onnx", content)
    return {"weights/organs.onnx": content, "weights/organs.md": about}


def labelled(context: Context) -> dict[str, list[Example]]:
    """Every labelled slice on the grid, by source."""
    found: dict[str, list[Example]] = {}
    for one in slices(context):
        labels = labels_of(one)
        if labels is not None:
            plane = to_grid(one.image)
            found.setdefault(one.source, []).append(Example(plane, nearest(labels, plane.shape[1:])))
    return found


def fit(examples: Mapping[str, Sequence[Example]], settings: SegmentationSettings) -> UNet:
    """A network fitted to the examples of each source, drawn by the root of how many slices it has."""
    prepare(settings.seed, settings.threads)
    rng = np.random.default_rng(settings.seed)
    pools = [list(examples[source]) for source in sorted(examples)]
    often = np.sqrt([len(pool) for pool in pools])
    weights = class_weights([one for pool in pools for one in pool])
    model = UNet(2, WIDTHS, CLASSES)
    optimiser = torch.optim.AdamW(model.parameters(), RATE, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=settings.steps)
    for _ in range(settings.steps):
        chosen = [pools[k] for k in rng.choice(len(pools), BATCH, p=often / often.sum())]
        drawn = [augmented(pool[rng.integers(len(pool))], rng) for pool in chosen]
        x = torch.from_numpy(np.stack([one.channels for one in drawn]))
        wanted = torch.from_numpy(np.stack([one.labels for one in drawn]).astype(np.int64))
        scores = model(x)
        loss = nn.functional.cross_entropy(scores, wanted, weights, ignore_index=UNKNOWN)
        loss = loss + _overlap_loss(scores, wanted)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    model.eval()
    return model


def class_weights(examples: Sequence[Example]) -> torch.Tensor:
    """The fourth root of each class's rarity, so that small organs count and large ones are not forgotten."""
    counts = np.zeros(256)
    for one in examples:
        counts += np.bincount(one.labels.ravel(), minlength=256)
    share = np.clip(counts[:CLASSES] / max(counts[:CLASSES].sum(), 1), 1e-4, None)
    weights = share**-0.25
    return torch.from_numpy((weights / weights.mean()).astype(np.float32))


def _overlap_loss(scores: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """One minus the soft Dice of the organs that the batch shows."""
    known = (wanted != UNKNOWN)[:, None]
    given = torch.softmax(scores, 1) * known
    truth = nn.functional.one_hot(wanted.clamp(max=CLASSES), CLASSES + 1)[..., :CLASSES].permute(0, 3, 1, 2)
    truth = truth * known
    both, sizes = (given * truth).sum((0, 2, 3)), (given + truth).sum((0, 2, 3))
    shown = truth.sum((0, 2, 3)) > 0
    shown[0] = False
    dice = (2 * both + 1) / (sizes + 1)
    return 1 - dice[shown].mean() if bool(shown.any()) else scores.sum() * 0


def augmented(example: Example, rng: Generator) -> Example:
    """A turned, scaled and shifted window of the slice, often only a part of it, in other contrast."""
    turn = np.deg2rad(rng.uniform(-12, 12))
    zoom = 1 / rng.uniform(0.75, 1.7) * max(1.0, max(example.labels.shape) / CROP * 0.85)
    matrix = zoom * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    matrix[:, 1] *= rng.uniform(0.9, 1.1)
    centre = np.array(example.labels.shape) / 2 + rng.uniform(-0.3, 0.3, 2) * example.labels.shape
    offset = centre - matrix @ np.full(2, CROP / 2)
    around = {"offset": offset, "output_shape": (CROP, CROP), "mode": "constant"}
    first = [ndimage.affine_transform(one, matrix, order=1, cval=0.0, **around) for one in example.channels]
    labels = ndimage.affine_transform(example.labels, matrix, order=0, cval=0, **around)
    if rng.random() < REPAINTED:
        first = list(repainted(first[0], labels, rng))
    elif example.channels[1].max() < 0:  # MR: no second channel; contrast differs between sequences
        first = [np.clip(first[0], 0, None) ** rng.uniform(0.6, 1.6), np.full_like(first[1], -1)]
    else:
        first = [one * rng.uniform(0.92, 1.08) + rng.uniform(-0.05, 0.05) for one in first]
    first[0] = first[0] + rng.uniform(0, 0.08) * rng.standard_normal(first[0].shape)
    return Example(np.stack(first).astype(np.float32), labels)


def repainted(
    plane: NDArray[np.float32], labels: NDArray[np.uint8], rng: Generator
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The slice as an MR sequence nobody has: every organ with a shade of its own (as SynthSeg does).

    Shapes are the same in every modality (doi 10.1016/j.media.2023.102789); the texture stays a little.
    """
    shades = rng.uniform(0.1, 1.0, 256)
    shades[0], shades[UNKNOWN] = 0.0, rng.uniform(0.2, 0.8)
    between = rng.uniform(0.1, 1.0) * np.clip(plane, 0, 1) ** rng.uniform(0.5, 1.5)
    shaded = np.where((labels == 0) | (labels == UNKNOWN), between, shades[labels])
    texture = rng.uniform(0.1, 0.6) * (plane - ndimage.gaussian_filter(plane, 3))
    soft = ndimage.gaussian_filter(shaded, rng.uniform(0.2, 0.8)) + texture
    return np.clip(soft, 0, 1.2).astype(np.float32), np.full_like(plane, -1)


def to_onnx(model: UNet) -> bytes:
    """The network as an ONNX file: ``slice`` (1, 2, rows, columns), multiples of eight, to ``scores``."""
    return onnx_bytes(model, [torch.zeros(1, 2, 48, 64)], ["slice"], ["scores"], free=(2, 3))
