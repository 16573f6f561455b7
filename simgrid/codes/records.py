"""One frozen record for each row of a code table, and where each figure comes from."""

from dataclasses import dataclass

PROVENANCE = ("stated", "derived", "assumed")
"""Stated in a named source, derived from stated figures by a named step, or assumed for a named reason."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a figure comes from: one of PROVENANCE, and the source or the reason."""

    provenance: str
    source: str


@dataclass(frozen=True, slots=True)
class Components:
    """The optional parts of the effort points, after the study's list; None where a table leaves one out."""

    risk: float | None
    technical: float | None
    work: float | None
    urgency: float | None
    alternative: float | None
    time: float | None


@dataclass(frozen=True, slots=True)
class Protocol:
    """What a requested protocol costs: effort points (resource and payment) and, apart from them, minutes.

    ``reading_min`` is the expected reading time; ``reading_sd_min`` its standard deviation between
    inspections, None where no source states one.
    """

    protocol: str
    modality: str
    body_part: str
    effort_points: float
    points_origin: Origin
    reading_min: float
    reading_sd_min: float | None
    minutes_origin: Origin
    components: Components | None


@dataclass(frozen=True, slots=True)
class Compatibility:
    """One combination that occurs: this modality images this body part under this pre-diagnosis."""

    modality: str
    body_part: str
    icd10: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Resolution:
    """The megapixels that a monitor has to show for one image of a modality, and bits allocated per pixel."""

    modality: str
    megapixels: float
    origin: Origin
    bits: int
    bits_origin: Origin


@dataclass(frozen=True, slots=True)
class StudySize:
    """Mean number of images and mean size in megabytes (10^6 bytes) of one study; body part "" is any."""

    modality: str
    body_part: str
    images: float
    size_mb: float
    origin: Origin


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """An ICD-10 category (three characters), a short title in our words, and its disease group."""

    icd10: str
    title: str
    disease: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class BodyPart:
    """A body part and the anatomical region it belongs to."""

    body_part: str
    anatomy: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class DicomTerm:
    """A word that DICOM headers use for a body part, and the body part it is read as."""

    term: str
    body_part: str
    origin: Origin


Record = Protocol | Compatibility | Resolution | StudySize | Diagnosis | BodyPart | DicomTerm
