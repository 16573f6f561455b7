"""The real images of which each simulated inspection has one: shipped with pydicom, fetched, one's own."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import numpy as np

from simgrid.dicom.apart import Reader
from simgrid.dicom.header import Header
from simgrid.dicom.read import shipped_folders
from simgrid.domain.imaging import SHIPPED
from simgrid.quality.check import images_of
from simgrid.quality.defect_names import family, possible
from simgrid.quality.image import Image

One = TypeVar("One")
SMALLEST = 64
"""Rows and columns below which a picture is a sample of a file format and not of a patient."""
MOST_OF_A_SOURCE = 6
"""Planes that one source or file gives, evenly spaced: a volume must not outweigh everybody else."""


class PoolError(ValueError):
    """No image can be had; ``problem: way out``."""


@dataclass(frozen=True, slots=True, eq=False)
class PooledImage:
    """One real image and what it is called in its pool: ``name#frame`` of files, else the source's words.

    ``header``: of the file that it is from; None for slices of a volume.
    """

    name: str
    image: Image
    digest: str
    header: Header | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """The images in order of name. ``digest`` stands for all pixels and what they mean."""

    images: tuple[PooledImage, ...]
    digest: str

    def named(self, name: str) -> PooledImage:
        """:raises PoolError: where the pool has no such image."""
        for one in self.images:
            if one.name == name:
                return one
        raise PoolError(f"no image is called '{name}': the pool is not the one that the run was drawn from")

    def of_family(self, modality: str) -> tuple[int, ...]:
        """Which images are of this modality, or of its family."""
        wanted = family(modality)
        return tuple(k for k, one in enumerate(self.images) if family(one.image.modality) == wanted)


def pool(source: str = SHIPPED, folder: str | None = None) -> Pool:
    """Read a pool, once a process; files that hold no image a judge is made for are passed over.

    :raises PoolError: the source is unknown or not fetched, or nothing usable is in it.
    """
    return _read(source, folder)


@lru_cache(maxsize=4)
def _read(source: str, folder: str | None) -> Pool:
    if folder is not None:
        found, place = list(_of_files([Path(folder)])), folder
    elif source == SHIPPED:
        found, place = list(_of_files(shipped_folders())), "pydicom's own files"
    else:
        found, place = list(_fetched(source)), source
    images, seen = [], set()
    for one in sorted(found, key=lambda one: one.name):
        if one.digest not in seen:  # one picture in several encodings is one picture
            seen.add(one.digest)
            images.append(one)
    if not images:
        least = f"{SMALLEST} rows and columns or more"
        raise PoolError(f"no CT, MR or radiograph of {least} in {place}: name another folder")
    digest = hashlib.sha256("\n".join(f"{one.name} {one.digest}" for one in images).encode())
    return Pool(tuple(images), digest.hexdigest())


def _of_files(folders: list[Path] | tuple[Path, ...]) -> Iterator[PooledImage]:
    files = [(one, folder) for folder in folders for one in sorted(folder.rglob("*")) if one.is_file()]
    with closing(Reader()) as reader:
        for (file, folder), read in zip(files, reader.read_each([file for file, _ in files]), strict=True):
            planes = few(list(images_of(read)))
            name = file.relative_to(folder).as_posix()
            yield from (_pooled(f"{name}#{one.frame}", one, read.header) for one in planes if _usable(one))


def _fetched(source: str) -> Iterator[PooledImage]:
    from simgrid.quality.sources.images import NotFetched, load  # brings readers of volumes that few need

    by_source: dict[str, list[PooledImage]] = {}
    try:
        for one in load(source):
            if _usable(one.image):
                by_source.setdefault(one.source, []).append(_pooled(f"{one.source}/{one.name}", one.image))
    except (ValueError, OSError, NotFetched) as error:
        way_out = "fetch them with 'simgrid qa fetch-data'"
        raise PoolError(f"the images of '{source}' cannot be read ({error}): {way_out}") from None
    for found in by_source.values():
        yield from few(found)


def few(planes: list[One]) -> list[One]:
    """At most ``MOST_OF_A_SOURCE`` of them, evenly spaced, none at the ends."""
    if len(planes) <= MOST_OF_A_SOURCE:
        return planes
    chosen = np.linspace(0, len(planes) - 1, MOST_OF_A_SOURCE + 2)[1:-1].round().astype(int)
    return [planes[k] for k in chosen]


def _usable(image: Image) -> bool:
    return bool(possible(image.modality)) and min(image.pixels.shape) >= SMALLEST


def _pooled(name: str, image: Image, header: Header | None = None) -> PooledImage:
    digest = hashlib.sha256(
        repr((image.pixels.shape, image.modality, image.limits, image.spacing_mm)).encode()
    )
    digest.update(np.ascontiguousarray(image.pixels).tobytes())
    return PooledImage(name, image, digest.hexdigest(), header)
