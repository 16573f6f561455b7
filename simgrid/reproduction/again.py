"""Worlds of the reference runs: as they are kept, and the first of them computed once more."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from pathlib import Path

from simgrid.reproduction.evidence import Evidence, compute, kept
from simgrid.reproduction.experiments import Worlds
from simgrid.reproduction.reference import reference_folder


class NothingKept(LookupError):
    """There is no reference run of these worlds that still holds."""


def reference(worlds: Worlds) -> Evidence:
    """What is kept of these worlds. :raises NothingKept: where nothing is, or not of the runs of today."""
    found = kept(worlds, reference_folder())
    if found is None:
        raise NothingKept(f"no reference run of {worlds.name} that holds; simgrid reproduce --full makes one")
    return found


def references(asked: Iterable[Worlds | None]) -> dict[str, Evidence]:
    """What is kept of these worlds, by name; those of which nothing is are left out."""
    found = {worlds.name: kept(worlds, reference_folder()) for worlds in asked if worlds is not None}
    return {name: one for name, one in found.items() if one is not None}


def recomputed(worlds: Worlds, count: int, metrics: Sequence[str] = ()) -> Evidence:
    """The first ``count`` worlds, simulated now; nothing of them is left on disk."""
    with tempfile.TemporaryDirectory() as folder:
        unwatched = nullcontext(lambda done: None)
        return compute(worlds, count, metrics, Path(folder), 1, lambda runs, of: unwatched)


def committed_table(name: str) -> str:
    """The table of an exhibit as it is kept beside the reference runs."""
    return (reference_folder() / "tables" / f"{name}.csv").read_text(encoding="utf-8")
