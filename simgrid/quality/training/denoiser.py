"""Trains the residual denoiser: clean patches of the training sources, noise of several kinds, squared error.

The noise is made here, in image space and with random texture; neither defect generator is used, so both
may judge the result. An adversarial variant (a critic of patches, doi 10.1109/TMI.2018.2827462) is trained on
request only: it looks sharper and may invent, which ``enhancement.hallucination`` measures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from torch import nn

from simgrid.quality.enhancement.denoise import PLANES, scale, told, with_told
from simgrid.quality.image import Image
from simgrid.quality.training.deterministic import prepare
from simgrid.quality.training.onnx_bytes import onnx_bytes
from simgrid.quality.training.part_card import DENOISER, card
from simgrid.quality.training.part_images import radiographs, slices
from simgrid.quality.training.steps import Context

WIDTH, DEPTH, PATCH, BATCH = 24, 5, 64, 16
RATE = 2e-3
STEPS = 2500
SLICES = 24  # of a source at most
CRITIC_WEIGHT = 2e-3


@dataclass(frozen=True, slots=True)
class DenoiserSettings:
    """How long to train, and whether against a critic with which weight.

    ``told``: the network is told what the noise is like; ``rician``: patches of MR get the noise of a
    magnitude. Both can be put off for a comparison, and so can ``width`` and ``depth``.
    """

    steps: int
    adversarial: float = 0.0
    told: bool = True
    rician: bool = True
    width: int = WIDTH
    depth: int = DEPTH
    seed: int = 7
    threads: int = 1


class Residual(nn.Module):  # type: ignore[misc]
    """Noise (batch, 1, rows, columns) of planes (batch, 4, rows, columns): plane and what is told of noise.

    Convolutions over groups of 2 x 2 pixels; untold, nothing but the plane counts.
    """

    def __init__(self, *, told: bool = True, width: int = WIDTH, depth: int = DEPTH) -> None:
        super().__init__()
        self.told = told
        widths = [3 + PLANES, *[width] * (depth - 1), 4]
        self.layers = nn.ModuleList(nn.Conv2d(a, b, 3, padding=1) for a, b in pairwise(widths))

    def forward(self, plane: torch.Tensor) -> torch.Tensor:
        """The estimated noise in the plane's shape."""
        level = plane[:, 1:, ::2, ::2] if self.told else plane[:, 1:, ::2, ::2] * 0
        x = torch.cat([nn.functional.pixel_unshuffle(plane[:, :1], 2), level], 1)
        for layer in self.layers[:-1]:
            x = torch.relu(layer(x))
        return nn.functional.pixel_shuffle(self.layers[-1](x), 2)


def train(context: Context) -> Mapping[str, bytes]:
    """The training step: the residual denoiser, which is the one that is shipped."""
    images = clean_images(context)
    content = to_onnx(fit([one for some in images.values() for one in some], _settings(context)))
    about = card(DENOISER, list(images), "denoiser.onnx", content)
    return {"weights/denoiser.onnx": content, "weights/denoiser.md": about}


def train_adversarial(context: Context) -> Mapping[str, bytes]:
    """The variant against a critic, for whoever asks for it by name; it does not belong to the package."""
    settings = replace(_settings(context), adversarial=CRITIC_WEIGHT)
    images = [one for some in clean_images(context).values() for one in some]
    return {"variants/denoiser-adversarial.onnx": to_onnx(fit(images, settings))}


def _settings(context: Context) -> DenoiserSettings:
    return DenoiserSettings(steps=12 if context.smoke else STEPS)


def clean_images(context: Context) -> dict[str, list[Image]]:
    """By source: some slices of the training sources but those held out, and some simulated radiographs."""
    found: dict[str, list[Image]] = {}
    for one in slices(context):
        found.setdefault(one.source, []).append(one.image)
    for one in radiographs(context):
        found.setdefault(f"{one.source} projected", []).append(one.image)
    most = 2 if context.smoke else SLICES
    chosen = {source: _spread(images, most) for source, images in sorted(found.items())}
    context.tell(f"denoiser: {sum(len(some) for some in chosen.values())} images of {len(chosen)} sources")
    return chosen


