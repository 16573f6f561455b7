"""The files that a scenario leans on: code tables and ontology, read once, each with its SHA-256."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

from simgrid.codes import CodeTableError, CodeTables
from simgrid.scenario import files
from simgrid.scenario.findings import Findings
from simgrid.scenario.problems import Problem, ScenarioInvalid, shown

T = TypeVar("T")
SHIPPED_ONTOLOGY = Path(__file__).resolve().parents[1] / "rating" / "data" / "ontology.json"
"""By its path: importlib.resources would import the room, and numpy with it."""
ONTOLOGY_ENDINGS = (".yaml", ".yml", ".json")
_ONTOLOGY_WANTED = "name a .yaml or .json file whose first keys are weights and children"
DEFAULT_CODES = ("simgrid.codes", "tables")


@dataclass(frozen=True, slots=True)
class OntologyRead:
    """The names of the conditions that can be rated; ``mapping`` where the ontology is the user's own."""

    conditions: tuple[str, ...]
    mapping: Mapping[str, object] | None = None


class Tables:
    """Reads each table at most once a load; a table that cannot be used is a problem where it is named."""

    def __init__(self) -> None:
        self._codes: dict[Path | None, CodeTables | tuple[Problem, ...]] = {}
        self._ontologies: dict[Path | None, OntologyRead | tuple[Problem, ...]] = {}
        self._inputs: dict[tuple[Path | None, Path | None], Mapping[str, str]] = {}

    def codes(self, folder: Path | None, findings: Findings) -> CodeTables | None:
        """The folder's tables over the shipped ones; None when they cannot be used."""
        if folder not in self._codes:
            self._codes[folder] = _read_codes(folder, findings)
        return _usable(self._codes[folder], findings)

    def ontology(self, file: Path | None, findings: Findings) -> OntologyRead | None:
        """The ontology of the file (YAML or JSON), else the shipped one; None when it cannot be used."""
        if file not in self._ontologies:
            self._ontologies[file] = _read_ontology(file, findings)
        return _usable(self._ontologies[file], findings)

    def inputs(self, codes: Path | None, ontology: Path | None) -> Mapping[str, str]:
        """SHA-256 of each table file: by its path where it is the user's, else by its name among ours."""
        key = (codes, ontology)
        if key not in self._inputs:
            self._inputs[key] = _inputs(codes, ontology)
        return self._inputs[key]


def _usable(found: T | tuple[Problem, ...], findings: Findings) -> T | None:
    if isinstance(found, tuple):
        findings.problems.extend(found)
        return None
    return found


def _read_codes(folder: Path | None, findings: Findings) -> CodeTables | tuple[Problem, ...]:
    if folder is None:
        return CodeTables.default()
    try:
        return CodeTables.from_folder(folder)
    except (CodeTableError, OSError, ValueError) as error:
        each = [str(one) for one in getattr(error, "problems", ())] or [str(error)]
        way_out = "name a folder of tables; see docs/how-to/own-tables.md"
        return tuple(_where_named("codes", message, findings, way_out) for message in each)


def _read_ontology(file: Path | None, findings: Findings) -> OntologyRead | tuple[Problem, ...]:
    if file is None:
        return OntologyRead(tuple(_conditions(json.loads(SHIPPED_ONTOLOGY.read_bytes()))))
    from simgrid.rating import Ontology, OntologyError  # numpy comes with it

    if file.suffix not in ONTOLOGY_ENDINGS:
        return (_no_ontology(file, findings),)
    try:
        tree = files.read_file(file)
    except ScenarioInvalid as invalid:
        if any(one.code == "E007" for one in invalid.problems):
            return (_no_ontology(file, findings),)
        return tuple(
            one if one.line else _where_named("ontology", one.message, findings, _ONTOLOGY_WANTED)
            for one in invalid.problems
        )
    if "children" not in tree.mapping:
        return (_no_ontology(file, findings),)
    try:
        own = Ontology.from_mapping(tree.plain())  # type: ignore[arg-type]
    except OntologyError as error:
        way_out = "see docs/how-to/own-tables.md for the form of an ontology"
        return tuple(
            Problem.at("E208", tree.spot(one.path), one.path, one.message, way_out) for one in error.problems
        )
    return OntologyRead(tuple(one.name for one in own.conditions), own.to_mapping())


def _conditions(node: Mapping[str, Any]) -> Iterator[str]:
    """The conditions below a node of the shipped ontology, which needs no check."""
    for name, child in node.get("children", {}).items():
        if child.get("children"):
            yield from _conditions(child)
        elif not child.get("quantitative"):
            yield name


def _no_ontology(file: Path, findings: Findings) -> Problem:
    """Told where the file is named: what it holds is nobody's business when it is something else."""
    return _where_named("ontology", f"{shown(file.name)} is no ontology", findings, _ONTOLOGY_WANTED)


def _where_named(key: str, message: str, findings: Findings, way_out: str) -> Problem:
    return Problem.at("E208", findings.tree.spot((key,)), (key,), message, way_out)


def _inputs(codes: Path | None, ontology: Path | None) -> dict[str, str]:
    package, name = DEFAULT_CODES
    hashes = {}
    own = {path.name: path for path in sorted(codes.glob("*.csv"))} if codes is not None else {}
    for shipped in sorted(resources.files(package).joinpath(name).iterdir(), key=lambda one: one.name):
        if shipped.name.endswith(".csv"):
            raw = own[shipped.name].read_bytes() if shipped.name in own else shipped.read_bytes()
            key = str(own[shipped.name]) if shipped.name in own else f"codes/{shipped.name}"
            hashes[key] = sha256(raw).hexdigest()
    hashes["ontology"] = sha256((ontology or SHIPPED_ONTOLOGY).read_bytes()).hexdigest()
    return hashes
