"""The network: four small pictures of an image, and its measures beside them, to defects and their damage."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from simgrid.quality.classifier.inputs import CHANNELS, FEATURES, SIDE
from simgrid.quality.training.deterministic import prepare
from simgrid.quality.training.nudge import with_nudge
from simgrid.quality.training.onnx_bytes import onnx_bytes
from simgrid.quality.training.samples import Samples

WIDTHS = (12, 24, 48, 96, 128)
EXPLAINED_LAYER = 3  # whose map, 12 x 12, explanations lay over the image


@dataclass(frozen=True, slots=True)
class Course:
    """How a network is taught."""

    epochs: int = 12
    batch: int = 48
    rate: float = 3e-3
    decay: float = 0.02


class Network(nn.Module):  # type: ignore[misc]
    """Five strided convolutions; their means and maxima, beside the embedded measures, go to two heads."""

    def __init__(self, *, with_measures: bool) -> None:
        super().__init__()
        self.with_measures = with_measures
        widths = (len(CHANNELS), *WIDTHS)
        self.body = nn.Sequential(
            *(
                nn.Sequential(
                    nn.Conv2d(before, after, 3, stride=2, padding=1, bias=False),
                    nn.BatchNorm2d(after),
                    nn.ReLU(),
                )
                for before, after in pairwise(widths)
            )
        )
        self.embed = nn.Sequential(nn.Dropout(0.2), nn.Linear(len(FEATURES), 64), nn.ReLU())
        self.mix = nn.Sequential(
            nn.Dropout(0.3), nn.Linear(2 * WIDTHS[-1] + 64 * with_measures, 96), nn.ReLU(), nn.Dropout(0.2)
        )
        self.defects = nn.Linear(96, 11)
        self.damages = nn.Linear(96, 10)

    def forward(self, pictures: Tensor, measures: Tensor) -> tuple[Tensor, Tensor]:
        """(n, 4, side, side) and (n, features) to log odds (n, 11) and damages (n, 10)."""
        seen = self.body(pictures)
        pooled = torch.cat([seen.mean((2, 3)), seen.amax((2, 3))], 1)
        if self.with_measures:
            pooled = torch.cat([pooled, self.embed(measures)], 1)
        else:
            pooled = pooled + 0 * measures[:, :1]
        mixed = self.mix(pooled)
        return self.defects(mixed), torch.sigmoid(self.damages(mixed))


def parameters(network: nn.Module) -> int:
    """How many numbers were learned."""
    return sum(one.numel() for one in network.parameters())


def teach(
    samples: Samples,
    ranks: NDArray[np.float32],
    course: Course,
    seed: int,
    *,
    threads: int,
    with_measures: bool,
) -> Network:
    """Train from the beginning; ``ranks`` are centred. Same arguments, same weights."""
    order = prepare(seed, threads)
    network = Network(with_measures=with_measures)
    network.train()
    network.to(memory_format=torch.channels_last)
    tensors = [torch.from_numpy(np.ascontiguousarray(one)) for one in _targets(samples, ranks)]
    pictures = torch.from_numpy(samples.pictures)
    steps = max(1, len(samples) // course.batch) * course.epochs
    optimiser = torch.optim.AdamW(network.parameters(), lr=course.rate, weight_decay=course.decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, course.rate, total_steps=steps, pct_start=0.2)
    for _ in range(course.epochs):
        for at in torch.randperm(len(samples), generator=order).split(course.batch):
            if len(at) < course.batch and len(samples) >= course.batch:
                continue  # a last batch of few images would disturb the running means
            seen, known = turned(pictures[at].float(), tensors[0][at], order)
            seen = seen.contiguous(memory_format=torch.channels_last)
            loss = _loss(network(seen, known), *(one[at] for one in tensors[1:]))
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            optimiser.step()
            schedule.step()
    network.eval()
    return network


def _targets(samples: Samples, ranks: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
    return (
        ranks,
        samples.truth.astype(np.float32),
        samples.could.astype(np.float32),
        samples.damages.astype(np.float32),
    )


def _loss(found: tuple[Tensor, Tensor], truth: Tensor, could: Tensor, damages: Tensor) -> Tensor:
    """Log loss of every head that the modality can have, and the squared error of damage that was done."""
    logits, sizes = found
    log_loss = functional.binary_cross_entropy_with_logits(logits, truth, reduction="none")
    there = truth[:, :-1]
    error = ((sizes - damages) ** 2 * there).sum() / there.sum().clamp(min=1)
    return (log_loss * could).sum() / could.sum() + 2 * error


def turned(pictures: Tensor, measures: Tensor, order: torch.Generator) -> tuple[Tensor, Tensor]:
    """A batch mirrored left to right, or not, in all four pictures alike; one picture may be left out.

    Mirrored, the half plane of frequencies is turned over and the polar map runs backwards from half way.
    Every other image, by chance, comes without measures (0, the median rank): who always has them learns to
    look at nothing else, and the heat of its pictures says nothing.
    """
    chance = torch.rand(3, generator=order)
    if chance[0] < 0.5:
        plane, detail, spectrum, polar = pictures.unbind(1)
        backwards = torch.roll(polar.flip(1), SIDE // 2, 1)
        pictures = torch.stack([plane.flip(2), detail.flip(2), spectrum.flip(1), backwards], 1)
    if chance[1] < 0.15:
        pictures = pictures.clone()
        pictures[:, int(chance[2] * len(CHANNELS))] = 0
    there = torch.rand(len(measures), 1, generator=order) < 0.5
    return pictures, measures * there


@torch.no_grad()  # type: ignore[untyped-decorator]
def predict(
    network: Network, pictures: NDArray[np.float16], ranks: NDArray[np.float32]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Log odds (n, 11) and damages (n, 10), in torch."""
    parts = [
        network(
            torch.from_numpy(pictures[k : k + 128].astype(np.float32)),
            torch.from_numpy(ranks[k : k + 128].astype(np.float32)),
        )
        for k in range(0, len(pictures), 128)
    ]
    logits, sizes = (torch.cat(one).double().numpy() for one in zip(*parts, strict=True))
    return logits, sizes


def exported(network: Network) -> bytes:
    """For ``classifier.session``: pictures and measures in, log odds and damages out; open to explanation."""
    examples = (torch.zeros(2, len(CHANNELS), SIDE, SIDE), torch.zeros(2, len(FEATURES)))
    plain = onnx_bytes(network, examples, ("pictures", "measures"), ("defects", "damages"))
    return with_nudge(plain, EXPLAINED_LAYER, WIDTHS[EXPLAINED_LAYER - 1])
