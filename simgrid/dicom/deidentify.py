"""A DICOM file without the person: the basic profile of PS3.15, and a stricter rule where it is silent.

The profile names attributes; an identifier may stand in any other. So what the table does not name stays only
if it cannot name anyone: numbers, dates moved on demand, codes of published schemes with the meaning that the
scheme gives them, and texts made of ``tables/plain_words.txt``. Everything is written anew: file meta,
preamble and pixel data (decoded, so that no comment of a compressed stream passes).

What repeats a name or number by which the header names anyone goes wherever it stands, see ``named_by``.

What it cannot do: a face that can be rendered from a head scan stays; text drawn into the pixels is found by
``burned_in``, which says what it misses; a number that stands for someone and is nowhere named as such stays.
A document inside the file (a PDF, a model) cannot be cleaned, and no such file is written.
"""

from __future__ import annotations

import io
import logging
import re
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydicom import dcmread
from pydicom._uid_dict import UID_dictionary
from pydicom.datadict import dictionary_has_tag, keyword_for_tag
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.multival import MultiValue
from pydicom.uid import UID, ExplicitVRLittleEndian

from simgrid import __version__
from simgrid.dicom import profile
from simgrid.dicom.burned_in import Blanking, blank_text, text_areas
from simgrid.dicom.clean_pixels import PixelsUnclean, rewrite_pixels
from simgrid.dicom.coded import OF_A_CODE, dummy_code, published
from simgrid.dicom.dates import moved
from simgrid.dicom.look_up import cut_as_described, is_look_up, palette_whole
from simgrid.dicom.named_by import named_by
from simgrid.dicom.one_file import read_header
from simgrid.dicom.opening import Unusable
from simgrid.dicom.profile import Action, Kind
from simgrid.dicom.pseudonyms import Pseudonyms

logging.getLogger("pydicom").addHandler(logging.NullHandler())  # its warnings repeat values of the file

IMPLEMENTATION = UID("2.25.305432921873302340268155349023416781412")  # ours, drawn once
_BULK_KEPT = frozenset({"PixelData", "FloatPixelData", "DoubleFloatPixelData"})
_BULK = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "UN"})
_NUMBERS = frozenset({"US", "SS", "UL", "SL", "UV", "SV", "FL", "FD"})
_DATES = frozenset({"DA", "DT", "TM"})
_DECIMAL = re.compile(r"\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\s*")
_DUMMY: dict[str, Any] = {
    **dict.fromkeys(("US", "SS", "UL", "SL", "UV", "SV", "IS"), 0),
    **dict.fromkeys(("FL", "FD", "DS"), 0.0),
    **{"DA": "19000101", "TM": "000000", "DT": "19000101000000", "AS": "000Y", "CS": "OTHER"},
    **dict.fromkeys(_BULK, b"\0\0"),
    "AT": 0,
}
_DEEPEST = 32
_PATIENT = 0x0010  # what is in this group and not in the table tells of the patient all the same
_OF_THE_PICTURE = 0x0028  # its words and counts are read by every program, and are the standard's own


