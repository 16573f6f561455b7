"""Radiographs simulated out of CT volumes: the scarce class, of which there are two real ones.

Parallel beams through the volume turned about the patient's long axis. Attenuation follows the CT number,
with calcium counting more at a radiograph's energies than at CT's; the detector sees Beer and Lambert's law
with a constant share of scatter, and its logarithm is the image, bone bright, in 12 bits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from simgrid.quality.image import Image
from simgrid.quality.sources.catalogue import Source, choose
from simgrid.quality.sources.fetch import folder_of
from simgrid.quality.sources.images import NotFetched, SourceImage, volume
from simgrid.quality.sources.volumes import Volume

ANGLES = tuple(range(0, 180, 10))
"""Degrees from front to back; the other half circle shows the same, mirrored."""


@dataclass(frozen=True, slots=True)
class Field:
    """What of the patient lies on the detector, and what of the detector is exposed.

    ``low``, ``high``: shares of the volume's height from the feet. ``aside``: share of the width cut off on
    either side. ``border``: share of the image on each side that the collimator covers.
    """

    low: float = 0.0
    high: float = 1.0
    aside: float = 0.0
    border: float = 0.0

    def __str__(self) -> str:
        covered = f", {self.border:.0%} covered" if self.border else ""
        cut = f", {self.aside:.0%} cut off aside" if self.aside else ""
        return f"{self.low:.0%} to {self.high:.0%} of the height{cut}{covered}"


FIELDS = (
    Field(),
    Field(high=0.6),
    Field(low=0.4),
    Field(low=0.1, high=0.9, aside=0.2),  # the patient fills the detector, as on most radiographs
    Field(border=0.12),  # no light reaches what the collimator covers: as bright as the densest bone
)

SCATTER_SHARE = 0.15
WATER_PER_MM = 0.0206  # at 60 keV: NIST XCOM
CALCIUM_FACTOR = 1.45  # bone at 60 keV against what its CT number at 120 kV says
_HEIGHT_MM_AT_LEAST = 100.0  # thinner stacks make no radiograph
_FINE_MM = 0.8
_TOP = 4095.0
_ZOOM = 2


def projections(role_or_source: str, cache: Path | None = None) -> Iterator[SourceImage]:
    """Simulated radiographs of the CT volumes of a role, or of one source; named by field and angle.

    Their source is the volume's: whoever leaves out a patient leaves out his projections too.

    Raises:
        ValueError: for a name that is neither a role nor a source.
        NotFetched: where no volume of it has been fetched.
    """
    volumes = [one for one in choose(role_or_source) if _is_volume(one)]
    there = [one for one in volumes if folder_of(one.package, cache) is not None]
    if volumes and not there:
        raise NotFetched(
            f"no volume of '{role_or_source}' is in the cache: run 'simgrid qa fetch-data' first"
        )
    for source in there:
        read = volume(source, cache)
        if read.voxels.shape[2] * read.spacing_mm[2] >= _HEIGHT_MM_AT_LEAST:
            yield from _of_volume(source, _coarse(read))


def line_integrals(read: Volume, angle: float) -> NDArray[np.float64]:
    """Attenuation along parallel beams: (z from the head, x), without unit of measurement."""
    hounsfield = np.clip(read.voxels.astype(np.float64), -1000.0, 3000.0)
    attenuation = WATER_PER_MM * (1 + hounsfield / 1000) * np.where(hounsfield > 150, CALCIUM_FACTOR, 1.0)
    turned = ndimage.rotate(attenuation, angle, axes=(0, 1), order=1, reshape=True, cval=0.0)
    along = turned.sum(axis=1) * read.spacing_mm[1]
    shown: NDArray[np.float64] = along[::-1, ::-1].T
    return shown


def _coarse(read: Volume) -> Volume:
    """Fine slices with two by two voxels taken together: a beam sums over hundreds of them anyhow."""
    if read.spacing_mm[0] > _FINE_MM:
        return read
    across, deep = (size // 2 * 2 for size in read.voxels.shape[:2])
    v = read.voxels[:across, :deep]
    four = v[::2, ::2] + v[1::2, ::2] + v[::2, 1::2] + v[1::2, 1::2]
    mean = (four / 4).astype(np.float32)
    return Volume(mean, (2 * read.spacing_mm[0], 2 * read.spacing_mm[1], read.spacing_mm[2]))


def _is_volume(source: Source) -> bool:
    """Atlases without skull make no head."""
    return source.modality == "CT" and not source.image.endswith((".dcm", "/")) and "atlas" not in source.name


def _of_volume(source: Source, read: Volume) -> Iterator[SourceImage]:
    for angle in ANGLES:
        whole = _even(line_integrals(read, angle), read.spacing_mm)
        for field in FIELDS:
            made = _detected(_exposed(whole, field))
            _cover(made, field)
            spacing = read.spacing_mm[0] / _ZOOM
            image = Image(made, "DX", source.body_part, (spacing, spacing), (0.0, _TOP))
            yield SourceImage(image, source.name, f"projection {angle} degrees, {field}", None)


def _exposed(whole: NDArray[np.float64], field: Field) -> NDArray[np.float64]:
    rows, columns = whole.shape
    cut = round(field.aside * columns)
    return whole[
        round((1 - field.high) * rows) : max(1, round((1 - field.low) * rows)), cut : max(1, columns - cut)
    ]


def _cover(pixels: NDArray[np.float32], field: Field) -> None:
    """The collimator's shadow, in place."""
    down, across = (round(field.border * size) for size in pixels.shape)
    if down and across:
        pixels[:down] = pixels[-down:] = _TOP
        pixels[:, :across] = pixels[:, -across:] = _TOP


def _even(integrals: NDArray[np.float64], spacing: tuple[float, float, float]) -> NDArray[np.float64]:
    """On square pixels of half the volume's."""
    stretch = (spacing[2] / spacing[0] * _ZOOM, float(_ZOOM))
    even: NDArray[np.float64] = ndimage.zoom(integrals, stretch, order=3, mode="nearest", grid_mode=True)
    return np.maximum(even, 0.0)


def _detected(integrals: NDArray[np.float64]) -> NDArray[np.float32]:
    """The logarithm of what reaches the detector, scatter included, stretched over 12 bits."""
    primary = np.exp(-integrals)
    scatter = SCATTER_SHARE * float(np.median(primary))
    seen = -np.log((primary + scatter) / (1 + scatter))
    lowest, highest = float(seen.min()), float(np.percentile(seen, 99.9))
    scaled = (seen - lowest) / max(highest - lowest, 1e-9) * 0.9 * _TOP
    return np.clip(np.round(scaled), 0, _TOP).astype(np.float32)
