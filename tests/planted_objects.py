"""DICOM objects of many classes that name a person wherever such objects do, in many ways of writing a name.

``planted`` plants the elements of the dictionary in one image; here are reports, encapsulated documents,
presentation states, waveforms, enhanced multi-frame images, palettes, directories, and foreign alphabets.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pydicom
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.fileset import FileSet
from pydicom.multival import MultiValue
from pydicom.uid import ExplicitVRLittleEndian

from tests.planted import BIRTH, MARK, NUMBER, UID_MARK, marks_in, planted_everywhere
from tests.unit.dicom_samples import dataset, write

GIVEN = "JANEQX"
KANJI = "山田浮舟"
GREEK = "Ψηφίδου"
SURNAME = "QZPLANT"
"""A part of ``MARK``, short enough for a modality."""
SIGNS = (GIVEN, KANJI, GREEK, SURNAME, "QX^ENAJ")
_CODES = ("utf-8", "utf-16-le", "utf-16-be", "iso2022_jp", "gb18030", "euc_kr", "shift_jis", "iso8859_7")
_STORED = "1.2.840.10008.5.1.4.1.1."
PDF, STRUCTURED, STATE, ECG = "104.1", "88.33", "11.1", "9.1.1"
OTHER_NUMBER = "90218833"
_NUMBERS = (int(NUMBER), int(BIRTH), int(OTHER_NUMBER), int(NUMBER, 16), int(BIRTH, 16))
_LONG_RUN = re.compile(rb"[A-Za-z0-9+/]{24,}={0,2}")
_HEX_RUN = re.compile(rb"(?:[0-9a-fA-F]{2}){6,}")
_PACKED = (b"\x78\x01", b"\x78\x9c", b"\x78\xda")


def signs_in(content: bytes) -> list[str]:
    """Identifiers in bytes: as they are, escaped, in hexadecimal, in base64, and in packed streams."""
    found: list[str] = []
    for piece in _layers(content):
        found += marks_in(piece)
        low = piece.lower()
        for sign in SIGNS:
            for spelled in {sign, sign.lower(), sign[::-1].lower()}:
                if any(_encoded(spelled, code) in low for code in _CODES if _encoded(spelled, code)):
                    found.append(sign)
            if sign.encode("unicode_escape").lower() in low or json_escaped(sign) in low:
                found.append(sign)
    return sorted(set(found))


def signs_below(folder: Path) -> dict[str, list[str]]:
    """The same of every file below a folder, and of the names of files and folders."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        there = signs_in(name.encode("utf-8", "surrogateescape"))
        if path.is_file():
            there += signs_in(path.read_bytes())
        if there:
            found[name] = sorted(set(there))
    return found


def numbers_in(dataset: Dataset) -> list[str]:
    """Where a data set holds one of the numbers as a number: no search for text finds it."""
    found = []
    for element in dataset.iterall():
        values = element.value if isinstance(element.value, MultiValue | list) else [element.value]
        for one in values if element.VR != "SQ" else ():
            if isinstance(one, int | float) and any(abs(abs(float(one)) - number) < 5 for number in _NUMBERS):
                found.append(f"{element.keyword} {element.VR}")
    return found


def json_escaped(text: str) -> bytes:
    """As JSON in ASCII writes it."""
    return "".join(one if ord(one) < 128 else f"\\u{ord(one):04x}" for one in text).lower().encode()


def _encoded(text: str, code: str) -> bytes:
    try:
        made = text.encode(code)
    except UnicodeEncodeError:
        return b""
    return made.replace(b"\x1b$B", b"").replace(b"\x1b(B", b"").lower()


def _layers(content: bytes, depth: int = 0) -> Iterator[bytes]:
    yield content
    if depth == 3:
        return
    for run in _LONG_RUN.findall(content):
        try:
            yield from _layers(base64.b64decode(run + b"=" * (-len(run) % 4)), depth + 1)
        except (binascii.Error, ValueError):
            continue
    for run in _HEX_RUN.findall(content):
        yield bytes.fromhex(run.decode())
    for start in _PACKED:
        at = content.find(start)
        while at >= 0:
            unpacked = _unpacked(content[at:])
            if len(unpacked) > 16:
                yield from _layers(unpacked, depth + 1)
            at = content.find(start, at + 1)


