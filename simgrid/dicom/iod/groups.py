"""The functional groups that each frame of an enhanced image must have, shared or of its own.

The tables tell what a group holds, not which groups an image must have: that stands in annex A and is written
here: A.36 (MR), A.38 (CT), A.47 and A.48 (XA, XRF), A.51 (segmentation), A.53 and A.54 (3D X-ray), A.55
(tomosynthesis), A.56 (PET), A.59 (ultrasound volumes), A.70 to A.72 (legacy converted), A.75 (maps).
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
_FRAME = ("FrameContentSequence", "FrameAnatomySequence")
_NEVER_SHARED = "FrameContentSequence"  # C.7.6.16.2.2: each frame has its own
_ALWAYS: Mapping[str, tuple[str, ...]] = {
    "enhanced-ct-image": (*_PLANE, *_FRAME, "CTImageFrameTypeSequence", "PixelValueTransformationSequence"),
    "enhanced-mr-image": (*_PLANE, *_FRAME, "MRImageFrameTypeSequence", "PixelValueTransformationSequence"),
    "enhanced-mr-color-image": (*_PLANE, *_FRAME, "MRImageFrameTypeSequence"),
    "mr-spectroscopy": (*_PLANE, *_FRAME, "MRSpectroscopyFrameTypeSequence"),
    "enhanced-pet-image": (
        *(*_PLANE, *_FRAME, "PETFrameTypeSequence"),
        *("PixelValueTransformationSequence", "RadiopharmaceuticalUsageSequence"),
    ),
    "legacy-converted-enhanced-ct-image": (*_PLANE, "FrameContentSequence", "CTImageFrameTypeSequence"),
    "legacy-converted-enhanced-mr-image": (*_PLANE, "FrameContentSequence", "MRImageFrameTypeSequence"),
    "legacy-converted-enhanced-pet-image": (*_PLANE, "FrameContentSequence", "PETFrameTypeSequence"),
    "x-ray-3d-angiographic-image": (*_PLANE, *_FRAME, "XRay3DFrameTypeSequence"),
    "x-ray-3d-craniofacial-image": (*_PLANE, *_FRAME, "XRay3DFrameTypeSequence"),
    "breast-tomosynthesis-image": (
        *(*_PLANE, *_FRAME),
        *("XRay3DFrameTypeSequence", "PixelValueTransformationSequence"),
    ),
    "enhanced-xa-image": (*_FRAME, "FramePixelDataPropertiesSequence"),
    "enhanced-xrf-image": (*_FRAME, "FramePixelDataPropertiesSequence"),
    "enhanced-us-volume": (
        *("FrameContentSequence", "PixelMeasuresSequence"),
        *("PlanePositionVolumeSequence", "ImageDataTypeSequence"),
    ),
    "parametric-map": (
        *("PixelMeasuresSequence", "FrameContentSequence", "ParametricMapFrameTypeSequence"),
        *("PixelValueTransformationSequence", "RealWorldValueMappingSequence"),
    ),
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
        if shared is not None and keyword != _NEVER_SHARED and filled(shared, tag):
            continue
        lacking = [place for place, item in frames[:_EACH_LOOKED_AT] if not filled(item, tag)]
        if lacking:
            message = f"is neither shared nor in the group of frame {lacking[0]}"
            yield finding("functional-group-missing", tag, "", message)
