"""What was found of planted images, each found once: in this process, on this disk, ever.

A finding depends on the image, on the defect with its severity and look, and on whoever looks. All of them
are in its place, the latter by a digest of the code and weights that look: nothing stored can be out of date.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import simgrid.quality
from simgrid.domain.imaging import PlantedImage
from simgrid.quality.pool import pool

_SUFFIXES = {".py", ".csv", ".npz", ".onnx", ".json"}


def cache_folder() -> Path:
    """``SIMGRID_DATA``, or the user's cache."""
    given = os.environ.get("SIMGRID_DATA")
    return Path(given) if given else Path.home() / ".cache" / "simgrid-telerad"


@lru_cache(maxsize=8)
def code_digest(*rooms: str) -> str:
    """SHA-256 of modules, rooms and files of ``simgrid.quality``, code and weights."""
    top = Path(simgrid.quality.__file__).parent
    digest = hashlib.sha256()
    for name in rooms:
        place = top / name
        files = place.rglob("*") if place.is_dir() else [place if place.suffix else place.with_suffix(".py")]
        for file in sorted(one for one in files if one.suffix in _SUFFIXES):
            content = file.read_bytes()
            digest.update(f"{file.relative_to(top).as_posix()} {len(content)}\n".encode() + content)
    return digest.hexdigest()


class Stored:
    """Small findings by planted image, below one folder a digest."""

    def __init__(self, what: str, digest: str, folder: Path | None = None) -> None:
        self._folder = (folder or cache_folder()) / what / digest[:16]

    def get(self, planted: PlantedImage) -> Mapping[str, Any] | None:
        """What is stored; None where nothing is, or no such thing can be read."""
        try:
            found = json.loads(self._file(planted).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return found if isinstance(found, dict) else None

    def put(self, planted: PlantedImage, found: Mapping[str, Any]) -> None:
        """Whole or not at all; a disk that takes nothing costs a second look and no more."""
        file = self._file(planted)
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            part = NamedTemporaryFile(  # noqa: SIM115 - it outlives its block under another name
                "w", encoding="utf-8", dir=file.parent, suffix=".part", delete=False
            )
            with part:
                part.write(json.dumps(found))
            Path(part.name).replace(file)
        except OSError:
            return

    def _file(self, planted: PlantedImage) -> Path:
        return self._folder / f"{told(planted)[:32]}.json"


def told(planted: PlantedImage) -> str:
    """SHA-256 of the pixels before the defect and of what is planted in them, wherever they lie."""
    original = pool(planted.source, planted.folder).named(planted.name)
    parts: Iterable[object] = (original.digest, planted.defect, planted.severity, planted.look)
    return hashlib.sha256(repr(tuple(parts)).encode()).hexdigest()
