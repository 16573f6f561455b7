"""Volumes of the fetched packages as arrays that are oriented alike, and the label maps on their grid.

Formats: NIfTI (nibabel), NRRD (pynrrd), InVesalius projects (a tar with a raw matrix, read with the standard
library) and single slices as .npy. None of them is unpickled.
"""

from __future__ import annotations

import plistlib
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nibabel
import nrrd
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

VOXELS_AT_MOST = 1 << 27


@dataclass(frozen=True, slots=True, eq=False)
class Volume:
    """``voxels`` (x, y, z), float32: x grows to the patient's right side, y to the front, z to the head.

    ``spacing_mm`` along x, y, z. ``labels``: the values of the source's vocabulary on the same grid, or None.
    A single coronal slice has one y.
    """

    voxels: NDArray[np.float32]
    spacing_mm: tuple[float, float, float]
    labels: NDArray[np.uint8] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Voxels with the affine from index to millimetres, right, front and head positive."""

    voxels: NDArray[Any]
    affine: NDArray[np.float64]


def read_volume(path: Path, labels: dict[Path, int | None]) -> Volume:
    """Read a volume and the label maps that belong to it.

    Raises:
        ValueError: for a format that is none of ours, or more than ``VOXELS_AT_MOST`` voxels.
    """
    grid = read_grid(path)
    voxels, affine = _canonical(grid)
    spacing = np.sqrt((affine[:3, :3] ** 2).sum(axis=0))
    drawn: NDArray[np.uint8] | None = None
    for file, value in labels.items():
        part = resampled(read_grid(file), affine, voxels.shape, value)
        drawn = part if drawn is None else np.where(part > 0, part, drawn).astype(np.uint8)
    return Volume(
        np.nan_to_num(voxels.astype(np.float32)),
        (float(spacing[0]), float(spacing[1]), float(spacing[2])),
        drawn,
    )


def read_grid(path: Path) -> Grid:
    """One file's voxels and affine."""
    if path.name.endswith((".nii", ".nii.gz")):
        image: Any = nibabel.load(path)
        _check(image.shape[:3], path)
        voxels = np.asarray(image.dataobj)
        return Grid(voxels.reshape((*voxels.shape[:3], -1))[..., 0], np.asarray(image.affine, dtype=float))
    if path.suffix == ".nrrd":
        header = nrrd.read_header(str(path))
        _check(header["sizes"], path)
        voxels, header = nrrd.read(str(path))
        affine = np.eye(4)
        affine[:3, :3] = np.asarray(header["space directions"], dtype=float).T
        affine[:3, 3] = np.asarray(header.get("space origin", (0.0, 0.0, 0.0)), dtype=float)
        return Grid(
            voxels, np.diag([-1.0, -1.0, 1.0, 1.0]) @ affine
        )  # left and back are positive in its space
    if path.suffix == ".inv3":
        return _invesalius(path)
    if path.suffix == ".npy":
        plane = np.load(path, allow_pickle=False)
        _check(plane.shape, path)
        return Grid(plane[::-1, ::-1].T[:, None, :], np.eye(4))
    raise ValueError(f"{path.name}: no volume format that is read here")


def _invesalius(path: Path) -> Grid:
    """The matrix of an InVesalius project: slices from feet to head, rows back to front."""
    with tarfile.open(path) as tar:
        inside = {Path(member.name).name: member for member in tar if member.isreg()}
        described, raw = tar.extractfile(inside["main.plist"]), tar.extractfile(inside["matrix.dat"])
        if described is None or raw is None:
            raise ValueError(f"{path.name}: no matrix inside")
        about = plistlib.loads(described.read())
        shape = tuple(int(size) for size in about["matrix"]["shape"])
        _check(shape, path)
        count = int(np.prod(shape))
        stored = np.frombuffer(raw.read(2 * count), dtype="<i2", count=count).reshape(shape)
    spacing = [float(one) for one in about["spacing"]]
    return Grid(stored.transpose(2, 1, 0), np.diag([-spacing[0], spacing[1], spacing[2], 1.0]))


def _check(shape: Any, path: Path) -> None:
    if np.prod([int(size) for size in shape], dtype=float) > VOXELS_AT_MOST:
        raise ValueError(f"{path.name}: more than {VOXELS_AT_MOST} voxels")


def _canonical(grid: Grid) -> tuple[NDArray[Any], NDArray[np.float64]]:
    """Axes turned and flipped so that they run right, front, head; no resampling."""
    image = nibabel.as_closest_canonical(nibabel.Nifti1Image(_storable(grid.voxels), grid.affine))
    return np.asarray(image.dataobj), np.asarray(image.affine, dtype=float)


def _storable(voxels: NDArray[Any]) -> NDArray[Any]:
    return voxels.astype(np.float32) if voxels.dtype.kind in "iub" and voxels.dtype.itemsize > 2 else voxels


def resampled(
    labels: Grid, affine: NDArray[np.float64], shape: tuple[int, ...], value: int | None
) -> NDArray[np.uint8]:
    """The labels at each voxel's centre, by the nearest neighbour; ``value`` for a map of yes or no."""
    voxels = labels.voxels
    if value is not None:
        threshold = 0.5 * float(voxels.max()) if voxels.max() > 1 else 0.5
        voxels = np.where(voxels >= threshold, value, 0)
    back = np.linalg.inv(labels.affine) @ affine
    drawn: NDArray[np.uint8] = ndimage.affine_transform(
        voxels.astype(np.uint8), back[:3, :3], back[:3, 3], output_shape=shape, order=0, cval=0
    )
    return drawn
