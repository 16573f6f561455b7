"""Every rule that holds a header against pixels or files of a series against each other.

Rules on the header alone are in ``simgrid.dicom.iod.rules``, and have the same form.
"""

from __future__ import annotations

from collections.abc import Mapping

from simgrid.dicom.finding import Finding, FindingSeverity
from simgrid.dicom.iod.rules import Rule

_ROWS: tuple[tuple[str, FindingSeverity, str, str, str], ...] = (
    (
        "pixel-bytes-left-over",
        "warning",
        "the pixel element holds more bytes than its frames need",
        "check NumberOfFrames, Rows, Columns and BitsAllocated",
        "PS3.5 8",
    ),
    (
        "field-of-view",
        "warning",
        "spacing times size is no field of view that the modality can have",
        "measure nothing on the image before the spacing is corrected",
        "ours",
    ),
    (
        "rescale-negative",
        "warning",
        "the rescale turns the image over, which PhotometricInterpretation is for",
        "check the slope",
        "ours",
    ),
    (
        "blank-image",
        "warning",
        "every pixel has the same value",
        "repeat the acquisition, or delete the image if nothing was acquired",
        "ours",
    ),
    (
        "bits-unused",
        "warning",
        "the pixels have fewer than 48 different values although ten bits or more are declared",
        "check whether contrast was lost on the way",
        "ours",
    ),
    (
        "window-misses-image",
        "warning",
        "the stored display window shows almost none of the pixels: viewers open on black or white",
        "correct the window; the pixels may be good",
        "ours",
    ),
    (
        "hounsfield-units",
        "warning",
        "a CT without air and without an intercept: stored values are taken for Hounsfield units",
        "write RescaleIntercept, mostly -1024",
        "C.8.2.1",
    ),
    (
        "inverted-appearance",
        "warning",
        "the air around the patient is bright",
        "check PhotometricInterpretation and the sign of the rescale",
        "ours",
    ),
    (
        "body-part-contradicts",
        "warning",
        "the body part that is named cannot look like this",
        "correct BodyPartExamined before the study is assigned",
        "ours",
    ),
    (
        "body-part-against-organs",
        "warning",
        "an organ is seen that is not in the body part named",
        "check that the right part was scanned and named",
        "ours",
    ),
    (
        "organ-cut-off",
        "note",
        "an organ lies on the picture's edge",
        "check whether the field of view holds what was asked for",
        "ours",
    ),
    (
        "duplicate-instance",
        "warning",
        "two files have one SOPInstanceUID",
        "keep one, or give a new UID if they hold different images",
        "PS3.5 9",
    ),
    (
        "slices-missing",
        "warning",
        "slices of a series leave a gap of a multiple of their spacing",
        "look for the missing files at the scanner",
        "ours",
    ),
    (
        "slices-doubled",
        "warning",
        "two slices of a series lie in one place, with the same orientation, time and kind",
        "check whether a slice was sent twice under another UID",
        "ours",
    ),
    (
        "slices-uneven",
        "note",
        "distances between the slices of a series differ",
        "nothing, where the protocol has it so; reformatting needs even distances",
        "ours",
    ),
)
RULES: Mapping[str, Rule] = {row[0]: Rule(*row) for row in _ROWS}


def finding(rule: str, tag: str, place: str, message: str) -> Finding:
    """A finding by a rule of this room; ``message`` begins after the element's name."""
    known = RULES[rule]
    return Finding(
        rule, tag, place, known.severity, f"{place.partition(',')[0]} {tag} {message}: {known.way_out}"
    )
