"""Whether the files of an output folder are still those that the audit log tells of."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from simgrid.quality.bot.audit import Entry


def damaged_files(output: Path, entries: Iterable[Entry]) -> Iterator[tuple[str, str]]:
    """Path below ``output`` and what is wrong with it, for every file that is missing or has other bytes."""
    for entry in entries:
        for name, digest in sorted(entry.made.items()):
            places = [output / "work" / entry.file / name, *output.glob(f"filed/*/{entry.file}/{name}")]
            there = [path for path in places if path.is_file()]
            if not there:
                yield f"{entry.file}/{name}", f"is gone (line {entry.n} made it)"
            for path in there:
                if hashlib.sha256(path.read_bytes()).hexdigest() != digest:
                    yield path.relative_to(output).as_posix(), f"is not what line {entry.n} made"
