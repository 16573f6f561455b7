"""Teaches a network to see what was put into a slice from elsewhere; no lesion is needed for it.

Patches of another slice, or a lighter or darker shade, are blended into ordinary slices within a ragged
outline (foreign patch interpolation, doi 10.59275/j.melba.2022-e651). The evaluation inserts smooth discs by
code of its own, so a network that had merely learned this outline would be found out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from scipy import ndimage
from scipy.special import expit
from torch import nn

from simgrid.quality.segmentation.organs import SEEN_MODALITIES, to_grid
from simgrid.quality.training.deterministic import prepare
from simgrid.quality.training.onnx_bytes import onnx_bytes
from simgrid.quality.training.part_card import ANOMALY, card
from simgrid.quality.training.part_images import slices
from simgrid.quality.training.segmentation import CROP, Example, augmented
from simgrid.quality.training.steps import Context
from simgrid.quality.training.unet import UNet

WIDTHS = (8, 16, 32)
BATCH, RATE = 8, 6e-3
SMALLEST = 100  # pixels a side: thumbnails have no texture to learn
RARE = 15.0  # so much rarer are foreign pixels
Patch = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class AnomalySettings:
    """How long to train, and from which seed."""

    steps: int
    seed: int = 13
    threads: int = 1


def train(context: Context) -> Mapping[str, bytes]:
    """The training step: slices of all training sources but those held out."""
    planes: dict[str, list[Patch]] = {}
    for one in slices(context):
        if one.image.modality in SEEN_MODALITIES and min(one.image.pixels.shape) >= SMALLEST:
            planes.setdefault(one.source, []).append(to_grid(one.image))
    context.tell(f"anomalies: {sum(len(some) for some in planes.values())} slices of {len(planes)} sources")
    settings = AnomalySettings(steps=8 if context.smoke else 1000)
    content = to_onnx(fit(planes, settings))
    about = card(ANOMALY, list(planes), "anomaly.onnx", content)
    return {"weights/anomaly.onnx": content, "weights/anomaly.md": about}


def fit(planes: Mapping[str, Sequence[Patch]], settings: AnomalySettings) -> UNet:
    """A network fitted to slices on the grid (2, rows, columns) of each source, drawn as organs are."""
    prepare(settings.seed, settings.threads)
    rng = np.random.default_rng(settings.seed)
    pools = [list(planes[source]) for source in sorted(planes)]
    often = np.sqrt([len(pool) for pool in pools])
    model = UNet(2, WIDTHS, 1)
    optimiser = torch.optim.AdamW(model.parameters(), RATE, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=settings.steps)
    for _ in range(settings.steps):
        chosen = [pools[k] for k in rng.choice(len(pools), BATCH, p=often / often.sum())]
        drawn = [_drawn(pool, rng) for pool in chosen]
        x, wanted = (torch.from_numpy(np.stack(one)) for one in zip(*drawn, strict=True))
        scores = model(x)[:, 0]
        loss = nn.functional.binary_cross_entropy_with_logits(scores, wanted, pos_weight=torch.tensor(RARE))
        found = torch.sigmoid(scores)
        loss = loss + 1 - (2 * (found * wanted).sum() + 1) / (found.sum() + wanted.sum() + 1)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    model.eval()
    return model


def _drawn(pool: Sequence[Patch], rng: Generator) -> tuple[Patch, Patch]:
    """A window of a slice with foreign patches (2, rows, columns), and where they are (rows, columns)."""
    own, other = (_window(pool[int(rng.integers(len(pool)))], rng) for _ in range(2))
    return with_foreign(own, other, rng)


def _window(plane: Patch, rng: Generator) -> Patch:
    return augmented(Example(plane, np.zeros(plane.shape[1:], np.uint8)), rng).channels


def with_foreign(own: Patch, other: Patch, rng: Generator) -> tuple[Patch, Patch]:
    """Up to three patches blended into ``own``, and their mask; both planes are (2, CROP, CROP)."""
    mixed, where = own.copy(), np.zeros(own.shape[1:], np.float32)
    channels = slice(0, 2 if own[1].max() >= 0 else 1)
    places = np.argwhere(own[0] > 0.1)
    for _ in range(int(rng.integers(0, 5)) if len(places) else 0):
        outline = _outline(places[rng.integers(len(places))], rng)
        if rng.random() < 0.3:
            foreign = np.roll(other, tuple(rng.integers(-20, 20, 2)), axis=(1, 2)) - mixed
        else:
            shade = rng.choice([-1, 1]) * np.exp(rng.uniform(np.log(0.06), np.log(0.6)))
            foreign = shade * np.array([1.0, 0.2])[:, None, None] * np.ones_like(mixed)
        mixed[channels] += (outline * foreign).astype(np.float32)[channels]
        where = np.maximum(where, (outline > 0.5) & (np.abs(foreign[0]) > 0.04))
    return np.clip(mixed, -1, 1.5), where.astype(np.float32)


def _outline(place: NDArray[np.int64], rng: Generator) -> Patch:
    """A ragged blob of 5 to 25 mm radius, soft at its edge."""
    down, right = np.ogrid[:CROP, :CROP]
    distance = np.hypot(down - place[0], (right - place[1]) * rng.uniform(0.6, 1.6))
    ragged = ndimage.gaussian_filter(rng.standard_normal((CROP, CROP)), 2.5) * 10 * rng.uniform(0, 0.8)
    radius = np.exp(rng.uniform(np.log(2.0), np.log(9.0)))
    return np.asarray(expit((radius - distance - ragged) / rng.uniform(0.2, 0.7)), np.float32)


def to_onnx(model: UNet) -> bytes:
    """The network as an ONNX file: ``slice`` (1, 2, rows, columns), multiples of four, to ``scores``."""
    return onnx_bytes(model, [torch.zeros(1, 2, 48, 64)], ["slice"], ["scores"], free=(2, 3))
