"""What a table of verdicts was made from, as a page tells it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from simgrid import __version__
from simgrid.experiments.model_version import MODEL_VERSION
from simgrid.experiments.provenance import source
from simgrid.reproduction.finding import Finding


def provenance(claims_file: Path, found: Sequence[Finding]) -> Mapping[str, str]:
    """Name and text of each entry; no time of day, so that the same results give the same page."""
    made = source()
    commit = str(made["commit"] or "not a checkout") + (", changed since" if made["dirty"] else "")
    worlds = {
        one.claim.experiment: one.worlds for one in reversed(found) if one.worlds and one.claim.experiment
    }
    digest = hashlib.sha256(claims_file.read_bytes()).hexdigest()
    return {
        "The study": "doi 10.1016/j.cmpb.2015.10.005",
        "Made by": f"simgrid {__version__}, model version {MODEL_VERSION}",
        "Commit": commit,
        "Claims": f"{claims_file.name}, SHA-256 {digest}",
        "Worlds": ", ".join(f"{name} {count}" for name, count in sorted(worlds.items())) or "none",
    }
