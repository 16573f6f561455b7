"""Limits of measures, one a defect: a department's constancy test, and all that rules can see of pixels.

``limits.csv`` holds for each family of modalities the value that clean images of the training sources hardly
pass (their 98th or 2nd percentile), written by ``python -m simgrid.quality.rules.limits`` from the fetched
sources. A person chose the measures, by what each is for; nothing is fitted but the limit.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import chain
from pathlib import Path
from typing import cast

import numpy as np

from simgrid.quality.defect_names import Defect, family, possible
from simgrid.quality.image import Image
from simgrid.quality.measures import NAMES, measure

SEES: Mapping[Defect, tuple[str, int]] = {
    "noise": ("snr_wavelet", -1),
    "motion": ("double_edge_x", 1),
    "blur": ("edge_width", 1),
    "ghosting": ("ghost_comb_y", 1),
    "exposure": ("clipped_limit_high", 1),
    "ring": ("ring_excess", 1),
    "metal": ("dense_share", 1),
    "truncation": ("border_foreground_max", 1),
    "inversion": ("bright_to_centre", 1),
    "bias": ("bias_quadratic", 1),
}
"""Which measure stands for a defect, and on which side of its limit trouble lies."""
PERCENTILE = 98.0
FEWEST = 3
FILE = "limits.csv"
COLUMNS = ("family", "defect", "measure", "side", "limit", "images")


@dataclass(frozen=True, slots=True)
class Limit:
    """Trouble lies above ``limit`` (side 1) or below it (-1); ``images``: how many clean ones it is of."""

    family: str
    defect: Defect
    measure: str
    side: int
    limit: float
    images: int


def beyond(image: Image) -> tuple[Limit, ...]:
    """The limits that an image does not keep, in the order of the defects; none for other modalities."""
    mine = [one for one in limits() if one.family == family(image.modality)]
    if not mine:
        return ()
    values = dict(zip(NAMES, measure(image).tolist(), strict=True))
    return tuple(one for one in mine if one.side * (values[one.measure] - one.limit) > 0)


@cache
def limits() -> tuple[Limit, ...]:
    """What travels with the package."""
    with (files(__package__) / FILE).open(encoding="utf-8") as rows:
        return tuple(
            Limit(
                row["family"],
                cast(Defect, row["defect"]),
                row["measure"],
                int(row["side"]),
                float(row["limit"]),
                int(row["images"]),
            )
            for row in csv.DictReader(rows)
        )


def measured(images: Iterable[Image]) -> Iterator[Limit]:
    """The limits that clean images give; none for a family with fewer than three images."""
    by_family: dict[str, list[np.ndarray]] = {}
    for image in images:
        by_family.setdefault(family(image.modality), []).append(measure(image))
    for name in sorted(by_family):
        table = np.array(by_family[name])
        if len(table) < FEWEST:
            continue
        for defect in possible(name):
            what, side = SEES[defect]
            share = PERCENTILE if side > 0 else 100 - PERCENTILE
            value = float(np.percentile(table[:, NAMES.index(what)], share))
            yield Limit(name, defect, what, side, float(f"{value:.6g}"), len(table))


def write(found: Iterable[Limit], file: Path) -> None:
    """One row a limit."""
    with file.open("w", encoding="utf-8", newline="") as out:
        rows = csv.writer(out, lineterminator="\n")
        rows.writerow(COLUMNS)
        rows.writerows([getattr(one, name) for name in COLUMNS] for one in found)


def clean(role: str) -> Iterator[Image]:
    """A few planes of each source of a role, and radiographs projected from its volumes."""
    from simgrid.quality.pool import few
    from simgrid.quality.sources.images import load
    from simgrid.quality.sources.projections import projections

    by_source: dict[tuple[str, str], list[Image]] = {}
    for one in chain(load(role), projections(role)):
        by_source.setdefault((one.source, family(one.image.modality)), []).append(one.image)
    for planes in by_source.values():
        yield from few(planes)


if __name__ == "__main__":
    write(measured(clean("train")), Path(__file__).with_name(FILE))
