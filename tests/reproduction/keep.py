"""Take the reference runs from where ``simgrid reproduce`` left them.

    python -m tests.reproduction.keep RESULTS

What RESULTS has of the experiments of today goes to results/reference/values, in as many worlds as it has
(never fewer worlds or metrics than are kept and hold), with a line in manifest.json. Then verdicts, tables
and figures are made again of what is kept. ``--again`` for RESULTS does only that: after a change of `expect`
or of a figure.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from simgrid.cli.main import cli
from simgrid.experiments.atomic import write_text
from simgrid.experiments.parallel import Progress
from simgrid.experiments.provenance import manifest_text
from simgrid.experiments.receipts import read_receipts
from simgrid.experiments.results_folder import write_exhibits
from simgrid.reproduction.claims_file import read_claims, shipped_claims
from simgrid.reproduction.evidence import FOLDER, Evidence, asked_for, kept, values_file
from simgrid.reproduction.experiments import Worlds
from simgrid.reproduction.finding import Finding
from simgrid.reproduction.reference import reference_folder
from simgrid.reproduction.reproduce import ask, reproduce
from simgrid.reproduction.verdict_table import as_csv

MANIFEST = "manifest.json"
EXHIBITS = ("tables", "figures")


def every_experiment() -> tuple[Worlds, ...]:
    """The worlds of all claims."""
    return ask(read_claims(shipped_claims()), ()).worlds


def verdicts(claims: Path | None = None) -> str:
    """The table of ``--full``, made of nothing but the reference runs."""

    def nothing_to_watch(runs: int, of: str) -> AbstractContextManager[Progress]:
        raise AssertionError(f"{of}: {runs} runs computed")

    asked = ask(read_claims(claims or shipped_claims()), ())
    with tempfile.TemporaryDirectory() as empty:
        found = reproduce(asked, "cached", Path(empty), 1, nothing_to_watch)
    return as_csv([as_computed(one) for one in found.findings])


def as_computed(found: Finding) -> Finding:
    """A finding as the command that computed its worlds shows it."""
    return replace(found, stored=False)


def keep(results: Path, here: Path) -> Iterator[str]:
    """Copy what ``results`` has, and say what."""
    manifest = read_manifest(here)
    for worlds in every_experiment():
        new, old = kept(worlds, results / FOLDER), kept(worlds, here)
        if new is None or (old is not None and not _says_as_much(new, old)):
            continue
        file = values_file(worlds.name, here)
        file.parent.mkdir(parents=True, exist_ok=True)
        text = values_file(worlds.name, results / FOLDER).read_text(encoding="utf-8")
        if old is None or file.read_text(encoding="utf-8") != text:
            write_text(file, text)
            manifest["experiments"][worlds.name] = entry(worlds, new.worlds, results / new.folder)
            yield f"{worlds.name}: {new.worlds} worlds"
    manifest["experiments"] = {
        one.name: manifest["experiments"][one.name]
        for one in every_experiment()
        if one.name in manifest["experiments"]
    }
    write_text(here / MANIFEST, json.dumps(manifest, indent=1, ensure_ascii=False) + "\n")


def _says_as_much(new: Evidence, old: Evidence) -> bool:
    """Whether nothing is lost: an interrupted or older command may have asked for fewer worlds or metrics."""
    return new.worlds >= old.worlds and new.values.keys() >= old.values.keys()


def entry(worlds: Worlds, count: int, folder: Path) -> dict[str, Any]:
    """What an experiment was made from, on what, and in how many minutes of one processor."""
    _, asked = asked_for(worlds, count)
    # What is no measured run has no results folder: it was made here and now.
    made = _json(folder / MANIFEST) or json.loads(manifest_text(asked))
    return {
        "scenario": worlds.scenario,
        "overrides": list(worlds.overrides),
        "worlds": count,
        "runs": sum(1 for _ in asked.tasks()),
        "minutes": minutes(folder, {task.key for task in asked.tasks()}),
        "commit": made["source"]["commit"],
        "model_version": made["model_version"],
        "python": made["python"],
        "packages": made["packages"],
        "hardware": hardware(),
    }


def minutes(folder: Path, keys: set[str]) -> float | None:
    """Minutes of one worker process for these runs, by their receipts; None where there are none."""
    began, seconds = {}, 0.0
    for one in read_receipts(folder / "receipts"):
        if one.event == "began":
            began[one.run] = one.at
        elif one.run in keys and one.run in began:
            seconds += (one.at - began.pop(one.run)).total_seconds()
    return round(seconds / 60.0, 1) if seconds else None


def hardware() -> dict[str, str | int]:
    """The machine by its kind, never by its name."""
    return {
        "processor": _field(Path("/proc/cpuinfo"), "model name") or platform.machine(),
        "processors": os.cpu_count() or 1,
        "memory_gib": round(int((_field(Path("/proc/meminfo"), "MemTotal") or "0").split()[0]) / 2**20),
        "system": f"{platform.system()} {platform.machine()}",
    }


def read_manifest(here: Path) -> dict[str, Any]:
    """The manifest as it is kept; an empty one where there is none."""
    return _json(here / MANIFEST) or {"experiments": {}}


def make_again(here: Path) -> None:
    """Verdicts, tables and figures from the values that are kept."""
    write_text(here / "verdicts-full.csv", verdicts())
    with tempfile.TemporaryDirectory() as output:
        done = CliRunner().invoke(cli, ["reproduce", "--cached", "-o", output])
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        for kind in EXHIBITS:
            made = {file.name: file.read_bytes() for file in sorted((Path(output) / FOLDER / kind).glob("*"))}
            shutil.rmtree(here / kind, ignore_errors=True)
            if made:
                (here / kind).mkdir()
                write_exhibits(here / kind, made)


def _field(file: Path, name: str) -> str | None:
    if not file.is_file():
        return None
    lines = (line.partition(":") for line in file.read_text(encoding="utf-8").splitlines())
    return next((value.strip() for key, _, value in lines if key.strip() == name), None)


def _json(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    return found


if __name__ == "__main__":
    for one in sys.argv[1:]:
        for told in keep(Path(one), reference_folder()) if one != "--again" else ():
            print(told)
    make_again(reference_folder())
