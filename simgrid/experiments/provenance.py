"""What a result was made from and with: ``manifest.json`` beside every result."""

from __future__ import annotations

import json
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import simgrid
from simgrid.experiments.campaign import Campaign
from simgrid.experiments.model_version import MODEL_VERSION
from simgrid.quality.gates import states

PACKAGES = (
    "simgrid-telerad",
    "highspy",
    "joblib",
    "matplotlib",
    "numpy",
    "onnxruntime",
    "pydicom",
    "pydantic",
    "ruamel.yaml",
    "scipy",
    "simpy",
    "tzdata",
)


def manifest_text(asked: Campaign) -> str:
    """The manifest of a campaign as JSON text."""
    inputs = {Path(path).name: digest for cell in asked.cells for path, digest in cell.inputs.items()}
    manifest = {
        "scenario": asked.cells[0].name,
        "seed": asked.cells[0].seed,
        "replications": asked.replications,
        "cells": len(asked.cells),
        "policies": list(asked.policies),
        "policy_sources_sha256": dict(asked.sources),
        "inputs_sha256": dict(sorted(inputs.items())),
        "model_version": MODEL_VERSION,
        "source": source(),
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "packages": {name: _version(name) for name in PACKAGES},
    }
    if gates := _gates(asked):
        manifest["quality_gates"] = gates
    return json.dumps(manifest, indent=2) + "\n"


def _gates(asked: Campaign) -> dict[str, str]:
    """What the gates that judge images say of themselves, by name."""
    chosen = {cell.gate.name: cell.gate for cell in asked.cells if cell.images is not None}
    return {name: said for name, choice in sorted(chosen.items()) if (said := states(choice))}


def source() -> dict[str, object]:
    """Commit and dirty state of the checkout that runs; nulls when simgrid is an installed copy."""
    return _commit(Path(simgrid.__file__).parent)


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _commit(package: Path) -> dict[str, object]:
    """Commit and dirty state of the checkout this package lies in; nulls when it is an installed copy."""
    root = package.parent
    if not (root / ".git").exists():
        return {"commit": None, "dirty": None}
    commit = _git(root, "rev-parse", "HEAD")
    changes = _git(root, "status", "--porcelain", "--untracked-files=no")
    return {"commit": commit, "dirty": None if changes is None else bool(changes)}


def _git(root: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments], capture_output=True, text=True, timeout=10, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