class CannotBeDeidentified(ValueError):
    """Why a file is not written: ``reason`` can be counted; no text of the file is repeated."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason, self.detail = reason, detail


@dataclass(frozen=True, slots=True)
class Options:
    """``shift_dates``: dates move by a patient's own number of days, and intervals stay; else they go.

    ``blanking``: in which images drawn text is looked for and blanked, see ``burned_in``.
    """

    shift_dates: bool = False
    blanking: Blanking = "usual"


@dataclass(frozen=True, slots=True)
class Deidentified:
    """``content``: the bytes of the new file. ``name``: one for it, by its new SOPInstanceUID.

    ``removed``, ``replaced``: how many elements; ``boxes``: pixel regions blanked. ``drawn_text``: whether
    text may be drawn into these pixels, so that a person has to look. ``text_left``: text-like areas found
    and not blanked, since the usual blanking leaves this kind of image alone.
    """

    content: bytes
    name: str
    removed: int
    replaced: int
    boxes: int
    drawn_text: bool
    text_left: int


def deidentify_file(path: Path, pseudonyms: Pseudonyms, options: Options | None = None) -> Deidentified:
    """The file without identity.

    Raises:
        CannotBeDeidentified: not DICOM, damaged, or its pixels cannot be decoded; nothing else.
    """
    try:
        read_header(path, "")  # refuses what is cut, inflates without end, or is no DICOM
    except Unusable as why:
        if why.reason not in ("no pixel data", "no StudyInstanceUID"):
            raise CannotBeDeidentified(why.reason, why.detail) from None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            dataset = dcmread(path)
            made, count = deidentify(dataset, pseudonyms, options or Options())
            return _written(made, pseudonyms, count)
        except CannotBeDeidentified:
            raise
        except PixelsUnclean as error:
            raise CannotBeDeidentified("pixels", str(error)) from None
        except RecursionError:
            raise CannotBeDeidentified("damaged header", "sequences are nested without end") from None
        except Exception as error:  # hostile bytes can fail anywhere in the parser
            raise CannotBeDeidentified("damaged", f"pydicom fails with {type(error).__name__}") from None


@dataclass(slots=True)
class Count:
    """What a pass did; see ``Deidentified``."""

    removed: int = 0
    replaced: int = 0
    boxes: int = 0
    drawn_text: bool = False
    text_left: int = 0


def deidentify(dataset: Dataset, pseudonyms: Pseudonyms, options: Options) -> tuple[Dataset, Count]:
    """The data set without identity, its pixels uncompressed; ``dataset`` may be changed on the way.

    Raises:
        PixelsUnclean: its pixels cannot be decoded, so nobody knows what their bytes hold.
        CannotBeDeidentified: it holds a document, or sequences without end.
    """
    count = Count()
    if "EncapsulatedDocument" in dataset and not _BULK_KEPT.intersection(
        map(keyword_for_tag, dataset.keys())
    ):
        raise CannotBeDeidentified(
            "encapsulated document", "what is written in it cannot be cleaned, and without it nothing is left"
        )
    rewrite_pixels(dataset)
    if "PixelData" in dataset:
        count.boxes, count.drawn_text = blank_text(dataset, options.blanking)
        if options.blanking == "usual" and not count.drawn_text:
            count.text_left = text_areas(dataset)
    walk = _Walk(dataset, pseudonyms, options, count)
    made = walk.cleaned(dataset, ())
    _describe(made, options, count)
    return made, count


class _Walk:
    """Goes through a data set and its sequences once, building a new one."""

    def __init__(self, dataset: Dataset, pseudonyms: Pseudonyms, options: Options, count: Count) -> None:
        self.pseudonyms, self.options, self.count = pseudonyms, options, count
        self.kinds = profile.kinds(str(dataset.get("SOPClassUID", "")))
        self.words, self.table = profile.plain_words(), profile.table()
        self.patient = _text(dataset, "PatientID") or _text(dataset, "PatientName")
        self.named = named_by(dataset)

    def cleaned(self, dataset: Dataset, path: tuple[str, ...]) -> Dataset:
        if len(path) > _DEEPEST:
            raise CannotBeDeidentified("damaged header", f"sequences are nested deeper than {_DEEPEST}")
        made = Dataset()
        for tag in sorted(dataset.keys()):
            try:
                element = dataset[tag]
                if is_look_up(element.keyword) and not cut_as_described(dataset, element):
                    self.count.removed += 1
                    continue
            except Exception:  # a value that is none of its kind may be anything
                self.count.removed += 1
                continue
            kept = self._element(element, path)
            if kept is None:
                self.count.removed += 1
            else:
                made.add(kept)
        return made

    def _element(self, element: DataElement, path: tuple[str, ...]) -> DataElement | None:
        place = (*path, element.keyword)
        kind = self.kinds.get(place, "3")
        action = profile.listed(int(element.tag), kind, element.VR)
        if action is None or (
            self.options.shift_dates and element.VR in _DATES and int(element.tag) in self.table
        ):
            action, value = self._unlisted(element, place, kind)
        elif action == "walk":
            value = self._items(element, place)
        else:
            value = self._replaced(element, action)
        if action == "remove":
            return None
        self.count.replaced += action != "keep"
        return DataElement(element.tag, element.VR, value, already_converted=element.VR == "SQ")

    def _replaced(self, element: DataElement, action: Action) -> Any:
        if action == "uid":
            return _each(element.value, lambda one: self.pseudonyms.uid(str(one)))
        if element.keyword in ("PatientID", "PatientName"):
            return self.pseudonyms.name("patient", self.patient)
        if action == "dummy" and element.VR != "SQ":
            return self._dummy(element)
        return [] if element.VR == "SQ" else None

    def _unlisted(self, element: DataElement, place: tuple[str, ...], kind: Kind) -> tuple[Action, Any]:
        """What stays of an attribute that the table does not name."""
        vr, value = element.VR, element.value
        if vr == "SQ":
            items = self._items(element, place)
            return ("walk", items) if items or kind != "3" else ("remove", None)
        if value is None or value == "" or (isinstance(value, MultiValue) and not len(value)):
            return "keep", value
        if vr == "UI":
            return "uid", _each(value, self._uid)
        if vr in _DATES and self.options.shift_dates and (to := self._moved(element)) is not None:
            return "dummy", to
        if int(element.tag) >> 16 != _PATIENT and self._says_nothing(element, place, kind):
            return "keep", value
        action = profile.by_kind(kind)
        if vr == "CS" and kind == "1":
            return "dummy", self._known_words(value)
        return action, self._dummy(element) if action == "dummy" else None

    def _says_nothing(self, element: DataElement, place: tuple[str, ...], kind: Kind) -> bool:
        """Whether a value cannot name anyone."""
        vr, parts = element.VR, _parts(element.value)
        if vr == "AT":
            return all(dictionary_has_tag(one) for one in parts)
        if vr in _NUMBERS or vr in ("DS", "IS"):
            shown = [str(getattr(one, "original_string", one)) for one in parts]
            if vr in ("DS", "IS") and not all(_DECIMAL.fullmatch(one) for one in shown):
                return False
            needed = kind == "1" and vr == "US" and int(element.tag) >> 16 == _OF_THE_PICTURE
            return needed or not (any(map(self.named.is_number, parts)) or self.named.is_spelled_by(parts))
        if vr in _BULK:
            return self._bulk_stays(element, place)
        if vr in _DATES or vr in ("PN", "AS"):
            return False
        words = {str(one).strip().upper() for one in parts} - {""}
        structural = int(element.tag) >> 16 == _OF_THE_PICTURE or element.keyword == "Modality"
        return words <= self.words and (structural or not words & self.named.words)

    def _bulk_stays(self, element: DataElement, place: tuple[str, ...]) -> bool:
        """The image's own pixels; look-up tables in which nobody's name is spelled."""
        if element.keyword in _BULK_KEPT:
            return len(place) == 1
        table = bytes(element.value or b"")
        return is_look_up(element.keyword) and not self.named.is_spelled_in(table)

    def _known_words(self, value: Any) -> list[str]:
        """The words that are known, another word for the others: a type 1 attribute keeps its count."""
        words = [str(one).strip() for one in _parts(value)]
        return [one if one in self.words or not one else "OTHER" for one in words]

    def _items(self, element: DataElement, place: tuple[str, ...]) -> list[Dataset]:
        items = [one for one in element.value or () if isinstance(one, Dataset)]
        needed = self.kinds.get(place) == "1"
        made = []
        for one in items:
            cleaned = self.cleaned(one, place)
            if "CodingSchemeDesignator" in one:
                code = published(one) or (dummy_code() if needed else None)
                if code is None:
                    continue
                for tag in OF_A_CODE.intersection(cleaned.keys()):
                    del cleaned[tag]
                cleaned.update(code)
            made.append(cleaned)
        return made

    def _uid(self, value: Any) -> str:
        known = UID_dictionary.get(str(value))
        return str(value) if known else self.pseudonyms.uid(str(value))

    def _moved(self, element: DataElement) -> Any:
        if element.keyword.startswith("PatientBirth"):
            return None
        to = [
            moved(str(one), element.VR, self.pseudonyms.days(self.patient)) for one in _parts(element.value)
        ]
        return None if None in to else to

    def _dummy(self, element: DataElement) -> Any:
        if element.VR == "UI":
            return self.pseudonyms.uid(str(element.value))
        many = len(element.value) if isinstance(element.value, MultiValue) else 1
        dummy = _DUMMY.get(element.VR, "REMOVED")
        return dummy if many == 1 else [dummy] * many


def _describe(made: Dataset, options: Options, count: Count) -> None:
    """Say in the file what was done to it (PS3.15, E.1.1)."""
    made.PatientIdentityRemoved = "YES"
    made.DeidentificationMethod = f"simgrid-telerad {__version__}, PS3.15 2026c basic profile"
    methods = [("113100", "Basic Application Confidentiality Profile")]
    if count.boxes:
        methods.append(("113101", "Clean Pixel Data Option"))
    if options.shift_dates:
        methods.append(("113107", "Retain Longitudinal Temporal Information Modified Dates Option"))
    made.DeidentificationMethodCodeSequence = [_code(*one) for one in methods]
    made.LongitudinalTemporalInformationModified = "MODIFIED" if options.shift_dates else "REMOVED"


def _code(value: str, meaning: str) -> Dataset:
    made = Dataset()
    made.CodeValue, made.CodingSchemeDesignator, made.CodeMeaning = value, "DCM", meaning
    return made


def _written(made: Dataset, pseudonyms: Pseudonyms, count: Count) -> Deidentified:
    if made.get("PhotometricInterpretation") == "PALETTE COLOR" and not palette_whole(made):
        raise CannotBeDeidentified(
            "palette", "its colours are in segments, of another length than described, or spell a name"
        )
    if "SOPClassUID" not in made:
        raise CannotBeDeidentified("no SOPClassUID", "nobody can read a file without it")
    if not made.get("SOPInstanceUID"):  # an empty one would be shared by all such files
        made.SOPInstanceUID = pseudonyms.uid(repr(sorted(made.keys())))
    return Deidentified(
        to_bytes(made),
        pseudonyms.name("file", str(made.SOPInstanceUID)),
        count.removed,
        count.replaced,
        count.boxes,
        count.drawn_text,
        count.text_left,
    )


def to_bytes(dataset: Dataset) -> bytes:
    """A file of explicit little endian, its preamble empty and its meta information ours."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = IMPLEMENTATION
    meta.ImplementationVersionName = "SIMGRID_TELERAD"
    dataset.file_meta = meta
    written = io.BytesIO()
    dataset.save_as(written, enforce_file_format=True, implicit_vr=False, little_endian=True)
    return written.getvalue()


def _text(dataset: Dataset, keyword: str) -> str:
    try:
        return str(dataset.get(keyword) or "").strip()
    except Exception:
        return ""


def _parts(value: Any) -> list[Any]:
    return list(value) if isinstance(value, MultiValue | list) else [value]


def _each(value: Any, change: Any) -> Any:
    if value is None or value == "":
        return value
    made = [change(one) for one in _parts(value)]
    return made if isinstance(value, MultiValue) else made[0]
