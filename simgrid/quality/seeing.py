"""What a gate sees of an acquisition: the real image with the drawn defect in its pixels."""

from __future__ import annotations

from functools import lru_cache

from simgrid.domain.decision import ImageReference
from simgrid.domain.imaging import PlantedImage
from simgrid.quality import defects
from simgrid.quality.defect_names import DEFECTS
from simgrid.quality.image import Image
from simgrid.quality.pool import pool
from simgrid.quality.stored import told
from simgrid.randomness import stream


def seen(image: ImageReference) -> Image | None:
    """The pixels of an acquisition, float32 (rows, columns); None where the scenario has none for it.

    The last few are kept: several gates may look at one acquisition.
    """
    return None if image.planted is None else pixels(image.planted)


@lru_cache(maxsize=16)
def pixels(planted: PlantedImage) -> Image:
    """The image with its defect. The same defect, severity and look make the same pixels in every run."""
    original = pool(planted.source, planted.folder).named(planted.name)
    if planted.defect is None:
        return original.image
    known = next(one for one in DEFECTS if one == planted.defect)
    rng = stream(0, 0, "planted", told(planted))
    receipt = defects.draw(known, original.image, rng, severity=planted.severity)
    return defects.apply(original.image, receipt)