def _spread(images: Sequence[Image], most: int) -> list[Image]:
    step = max(1, len(images) // most)
    return list(images[step // 2 :: step][:most])


def fit(images: Sequence[Image], settings: DenoiserSettings) -> Residual:
    """A denoiser fitted to these clean images; the same images and settings give the same weights."""
    prepare(settings.seed, settings.threads)
    rng = np.random.default_rng(settings.seed)
    planes = [(_scaled(image), image.modality) for image in images]
    model, critic = Residual(told=settings.told, width=settings.width, depth=settings.depth), _critic()
    optimiser = torch.optim.Adam(model.parameters(), RATE)
    against = torch.optim.Adam(critic.parameters(), 2e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=settings.steps)
    for _ in range(settings.steps):
        clean, noisy = batch(planes, rng, rician=settings.rician)
        restored = noisy[:, :1] - model(noisy)
        loss = nn.functional.mse_loss(restored, clean)
        if settings.adversarial:
            _teach_critic(critic, against, clean, restored.detach())
            loss = loss + settings.adversarial * nn.functional.softplus(-critic(restored)).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    model.eval()
    return model


def _critic() -> nn.Module:
    steps = [(1, 16), (16, 32), (32, 48)]
    layers = [one for a, b in steps for one in (nn.Conv2d(a, b, 4, stride=2, padding=1), nn.LeakyReLU(0.2))]
    return nn.Sequential(*layers, nn.Conv2d(48, 1, 3, padding=1))


def _teach_critic(
    critic: nn.Module, optimiser: torch.optim.Optimizer, clean: torch.Tensor, made: torch.Tensor
) -> None:
    loss = nn.functional.softplus(-critic(clean)).mean() + nn.functional.softplus(critic(made)).mean()
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()


def _scaled(image: Image) -> NDArray[np.float32]:
    low, span = scale(image.pixels)
    return np.asarray(np.clip((image.pixels - low) / span, -0.3, 1.6), dtype=np.float32)


def batch(
    planes: Sequence[tuple[NDArray[np.float32], str]], rng: Generator, *, rician: bool = True
) -> tuple[torch.Tensor, torch.Tensor]:
    """Clean patches, turned and mirrored, some with discs put in, and the same with noise, as shown.

    ``planes``: each with its modality; MR has the noise of a magnitude where ``rician``.
    """
    chosen = [planes[int(rng.integers(len(planes)))] for _ in range(BATCH)]
    clean = np.stack([_patch(plane, rng) for plane, _ in chosen])
    noisy = [
        with_told(one, told(one, modality))
        for patch, (_, modality) in zip(clean, chosen, strict=True)
        for one in [noised(patch, rng, magnitude=rician and modality == "MR")]
    ]
    return torch.from_numpy(clean[:, None]), torch.from_numpy(np.stack(noisy))


def noised(patch: NDArray[np.float32], rng: Generator, *, magnitude: bool) -> NDArray[np.float64]:
    """A patch with noise; ``magnitude``: of both channels of a complex signal, as MR's (Rician)."""
    real = patch + noise(patch, rng)
    if not magnitude or rng.random() < 0.3:
        return np.asarray(real)
    spread = float((real - patch).std())
    return np.asarray(np.hypot(real, spread * rng.standard_normal(patch.shape)))


def _patch(plane: NDArray[np.float32], rng: Generator) -> NDArray[np.float32]:
    missing = [(0, max(0, PATCH - size)) for size in plane.shape]
    padded = np.pad(plane, missing, mode="reflect") if min(plane.shape) < PATCH else plane
    row, column = (int(rng.integers(size - PATCH + 1)) for size in padded.shape)
    patch = np.rot90(padded[row : row + PATCH, column : column + PATCH], int(rng.integers(4)))
    patch = patch[::-1] if rng.random() < 0.5 else patch
    if rng.random() < 0.3:  # small things of low contrast must survive
        down, right = np.ogrid[:PATCH, :PATCH]
        inside = np.hypot(down - rng.uniform(8, 56), right - rng.uniform(8, 56)) < rng.uniform(2, 9)
        patch = patch + inside * rng.uniform(-0.15, 0.15)
    return np.ascontiguousarray(patch, dtype=np.float32)


def noise(patch: NDArray[np.float32], rng: Generator) -> NDArray[np.float64]:
    """Noise of a random strength and texture: white, rising with frequency as in CT, or smooth.

    Half of it grows with the square root of the signal, as counts do. The strength is relative to the
    span of the image that the patch is from.
    """
    white = rng.standard_normal(patch.shape)
    down, right = (np.fft.fftfreq(size)[:, None] for size in patch.shape)
    frequency = np.hypot(down, right.T)
    gain = [np.ones_like(frequency), frequency, 1 / (0.15 + frequency)][int(rng.integers(3))]
    gain = gain * np.exp(-((frequency / rng.uniform(0.2, 1.2)) ** 2))
    textured = np.fft.ifft2(np.fft.fft2(white) * gain).real
    textured /= max(float(textured.std()), 1e-9)
    amount = np.exp(rng.uniform(np.log(0.003), np.log(0.15)))
    signal = np.sqrt(np.clip(patch, 0.05, None)) if rng.random() < 0.5 else 1.0
    return np.asarray(amount * textured * signal)


def to_onnx(model: Residual) -> bytes:
    """The network as an ONNX file: ``image`` (1, PLANES, rows, columns), even sizes, to ``noise``."""
    return onnx_bytes(model, [torch.zeros(1, PLANES, 48, 64)], ["image"], ["noise"], free=(2, 3))
