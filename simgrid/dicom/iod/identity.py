"""Whether a file says one thing about what it is: file meta information, UIDs, modality, side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files

from pydicom.dataset import Dataset, FileDataset

from simgrid.dicom.finding import Finding
from simgrid.dicom.iod.elements import filled, get, named, tag_of, tags, text, texts, vr
from simgrid.dicom.iod.requirements import modules
from simgrid.dicom.iod.rules import finding

_CLASS, _INSTANCE = tag_of("SOPClassUID"), tag_of("SOPInstanceUID")
_META_CLASS, _META_INSTANCE = tag_of("MediaStorageSOPClassUID"), tag_of("MediaStorageSOPInstanceUID")
_META_LENGTH = tag_of("FileMetaInformationGroupLength")
_META_TYPE_1 = tuple(
    tag_of(one)
    for one in (
        *("FileMetaInformationVersion", "MediaStorageSOPClassUID", "MediaStorageSOPInstanceUID"),
        *("TransferSyntaxUID", "ImplementationClassUID"),
    )
)
_OWN_UIDS = tuple(
    tag_of(one) for one in ("SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID")
)
_MODALITY, _BODY_PART = tag_of("Modality"), tag_of("BodyPartExamined")
_LATERALITY, _IMAGE_LATERALITY = tag_of("Laterality"), tag_of("ImageLaterality")
_CHARACTER_SET = tag_of("SpecificCharacterSet")
_IN_CHARACTER_SET = frozenset({"SH", "LO", "ST", "LT", "UC", "UT", "PN"})
_MODALITIES: Mapping[str, tuple[str, ...]] = {
    "computed-radiography-image": ("CR",),
    "ct-image": ("CT",),
    "enhanced-ct-image": ("CT",),
    "legacy-converted-enhanced-ct-image": ("CT",),
    "mr-image": ("MR",),
    "enhanced-mr-image": ("MR",),
    "enhanced-mr-color-image": ("MR",),
    "legacy-converted-enhanced-mr-image": ("MR",),
    "digital-x-ray-image": ("DX", "PX"),
    "digital-mammography-x-ray-image": ("MG",),
    "digital-intra-oral-x-ray-image": ("IO",),
    "breast-tomosynthesis-image": ("MG",),
    "ultrasound-image": ("US", "IVUS"),
    "ultrasound-multi-frame-image": ("US", "IVUS"),
    "nuclear-medicine-image": ("NM",),
    "positron-emission-tomography-image": ("PT",),
    "enhanced-pet-image": ("PT",),
    "x-ray-angiographic-image": ("XA",),
    "x-ray-radiofluoroscopic-image": ("RF",),
    "rt-dose": ("RTDOSE",),
    "rt-image": ("RTIMAGE",),
    "rt-plan": ("RTPLAN",),
    "rt-ion-plan": ("RTPLAN",),
    "rt-structure-set": ("RTSTRUCT",),
    "segmentation": ("SEG",),
    "basic-text-sr": ("SR",),
    "enhanced-sr": ("SR",),
    "comprehensive-sr": ("SR",),
    "key-object-selection-document": ("KO",),
    "12-lead-ecg": ("ECG",),
    "general-ecg": ("ECG",),
}


def sop_class_of(dataset: Dataset) -> str:
    """The SOP class: the dataset's, else the file meta information's (a DICOMDIR has only that one)."""
    told = text(dataset, _CLASS)
    meta = getattr(dataset, "file_meta", None)
    return told or (text(meta, _META_CLASS) if isinstance(meta, Dataset) else "")


def check_identity(dataset: Dataset, iod: str | None) -> Iterator[Finding]:
    """What the file says it is, and whether it says so everywhere."""
    yield from _sop_class(dataset, iod)
    yield from _meta(dataset)
    yield from _same_uids(dataset)
    yield from _modality(dataset, iod)
    if iod is not None and "image-pixel" in modules(iod) and "enhanced" not in iod:
        yield from _laterality(dataset)
    yield from _character_set(dataset)


def _sop_class(dataset: Dataset, iod: str | None) -> Iterator[Finding]:
    sop_class = sop_class_of(dataset)
    if not sop_class:
        yield finding("sop-class-missing", _CLASS, "", "is missing or empty, here and in the file meta")
    elif iod is None:
        yield finding("sop-class-unknown", _CLASS, "", "names a kind of file that the tables do not know")


def _meta(dataset: Dataset) -> Iterator[Finding]:
    meta = getattr(dataset, "file_meta", None)
    if not isinstance(meta, Dataset) or not len(meta):
        return  # a dataset from the network, or an old file without: the reading of the file tells
    counted = (_META_LENGTH,) if isinstance(dataset, FileDataset) else ()  # the writer counts it
    for tag in (*counted, *_META_TYPE_1):
        if not filled(meta, tag):
            state = "empty" if tag in meta else "missing"
            yield finding("meta-missing", tag, "file meta information", f"is {state} (type 1)")
    for inside, outside in ((_CLASS, _META_CLASS), (_INSTANCE, _META_INSTANCE)):
        if filled(dataset, inside) and filled(meta, outside) and text(dataset, inside) != text(meta, outside):
            yield finding("meta-differs", outside, "file meta information", "is not the dataset's")


def _same_uids(dataset: Dataset) -> Iterator[Finding]:
    seen: dict[str, int] = {}
    for tag in _OWN_UIDS:
        uid = text(dataset, tag)
        if uid and uid in seen:
            yield finding("same-uid", tag, "", f"is the same as {named(seen[uid])}")
        seen.setdefault(uid, tag)


def _modality(dataset: Dataset, iod: str | None) -> Iterator[Finding]:
    allowed = _MODALITIES.get(iod or "")
    said = text(dataset, _MODALITY)
    if allowed and said and said not in allowed:
        yield finding(
            "modality-contradicts", _MODALITY, "", f"is not {' or '.join(allowed)}, as the SOP class asks"
        )


@cache
def paired() -> Mapping[str, bool]:
    """BodyPartExamined to whether it is one of a pair (PS3.16 annex L)."""
    text_ = (files("simgrid.dicom.iod") / "tables" / "body_parts.csv").read_text(encoding="utf-8")
    rows = (line.split(",") for line in text_.splitlines()[1:])
    return {name: one_of_two == "yes" for name, one_of_two in rows}


def _laterality(dataset: Dataset) -> Iterator[Finding]:
    series, image = text(dataset, _LATERALITY), text(dataset, _IMAGE_LATERALITY)
    if {series, image} == {"L", "R"}:
        yield finding("laterality-contradicts", _LATERALITY, "", "and ImageLaterality name different sides")
    is_paired = paired().get(text(dataset, _BODY_PART).upper())
    if is_paired is False and series:
        yield finding("not-allowed-here", _LATERALITY, "", "names a side of a body part that has none")
    if _LATERALITY in dataset or _IMAGE_LATERALITY in dataset:
        return
    if is_paired:
        yield finding(
            "laterality-missing", _LATERALITY, "", "is missing, and so is ImageLaterality (type 2C)"
        )
    elif is_paired is None:
        message = "is missing, and BodyPartExamined does not tell whether a side is needed (type 2C)"
        yield finding("laterality-undecided", _LATERALITY, "", message)


def _character_set(dataset: Dataset) -> Iterator[Finding]:
    if filled(dataset, _CHARACTER_SET):
        return
    for tag in tags(dataset):
        element = get(dataset, tag)
        if (
            element is not None
            and not tag >> 16 & 1
            and vr(element) in _IN_CHARACTER_SET
            and any(not one.isascii() for one in texts(element))
        ):
            yield finding("character-set-missing", tag, "", "has characters beyond ASCII")
            return
