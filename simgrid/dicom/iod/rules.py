"""Every rule for headers: its name, how bad a breach is, what it means, the way out, and where it is from.

Sections are those of DICOM PS3.3 unless another part is named. ``warning`` is for what readers of images live
with; ``note`` for what cannot be decided from the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from simgrid.dicom.finding import Finding, FindingSeverity
from simgrid.dicom.iod.elements import named, written


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; ``source`` is the section of the standard, or says that the rule is ours."""

    name: str
    severity: FindingSeverity
    meaning: str
    way_out: str
    source: str


_ROWS: tuple[tuple[str, FindingSeverity, str, str, str], ...] = (
    (
        "type-1-missing",
        "error",
        "an element that must be there with a value is not there",
        "add it with its value at the modality or gateway",
        "PS3.5 7.4.1",
    ),
    ("type-1-empty", "error", "an element that must have a value is empty", "fill it in", "PS3.5 7.4.1"),
    (
        "type-2-missing",
        "error",
        "an element that may be empty but must be there is not there",
        "add it, empty where the value is not known",
        "PS3.5 7.4.3",
    ),
    (
        "type-1c-missing",
        "error",
        "an element is not there although its condition, decided from the file, demands a value",
        "add it with its value",
        "PS3.5 7.4.2",
    ),
    (
        "type-1c-empty",
        "error",
        "a conditional element is there without a value; it must have one or be left out",
        "fill it in or leave it out",
        "PS3.5 7.4.2",
    ),
    (
        "type-2c-missing",
        "error",
        "an element is not there although its condition, decided from the file, demands it",
        "add it, empty where the value is not known",
        "PS3.5 7.4.4",
    ),
    (
        "laterality-undecided",
        "note",
        "no side is given, and the header does not say whether the body part is one of a pair",
        "name the body part, or give Laterality or ImageLaterality",
        "C.7.3.1",
    ),
    (
        "laterality-missing",
        "error",
        "the body part is one of a pair and no element tells the side",
        "give Laterality or ImageLaterality",
        "C.7.3.1",
    ),
    (
        "laterality-contradicts",
        "error",
        "two elements name different sides",
        "correct the wrong one before anybody reads the images",
        "C.7.3.1, C.7.6.1",
    ),
    (
        "not-allowed-here",
        "warning",
        "an element is there that its condition forbids",
        "remove it",
        "PS3.5 7.4.2",
    ),
    (
        "functional-group-missing",
        "error",
        "an enhanced image lacks a group of elements that each of its frames must have",
        "add the group, shared or for each frame",
        "C.7.6.16",
    ),
    (
        "frames-and-groups-differ",
        "error",
        "the number of frames is not the number of per-frame groups",
        "correct NumberOfFrames or the groups",
        "C.7.6.16",
    ),
    (
        "value-not-permitted",
        "error",
        "a value is not one of those that the standard lists for the element",
        "give it a permitted value",
        "the element's own section",
    ),
    (
        "value-form",
        "error",
        "a value is not written as its value representation asks: characters, length or form",
        "write the value in the form of its value representation",
        "PS3.5 6.2",
    ),
    (
        "date-or-time",
        "error",
        "a date or time is not written as YYYYMMDD or HHMMSS, or does not exist",
        "write an existing date or time in DICOM's form",
        "PS3.5 6.2",
    ),
    (
        "uid-syntax",
        "error",
        "a UID has other characters than digits and dots, a component with a leading zero, no valid root, "
        "or more than 64 characters",
        "make a valid UID and use it in every file that refers to it",
        "PS3.5 9.1",
    ),
    (
        "vr-differs",
        "warning",
        "the file names another value representation than the standard's dictionary",
        "write the element with the dictionary's value representation",
        "PS3.6 6",
    ),
    (
        "multiplicity",
        "error",
        "an element has fewer or more values than the dictionary allows",
        "give as many values as the dictionary says",
        "PS3.6 6",
    ),
    (
        "same-uid",
        "warning",
        "one UID stands for two different things",
        "give each its own UID",
        "PS3.5 9",
    ),
    (
        "sop-class-missing",
        "error",
        "nothing tells what kind of file this is",
        "write SOPClassUID",
        "C.12.1",
    ),
    (
        "sop-class-unknown",
        "note",
        "the kind of file is private, retired or newer than the tables; only general rules were applied",
        "nothing, where a private or retired kind is meant",
        "PS3.4 B.5",
    ),
    (
        "modality-contradicts",
        "error",
        "Modality is not one that this kind of file can come from",
        "correct Modality or SOPClassUID",
        "A",
    ),
    (
        "meta-missing",
        "error",
        "the file meta information lacks an element that it must have",
        "write the file with complete file meta information",
        "PS3.10 7.1",
    ),
    (
        "meta-differs",
        "error",
        "the file meta information and the dataset name different classes or instances",
        "write the file meta information from the dataset",
        "PS3.10 7.1",
    ),
    (
        "orientation",
        "error",
        "the directions of rows and columns are not two perpendicular unit vectors",
        "take the orientation from the scanner again",
        "C.7.6.2.1.1",
    ),
    (
        "spacing",
        "error",
        "a distance between pixels is zero, negative or no number",
        "take the spacing from the scanner again",
        "C.7.6.2, 10.7",
    ),
    (
        "photometric-interpretation",
        "error",
        "PhotometricInterpretation does not go with SamplesPerPixel or with this kind of file",
        "correct the one that is wrong",
        "C.7.6.3.1.2",
    ),
    (
        "pixel-description",
        "error",
        "the elements that describe a pixel contradict each other",
        "correct BitsAllocated, BitsStored, HighBit or PixelRepresentation",
        "C.7.6.3, PS3.5 8.1.1",
    ),
    (
        "window",
        "error",
        "a display window has no positive width, or centre and width differ in number",
        "write WindowCenter and WindowWidth in pairs, the width positive",
        "C.11.2.1.2",
    ),
    (
        "character-set-missing",
        "warning",
        "text has other characters than ASCII and no element says in which character set",
        "write SpecificCharacterSet",
        "C.12.1",
    ),
    (
        "overlay",
        "error",
        "an overlay lacks an element that it must have",
        "complete the overlay or remove it",
        "C.9.2",
    ),
    (
        "header-unreadable",
        "error",
        "the header ends in bytes that cannot be read",
        "send the file again from its source",
        "ours",
    ),
    (
        "header-too-deep",
        "warning",
        "sequences are nested deeper than is looked at",
        "nothing, unless the nesting is a mistake",
        "ours",
    ),
)
RULES: Mapping[str, Rule] = {row[0]: Rule(*row) for row in _ROWS}


def finding(rule: str, tag: int, path: str, message: str, severity: FindingSeverity | None = None) -> Finding:
    """A finding by a rule of this room; ``path`` is of the item that holds the element, empty at the top.

    ``message`` begins after the element's name; the rule's way out is added.
    """
    known = RULES[rule]
    place = f"{path} > {named(tag)}" if path else named(tag)
    said = f"{named(tag)} {written(tag)} {message}: {known.way_out}"
    return Finding(rule, written(tag), place, severity or known.severity, said)