def _unpacked(content: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(content, 1 << 24)
    except zlib.error:
        return b""


def planted_objects(folder: Path) -> Path:
    """One file of each class below ``folder``, the folders and files named after the person as well."""
    for name, make in MAKERS.items():
        write(make(), folder / f"{MARK} {GIVEN}" / f"{SURNAME}^{GIVEN} {BIRTH} {name}.dcm")
    _directory(folder / f"{GIVEN}-{NUMBER}")
    (folder / f"{KANJI}.txt").write_text(f"{KANJI} {GREEK} {MARK}")
    return folder


def _of_class(suffix: str, modality: str) -> FileDataset:
    """No image: patient, study, series and nothing else, each of them named."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = _STORED + suffix, f"{UID_MARK}.{suffix}"
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.SourceApplicationEntityTitle = meta.SendingApplicationEntityTitle = SURNAME
    meta.PrivateInformationCreatorUID, meta.PrivateInformation = f"{UID_MARK}.8", f"{MARK} ".encode()
    made = FileDataset("", {}, file_meta=meta, preamble=MARK.encode().ljust(128, b"\0"))
    made.SOPClassUID, made.SOPInstanceUID, made.Modality = _STORED + suffix, f"{UID_MARK}.{suffix}", modality
    made.StudyInstanceUID, made.SeriesInstanceUID = f"{UID_MARK}.1", f"{UID_MARK}.2"
    made.PatientName, made.PatientID, made.PatientBirthDate = f"{MARK}^{GIVEN}", NUMBER, BIRTH
    made.StudyDate = made.ContentDate = BIRTH
    made.InstanceNumber, made.SeriesNumber = NUMBER, "1"
    return made


def encapsulated_pdf() -> FileDataset:
    """A letter about the patient, as a PDF with a packed stream."""
    made = _of_class(PDF, "DOC")
    text = f"BT (Dear {MARK} {GIVEN}, born {BIRTH}) Tj ET".encode()
    stream = zlib.compress(text)
    pdf = b"%PDF-1.4 /Title (" + MARK.encode() + b") stream\n" + stream + b"\nendstream %%EOF"
    made.DocumentTitle, made.BurnedInAnnotation = f"Letter to {MARK}", "YES"
    made.MIMETypeOfEncapsulatedDocument = "application/pdf"
    made.EncapsulatedDocument = pdf + b" " * (len(pdf) % 2)
    made.ConceptNameCodeSequence = []
    return made


def _item(kind: str, **value: object) -> Dataset:
    made, name = Dataset(), Dataset()
    made.RelationshipType, made.ValueType = "CONTAINS", kind
    name.CodeValue, name.CodingSchemeDesignator, name.CodeMeaning = "121071", "DCM", f"Finding of {MARK}"
    made.ConceptNameCodeSequence = [name]
    for keyword, one in value.items():
        setattr(made, keyword, one)
    return made


def structured_report() -> FileDataset:
    """A report's tree, four levels deep, with every type of value that can hold words."""
    made = _of_class(STRUCTURED, "SR")
    made.ValueType, made.ContinuityOfContent, made.CompletionFlag = "CONTAINER", "SEPARATE", "COMPLETE"
    made.VerificationFlag = "VERIFIED"
    observer = Dataset()
    observer.VerifyingObserverName, observer.VerifyingOrganization = f"{GIVEN}^{MARK}", MARK
    observer.VerificationDateTime, observer.VerifyingObserverIdentificationCodeSequence = BIRTH, []
    made.VerifyingObserverSequence = [observer]
    leaves = [
        _item("TEXT", TextValue=f"{MARK} {GIVEN} was seen on {BIRTH}. " * 20),
        _item("PNAME", PersonName=f"{MARK}^{GIVEN}"),
        _item("DATE", Date=BIRTH),
        _item("UIDREF", UID=f"{UID_MARK}.77"),
        _item("NUM", MeasuredValueSequence=[_number()]),
    ]
    for _ in range(4):
        leaves = [_item("CONTAINER", ContinuityOfContent="SEPARATE", ContentSequence=leaves)]
    made.ContentSequence = leaves
    return made


def _number() -> Dataset:
    made = Dataset()
    made.NumericValue, made.FloatingPointValue = NUMBER, float(NUMBER)
    made.MeasurementUnitsCodeSequence = []
    return made


def presentation_state() -> FileDataset:
    """Notes drawn over an image, and a label."""
    made = _of_class(STATE, "PR")
    made.ContentLabel, made.ContentDescription, made.ContentCreatorName = SURNAME, MARK, f"{MARK}^{GIVEN}"
    text, layer, notes = Dataset(), Dataset(), Dataset()
    text.UnformattedTextValue, text.BoundingBoxAnnotationUnits = f"{MARK}, {GIVEN}", "DISPLAY"
    text.AnchorPoint, text.AnchorPointVisibility = [1.0, float(NUMBER)], "N"
    notes.GraphicLayer, notes.TextObjectSequence = SURNAME, [text]
    layer.GraphicLayer, layer.GraphicLayerDescription, layer.GraphicLayerOrder = SURNAME, MARK, 1
    made.GraphicAnnotationSequence, made.GraphicLayerSequence = [notes], [layer]
    shown = Dataset()
    shown.LUTDescriptor, shown.LUTExplanation = [8, 0, 16], f"for {MARK}"
    shown.LUTData = MARK.encode().ljust(16)
    made.SoftcopyVOILUTSequence = [Dataset()]
    made.SoftcopyVOILUTSequence[0].VOILUTSequence = [shown]
    return made


def waveform() -> FileDataset:
    """An ECG whose annotations and samples name the patient."""
    made = _of_class(ECG, "ECG")
    note, channel, group = Dataset(), Dataset(), Dataset()
    note.UnformattedTextValue, note.AnnotationGroupNumber = f"{MARK}^{GIVEN}", 1
    made.WaveformAnnotationSequence = [note]
    channel.ChannelLabel, channel.WaveformBitsStored = MARK[:16], 16
    group.MultiplexGroupLabel, group.NumberOfWaveformChannels, group.NumberOfWaveformSamples = MARK, 1, 16
    group.SamplingFrequency, group.WaveformBitsAllocated = 500.0, 16
    group.WaveformSampleInterpretation, group.ChannelDefinitionSequence = "SS", [channel]
    group.add_new(0x54001010, "OW", MARK.encode().ljust(32))
    made.WaveformSequence = [group]
    return made


def enhanced() -> FileDataset:
    """Functional groups, shared and by frame, with words, references and private blocks in them."""
    made = pydicom.dcmread(str(get_testdata_file("eCT_Supplemental.dcm")))
    _name(made)
    for group in (*made.SharedFunctionalGroupsSequence, *made.PerFrameFunctionalGroupsSequence):
        content = Dataset()
        content.FrameComments, content.FrameLabel, content.FrameAcquisitionDateTime = f"{MARK}", GIVEN, BIRTH
        content.StackID = SURNAME
        content.DimensionIndexValues = list(MARK.encode())
        group.FrameContentSequence = [content]
        block = group.private_block(0x0021, f"{MARK} 1", create=True)
        block.add_new(1, "UT", MARK)
        block.add_new(2, "FD", float(NUMBER))
    return made


def palette() -> FileDataset:
    """Colours, the last entries of which spell the name."""
    made = pydicom.dcmread(str(get_testdata_file("OBXXXX1A.dcm")))
    _name(made)
    for colour in ("Red", "Green", "Blue"):
        table = f"{colour}PaletteColorLookupTableData"
        made[table].value = made[table].value[:-32] + f"{MARK} {GIVEN}".encode().ljust(32)
    return made


def foreign_alphabets() -> FileDataset:
    """One name in three groups, in ISO 2022, and the same in other elements."""
    made = pydicom.dcmread(str(get_testdata_file("CT_small.dcm")))
    _name(made)
    made.SpecificCharacterSet = ["", "ISO 2022 IR 87"]
    made.PatientName = f"{MARK}^{GIVEN}={KANJI}^{KANJI}=" + f"{KANJI}"
    made.ImageComments = made.ProtocolName = KANJI
    made.AcquisitionDeviceProcessingDescription = KANJI
    return made


def greek() -> FileDataset:
    """In UTF-8, the name turned round, in small letters, in parts, and with other signs between."""
    made = pydicom.dcmread(str(get_testdata_file("MR_small.dcm")))
    _name(made)
    made.SpecificCharacterSet = "ISO_IR 192"
    made.PatientName = f"{GREEK}^{GIVEN}^^Dr"
    made.ImageComments, made.SequenceName = f"{GIVEN.lower()} {GREEK.upper()}", GREEK
    made.ScanOptions, made.SoftwareVersions = [SURNAME, GIVEN], [GREEK[:8], GIVEN]
    made.SeriesDescription = GIVEN[::-1]
    made.Modality = "MR"
    return made


def odd_places() -> FileDataset:
    """Numbers, tags and bytes that spell the person, and pixels where no picture is."""
    made = pydicom.dcmread(str(get_testdata_file("CT_small.dcm")))
    _name(made)
    made.add_new(0x00189317, "CS", SURNAME)  # ReconstructionTargetCenter..., with the VR of another
    made.FrameIncrementPointer = int(NUMBER, 16)
    made.add_new(0x00280009, "AT", [int(NUMBER, 16), int(BIRTH, 16)])
    made.SpacingBetweenSlices = "7.7331955e7"
    made.add_new(0x00189306, "FD", float(NUMBER))  # SingleCollimationWidth
    made.add_new(0x00181318, "FL", float(NUMBER))
    made.add_new(0x00281201, "OW", MARK.encode().ljust(16))  # a palette of an image without palette
    made.add_new(0x00281101, "US", [8, 0, 16])
    made.add_new(0x00189344, "US", [*MARK.encode()])
    text = MARK.encode().ljust(16)
    made.add_new(0x00189461, "US", np.frombuffer(text, "<u2").tolist())  # FieldOfViewShape's neighbour
    inner, deep = Dataset(), Dataset()
    inner.Rows, inner.Columns, inner.BitsAllocated, inner.SamplesPerPixel = 4, 4, 8, 1
    inner.add_new(0x7FE00010, "OB", MARK.encode().ljust(16))
    deep.add_new(0x7FE00008, "OF", MARK.encode().ljust(16))
    inner.ReferencedImageSequence = [deep]
    made.ReferencedImageSequence = [inner]
    made.IconImageSequence = [inner]
    other = Dataset()
    other.PatientID, other.TypeOfPatientID = OTHER_NUMBER, "TEXT"
    made.OtherPatientIDsSequence = [other]
    made.add_new(0x00189307, "FD", float(OTHER_NUMBER))  # TotalCollimationWidth
    made.file_meta.SourceApplicationEntityTitle = SURNAME
    return made


def unknown_modality() -> FileDataset:
    """The name where a modality should stand."""
    return dataset(
        study="7",
        Modality=SURNAME,
        BodyPartExamined=SURNAME,
        PhotometricInterpretation=SURNAME,
        PatientID=NUMBER,
        ImageType=[SURNAME, GIVEN],
        SOPClassUID=f"{UID_MARK}.4",
        PatientName=f"{MARK}^{GIVEN}",
        PatientBirthDate=BIRTH,
        StudyDate=BIRTH,
        StudyInstanceUID=f"{UID_MARK}.6",
    )


def strange_words() -> FileDataset:
    """A slice that can be judged, the name where its kind, its part and its side should stand."""
    made = pydicom.dcmread(str(get_testdata_file("CT_small.dcm")))
    _name(made)
    made.Modality = made.BodyPartExamined = made.PatientPosition = made.ViewPosition = SURNAME
    made.ImageType, made.Laterality, made.BurnedInAnnotation = [SURNAME, GIVEN], SURNAME, SURNAME
    made.PatientOrientation = [SURNAME, GIVEN]
    return made


def named_by_plain_words() -> FileDataset:
    """Somebody whose name is a word of radiology, in elements whose words are otherwise kept."""
    made = dataset(study="8", PatientName="WHITE^FOOT", PatientID=NUMBER, PatientBirthDate=BIRTH)
    made.ScanOptions, made.SequenceName, made.Manufacturer = "WHITE", "FOOT", "WHITE"
    return made


def _name(made: Dataset) -> None:
    made.PatientName, made.PatientID, made.PatientBirthDate = f"{MARK}^{GIVEN}", NUMBER, BIRTH
    made.StudyInstanceUID, made.SOPInstanceUID = (
        f"{UID_MARK}.1",
        f"{UID_MARK}.{made.Rows}.{int.from_bytes(made.Modality.encode())}",
    )
    made.InstitutionName, made.ImageComments = MARK, f"{GIVEN} has moved"


def _directory(folder: Path) -> None:
    """A DICOMDIR with records of the person, as a disc for patients has."""
    folder.mkdir(parents=True)
    one = pydicom.dcmread(str(get_testdata_file("CT_small.dcm")))
    _name(one)
    files = FileSet()
    files.ID = SURNAME
    files.add(one)
    files.write(folder)


MAKERS: dict[str, Callable[[], Dataset]] = {
    "every element": lambda: planted_everywhere(sequences=16),
    "letter": encapsulated_pdf,
    "report": structured_report,
    "notes": presentation_state,
    "ecg": waveform,
    "enhanced": enhanced,
    "palette": palette,
    "alphabets": foreign_alphabets,
    "greek": greek,
    "odd places": odd_places,
    "unknown modality": unknown_modality,
    "strange words": strange_words,
    "plain words": named_by_plain_words,
}
