"""Files that another library writes: segmentations, reports, a key object selection, a converted CT."""

from __future__ import annotations

import warnings

import highdicom as hd
import numpy as np
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes

from tests.valid_headers import ROOT, ct

_COMMON = {"series_number": 1, "instance_number": 1}
_MACHINE = {"manufacturer": "m", "manufacturer_model_name": "x", "software_versions": "1"}


def _slices() -> list[Dataset]:
    slices = []
    for place in range(4):
        dataset = ct(1)
        dataset.SOPInstanceUID = f"{ROOT}7.{place}"
        dataset.ImagePositionPatient = ["-4", "-4", str(2 * place)]
        dataset.InstanceNumber = str(place + 1)
        slices.append(dataset)
    return slices


def _uids(number: int) -> dict[str, str]:
    return {"series_instance_uid": f"{ROOT}8.{number}", "sop_instance_uid": f"{ROOT}8.{number}.1"}


def made() -> dict[str, Dataset]:
    """One of each, by the name of its kind."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        slices = _slices()
        objects = {
            f"segmentation {kind}": _segmentation(slices, kind, number)
            for number, kind in enumerate(("BINARY", "FRACTIONAL", "LABELMAP"))
        }
        objects |= _reports(slices)
        selection = hd.ko.KeyObjectSelection(codes.DCM.Manifest, referenced_objects=[slices[0]])
        objects["key object selection"] = hd.ko.KeyObjectSelectionDocument(
            slices, selection, manufacturer="m", **_COMMON, **_uids(20)
        )
        objects["legacy converted CT"] = hd.legacy.LegacyConvertedEnhancedCTImage(
            slices, **_COMMON, **_uids(21)
        )
        return objects


def _segmentation(slices: list[Dataset], kind: str, number: int) -> Dataset:
    mask = np.zeros((4, 16, 16), float if kind == "FRACTIONAL" else np.uint8)
    mask[:, 4:8, 4:8] = 1
    segment = hd.seg.SegmentDescription(
        1, "bone", codes.SCT.Tissue, codes.SCT.Bone, hd.seg.SegmentAlgorithmTypeValues.MANUAL
    )
    return hd.seg.Segmentation(
        source_images=slices,
        pixel_array=mask,
        segmentation_type=kind,
        segment_descriptions=[segment],
        device_serial_number="1",
        **_COMMON,
        **_MACHINE,
        **_uids(number),
    )


def _reports(slices: list[Dataset]) -> dict[str, Dataset]:
    person = hd.sr.PersonObserverIdentifyingAttributes(name="a^b")
    observer = hd.sr.ObserverContext(codes.DCM.Person, person)
    group = hd.sr.MeasurementsAndQualitativeEvaluations(
        tracking_identifier=hd.sr.TrackingIdentifier(uid=f"{ROOT}8.30", identifier="i"),
        measurements=[hd.sr.Measurement(codes.SCT.Length, value=1.0, unit=codes.UCUM.Millimeter)],
        source_images=[hd.sr.SourceImageForMeasurementGroup.from_source_image(slices[0])],
    )
    content = hd.sr.MeasurementReport(
        observation_context=hd.sr.ObservationContext(observer_person_context=observer),
        procedure_reported=codes.LN.CTUnspecifiedBodyRegion,
        imaging_measurements=[group],
    )
    kinds = (hd.sr.EnhancedSR, hd.sr.ComprehensiveSR, hd.sr.Comprehensive3DSR)
    return {
        kind.__name__: kind(
            slices,
            content,
            manufacturer="m",
            is_complete=True,
            is_verified=False,
            **_COMMON,
            **_uids(10 + number),
        )
        for number, kind in enumerate(kinds)
    }
