"""Small DICOM files made for the tests, with identifiers planted wherever a patient may be named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import UID, CTImageStorage, ExplicitVRLittleEndian, JPEG2000Lossless

ROOT = "1.2.826.0.1.3680043.10.1"
PLANTED = ("PLANTEDNAME", "PLANTEDID77", "19330222", f"{ROOT}.31337", "PLANTEDDOCTOR", "PLANTEDSTREET")


def dataset(study: str = "1", image: str = "1", **elements: object) -> FileDataset:
    """A CT of the chest with 8 x 16 pixels; an element given as None is left out."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = CTImageStorage
    meta.MediaStorageSOPInstanceUID = UID(f"{ROOT}.{study}.{image}")
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made = FileDataset("made", {}, file_meta=meta, preamble=b"\0" * 128)
    default: dict[str, object] = {
        "SOPClassUID": CTImageStorage,
        "SOPInstanceUID": f"{ROOT}.{study}.{image}",
        "StudyInstanceUID": f"{ROOT}.31337.{study}",
        "StudyDate": "20150302",
        "StudyTime": "083015",
        "Modality": "CT",
        "PatientName": "PLANTEDNAME^JANE",
        "PatientID": "PLANTEDID77",
        "PatientBirthDate": "19330222",
        "PatientAddress": "PLANTEDSTREET 5",
        "ReferringPhysicianName": "PLANTEDDOCTOR",
        "StudyDescription": "Chest of PLANTEDNAME, born 19330222",
        "BodyPartExamined": "CHEST",
        "Rows": 8,
        "Columns": 16,
        "BitsAllocated": 16,
        "BitsStored": 16,
        "HighBit": 15,
        "PixelRepresentation": 0,
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
    }
    for name, value in {**default, **elements}.items():
        if value is not None:
            setattr(made, name, value)
    frames = int(str(elements.get("NumberOfFrames") or 1))
    made.PixelData = np.arange(8 * 16 * frames, dtype="<u2").tobytes()
    return made


def write(made: Dataset, path: Path) -> Path:
    """Save, with its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    made.save_as(path, enforce_file_format=True)
    return path


def encapsulated(**elements: object) -> FileDataset:
    """Pixel data of undefined length in two fragments (their content is never decoded)."""
    made = dataset(**elements)  # type: ignore[arg-type]
    made.file_meta.TransferSyntaxUID = JPEG2000Lossless
    made.PixelData = encapsulate([b"\1" * 60, b"\2" * 80])
    made["PixelData"].VR = "OB"
    made["PixelData"].is_undefined_length = True
    return made
