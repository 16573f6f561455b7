"""The denoiser and the explanation that travel with this installation, as the bot wants them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from simgrid.quality.bot.seams import Picture
from simgrid.quality.enhancement.denoise import Denoiser
from simgrid.quality.image import Image
from simgrid.quality.network import UnreadableWeights


def denoise() -> Callable[[Image], Image] | None:
    """The shipped denoiser, None where there is none."""
    try:
        return Denoiser.shipped().denoise
    except UnreadableWeights:
        return None


def explain() -> Callable[[Image], Sequence[Picture]] | None:
    """Pictures of where the shipped judge looks, None where there is none."""
    return None
