"""Files of a folder against each other: one identity twice, slices that are missing, doubled or uneven.

Slices are compared within one series, one orientation and one kind (echo, phase, reconstruction), along the
normal of their plane.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from simgrid.dicom.finding import Finding
from simgrid.dicom.series_header import SeriesHeader
from simgrid.quality.rules.names import finding

_ALIKE = 0.05  # of the usual distance: what rounding to a tenth of a millimetre explains
_SAME_MM = 1e-3
_A_SERIES = 4  # slices: with fewer no distance is the usual one
_POSITION, _INSTANCE = "(0020,0032)", "(0008,0018)"


def check_files(
    paths: Sequence[Path], read: Callable[[Iterable[Path]], Iterable[SeriesHeader | None]]
) -> Mapping[Path, tuple[Finding, ...]]:
    """Read the files' headers once more and compare them; only files with findings are in the answer.

    ``read`` gives them in the order of the paths: ``simgrid.dicom.apart.Reader.series_headers``.
    """
    headers = zip(paths, read(paths), strict=True)
    return check({path: header for path, header in headers if header is not None})


def check(headers: Mapping[Path, SeriesHeader]) -> Mapping[Path, tuple[Finding, ...]]:
    """Findings for each file that has some; a fault between two is told at the later in order of path."""
    found: dict[Path, list[Finding]] = {}
    for path in _duplicates(headers):
        message = "is that of another file of the folder as well"
        found.setdefault(path, []).append(finding("duplicate-instance", _INSTANCE, "SOPInstanceUID", message))
    for slices in _stacks(headers):
        for path, one in _distances(slices):
            found.setdefault(path, []).append(one)
    return {path: tuple(several) for path, several in sorted(found.items())}


def _duplicates(headers: Mapping[Path, SeriesHeader]) -> list[Path]:
    seen: set[str] = set()
    again = []
    for path in sorted(headers):
        key = headers[path].instance
        if key and key in seen:
            again.append(path)
        seen.add(key)
    return again


def _stacks(headers: Mapping[Path, SeriesHeader]) -> list[list[tuple[float, Path]]]:
    """Positions along the normal in mm, in order, of slices that belong together."""
    stacks: dict[tuple[object, ...], list[tuple[float, Path]]] = {}
    doubled = set(_duplicates(headers))
    for path in sorted(headers):
        one, geometry = headers[path], headers[path].header
        if path in doubled or not one.series or geometry.orientation is None or geometry.position_mm is None:
            continue
        normal = np.cross(geometry.orientation[:3], geometry.orientation[3:])
        along = float(np.dot(normal, geometry.position_mm))
        if not np.isfinite(along):
            continue
        orientation = tuple(round(cosine, 3) + 0.0 for cosine in geometry.orientation)
        key = (one.series, one.kind, orientation, geometry.rows, geometry.columns)
        stacks.setdefault(key, []).append((along, path))
    return [sorted(stack) for stack in stacks.values() if len(stack) >= _A_SERIES]


def _distances(slices: Sequence[tuple[float, Path]]) -> list[tuple[Path, Finding]]:
    steps = np.diff([along for along, _ in slices])
    apart = steps[steps > _SAME_MM]
    found = [
        (
            max(slices[at][1], slices[at + 1][1]),
            _at_position("slices-doubled", "is that of another slice of the series"),
        )
        for at in np.nonzero(steps <= _SAME_MM)[0].tolist()
    ]
    if apart.size < _A_SERIES - 1:
        return found
    usual = float(np.median(apart))
    uneven = False
    for at in np.nonzero(np.abs(steps - usual) > _ALIKE * usual)[0].tolist():
        step = float(steps[at])
        if step <= _SAME_MM:
            continue
        times = round(step / usual)
        if times >= 2 and abs(step - times * usual) <= _ALIKE * usual * times:
            message = f"leaves room for {times - 1} further slices of {usual:.4g} mm before it"
            found.append((slices[at + 1][1], _at_position("slices-missing", message)))
        elif not uneven:
            uneven = True
            message = f"lies {step:.4g} mm from its neighbour, others {usual:.4g} mm"
            found.append((slices[at + 1][1], _at_position("slices-uneven", message)))
    return found


def _at_position(rule: str, message: str) -> Finding:
    return finding(rule, _POSITION, "ImagePositionPatient", message)
