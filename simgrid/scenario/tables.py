"""The files that a scenario leans on: code tables and ontology, read once, each with its SHA-256."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from importlib import resources
from pathlib import Path
from typing import TypeVar

from simgrid.codes import CodeTableError, CodeTables
from simgrid.rating import Ontology, OntologyError
from simgrid.scenario import files
from simgrid.scenario.findings import Findings
from simgrid.scenario.problems import Problem, ScenarioInvalid

T = TypeVar("T")
DEFAULT_ONTOLOGY = ("simgrid.rating", "data/ontology.json")
DEFAULT_CODES = ("simgrid.codes", "tables")


class Tables:
    """Reads each table at most once a load; a table that cannot be used is a problem where it is named."""

    def __init__(self) -> None:
        self._codes: dict[str | None, CodeTables | tuple[Problem, ...]] = {}
        self._ontologies: dict[str | None, Ontology | tuple[Problem, ...]] = {}
        self._inputs: dict[tuple[str | None, str | None], Mapping[str, str]] = {}

    def codes(self, named: str | None, folder: Path, findings: Findings) -> CodeTables | None:
        """The user's tables over the shipped ones; None when they cannot be used."""
        if named not in self._codes:
            self._codes[named] = _read_codes(named, folder, findings)
        return _usable(self._codes[named], findings)

    def ontology(self, named: str | None, folder: Path, findings: Findings) -> Ontology | None:
        """The ontology of the file (YAML or JSON), else the shipped one; None when it cannot be used."""
        if named not in self._ontologies:
            self._ontologies[named] = _read_ontology(named, folder, findings)
        return _usable(self._ontologies[named], findings)

    def inputs(self, codes: str | None, ontology: str | None, folder: Path) -> Mapping[str, str]:
        """SHA-256 of each table file: by its path where it is the user's, else by its name among ours."""
        key = (codes, ontology)
        if key not in self._inputs:
            self._inputs[key] = _inputs(codes, ontology, folder)
        return self._inputs[key]


def _usable(found: T | tuple[Problem, ...], findings: Findings) -> T | None:
    if isinstance(found, tuple):
        findings.problems.extend(found)
        return None
    return found


def _read_codes(named: str | None, folder: Path, findings: Findings) -> CodeTables | tuple[Problem, ...]:
    if named is None:
        return CodeTables.default()
    try:
        return CodeTables.from_folder(folder / named)
    except (CodeTableError, OSError, ValueError) as error:
        each = [str(one) for one in getattr(error, "problems", ())] or [str(error)]
        return tuple(_at("E208", ("codes",), message, findings) for message in each)


def _read_ontology(named: str | None, folder: Path, findings: Findings) -> Ontology | tuple[Problem, ...]:
    if named is None:
        return Ontology.default()
    try:
        tree = files.read_file(folder / named, named)
    except ScenarioInvalid as invalid:
        return invalid.problems
    try:
        return Ontology.from_mapping(tree.plain())  # type: ignore[arg-type]
    except OntologyError as error:
        return tuple(Problem.at("E208", tree.spot(one.path), one.path, one.message) for one in error.problems)


def _at(code: str, path: tuple[str, ...], message: str, findings: Findings) -> Problem:
    return Problem.at(code, findings.tree.spot(path), path, message)


def _inputs(codes: str | None, ontology: str | None, folder: Path) -> dict[str, str]:
    package, name = DEFAULT_CODES
    hashes = {}
    own = {path.name: path for path in sorted((folder / codes).glob("*.csv"))} if codes is not None else {}
    for shipped in sorted(resources.files(package).joinpath(name).iterdir(), key=lambda one: one.name):
        if shipped.name.endswith(".csv"):
            raw = own[shipped.name].read_bytes() if shipped.name in own else shipped.read_bytes()
            key = str(own[shipped.name]) if shipped.name in own else f"codes/{shipped.name}"
            hashes[key] = sha256(raw).hexdigest()
    package, name = DEFAULT_ONTOLOGY
    chosen = (folder / ontology) if ontology is not None else resources.files(package).joinpath(name)
    hashes["ontology"] = sha256(chosen.read_bytes()).hexdigest()
    return hashes
