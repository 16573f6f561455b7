"""Images at the acquiring site: which real ones there are, what is wrong with them, what follows.

The rules are the scenario's; ``Pictures`` and ``Chances`` are what one world has drawn from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from simgrid.domain.units import FloatArray, IntArray, Seconds

SHIPPED = "pydicom"
"""The image source that comes with the installation: nothing is fetched for it."""


@dataclass(frozen=True, slots=True)
class ImagePool:
    """The real images that simulated inspections have, and the defects that are planted in them.

    ``source``: what comes with pydicom, or a source or role of ``simgrid qa fetch-data``; with ``folder`` the
    DICOM files there. ``weights``: how often each defect, of those possible in the modality; empty: all alike
    of those that a repeat helps against. ``levels``: the severities in (0, 1], on the defects' physical
    scales, that a defect may have, each with its share. An image of which at least ``relevant`` is spoiled
    (``simgrid.quality.defects.damage``) keeps a radiologist from reading: only such an acquisition is
    defective in truth. ``looks``: so many different images are made of one image, defect and severity.
    """

    source: str = SHIPPED
    folder: str | None = None
    weights: Mapping[str, float] = field(default_factory=dict)
    levels: tuple[float, ...] = (0.25, 0.5, 0.75, 1.0)
    shares: tuple[float, ...] = (0.25, 0.25, 0.25, 0.25)
    relevant: float = 0.35
    looks: int = 2


@dataclass(frozen=True, slots=True)
class Recall:
    """Missed defects come to light at the desk, and the patient has to come again.

    ``found``: share of the missed ones that the radiologist sends back, ``notice_s`` after opening (or when
    she is through, if that is sooner). ``delay_s``: until the patient is at the site again. ``most``: so
    often for one inspection; what is then still defective is reported as it is.
    """

    found: float = 0.9
    notice_s: Seconds = 120.0
    delay_s: Seconds = 2 * 86400.0
    most: int = 1


@dataclass(frozen=True, slots=True)
class PlantedImage:
    """One acquired image: a real one by ``name`` in its pool, and the defect in it (none: as it is).

    ``look``: which of the pool's different images of this defect and severity.
    """

    source: str
    folder: str | None
    name: str
    defect: str | None = None
    severity: float = 0.0
    look: int = 0


@dataclass(frozen=True, slots=True)
class Pictures:
    """S inspections, A acquisitions at most of each; drawn for the inspection, whoever judges.

    ``image`` (S,): index into ``names``, -1 where the pool has none of the modality. ``defect`` (S, A): index
    into ``defects``, -1 for none; ``severity`` (S, A): 0 to 1; ``look`` (S, A).
    """

    source: str
    folder: str | None
    names: tuple[str, ...]
    defects: tuple[str, ...]
    image: IntArray
    defect: IntArray
    severity: FloatArray
    look: IntArray

    def of(self, row: int, acquisition: int) -> PlantedImage | None:
        """The image of one acquisition; None where the pool has none of the modality."""
        image = int(self.image[row])
        if image < 0:
            return None
        found = int(self.defect[row, acquisition])
        name, defect = self.names[image], None if found < 0 else self.defects[found]
        if defect is None:
            return PlantedImage(self.source, self.folder, name)
        severity, look = float(self.severity[row, acquisition]), int(self.look[row, acquisition])
        return PlantedImage(self.source, self.folder, name, defect, severity, look)


@dataclass(frozen=True, slots=True)
class Chances:
    """Uniforms in [0, 1) of S inspections for what comes after the gate.

    ``noticed`` (S, most recalls): whether a missed defect comes to light at the desk. ``record`` (S,):
    whether a billing record is wrong at first.
    """

    noticed: FloatArray
    record: FloatArray
