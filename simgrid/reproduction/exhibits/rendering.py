"""Exhibits to files: ``tables/NAME.csv`` and ``figures/NAME.png``, the same bytes from the same evidence."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path

from simgrid.experiments.results_folder import write_exhibits
from simgrid.presentation.figures import drawn
from simgrid.reproduction.exhibits.exhibit import Exhibit, Found

TABLES, FIGURES = "tables", "figures"


def tables(exhibits: Iterable[Exhibit], found: Found) -> dict[str, bytes]:
    """The tables that there is evidence for, by file name."""
    ready = [one for one in exhibits if one.ready(found)]
    return {
        f"{TABLES}/{one.name}.csv": one.table(found).text().encode() for one in ready if one.table is not None
    }


def figures(exhibits: Iterable[Exhibit], found: Found) -> dict[str, bytes]:
    """The figures that there is evidence for, by file name."""
    ready = [one for one in exhibits if one.ready(found)]
    made = [(one.name, one.figure) for one in ready if one.figure is not None]
    pictures = drawn(lambda: [(name, draw(found)) for name, draw in made], kinds=("png",))
    return {f"{FIGURES}/{name}": _small(content) for name, content in pictures.items()}


def write(exhibits: Iterable[Exhibit], found: Found, folder: Path) -> tuple[str, ...]:
    """Write all that there is evidence for below ``folder``, each file whole or not at all; their names."""
    exhibits = tuple(exhibits)
    files = tables(exhibits, found) | figures(exhibits, found)
    for place in dict.fromkeys(Path(name).parent for name in files):
        (folder / place).mkdir(parents=True, exist_ok=True)
    write_exhibits(folder, files)
    return tuple(files)


def _small(png: bytes) -> bytes:
    """A picture without transparency, and without colour where it has none: less than half the bytes."""
    from PIL import Image, ImageChops

    picture = Image.open(io.BytesIO(png)).convert("RGB")
    red, green, blue = picture.split()
    grey = not any(ImageChops.difference(red, one).getbbox() for one in (green, blue))
    out = io.BytesIO()
    (red if grey else picture).save(out, format="PNG", optimize=True)
    return out.getvalue()
