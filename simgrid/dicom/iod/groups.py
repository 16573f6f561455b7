"""The functional groups that each frame of an enhanced image must have, shared or of its own.

The tables tell what a group holds, not which groups an image must have: that stands in annex A and is written
here for the images that hospitals send: A.38.1.4 (CT), A.36.2.4 (MR), A.70.4 and A.71.4 (legacy converted),
A.51.5 (segmentation).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydicom.dataset import Dataset

from simgrid.dicom.finding import Finding
from simgrid.dicom.iod.elements import filled, items, number, tag_of, text
from simgrid.dicom.iod.rules import finding

_SHARED, _PER_FRAME = tag_of("SharedFunctionalGroupsSequence"), tag_of("PerFrameFunctionalGroupsSequence")
_FRAMES, _IMAGE_TYPE = tag_of("NumberOfFrames"), tag_of("ImageType")
_SEGMENTATION = tag_of("SegmentationType")
_PLANE = ("PixelMeasuresSequence", "PlanePositionSequence", "PlaneOrientationSequence")
_ALWAYS: Mapping[str, tuple[str, ...]] = {
    "enhanced-ct-image": (
        *(*_PLANE, "FrameContentSequence", "FrameAnatomySequence"),
        *("CTImageFrameTypeSequence", "PixelValueTransformationSequence"),
    ),
    "enhanced-mr-image": (
        *(*_PLANE, "FrameContentSequence", "FrameAnatomySequence"),
        "MRImageFrameTypeSequence",
    ),
    "legacy-converted-enhanced-ct-image": (*_PLANE, "FrameContentSequence"),
    "legacy-converted-enhanced-mr-image": (*_PLANE, "FrameContentSequence"),
    "segmentation": ("FrameContentSequence",),
}
_OF_ORIGINALS: Mapping[str, tuple[str, ...]] = {
    "enhanced-ct-image": (
        *("CTAcquisitionTypeSequence", "CTAcquisitionDetailsSequence", "CTTableDynamicsSequence"),
        *("CTPositionSequence", "CTGeometrySequence", "CTReconstructionSequence", "CTExposureSequence"),
        *("CTXRayDetailsSequence", "IrradiationEventIdentificationSequence"),
    ),
    "enhanced-mr-image": (
        *("MRTimingAndRelatedParametersSequence", "MRFOVGeometrySequence", "MREchoSequence"),
        *("MRModifierSequence", "MRImagingModifierSequence", "MRReceiveCoilSequence"),
        *("MRTransmitCoilSequence", "MRAveragesSequence"),
    ),
}
_EACH_LOOKED_AT = 64  # frames: the first say what the others lack


def check_groups(dataset: Dataset, iod: str) -> Iterator[Finding]:
    """Groups that frames lack, and a number of frames that is not the number of groups."""
    wanted = _ALWAYS.get(iod, ())
    if text(dataset, _IMAGE_TYPE) in ("ORIGINAL", "MIXED"):
        wanted += _OF_ORIGINALS.get(iod, ())
    if iod == "segmentation" and text(dataset, _SEGMENTATION) != "LABELMAP":
        wanted += ("SegmentIdentificationSequence",)
    if not wanted or not filled(dataset, _PER_FRAME):
        return
    frames = list(items(dataset, _PER_FRAME))
    announced = number(dataset, _FRAMES) or 1
    if frames and announced != len(frames):
        message = f"has {len(frames)} items for {announced} frames"
        yield finding("frames-and-groups-differ", _PER_FRAME, "", message)
    shared = next((item for _, item in items(dataset, _SHARED)), None)
    for keyword in wanted:
        tag = tag_of(keyword)
        if shared is not None and filled(shared, tag):
            continue
        lacking = [place for place, item in frames[:_EACH_LOOKED_AT] if not filled(item, tag)]
        if lacking:
            message = f"is neither shared nor in the group of frame {lacking[0]}"
            yield finding("functional-group-missing", tag, "", message)
