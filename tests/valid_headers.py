"""Small valid files of nine kinds, made with pydicom: dciodvfy finds no error in any (a test asks it)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian

ROOT = "1.2.826.0.1.3680043.8.498."
SIDE = 16
STORAGE = "1.2.840.10008.5.1.4.1.1."


def _named(**values: object) -> Dataset:
    dataset = Dataset()
    for keyword, value in values.items():
        setattr(dataset, keyword, value)
    return dataset


def code(value: str, scheme: str, meaning: str) -> Dataset:
    return _named(CodeValue=value, CodingSchemeDesignator=scheme, CodeMeaning=meaning)


def _composite(number: int, sop_class: str, modality: str) -> Dataset:
    """What every image has: patient, study, series, equipment, acquisition, instance."""
    dataset = _named(
        SOPClassUID=STORAGE + sop_class,
        SOPInstanceUID=f"{ROOT}{number}.4",
        StudyDate="20240229",
        ContentDate="20240229",
        AcquisitionDateTime="20240229101112",
        StudyTime="101112",
        ContentTime="101112.5",
        AccessionNumber="A1",
        Modality=modality,
        Manufacturer="simgrid",
        ReferringPhysicianName="",
        ManufacturerModelName="model",
        PatientName="Test^Patient",
        PatientID="P1",
        PatientBirthDate="19700101",
        PatientSex="O",
        DeviceSerialNumber="1",
        SoftwareVersions="1",
        StudyInstanceUID=f"{ROOT}{number}.1",
        SeriesInstanceUID=f"{ROOT}{number}.2",
        StudyID="S1",
        SeriesNumber="1",
        InstanceNumber="1",
    )
    dataset.file_meta = _meta(dataset)
    return dataset


def _meta(dataset: Dataset) -> FileMetaDataset:
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.ImplementationClassUID = f"{ROOT}1"
    meta.FileMetaInformationVersion = b"\0\1"
    return meta


def _pixels(dataset: Dataset, number: int, bits: int = 12, samples: int = 1, frames: int = 1) -> None:
    allocated = 8 if bits <= 8 else 16
    shape = (frames, SIDE, SIDE, samples)
    values = np.random.default_rng(number).integers(0, 1 << bits, shape)
    dataset.SamplesPerPixel = samples
    dataset.PhotometricInterpretation = "MONOCHROME2" if samples == 1 else "RGB"
    if samples > 1:
        dataset.PlanarConfiguration = 0
    dataset.Rows, dataset.Columns = SIDE, SIDE
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = allocated, bits, bits - 1
    dataset.PixelRepresentation = 0
    dataset.PixelData = values.astype(np.uint8 if allocated == 8 else np.uint16).tobytes()
    dataset["PixelData"].VR = "OB" if allocated == 8 else "OW"


def _plane(dataset: Dataset) -> None:
    dataset.BodyPartExamined = "HEAD"
    dataset.PatientPosition = "HFS"
    dataset.FrameOfReferenceUID = dataset.StudyInstanceUID[:-1] + "3"
    dataset.PositionReferenceIndicator = ""
    dataset.PixelSpacing = ["0.5", "0.5"]
    dataset.ImageOrientationPatient = ["1", "0", "0", "0", "1", "0"]
    dataset.ImagePositionPatient = ["-4", "-4", "10"]
    dataset.SliceThickness = "2"


def ct(number: int) -> Dataset:
    dataset = _composite(number, "2", "CT")
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    _plane(dataset)
    _pixels(dataset, number)
    dataset.AcquisitionNumber, dataset.KVP = "1", "120"
    dataset.RescaleIntercept, dataset.RescaleSlope, dataset.RescaleType = "-1024", "1", "HU"
    dataset.WindowCenter, dataset.WindowWidth = "40", "400"
    return dataset


def mr(number: int) -> Dataset:
    dataset = _composite(number, "4", "MR")
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "OTHER"]
    _plane(dataset)
    _pixels(dataset, number)
    dataset.ScanningSequence, dataset.SequenceVariant, dataset.ScanOptions = "SE", "NONE", ""
    dataset.MRAcquisitionType, dataset.RepetitionTime, dataset.EchoTime = "2D", "500", "20"
    dataset.EchoTrainLength = "1"
    return dataset


def cr(number: int) -> Dataset:
    dataset = _composite(number, "1", "CR")
    dataset.ImageType = ["ORIGINAL", "PRIMARY"]
    dataset.BodyPartExamined, dataset.ViewPosition = "CHEST", "PA"
    dataset.PatientOrientation = ["L", "F"]
    dataset.ImagerPixelSpacing = ["0.2", "0.2"]
    _pixels(dataset, number)
    return dataset


def _projection(dataset: Dataset, number: int) -> None:
    dataset.PresentationIntentType = "FOR PRESENTATION"
    dataset.AcquisitionContextSequence = Sequence()
    dataset.BurnedInAnnotation, dataset.LossyImageCompression = "NO", "00"
    dataset.PixelIntensityRelationship, dataset.PixelIntensityRelationshipSign = "LOG", -1
    dataset.PresentationLUTShape, dataset.DetectorType = "IDENTITY", "DIRECT"
    dataset.RescaleIntercept, dataset.RescaleSlope, dataset.RescaleType = "0", "1", "US"
    dataset.WindowCenter, dataset.WindowWidth = "2048", "4096"
    dataset.ImagerPixelSpacing = ["0.1", "0.1"]
    _pixels(dataset, number)


def dx(number: int) -> Dataset:
    dataset = _composite(number, "1.1", "DX")
    dataset.ImageType = ["ORIGINAL", "PRIMARY", ""]
    dataset.BodyPartExamined, dataset.ImageLaterality = "CHEST", "U"
    dataset.PatientOrientation = ["L", "F"]
    dataset.AnatomicRegionSequence = Sequence([code("51185008", "SCT", "Chest")])
    _projection(dataset, number)
    return dataset


def mg(number: int) -> Dataset:
    dataset = _composite(number, "1.2", "MG")
    dataset.ImageType = ["ORIGINAL", "PRIMARY", ""]
    dataset.BodyPartExamined, dataset.ImageLaterality = "BREAST", "L"
    dataset.PatientOrientation = ["A", "F"]
    dataset.AnatomicRegionSequence = Sequence([code("76752008", "SCT", "Breast")])
    _projection(dataset, number)
    dataset.OrganExposed, dataset.PositionerType = "BREAST", "MAMMOGRAPHIC"
    view = code("399162004", "SCT", "cranio-caudal")
    view.ViewModifierCodeSequence = Sequence()
    dataset.ViewCodeSequence = Sequence([view])
    return dataset


def us(number: int) -> Dataset:
    dataset = _composite(number, "6.1", "US")
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "ABDOMINAL"]
    dataset.BodyPartExamined, dataset.PatientOrientation = "ABDOMEN", ""
    dataset.LossyImageCompression = "00"
    _pixels(dataset, number, bits=8, samples=3)
    dataset.UltrasoundColorDataPresent = 1
    return dataset


def sc(number: int) -> Dataset:
    dataset = _composite(number, "7", "OT")
    dataset.ImageType, dataset.ConversionType = ["DERIVED", "SECONDARY"], "WSD"
    dataset.BodyPartExamined, dataset.PatientOrientation = "CHEST", ""
    _pixels(dataset, number, bits=8)
    return dataset


def _enhanced(dataset: Dataset, number: int) -> None:
    dataset.BodyPartExamined, dataset.PatientPosition = "HEAD", "HFS"
    dataset.FrameOfReferenceUID = dataset.StudyInstanceUID[:-1] + "3"
    dataset.PositionReferenceIndicator = ""
    dataset.AcquisitionContextSequence = Sequence()
    dataset.NumberOfFrames = 2
    _pixels(dataset, number, frames=2)
    dataset.ImageType = ["DERIVED", "PRIMARY", "VOLUME", "NONE"]
    dataset.PixelPresentation, dataset.VolumetricProperties = "MONOCHROME", "VOLUME"
    dataset.VolumeBasedCalculationTechnique, dataset.PresentationLUTShape = "NONE", "IDENTITY"
    dataset.BurnedInAnnotation, dataset.LossyImageCompression = "NO", "00"
    dataset.ContentQualification = "PRODUCT"
    organization = f"{ROOT}{number}.5"
    dataset.DimensionOrganizationSequence = Sequence([_named(DimensionOrganizationUID=organization)])
    index = _named(
        DimensionIndexPointer=0x00209057,
        FunctionalGroupPointer=0x00209111,
        DimensionOrganizationUID=organization,
    )
    dataset.DimensionIndexSequence = Sequence([index])


def _groups(dataset: Dataset, frame_type: str) -> None:
    anatomy = _named(AnatomicRegionSequence=Sequence([code("69536005", "SCT", "Head")]), FrameLaterality="U")
    kind = _named(
        FrameType=dataset.ImageType,
        PixelPresentation="MONOCHROME",
        VolumetricProperties="VOLUME",
        VolumeBasedCalculationTechnique="NONE",
    )
    shared = _named(
        PixelMeasuresSequence=Sequence([_named(PixelSpacing=["0.5", "0.5"], SliceThickness="2")]),
        PlaneOrientationSequence=Sequence([_named(ImageOrientationPatient=["1", "0", "0", "0", "1", "0"])]),
        FrameAnatomySequence=Sequence([anatomy]),
        PixelValueTransformationSequence=Sequence(
            [_named(RescaleIntercept="0", RescaleSlope="1", RescaleType="US")]
        ),
    )
    setattr(shared, frame_type, Sequence([kind]))
    frames = [
        _named(
            FrameContentSequence=Sequence(
                [_named(StackID="1", InStackPositionNumber=place, DimensionIndexValues=[place])]
            ),
            PlanePositionSequence=Sequence([_named(ImagePositionPatient=["-4", "-4", str(2 * place)])]),
        )
        for place in (1, 2)
    ]
    dataset.SharedFunctionalGroupsSequence = Sequence([shared])
    dataset.PerFrameFunctionalGroupsSequence = Sequence(frames)


def enhanced_ct(number: int) -> Dataset:
    dataset = _composite(number, "2.1", "CT")
    _enhanced(dataset, number)
    _groups(dataset, "CTImageFrameTypeSequence")
    transformation = dataset.SharedFunctionalGroupsSequence[0].PixelValueTransformationSequence[0]
    transformation.RescaleType = "HU"
    event = _named(IrradiationEventUID=f"{ROOT}{number}.6")
    dataset.SharedFunctionalGroupsSequence[0].IrradiationEventIdentificationSequence = Sequence([event])
    return dataset


def enhanced_mr(number: int) -> Dataset:
    dataset = _composite(number, "4.1", "MR")
    _enhanced(dataset, number)
    _groups(dataset, "MRImageFrameTypeSequence")
    kind = dataset.SharedFunctionalGroupsSequence[0].MRImageFrameTypeSequence[0]
    for holder in (dataset, kind):
        holder.ComplexImageComponent, holder.AcquisitionContrast = "MAGNITUDE", "T1"
    dataset.MagneticFieldStrength, dataset.ResonantNucleus, dataset.KSpaceFiltering = 1.5, "1H", "NONE"
    dataset.AcquisitionDuration = 10.0
    dataset.ApplicableSafetyStandardAgency = "IEC"
    return dataset


def of_class(sop_class: str) -> Dataset:
    """Nothing but a SOP class and an instance: what else it must hold is all missing."""
    dataset = _named(SOPClassUID=sop_class, SOPInstanceUID=f"{ROOT}9.4")
    dataset.file_meta = _meta(dataset)
    return dataset


KINDS: Mapping[str, Callable[[int], Dataset]] = {
    "CT": ct,
    "MR": mr,
    "CR": cr,
    "DX": dx,
    "MG": mg,
    "US": us,
    "SC": sc,
    "enhanced CT": enhanced_ct,
    "enhanced MR": enhanced_mr,
}
