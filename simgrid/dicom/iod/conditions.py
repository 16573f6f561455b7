"""When conditional elements and modules are required: the conditions of PS3.3 that a file itself decides.

Each row has the element, the condition in words, its test, and the section. A test answers True, False, or
None where the file does not tell; None is never a fault. Conditions that need knowledge of the patient, the
procedure or the scanner have no row here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from simgrid.dicom.iod.condition_tests import (
    Context,
    Test,
    above,
    both,
    has,
    in_iod,
    none_of,
    not_in_iod,
    says,
)


@dataclass(frozen=True, slots=True)
class Condition:
    """One row: required if ``test``, of one ``module`` or (empty) of any.

    ``only_then``: forbidden where the test says no.
    """

    keyword: str
    words: str
    test: Test
    section: str
    module: str = ""
    only_then: bool = False


_POSITIONED = ("ct-image", "mr-image", "enhanced-ct-image", "enhanced-mr-image", "enhanced-mr-color-image")
_PLANE_INSTEAD = (
    *("ct-image", "mr-image", "positron", "enhanced", "legacy", "segmentation", "parametric", "slide"),
    *("tomography", "3d", "tomosynthesis", "rt-", "multi-frame-", "digital-mammography", "digital-x-ray"),
    *("digital-intra-oral", "photoacoustic", "volume", "microscopy", "nuclear", "breast-projection"),
)
_COLOURS = ("Red", "Green", "Blue")
_PALETTE = says("PhotometricInterpretation", "PALETTE COLOR")
_NOT_TILED_WORDS = "DimensionOrganizationType is not TILED_FULL"
_ORIGINAL_WORDS = "ImageType begins with ORIGINAL or MIXED"
_ORIGINAL = both(
    says("ImageType", "ORIGINAL", "MIXED"), not_in_iod("legacy")
)  # A.70.3: not of converted ones
_CONTENT = {
    "TextValue": ("TEXT",),
    "DateTime": ("DATETIME",),
    "Date": ("DATE",),
    "Time": ("TIME",),
    "PersonName": ("PNAME",),
    "UID": ("UIDREF",),
    "MeasuredValueSequence": ("NUM",),
    "ConceptCodeSequence": ("CODE",),
    "ReferencedSOPSequence": ("COMPOSITE", "IMAGE", "WAVEFORM"),
    "GraphicData": ("SCOORD", "SCOORD3D"),
    "GraphicType": ("SCOORD", "SCOORD3D"),
    "ContinuityOfContent": ("CONTAINER",),
    "TemporalRangeType": ("TCOORD",),
}
_ENHANCED_MR = (
    *("ContentQualification", "ResonantNucleus", "KSpaceFiltering", "MagneticFieldStrength"),
    *("ApplicableSafetyStandardAgency", "AcquisitionDuration", "ComplexImageComponent"),
    *("AcquisitionContrast", "AcquisitionDateTime"),
)


def _not_tiled(at: Context) -> bool:
    return not says("DimensionOrganizationType", "TILED_FULL")(at)


ELEMENTS: tuple[Condition, ...] = (
    Condition("PixelData", "no PixelDataProviderURL", none_of("PixelDataProviderURL"), "C.7.6.3"),
    Condition(
        "PlanarConfiguration",
        "SamplesPerPixel is above 1",
        above("SamplesPerPixel", 1),
        "C.7.6.3.1.3",
        only_then=True,
    ),
    *(
        Condition(
            f"{colour}PaletteColorLookupTableDescriptor",
            "PhotometricInterpretation is PALETTE COLOR",
            _PALETTE,
            "C.7.6.3",
            module="image-pixel",
        )
        for colour in _COLOURS
    ),
    *(
        Condition(
            f"{colour}PaletteColorLookupTableData",
            "PhotometricInterpretation is PALETTE COLOR and the table is not segmented",
            both(_PALETTE, none_of(f"Segmented{colour}PaletteColorLookupTableData")),
            "C.7.6.3, C.7.9",
            module="image-pixel",
        )
        for colour in _COLOURS
    ),
    Condition("PerFrameFunctionalGroupsSequence", _NOT_TILED_WORDS, _not_tiled, "C.7.6.16"),
    Condition("DimensionIndexSequence", _NOT_TILED_WORDS, _not_tiled, "C.7.6.17"),
    Condition(
        "PatientPosition",
        "CT and MR images without PatientOrientationCodeSequence",
        both(in_iod(*_POSITIONED), none_of("PatientOrientationCodeSequence")),
        "C.7.3.1",
    ),
    Condition(
        "PatientOrientation",
        "the image has no orientation and position in space",
        both(
            not_in_iod(*_PLANE_INSTEAD),
            none_of("ImageOrientationPatient", "ImagePositionPatient", "ImageOrientationSlide"),
        ),
        "C.7.6.1",
        module="general-image",
    ),
    Condition(
        "DeidentificationMethod",
        "PatientIdentityRemoved is YES and no DeidentificationMethodCodeSequence",
        both(says("PatientIdentityRemoved", "YES"), none_of("DeidentificationMethodCodeSequence")),
        "C.7.1.1",
    ),
    Condition(
        "DeidentificationMethodCodeSequence",
        "PatientIdentityRemoved is YES and no DeidentificationMethod",
        both(says("PatientIdentityRemoved", "YES"), none_of("DeidentificationMethod")),
        "C.7.1.1",
    ),
    Condition(
        "PatientAlternativeCalendar",
        "a date of birth or death in another calendar",
        has("PatientBirthDateInAlternativeCalendar", "PatientDeathDateInAlternativeCalendar"),
        "C.7.1.1",
    ),
    Condition("ResponsiblePersonRole", "ResponsiblePerson has a value", has("ResponsiblePerson"), "C.7.1.1"),
    Condition(
        "CodeValue",
        "neither LongCodeValue nor URNCodeValue",
        none_of("LongCodeValue", "URNCodeValue"),
        "8.8",
    ),
    Condition(
        "CodingSchemeDesignator", "CodeValue or LongCodeValue", has("CodeValue", "LongCodeValue"), "8.8"
    ),
    Condition("WindowWidth", "WindowCenter is there", has("WindowCenter"), "C.11.2"),
    Condition("WindowCenter", "WindowWidth is there", has("WindowWidth"), "C.11.2"),
    Condition(
        "RescaleIntercept",
        "RescaleSlope and no ModalityLUTSequence",
        both(has("RescaleSlope"), none_of("ModalityLUTSequence")),
        "C.11.1",
    ),
    Condition("RescaleSlope", "RescaleIntercept is there", has("RescaleIntercept"), "C.11.1"),
    Condition(
        "RescaleType",
        "RescaleIntercept is there",
        has("RescaleIntercept"),
        "C.11.1",
        module="modality-lut",
    ),
    Condition(
        "LossyImageCompressionRatio",
        "LossyImageCompression is 01",
        says("LossyImageCompression", "01"),
        "C.7.6.1.1.5",
    ),
    Condition(
        "LossyImageCompressionMethod",
        "LossyImageCompression is 01",
        says("LossyImageCompression", "01"),
        "C.7.6.1.1.5",
    ),
    Condition(
        "FrameIncrementPointer",
        "NumberOfFrames is above 1",
        above("NumberOfFrames", 1),
        "C.7.6.6, C.8.5.6",
    ),
    Condition(
        "RepetitionTime",
        "ScanningSequence is not EP, or SequenceVariant is SK",
        both(has("ScanningSequence"), lambda at: says("ScanningSequence", "EP")(at) is False),
        "C.8.3.1",
        module="mr-image",
    ),
    Condition(
        "InversionTime",
        "ScanningSequence is IR",
        says("ScanningSequence", "IR"),
        "C.8.3.1",
        module="mr-image",
    ),
    Condition(
        "TriggerTime",
        "ScanOptions is cardiac gating",
        says("ScanOptions", "CG"),
        "C.8.3.1",
        module="mr-image",
    ),
    Condition(
        "WaterEquivalentDiameterCalculationMethodCodeSequence",
        "WaterEquivalentDiameter is there",
        has("WaterEquivalentDiameter"),
        "C.8.2.1",
    ),
    *(Condition(name, _ORIGINAL_WORDS, _ORIGINAL, "C.8.13.1", "enhanced-mr-image") for name in _ENHANCED_MR),
    *(
        Condition(name, _ORIGINAL_WORDS, _ORIGINAL, "C.8.15.2", "enhanced-ct-image")
        for name in ("ContentQualification", "AcquisitionDateTime", "AcquisitionDuration")
    ),
    Condition(
        "ReferencedStructureSetSequence",
        "RTPlanGeometry is PATIENT",
        says("RTPlanGeometry", "PATIENT"),
        "C.8.8.9",
    ),
    Condition(
        "VerifyingObserverSequence",
        "VerificationFlag is VERIFIED",
        says("VerificationFlag", "VERIFIED"),
        "C.17.2",
    ),
    *(
        Condition(
            name,
            f"ValueType is {' or '.join(kinds)}",
            says("ValueType", *kinds),
            "C.17.3",
            "sr-document-content",
        )
        for name, kinds in _CONTENT.items()
    ),
    *(
        Condition(
            "PresentationLUTShape",
            "PhotometricInterpretation is MONOCHROME2",
            says("PhotometricInterpretation", "MONOCHROME2"),
            "C.8.13.1",
            module,
        )
        for module in ("enhanced-mr-image", "enhanced-ct-image", "sc-multi-frame-image")
    ),
    *(
        Condition(
            name,
            "PhotometricInterpretation is MONOCHROME2 and BitsStored is above 1",
            both(says("PhotometricInterpretation", "MONOCHROME2"), above("BitsStored", 1)),
            "C.8.6.3",
            "sc-multi-frame-image",
        )
        for name in ("RescaleIntercept", "RescaleSlope", "RescaleType")
    ),
    Condition(
        "PixelSpacingCalibrationDescription",
        "PixelSpacingCalibrationType is there",
        has("PixelSpacingCalibrationType"),
        "10.7",
    ),
    *(
        Condition(
            name,
            "PresentationIntentType is FOR PRESENTATION and no VOILUTSequence",
            both(says("PresentationIntentType", "FOR PRESENTATION"), none_of("VOILUTSequence")),
            "C.8.11.3",
            "dx-image",
        )
        for name in ("WindowCenter", "WindowWidth")
    ),
)

MODULES: Mapping[str, Test] = {
    "multi-frame": above("NumberOfFrames", 1),  # A.8.1, A.17.3: if the pixel data are multi-frame
    "palette-color-lookup-table": says("PhotometricInterpretation", "PALETTE COLOR"),  # A.6.4
    "directory-information": in_iod("basic-directory"),  # F.3.2.2: a DICOMDIR is there for it
    "multi-energy-ct-image": says("MultienergyCTAcquisition", "YES"),  # A.3.3
    "voi-lut": both(in_iod("digital-x-ray-image"), has("VOILUTSequence", "WindowCenter")),  # A.26.3
}


def _by_keyword() -> Mapping[str, tuple[Condition, ...]]:
    rows: dict[str, tuple[Condition, ...]] = {}
    for one in ELEMENTS:
        rows[one.keyword] = (*rows.get(one.keyword, ()), one)
    return rows


_FOR = _by_keyword()


def conditions_for(keyword: str, module: str) -> tuple[Condition, ...]:
    """The rows for an element of a module."""
    return tuple(one for one in _FOR.get(keyword, ()) if one.module in ("", module))
