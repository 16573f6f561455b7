"""All files of an output folder together: ``results.jsonl`` and ``index.html``, made from what is filed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from simgrid.quality.bot.seams import IndexRow, Pages
from simgrid.quality.bot.writing import write

FILED = "filed"
RESULTS = "results.jsonl"


def write_overview(output: Path, pages: Pages) -> None:
    """Write both anew; pages that are no longer needed go."""
    folders = sorted((output / FILED).glob("*/*/"), key=lambda one: one.name)
    lines = [(folder, (folder / "report.json").read_bytes()) for folder in folders]
    _changed(output / RESULTS, b"".join(line for _, line in lines))
    made = pages.index_pages([_row(output, folder, json.loads(line)) for folder, line in lines])
    for name, text in made.items():
        _changed(output / name, text.encode())
    for stale in set(output.glob("index*.html")) - {output / name for name in made}:
        stale.unlink()


def _row(output: Path, folder: Path, told: dict[str, Any]) -> IndexRow:
    thumbnail = folder / "thumbnail.png"
    judged = {
        name: one["probability"] for name, one in told["defects"].items() if one["probability"] is not None
    }
    worst = max(judged, key=lambda name: float(judged[name]), default="")
    return IndexRow(
        file=told["path"],
        folder=folder.relative_to(output).as_posix(),
        status=told["status"],
        reason=told["reason"],
        verdict=told["verdict"] or "",
        worst=f"{worst} {judged[worst]:.2f}" if worst else "",
        findings=len(told["findings"]),
        thumbnail=thumbnail.read_bytes() if thumbnail.exists() else b"",
    )


def _changed(path: Path, content: bytes) -> None:
    if not path.exists() or path.read_bytes() != content:
        write(path, content)
