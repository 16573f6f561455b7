"""What belongs to one frame of an enhanced image: its rescale and its spacing, from the functional groups."""

from __future__ import annotations

from dataclasses import dataclass

from pydicom.dataset import Dataset

from simgrid.dicom.header import Header, number, spacing_of, value


@dataclass(frozen=True, slots=True)
class FrameValues:
    """Rescale (None: none declared) and spacing in mm of one frame."""

    slope: float | None
    intercept: float | None
    spacing_mm: tuple[float, float] | None


def frame_values(dataset: Dataset, header: Header, frame: int) -> FrameValues:
    """The frame's own values, else the shared ones, else those of the image; frames count from 0."""
    slope, intercept, spacing = header.slope, header.intercept, header.spacing_mm
    for name, index in (
        ("SharedFunctionalGroupsSequence", 0),
        ("PerFrameFunctionalGroupsSequence", frame),
    ):
        group = item(dataset, name, index)
        if group is None:
            continue
        rescale = item(group, "PixelValueTransformationSequence", 0)
        if rescale is not None:
            slope, intercept = number(rescale, "RescaleSlope"), number(rescale, "RescaleIntercept")
        measures = item(group, "PixelMeasuresSequence", 0)
        if measures is not None:
            spacing = spacing_of(measures) or spacing
    return FrameValues(slope, intercept, spacing)


def item(dataset: Dataset, sequence: str, index: int) -> Dataset | None:
    """An item of a sequence, None where either is missing or is none."""
    items = value(dataset, sequence)
    try:
        found = items[index] if items is not None and len(items) > index else None
    except Exception:  # a value that is no sequence
        return None
    return found if isinstance(found, Dataset) else None
