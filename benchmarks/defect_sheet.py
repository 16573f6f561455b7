"""Every simulated defect at three severities on real images: docs/images/defects.png, to be looked at.

``python -m benchmarks.defect_sheet [-o FILE] [--seed 1]`` after ``simgrid qa fetch-data``. Images of training
sources only: who looks at the untouched test set has touched it.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Picture
from PIL import ImageDraw
from scipy import ndimage

from simgrid.quality.defect_names import POSSIBLE, Defect
from simgrid.quality.defects import apply, damage, draw
from simgrid.quality.image import Image
from simgrid.quality.sources.images import SourceImage, load
from simgrid.quality.sources.projections import projections
from simgrid.randomness import stream

SEVERITIES = (0.15, 0.5, 0.85)
SIDE = 256  # pixels of an image when the defect is made
TILE = 192  # and as shown
SOFT_TISSUE = (-160.0, 240.0)


def middle_of(images: list[SourceImage]) -> Image:
    """The image in the middle of a source, reduced as training reduces it."""
    return reduced(images[len(images) // 2].image)


def reduced(image: Image) -> Image:
    """No side longer than SIDE."""
    share = SIDE / max(image.pixels.shape)
    if share >= 1:
        return image
    smooth = ndimage.gaussian_filter(image.pixels, 0.4 / share)
    pixels = ndimage.zoom(smooth, share, order=1).astype(np.float32)
    spacing = None if image.spacing_mm is None else (image.spacing_mm[0] / share, image.spacing_mm[1] / share)
    return Image(np.rint(pixels), image.modality, image.body_part, spacing, image.limits)


def window_of(image: Image) -> tuple[float, float]:
    """Soft tissue in CT, else what the image holds."""
    if image.modality == "CT":
        return SOFT_TISSUE
    low, high = np.percentile(image.pixels, [0.5, 99.5])
    return float(low), float(high)


def shown(image: Image, window: tuple[float, float]) -> NDArray[np.uint8]:
    """A tile as a workstation would show it."""
    low, high = window
    grey = (255 * np.clip((image.pixels - low) / (high - low), 0, 1)).astype(np.uint8)
    share = TILE / max(grey.shape)
    small = Picture.fromarray(grey).resize(
        (max(1, round(grey.shape[1] * share)), max(1, round(grey.shape[0] * share))), Picture.Resampling.BOX
    )
    tile = Picture.new("L", (TILE, TILE))
    tile.paste(small, ((TILE - small.width) // 2, (TILE - small.height) // 2))
    return np.asarray(tile)


def row(defect: Defect, clean: Image, seed: int) -> NDArray[np.uint8]:
    """The clean image and the defect at each severity, with the damage measured."""
    tiles = [labelled(shown(clean, window_of(clean)), f"{clean.modality}: {defect}")]
    for severity in SEVERITIES:
        receipt = draw(defect, clean, stream(seed, 0, clean.modality, defect, str(severity)), severity)
        degraded = apply(clean, receipt)
        window = window_of(clean)
        if defect == "inversion":
            total = float(receipt.parameters["low"]) + float(receipt.parameters["high"])  # type: ignore[arg-type]
            window = total - window[1], total - window[0]
        text = f"{severity:g}, damage {damage(clean, degraded):.2f}"
        tiles.append(labelled(shown(degraded, window), text))
    return np.hstack(tiles)


def labelled(tile: NDArray[np.uint8], text: str) -> NDArray[np.uint8]:
    """The tile with words on a dark strip."""
    picture = Picture.fromarray(tile)
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 0, TILE, 13), fill=0)
    pen.text((3, 1), text, fill=255)
    return np.asarray(picture)


def main() -> None:
    """Write the sheet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, default=Path("docs/images/defects.png"))
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    clean = {
        "CT": middle_of(list(load("totalsegmentator-ct-thorax"))),
        "MR": middle_of(list(load("mricron-colin27"))),
        "CR": reduced(next(iter(projections("totalsegmentator-ct-thorax"))).image),
    }
    blocks = [
        np.vstack([row(defect, clean[family], given.seed) for defect in POSSIBLE[family]])
        for family in POSSIBLE
    ]
    Picture.fromarray(np.hstack(blocks)).save(given.output, optimize=True)
    print(given.output)


if __name__ == "__main__":
    main()
