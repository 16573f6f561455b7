"""What the bot tells of a file: a line as of ``qa check --json``, a page, and pictures that name nobody."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from scipy import ndimage

from simgrid.dicom.burned_in import text_boxes
from simgrid.dicom.pixels import ReadFile
from simgrid.quality.bot.seams import FileReport, Gray, Picture, Tools
from simgrid.quality.check import Checked, images_of
from simgrid.quality.defect_names import POSSIBLE, RADIOGRAPHS
from simgrid.quality.image import Pixels

_Told = Mapping[str, Mapping[str, Any]]

THUMBNAIL = 96
PICTURE = 320
_FEWEST_SHOWN = 4  # characters in a row that are taken for text: fewer are found in anatomy
_SHOWN = frozenset({*POSSIBLE, *RADIOGRAPHS})


def report_line(checked: Checked) -> bytes:
    """One JSON object in the schema of ``simgrid qa check --json``; ``path`` is the file's pseudonym."""
    line = {
        "path": checked.path,
        "status": checked.status,
        "reason": checked.reason,
        "verdict": checked.verdict,
        "defects": {
            name: {"probability": _rounded(one.probability), "severity": _rounded(one.severity)}
            for name, one in checked.defects.items()
        },
        "findings": [asdict(one) for one in checked.findings],
    }
    return (json.dumps(line) + "\n").encode()


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, 4)


def file_report(
    checked: Checked,
    told: Mapping[str, Mapping[str, Any]],
    read: ReadFile,
    tools: Tools,
    why_not: Sequence[str],
) -> FileReport:
    """Everything that the file's page shows."""
    return FileReport(checked, list(_sentences(told, why_not)), _pictures(read, tools))


def _sentences(told: _Told, why_not: Sequence[str]) -> list[tuple[str, str]]:
    """Step by step what was done, in words."""
    planes = told["normalise"]["planes"]
    sizes = sorted({f"{one['rows']} x {one['columns']}" for one in planes})
    read = (
        f"{len(planes)} plane{'s'[: len(planes) != 1]} of {', '.join(sizes)}, {told['normalise']['modality']}"
    )
    found = len(told["header"]["findings"])
    sentences = [
        ("ingest", f"{told['ingest']['bytes']} bytes, met at {told['ingest']['at']}"),
        ("header", f"{found} finding{'s'[: found != 1]}"),
        ("normalise", read if planes else "nothing to judge"),
    ]
    for step in ("denoise", "repair"):
        one = told[step]
        if one["tried"]:
            kept = "kept" if one["kept"] else "not kept"
            sentences.append((step, f"score {one['before']:.3f} to {one['after']:.3f}, {kept}: {one['why']}"))
        else:
            sentences.append((step, f"not tried: {one['why']}"))
    judged = told["judge"]
    sentences.append(
        ("judge", f"{judged['verdict']}: {judged['reason']}" if judged["reason"] else judged["verdict"])
    )
    if judged["fixes"]:
        sentences.append(("judge", f"the corrected image scores {judged['score_corrected']:.3f}"))
    sentences += [("report", one) for one in why_not]
    return sentences


def _pictures(read: ReadFile, tools: Tools) -> list[Picture]:
    """The middle plane, and where the judge looked."""
    if not read.planes or not _may_be_shown(read):
        return []
    shown = images_of(read)[len(read.planes) // 2]
    says = f"Frame {shown.frame + 1}, {shown.pixels.shape[0]} x {shown.pixels.shape[1]} pixels"
    explained = () if tools.explain is None else tools.explain(shown)
    return [Picture(gray_levels(shown.pixels, PICTURE), says), *explained]


def modality_of(read: ReadFile) -> str:
    """One of the modalities that are known; a header may say anything."""
    said = {one.modality for one in read.planes}
    return said.pop() if len(said) == 1 and said <= _SHOWN else "other"


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
    for box in text_boxes(pixels, _FEWEST_SHOWN):
        plane[box.top : box.bottom, box.left : box.right] = 0
    shrink = max(1.0, max(plane.shape) / largest)
    if shrink > 1:
        blurred = ndimage.uniform_filter(plane, size=max(1, int(shrink)))
        rows, columns = (  # a strip of one row keeps it
            np.minimum((np.arange(max(1, int(side / shrink))) + 0.5) * shrink, side - 1)
            for side in plane.shape
        )
        plane = blurred[np.ix_(rows.astype(int), columns.astype(int))]
    return np.asarray(np.rint(plane * 255), dtype=np.uint8)
