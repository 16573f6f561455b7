"""One DICOM file to planes of numbers: the door through which every image comes, whoever sent it.

What can be wrong with a file is a finding or a reason, never an exception. Sizes are believed only after they
have been held against the bytes that are there. ``apart`` does the same in a process of its own, for files
that nobody vouches for.
"""

from __future__ import annotations

import logging
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from simgrid.dicom.decoding import decoded, pixel_element
from simgrid.dicom.finding import Finding
from simgrid.dicom.geometry import Undecodable, error
from simgrid.dicom.header import Header, header_of, whole
from simgrid.dicom.iod import check_header
from simgrid.dicom.opening import UNDEFINED, Opened, Unusable, open_file
from simgrid.dicom.units import Plane, planes

logging.getLogger("pydicom").addHandler(logging.NullHandler())  # its warnings repeat values of the file

__all__ = ["Plane", "ReadFile", "read_images"]

FILE_BYTES_AT_MOST = 1 << 30
PIXELS_HELD_AT_MOST = 1 << 26
"""Of all planes of a file together; of longer films, frames at equal distances are judged."""


@dataclass(frozen=True, slots=True, eq=False)
class ReadFile:
    """What a file holds: ``judged`` with its planes, or ``listed`` with the reason why there are none.

    ``reason`` is a few words that can be counted, ``detail`` is for a human; both repeat nothing of the file.
    """

    status: Literal["judged", "listed"]
    reason: str
    detail: str
    planes: tuple[Plane, ...] = ()
    header: Header = field(default_factory=Header)
    findings: tuple[Finding, ...] = ()


def read_images(path: Path, *, pixels_at_most: int = PIXELS_HELD_AT_MOST) -> ReadFile:
    """Read one file: its header's findings and its planes in modality units, at most so many pixels in all.

    Never raises for what a file holds; a folder, a pipe or a missing file is listed like a broken one.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pydicom's repeat values of the file
        try:
            return _read(path, pixels_at_most)
        except Unusable as why:
            return ReadFile("listed", why.reason, why.detail, findings=_broken(why))
        except MemoryError:
            return ReadFile("listed", "too large", "it does not fit into memory")
        except RecursionError:
            return ReadFile("listed", "damaged header", "its sequences are nested too deeply")
        except OSError as failure:
            return ReadFile("listed", "unreadable", f"the system says: {failure.strerror or 'error'}")
        except Exception as failure:  # hostile bytes find ways that no rule here has thought of
            last = Unusable("damaged file", f"reading it fails with {type(failure).__name__}")
            return ReadFile("listed", last.reason, last.detail, findings=_broken(last))


def _read(path: Path, pixels_at_most: int) -> ReadFile:
    if not path.is_file():
        state = "not a regular file" if path.exists() else "does not exist"
        raise Unusable(state, "only regular files are opened")
    if path.stat().st_size > FILE_BYTES_AT_MOST:
        raise Unusable("too large", f"it has more than {FILE_BYTES_AT_MOST} bytes")
    opened = open_file(path, bare=True)
    header = header_of(opened.dataset, None if opened.length == UNDEFINED else opened.length)
    element = pixel_element(path, opened)
    said = (*_remarks(opened), *check_header(opened.dataset, ends_before_pixels=opened.tag is not None))
    if opened.flaw is not None:
        return ReadFile(
            "listed",
            opened.flaw.reason,
            opened.flaw.detail,
            header=header,
            findings=(*said, *_broken(opened.flaw)),
        )
    try:
        frames = decoded(opened, element, header, pixels_at_most)
        made, findings = planes(opened.dataset, header, frames.arrays, opened.tag)
    except Undecodable as why:
        rule = why.findings[0].rule.replace("-", " ")
        return ReadFile("listed", rule, str(why), header=header, findings=(*said, *why.findings))
    return ReadFile("judged", "", "", made, header, (*said, *frames.findings, *findings))


def _remarks(opened: Opened) -> tuple[Finding, ...]:
    remarks = []
    if opened.bare:
        said = "the file has no DICOM preamble: other programs may refuse it"
        remarks.append(Finding("no-preamble", "", "byte 0", "warning", said))
    if not whole(opened.dataset, "NumberOfFrames", 1):
        said = "it is no whole number above 0: one frame is read"
        remarks.append(Finding("frames-unreadable", "(0028,0008)", "NumberOfFrames", "warning", said))
    return tuple(remarks)


def _broken(why: Unusable) -> tuple[Finding, ...]:
    """A finding for a file that is an image and cannot be used; none for what never was one."""
    if why.image:
        return (
            error("pixels-missing", "(7fe0,0010)", "PixelData", "an image without pixels: " + why.detail),
        )
    if why.reason not in ("truncated", "damaged header", "damaged file", "too large"):
        return ()
    place = "header" if why.at is None else f"byte {why.at}"
    return (error(why.reason.replace(" ", "-"), "", place, why.detail),)
