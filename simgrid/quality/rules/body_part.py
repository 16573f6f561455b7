"""The body part that is named against what is seen. Two things are told, and only what a ruler can tell.

A CT slice that is called head or neck cannot show a vertebral body of the lower back: wide, near the midline,
and soft inside, while the skull where it is as wide is dense. And one that is called head cannot be as large
as a trunk: 450 cm2, where an ellipse of 20 by 24 cm, larger than any head, has 377.
``docs/explanation/header-rules.md`` tells on which images this was tried. What organs show is for
``simgrid.quality.segmentation.findings``.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy import ndimage

from simgrid.dicom.finding import Finding
from simgrid.dicom.header import Header
from simgrid.dicom.units import Plane
from simgrid.quality.rules.names import finding

_SMALL_BONED = frozenset({"HEAD", "NECK", "BRAIN", "SKULL", "CSPINE", "HEADNECK", "ORBIT", "FACE", "SINUS"})
_HEAD = _SMALL_BONED - {"NECK", "CSPINE", "HEADNECK"}  # where shoulders may be seen
_LARGEST_HEAD_CM2 = 450.0
_AIR_AROUND = 0.1  # of the picture: without it the outline is the picture's edge, or air has been masked
_STEP_MM, _TABLE_MM = 2.0, 4.0  # what joins the body by less than twice the second is table or rest
_FAT_HU, _BONE_HU = -300.0, 120.0
_TRABECULAR_HU = 350.0  # vertebral bodies have 100 to 250, the skull where it is as wide 500 and more
_CORTEX_GAP_MM, _INNER = 1.5, 0.7
_LARGEST_DISC_MM = 28.0
_NEAR_MIDLINE_MM = 60.0  # heads of the humerus are wide too, and lie further out


def check_body_part(header: Header, plane: Plane) -> Iterator[Finding]:
    """A CT slice named head or neck that shows a vertebral body of the trunk, or is as large as one."""
    if header.body_part not in _SMALL_BONED or plane.spacing_mm is None:
        return
    place = f"BodyPartExamined, frame {plane.frame + 1}"
    if header.body_part in _HEAD and (area := body_area(plane)) > _LARGEST_HEAD_CM2:
        message = f"names the head, the image shows {area:.0f} cm2 of a body: no head is as large"
        yield finding("body-part-contradicts", "(0018,0015)", place, message)
        return
    diameter, density = largest_bone_disc(plane)
    if diameter > _LARGEST_DISC_MM and density < _TRABECULAR_HU:
        message = f"names the head or neck, the image shows a vertebral body ({diameter:.0f} mm) of the trunk"
        yield finding("body-part-contradicts", "(0018,0015)", place, message)


def body_area(plane: Plane) -> float:
    """Cross-section of the body in cm2, its hollows included; 0 where its outline cannot be seen."""
    if plane.spacing_mm is None:
        return 0.0
    down, across = (max(1, round(_STEP_MM / one)) for one in plane.spacing_mm)
    seen = plane.pixels[::down, ::across] > _FAT_HU
    if seen.mean() > 1 - _AIR_AROUND:
        return 0.0
    parts, _ = ndimage.label(ndimage.binary_opening(seen, iterations=max(1, round(_TABLE_MM / _STEP_MM))))
    sizes = np.bincount(parts.ravel())[1:]
    if sizes.size == 0:
        return 0.0
    body = ndimage.binary_fill_holes(parts == 1 + int(sizes.argmax()))
    return float(body.sum()) * down * across * plane.spacing_mm[0] * plane.spacing_mm[1] / 100


def largest_bone_disc(plane: Plane) -> tuple[float, float]:
    """The largest disc inside bone (above 120 HU) within 60 mm of the body's midline: diameter, density.

    mm and the median in Hounsfield units of the disc's inner part; zeros where there is no bone. The midline
    is the middle of what is denser than fat.
    """
    if plane.spacing_mm is None:
        return 0.0, 0.0
    across = np.nonzero((plane.pixels > _FAT_HU).any(axis=0))[0]
    if across.size == 0:
        return 0.0, 0.0
    midline = float(across[0] + across[-1]) / 2
    reach = _NEAR_MIDLINE_MM / plane.spacing_mm[1]
    part = plane.pixels[:, max(0, int(midline - reach)) : int(midline + reach) + 1]
    smooth = ndimage.median_filter(part, size=3)
    closed = max(1, round(_CORTEX_GAP_MM / min(plane.spacing_mm)))
    bone = ndimage.binary_closing(smooth > _BONE_HU, iterations=closed)
    if not bone.any():
        return 0.0, 0.0
    depth = ndimage.distance_transform_edt(np.pad(bone, 1), sampling=plane.spacing_mm)[1:-1, 1:-1]
    row, column = np.unravel_index(int(depth.argmax()), depth.shape)
    radius = float(depth[row, column])
    down, right = np.ogrid[: depth.shape[0], : depth.shape[1]]
    away = np.hypot((down - row) * plane.spacing_mm[0], (right - column) * plane.spacing_mm[1])
    return 2 * radius, float(np.median(smooth[away <= _INNER * radius]))
