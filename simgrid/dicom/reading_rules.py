"""The rules by which reading a file finds fault with it; ``pixels`` and what it stands on apply them."""

from __future__ import annotations

from collections.abc import Mapping

from simgrid.dicom.finding import Finding, FindingSeverity
from simgrid.dicom.iod.rules import Rule

_SEND_AGAIN = "send the file again from its source"
_ROWS: tuple[tuple[str, FindingSeverity, str, str], ...] = (
    ("truncated", "error", "the file ends before its elements or pixels do", _SEND_AGAIN),
    ("damaged-header", "error", "the header cannot be read", _SEND_AGAIN),
    ("damaged-file", "error", "reading it fails in a way that no other rule names", _SEND_AGAIN),
    ("too-large", "error", "the file, or what it inflates to, is larger than is read", "split it"),
    ("no-preamble", "warning", "the file lacks DICOM's first 132 bytes", "write it as DICOM PS3.10 asks"),
    ("size-missing", "error", "rows or columns are missing", _SEND_AGAIN),
    ("size-absurd", "error", "more pixels or frames are announced than is read", "correct the header"),
    (
        "size-differs",
        "error",
        "the decoded frame has another size than the header says",
        "correct Rows, Columns",
    ),
    ("samples-unreadable", "error", "neither one nor three samples a pixel", "convert the image"),
    ("bits-allocated-unreadable", "error", "no number of allocated bits that is read", "convert the image"),
    ("bits-stored-impossible", "error", "more bits are stored than allocated, or none", "correct BitsStored"),
    ("pixels-missing", "error", "the pixel element of an image is empty", _SEND_AGAIN),
    ("pixel-data-truncated", "error", "fewer pixel bytes than the frames need", _SEND_AGAIN),
    ("fragments-missing", "error", "a compressed frame has no data", _SEND_AGAIN),
    ("fragments-damaged", "error", "the chain of compressed fragments breaks", _SEND_AGAIN),
    ("codestream-absurd", "error", "a compressed frame announces a size that cannot be", _SEND_AGAIN),
    (
        "codestream-size",
        "error",
        "a compressed frame has another size than the header",
        "correct Rows, Columns",
    ),
    ("pixels-undecodable", "error", "no decoder can read the pixels", "send them uncompressed"),
    ("decoder-died", "error", "the process that decoded it ended or did not end in time", _SEND_AGAIN),
    ("pixels-not-finite", "warning", "pixels are no numbers; an error if none is", "look after the software"),
    ("beyond-bits-stored", "warning", "values need more bits than are stored", "correct BitsStored"),
    (
        "rescale-unusable",
        "warning",
        "the slope is missing, zero or no number: stored values are judged",
        "correct it",
    ),
    (
        "modality-lut-unusable",
        "warning",
        "the modality table cannot be applied",
        "correct ModalityLUTSequence",
    ),
    ("palette-unusable", "warning", "the colour palette cannot be applied", "correct the palette"),
    (
        "frames-unreadable",
        "warning",
        "NumberOfFrames is no whole number above 0: one frame is read",
        "correct it",
    ),
    ("frames-sampled", "note", "a long film: frames at equal distances are judged", "nothing"),
)
RULES: Mapping[str, Rule] = {row[0]: Rule(*row, source="ours") for row in _ROWS}


def sampled(judged: int, of: int) -> Finding:
    """Of a film, only some frames were judged."""
    said = f"{judged} of {of} frames were judged, at equal distances"
    return Finding("frames-sampled", "(0028,0008)", "NumberOfFrames", "note", said)
