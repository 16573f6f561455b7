"""What the bot tells of a file: a line as of ``simgrid qa check --json``, a page, pictures that name nobody."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy import ndimage

from simgrid.dicom.burned_in import text_boxes
from simgrid.dicom.finding import Finding
from simgrid.dicom.pixels import ReadFile
from simgrid.quality.bot.seams import FileReport, Gray, Picture, Tools
from simgrid.quality.defect_names import POSSIBLE, RADIOGRAPHS
from simgrid.quality.image import Image, Pixels

THUMBNAIL = 96
PICTURE = 320
_SHOWN = frozenset({*POSSIBLE, *RADIOGRAPHS})


def report_line(file: str, told: Mapping[str, Mapping[str, Any]]) -> bytes:
    """One JSON object in the schema of ``simgrid qa check --json``; ``path`` is the file's pseudonym."""
    line = {
        "path": file,
        "status": told["normalise"]["status"],
        "reason": told["normalise"]["reason"],
        "verdict": told["judge"]["verdict"],
        "defects": told["judge"]["defects"],
        "findings": told["header"]["findings"],
    }
    return (json.dumps(line, ensure_ascii=True) + "\n").encode()


def file_report(
    file: str,
    told: Mapping[str, Mapping[str, Any]],
    read: ReadFile,
    images: Sequence[Image],
    tools: Tools,
    why_not: Sequence[str],
) -> FileReport:
    """Everything that the file's page shows."""
    return FileReport(
        file=file,
        status=told["normalise"]["status"],
        reason=read.detail or told["normalise"]["reason"],
        verdict=told["judge"]["verdict"] or "",
        defects=told["judge"]["defects"],
        findings=[Finding(**one) for one in told["header"]["findings"]],
        steps=list(_sentences(told, why_not)),
        pictures=_pictures(told, read, images, tools),
    )


def _sentences(told: Mapping[str, Mapping[str, Any]], why_not: Sequence[str]) -> list[tuple[str, str]]:
    """Step by step what was done, in words."""
    planes = told["normalise"]["planes"]
    sizes = sorted({f"{one['rows']} x {one['columns']}" for one in planes})
    read = (
        f"{len(planes)} plane{'s'[: len(planes) != 1]} of {', '.join(sizes)}, {told['normalise']['modality']}"
    )
    sentences = [
        ("ingest", f"{told['ingest']['bytes']} bytes, met at {told['ingest']['at']}"),
        ("header", f"{len(told['header']['findings'])} findings"),
        ("normalise", read if planes else "nothing to judge"),
    ]
    for step in ("denoise", "repair"):
        one = told[step]
        if one["tried"]:
            kept = "kept" if one["kept"] else "not kept"
            sentences.append((step, f"score {one['before']:.3f} to {one['after']:.3f}, {kept}: {one['why']}"))
        else:
            sentences.append((step, f"not tried: {one['why']}"))
    whys = sorted({one["why"] for one in told["judge"]["planes"] if one["why"]})
    sentences.append(("judge", "; ".join([told["judge"]["verdict"] or "no image to judge", *whys])))
    sentences += [("report", one) for one in why_not]
    return sentences


def _pictures(
    told: Mapping[str, Mapping[str, Any]], read: ReadFile, images: Sequence[Image], tools: Tools
) -> list[Picture]:
    """The worst plane, and where the judge looked."""
    if not images or not _may_be_shown(read):
        return []
    number = max(range(len(images)), key=lambda one: _concern(told["judge"]["planes"][one]))
    shown = images[number]
    gray = gray_levels(shown.pixels, PICTURE)
    says = f"Frame {shown.frame + 1}, {shown.pixels.shape[0]} x {shown.pixels.shape[1]} pixels"
    explained = () if tools.explain is None else tools.explain(shown)
    return [Picture(gray, says), *explained]


def _concern(plane: Mapping[str, Any]) -> float:
    return max((one["probability"] for one in plane["defects"].values()), default=0.0)


def thumbnail(read: ReadFile) -> Gray | None:
    """The middle plane, small; None for images in which text is usual, which might name someone."""
    if not read.planes or not _may_be_shown(read):
        return None
    return gray_levels(read.planes[len(read.planes) // 2].pixels, THUMBNAIL)


def _may_be_shown(read: ReadFile) -> bool:
    judged = all(one.modality in _SHOWN for one in read.planes)
    return judged and read.header.samples == 1 and read.header.burned_in != "YES"


def gray_levels(pixels: Pixels, largest: int) -> Gray:
    """0 to 255 between the outer percentiles, at most ``largest`` a side; what looks like text is blanked."""
    low, high = (float(one) for one in np.percentile(pixels, (0.5, 99.5)))
    plane = np.clip((pixels - low) / (high - low if high > low else 1.0), 0, 1).astype(np.float32)
    for box in text_boxes(pixels):
        plane[box.top : box.bottom, box.left : box.right] = 0
    shrink = max(1.0, max(plane.shape) / largest)
    if shrink > 1:
        blurred = ndimage.uniform_filter(plane, size=max(1, int(shrink)))
        rows = np.minimum((np.arange(int(plane.shape[0] / shrink)) + 0.5) * shrink, plane.shape[0] - 1)
        columns = np.minimum((np.arange(int(plane.shape[1] / shrink)) + 0.5) * shrink, plane.shape[1] - 1)
        plane = blurred[np.ix_(rows.astype(int), columns.astype(int))]
    return np.asarray(np.rint(plane * 255), dtype=np.uint8)
