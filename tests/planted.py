"""DICOM files that name a person wherever a file can: in every element of the dictionary, and around them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from pydicom.datadict import DicomDictionary, dictionary_VR
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.tag import Tag

from tests.unit.dicom_samples import dataset

MARK = "QZPLANTED"
BIRTH = "19330222"
UID_MARK = "1.2.826.0.1.3680043.10.1.777333"
NUMBER = "77331955"
MARKS = (MARK, BIRTH, UID_MARK, NUMBER)

_VALUES: dict[str, object] = {
    **dict.fromkeys(("AE", "CS", "LO", "LT", "SH", "ST", "UC", "UR", "UT"), f"{MARK} 7"),
    "PN": f"{MARK}^JANE",
    **{"DA": BIRTH, "DT": f"{BIRTH}083015", "TM": "083015", "AS": "088Y"},
    "UI": f"{UID_MARK}.5",
    **dict.fromkeys(("OB", "OW", "UN", "OF", "OD", "OL", "OV"), f"{MARK} in bytes 16".encode().ljust(32)),
    **{"DS": NUMBER, "IS": NUMBER},
    **{"UL": int(NUMBER), "SL": int(NUMBER), "UV": int(NUMBER), "SV": int(NUMBER)},
    "FD": float(NUMBER),
}
_OF_THE_IMAGE = frozenset(
    {
        *(
            "SOPClassUID",
            "Modality",
            "Rows",
            "Columns",
            "BitsAllocated",
            "BitsStored",
            "HighBit",
            "ImageType",
        ),
        *(
            "PixelRepresentation",
            "SamplesPerPixel",
            "PhotometricInterpretation",
            "NumberOfFrames",
            "PixelData",
        ),
        *("FloatPixelData", "DoubleFloatPixelData", "SpecificCharacterSet", "PlanarConfiguration"),
        *("RescaleSlope", "RescaleIntercept", "ModalityLUTSequence", "PixelDataProviderURL"),
        *("ExtendedOffsetTable", "ExtendedOffsetTableLengths"),
    }
)


def planted_everywhere(sequences: int = 1) -> Dataset:
    """An image with an identifier in every element of the dictionary that can hold one.

    ``sequences``: of them, one in so many holds an item that names a person in thirteen ways.
    """
    made = dataset(PatientID=NUMBER, PatientBirthDate=BIRTH, StudyID="1")
    _plant(made, sequences)
    block = made.private_block(0x0029, f"{MARK} PRIVATE", create=True)
    block.add_new(0x01, "LO", MARK)
    block.add_new(0x02, "OB", MARK.encode().ljust(10))
    block.add_new(0x03, "SQ", [_item()])
    for group in (0x5000, 0x6000, 0x6002):
        made.add_new(Tag(group, 0x0040 if group < 0x6000 else 0x0022), "LO", MARK)
        made.add_new(Tag(group, 0x3000), "OB", MARK.encode().ljust(10))
    made.preamble = MARK.encode().ljust(128, b"\0")
    made.file_meta.SourceApplicationEntityTitle = MARK
    made.file_meta.ImplementationVersionName = MARK
    made.file_meta.PrivateInformationCreatorUID = f"{UID_MARK}.9"
    made.file_meta.PrivateInformation = MARK.encode().ljust(10)
    pixels = np.arange(128, dtype="<u2").tobytes()
    made.PixelData = pixels + MARK.encode().ljust(10)  # behind the last pixel
    return made


def _plant(made: Dataset, sequences: int) -> None:
    for number, (allowed, _, _, _, keyword) in DicomDictionary.items():
        if number >> 16 < 0x0008 or keyword in _OF_THE_IMAGE or not keyword:
            continue
        vr = allowed.split(" or ")[0]
        if vr == "SQ":
            made.add(DataElement(number, "SQ", Sequence([_item()] if number % sequences == 0 else [])))
        elif vr in _VALUES and keyword not in made:
            made.add(DataElement(number, vr, _VALUES[vr]))


def _item() -> Dataset:
    item = Dataset()
    for vr, keyword in (
        ("LO", "PatientID"),
        ("PN", "PatientName"),
        ("UT", "TextValue"),
        ("DA", "Date"),
        ("UI", "UID"),
        ("CS", "CodingSchemeURLType"),
        ("SH", "CodeValue"),
        ("LO", "CodeMeaning"),
        ("DS", "NumericValue"),
        ("LO", "ManufacturerModelName"),
    ):
        item.add_new(keyword, dictionary_VR(keyword), _VALUES[vr])
    inner = Dataset()
    inner.add_new("PersonName", "PN", _VALUES["PN"])
    inner.add_new("LongCodeValue", "UC", _VALUES["UC"])
    item.ConceptCodeSequence = [inner]
    item.add_new(0x00290010, "LO", f"{MARK} PRIVATE")
    item.add_new(0x00291001, "UT", MARK)
    return item


def marks_in(content: bytes) -> list[str]:
    """Which identifiers the bytes hold, in any of the encodings a file may use."""
    low = content.lower()
    encodings = ("utf-8", "utf-16-le", "utf-16-be")
    return [one for one in MARKS if any(one.lower().encode(code) in low for code in encodings)]


def marks_below(folder: Path) -> dict[str, list[str]]:
    """The same of every file below a folder, and of the files' names."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        there = marks_in(name.encode()) + (marks_in(path.read_bytes()) if path.is_file() else [])
        if there:
            found[name] = there
    return found
