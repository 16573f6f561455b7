"""Files of a series against each other: what no file tells alone, found again from all that is filed.

Each file's place in its series is kept by its header step, under keys that only the bot's salt makes. So what
is told here depends on nothing but what is filed: a slice that comes later closes its gap, a file that leaves
the inbox opens none, and whoever is killed on the way finds the same again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from simgrid.dicom.header import Header
from simgrid.dicom.pseudonyms import Pseudonyms
from simgrid.dicom.series_header import SeriesHeader
from simgrid.quality.bot.overview import FILED
from simgrid.quality.rules.series import check

SERIES = "series.jsonl"
STEP = "series"
_FARTHEST_MM = 10_000.0  # no scanner is as large: such a number may be another's, and is not kept


def salt_of(pseudonyms: Pseudonyms) -> bytes:
    """Under which the keys of a place are made."""
    return pseudonyms.digest("series", b"")


def told_of(place: SeriesHeader | None) -> Mapping[str, Any] | None:
    """A place as a step keeps it; None for a file that has none."""
    if place is None or not place.series:
        return None
    header = place.header
    position = header.position_mm
    if position is not None and not all(abs(one) < _FARTHEST_MM for one in position):
        position = None
    return {
        **{"instance": place.instance, "series": place.series, "kind": place.kind},
        **{"orientation": header.orientation, "position_mm": position},
        **{"rows": header.rows, "columns": header.columns},
    }


def series_lines(output: Path) -> bytes:
    """A JSON line for each filed file of which its series tells something: ``path``, ``findings``."""
    places = {}
    for step in sorted(output.glob(f"{FILED}/*/*/steps/2-header.json")):
        told = json.loads(step.read_bytes()).get("place")
        if told is not None:
            places[Path(step.parts[-3])] = _place(told)
    found = check(places)
    return b"".join(
        json.dumps({"path": path.name, "findings": [asdict(one) for one in several]}).encode() + b"\n"
        for path, several in found.items()
    )


def _place(told: Mapping[str, Any]) -> SeriesHeader:
    orientation, position = (
        None if told[name] is None else tuple(told[name]) for name in ("orientation", "position_mm")
    )
    header = Header(orientation=orientation, position_mm=position, rows=told["rows"], columns=told["columns"])
    return SeriesHeader(told["instance"], told["series"], told["kind"], header)
