"""The real images as planes: slices of the fetched volumes and the planes of the fetched DICOM files.

The choice is fixed: slices at ``GAP_MM``, those that show little are left out. CT axially; heads of isotropic
MR volumes in all three planes. Nothing is random here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from simgrid.dicom.header import Header
from simgrid.dicom.pixels import read_images
from simgrid.quality.image import Image
from simgrid.quality.sources.catalogue import Source, choose
from simgrid.quality.sources.fetch import folder_of
from simgrid.quality.sources.volumes import Grid, Volume, read_grid, read_volume, resampled

GAP_MM = 1.9
"""At least so far apart are two slices of a volume: closer ones say the same again."""

SHOWN_AT_LEAST = 0.06
"""Share of a slice that must be patient, not air."""

Pixel = TypeVar("Pixel", np.float32, np.uint8)

_AIR_HU, _PATIENT_HU = -1024.0, -400.0
_FRAMES_AT_MOST = 12
_ISOTROPIC = 1.05


class NotFetched(RuntimeError):
    """A source whose package is not in the cache."""


@dataclass(frozen=True, slots=True, eq=False)
class SourceImage:
    """One plane of a source.

    ``name`` says which: ``axial 42``, ``RG1_UNCR.dcm frame 1``. ``labels`` (rows, columns): values of the
    source's vocabulary, 0 for none of it; None where the source has no label map.
    """

    image: Image
    source: str
    name: str
    labels: NDArray[np.uint8] | None


def load(role_or_source: str, cache: Path | None = None) -> Iterator[SourceImage]:
    """The images of a role's sources, or of one source, in the order of the catalogue.

    Sources whose packages are not in the cache (Debian's, elsewhere) are skipped for a role.

    Raises:
        ValueError: for a name that is neither a role nor a source.
        NotFetched: where not a single source of the role, or not the named one, has been fetched.
    """
    there = [one for one in choose(role_or_source) if folder_of(one.package, cache) is not None]
    if choose(role_or_source) and not there:
        raise NotFetched(f"no image of '{role_or_source}' is in the cache: run 'simgrid qa fetch-data' first")
    for source in there:
        yield from _images(source, cache)


def available(role: str, cache: Path | None = None) -> tuple[str, ...]:
    """The names of a role's sources that are in the cache."""
    return tuple(one.name for one in choose(role) if folder_of(one.package, cache) is not None)


def volume(source: Source, cache: Path | None = None) -> Volume:
    """A source's volume as it is, before any slice is chosen.

    Raises:
        NotFetched: where its package is not in the cache; ValueError where it is a single DICOM image.
    """
    folder = folder_of(source.package, cache)
    if folder is None:
        raise NotFetched(f"source '{source.name}' is not in the cache: run 'simgrid qa fetch-data' first")
    labels = {folder / path: value for path, value in source.labels.items()}
    return read_volume(folder / source.image, labels)


def _images(source: Source, cache: Path | None) -> Iterator[SourceImage]:
    if source.image.endswith((".dcm", "/")):
        yield from _dicom(source, cache)
        return
    read = volume(source, cache)
    if read.voxels.shape[1] == 1:
        yield _slice(source, read, "coronal", 0)
        return
    for plane in _planes(source, read):
        for index in _indices(read, plane):
            made = _slice(source, read, plane, index)
            if _shows(made.image):
                yield made


def _planes(source: Source, read: Volume) -> tuple[str, ...]:
    """All three where a slice in any direction looks as if it had been scanned so."""
    isotropic = max(read.spacing_mm) <= _ISOTROPIC * min(read.spacing_mm)
    whole_head = source.modality == "MR" and isotropic and max(read.spacing_mm) <= 1.5
    return ("axial", "coronal", "sagittal") if whole_head else ("axial",)


_AXIS = {"sagittal": 0, "coronal": 1, "axial": 2}


def _indices(read: Volume, plane: str) -> range:
    axis = _AXIS[plane]
    step = max(1, round(GAP_MM / read.spacing_mm[axis]))
    return range(step // 2, read.voxels.shape[axis], step)


def _slice(source: Source, read: Volume, plane: str, index: int) -> SourceImage:
    """As a radiologist sees it: the patient's right on the left, front or head on top."""
    axis = _AXIS[plane]
    pixels = _shown(np.take(read.voxels, index, axis=axis))
    if source.modality == "CT":
        pixels = np.maximum(pixels, np.float32(_AIR_HU))
    across, down = (one for other, one in enumerate(read.spacing_mm) if other != axis)
    labels = None if read.labels is None else _shown(np.take(read.labels, index, axis=axis))
    spacing = None if source.image.endswith(".npy") else (down, across)
    image = Image(np.ascontiguousarray(pixels), source.modality, source.body_part, spacing)
    return SourceImage(image, source.name, f"{plane} {index}", labels)


def _shown(section: NDArray[Pixel]) -> NDArray[Pixel]:
    """(first axis, second axis) of a section to rows and columns."""
    return np.ascontiguousarray(section[::-1, ::-1].T)


def _shows(image: Image) -> bool:
    if image.modality == "CT":
        return float((image.pixels > _PATIENT_HU).mean()) >= SHOWN_AT_LEAST
    brightest = float(np.percentile(image.pixels, 99.5))
    return brightest > 0 and float((image.pixels > 0.1 * brightest).mean()) >= SHOWN_AT_LEAST


def _dicom(source: Source, cache: Path | None) -> Iterator[SourceImage]:
    folder = folder_of(source.package, cache)
    if folder is None:
        return
    at = folder / source.image
    files = sorted(one for one in at.iterdir() if one.is_file()) if at.is_dir() else [at]
    drawn = [(read_grid(folder / path), value) for path, value in source.labels.items()]
    for file in files:
        read = read_images(file)
        step = max(1, len(read.planes) // _FRAMES_AT_MOST)
        for plane in read.planes[::step]:
            image = Image(
                plane.pixels, source.modality, source.body_part, plane.spacing_mm, plane.limits, plane.frame
            )
            labels = _labels_of(read.header, drawn) if drawn else None
            yield SourceImage(image, source.name, f"{file.name} frame {plane.frame + 1}", labels)


def _labels_of(header: Header, drawn: list[tuple[Grid, int | None]]) -> NDArray[np.uint8] | None:
    """The labels at the pixels of a DICOM slice, by its position in space."""
    if header.orientation is None or header.position_mm is None or header.spacing_mm is None:
        return None
    across, down = np.array(header.orientation[:3]), np.array(header.orientation[3:])
    affine = np.eye(4)
    affine[:3, 0], affine[:3, 1] = down * header.spacing_mm[0], across * header.spacing_mm[1]
    affine[:3, 2], affine[:3, 3] = np.cross(across, down), header.position_mm
    affine = np.diag([-1.0, -1.0, 1.0, 1.0]) @ affine  # DICOM's left and back are positive
    labels: NDArray[np.uint8] | None = None
    for grid, value in drawn:
        part = resampled(grid, affine, (header.rows, header.columns, 1), value)[..., 0]
        labels = part if labels is None else np.where(part > 0, part, labels).astype(np.uint8)
    return labels
