"""The images that segmentation, denoiser and anomaly detector learn from."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from simgrid.quality.sources.held_out import HELD_OUT
from simgrid.quality.sources.images import SourceImage, available, load
from simgrid.quality.sources.projections import projections
from simgrid.quality.training.steps import Context

SMALL = ("totalsegmentator-ct-torso", "pydicom-data-mr-shoulder", "dipy-b0-coarse")
SMOKE_STEP = 8  # of the small sources, one image in so many


def slices(context: Context) -> Iterator[SourceImage]:
    """Every image of the training sources but those held out; in smoke size a few of quick ones.

    Raises:
        NotFetched: where no training source is in the cache.
    """
    if not available("train", context.cache):
        next(load("train", context.cache))  # says what to do
    for name in available("train", context.cache):
        if name not in HELD_OUT and (name in SMALL or not context.smoke):
            yield from islice(load(name, context.cache), 0, None, SMOKE_STEP if context.smoke else 1)


def radiographs(context: Context) -> Iterator[SourceImage]:
    """Simulated radiographs of the same sources."""
    for name in ("totalsegmentator-ct-torso", "totalsegmentator-ct-thorax"):
        if name in available("train", context.cache) and (name in SMALL or not context.smoke):
            yield from islice(projections(name, context.cache), 1 if context.smoke else None)
