"""A kind of inspection: everything that decides who may and who should read it, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass

from simgrid.domain.units import Megapixels, Minutes


@dataclass(frozen=True, slots=True, order=True)
class Kind:
    """One combination of header attributes with its entries in the code tables.

    ``effort_points`` (resource and payment) and ``effort_min`` (expected reading minutes of an average
    radiologist) are two things with two names; ``required_reading_min`` is the look-up reading of eq. 9.
    """

    modality: str
    body_part: str
    anatomy: str
    icd10: str
    disease: str
    protocol: str
    effort_points: float
    effort_min: Minutes
    required_reading_min: Minutes
    image_megapixels: Megapixels

    def conditions(self) -> tuple[str, str, str, str]:
        """The names of the ontology's leaves that this kind demands."""
        return (self.modality, self.body_part, self.anatomy, self.disease)
