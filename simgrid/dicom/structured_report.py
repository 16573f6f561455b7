"""What was found in an image as a DICOM structured report (PS3.16, TID 1500), which any archive can keep."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import highdicom
from highdicom.sr import (
    CodedConcept,
    DeviceObserverIdentifyingAttributes,
    EnhancedSR,
    LanguageOfContentItemAndDescendants,
    MeasurementReport,
    MeasurementsAndQualitativeEvaluations,
    ObservationContext,
    ObserverContext,
    QualitativeEvaluation,
    SourceImageForMeasurementGroup,
    TrackingIdentifier,
)
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes

from simgrid import __version__
from simgrid.dicom.deidentify import to_bytes
from simgrid.dicom.pseudonyms import uid_from

MAKER = "simgrid-telerad"
SCHEME = "99SIMGRID"
_NEEDED = ("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID")


class NoReport(ValueError):
    """An image to which no report can refer: its header lacks what names it."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """What the report says. ``defects``: name to probability and severity, both 0 to 1, of the worst plane.

    ``verdict``: one of the words of ``simgrid.domain.decision.Verdict``. ``at``: when it was judged.
    """

    verdict: str
    defects: Mapping[str, tuple[float, float]]
    at: datetime


def structured_report(image: Dataset, found: Assessment) -> bytes:
    """The report as a file, in the image's study, about its patient as the image names him.

    The same image and assessment give the same bytes.

    Raises:
        NoReport: the image has no UIDs, or values that no report can take over.
    """
    lacking = [name for name in _NEEDED if not image.get(name)]
    if lacking:
        raise NoReport(f"the image has no {', '.join(lacking)}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            report = _report(_evidence(image), found)
            return to_bytes(report)
        except Exception as error:  # a header may hold what no other object can
            raise NoReport(f"a report cannot take over its header ({type(error).__name__})") from None


def _report(evidence: Dataset, found: Assessment) -> Dataset:
    source = str(evidence.SOPInstanceUID)
    content = MeasurementReport(
        observation_context=_observer(),
        procedure_reported=CodedConcept("image-quality", SCHEME, "Assessment of image quality"),
        imaging_measurements=[_group(evidence, found)],
        title=codes.DCM.ImagingMeasurementReport,
        language_of_content_item_and_descendants=LanguageOfContentItemAndDescendants(
            CodedConcept("en-US", "RFC5646", "English (United States)")
        ),
    )
    report: Dataset = EnhancedSR(
        evidence=[evidence],
        content=content[0],
        series_instance_uid=uid_from("report series", str(evidence.SeriesInstanceUID)),
        series_number=9001,
        sop_instance_uid=uid_from("report", source, __version__),
        instance_number=1,
        manufacturer=MAKER,
        manufacturer_model_name=MAKER,
        software_versions=__version__,
        device_serial_number="0",
        is_complete=True,
        is_verified=False,
        institution_name=None,
    )
    _stamp(report, found.at)
    report.CodingSchemeIdentificationSequence = [_scheme()]
    return report


def _evidence(image: Dataset) -> Dataset:
    """The image's header with everything that highdicom takes for granted."""
    made = Dataset()
    for element in image.group_dataset(0x0008):
        made.add(element)
    for element in image.group_dataset(0x0010):
        made.add(element)
    for element in image.group_dataset(0x0020):
        made.add(element)
    for name in ("Rows", "Columns", "NumberOfFrames"):
        if name in image:
            made[name] = image[name]
    empty = (
        "PatientName",
        "PatientID",
        "PatientBirthDate",
        "PatientSex",
        "StudyID",
        "StudyDate",
        "StudyTime",
    )
    for name in (*empty, "AccessionNumber", "ReferringPhysicianName"):
        if name not in made:
            setattr(made, name, None)
    return made


def _observer() -> ObservationContext:
    return ObservationContext(
        observer_device_context=ObserverContext(
            observer_type=codes.DCM.Device,
            observer_identifying_attributes=DeviceObserverIdentifyingAttributes(
                uid=highdicom.UID(uid_from("device", MAKER)),
                name=MAKER,
                manufacturer_name=MAKER,
                model_name=MAKER,
                serial_number=__version__,
            ),
        )
    )


def _group(evidence: Dataset, found: Assessment) -> MeasurementsAndQualitativeEvaluations:
    """One measurement group: the verdict, and of each defect its probability and severity."""
    source = str(evidence.SOPInstanceUID)
    return MeasurementsAndQualitativeEvaluations(
        tracking_identifier=TrackingIdentifier(
            uid=highdicom.UID(uid_from("tracking", source)), identifier="image quality"
        ),
        finding_type=CodedConcept("image-quality", SCHEME, "Image quality"),
        algorithm_id=highdicom.sr.AlgorithmIdentification(name=f"{MAKER} image quality", version=__version__),
        source_images=[SourceImageForMeasurementGroup(str(evidence.SOPClassUID), source)],
        measurements=[
            _measurement(defect, what, value)
            for defect, both in found.defects.items()
            for what, value in zip(("probability", "severity"), both, strict=True)
        ]
        or None,
        qualitative_evaluations=[
            QualitativeEvaluation(
                CodedConcept("verdict", SCHEME, "Verdict on the image's quality"),
                CodedConcept(found.verdict, SCHEME, found.verdict.replace("-", " ").capitalize()),
            )
        ],
    )


def _measurement(defect: str, what: str, value: float) -> highdicom.sr.Measurement:
    name = CodedConcept(f"{defect}-{what}"[:16], SCHEME, f"{what.capitalize()} of {defect}")
    return highdicom.sr.Measurement(name=name, value=round(value, 6), unit=codes.UCUM.NoUnits)


def _stamp(report: Dataset, at: datetime) -> None:
    """The time of the judgement wherever highdicom asked the clock."""
    at = at.astimezone(UTC)
    report.ContentDate = report.SeriesDate = report.InstanceCreationDate = f"{at:%Y%m%d}"
    report.ContentTime = report.SeriesTime = report.InstanceCreationTime = f"{at:%H%M%S}"
    report.TimezoneOffsetFromUTC = "+0000"
    for equipment in report.get("ContributingEquipmentSequence", ()):
        equipment.ContributionDateTime = f"{at:%Y%m%d%H%M%S}"


def _scheme() -> Dataset:
    made = Dataset()
    made.CodingSchemeDesignator = SCHEME
    made.CodingSchemeName = f"Local codes of {MAKER}"
    made.CodingSchemeResponsibleOrganization = f"The {MAKER} authors"
    return made
