"""What a machine must have so that a run computed there is the run that would be computed here.

The parent says what it computes with; every other machine compares that with what it has itself, and names
each difference with the way out. What is small and the user's own travels along: the bytes of plug-in files.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import simgrid
from simgrid import plug_ins
from simgrid.domain.scenario import GateChoice, PolicyChoice, Scenario
from simgrid.experiments import workloads
from simgrid.experiments.identity import policy_source_hash
from simgrid.experiments.model_version import MODEL_VERSION
from simgrid.quality import gates

DECIDING = ("highspy", "numpy", "pandas", "pyarrow", "pydicom", "scipy", "simpy", "tzdata")
"""The packages of which another version may give other numbers."""


@dataclass(frozen=True, slots=True)
class Equipment:
    """What the runs of a campaign are computed with; ``digest`` names all of it.

    ``packages`` holds versions by name, ``source`` the hash of simgrid's own files, ``installed`` the hash of
    each installed policy and gate that is used, ``plug_ins`` the bytes of the user's own files, and ``reads``
    one cell for each set of files that a workload is read from, its paths absolute.
    """

    python: str
    model_version: int
    packages: tuple[tuple[str, str], ...]
    source: str
    installed: tuple[tuple[str, str], ...]
    plug_ins: tuple[bytes, ...]
    reads: tuple[Scenario, ...]
    digest: str = ""


def equipment(cells: Sequence[Scenario]) -> Equipment:
    """What this process computes these cells with.

    :raises simgrid.plug_ins.PlugInError: a plug-in's file is no longer what it was.
    """
    found = Equipment(
        python=_python(),
        model_version=MODEL_VERSION,
        packages=_packages(),
        source=source_hash(),
        installed=tuple(_installed(cells)),
        plug_ins=tuple(_plug_ins(cells)),
        reads=tuple(_reads(cells)),
    )
    said = repr([found.python, found.packages, found.source, found.installed, found.plug_ins])
    inputs = repr([sorted(cell.inputs.items()) for cell in found.reads])
    return replace(found, digest=hashlib.blake2b((said + inputs).encode(), digest_size=16).hexdigest())


def anywhere(cell: Scenario) -> Scenario:
    """The cell with absolute paths: another process may be in another folder."""
    log, dicom = cell.demand.log, cell.demand.dicom
    places = [cell.codes_folder, log.file if log else None, dicom.folder if dicom else None]
    named = [Path(place) for place in places if place is not None]
    inputs = {
        str(Path(path).absolute()) if any(Path(path).is_relative_to(one) for one in named) else path: digest
        for path, digest in cell.inputs.items()
    }
    demand = replace(
        cell.demand,
        log=replace(log, file=_absolute(log.file)) if log else None,
        dicom=replace(dicom, folder=_absolute(dicom.folder)) if dicom and dicom.folder else dicom,
    )
    codes = _absolute(cell.codes_folder) if cell.codes_folder else None
    return replace(cell, demand=demand, codes_folder=codes, inputs=inputs)


_FOUND: dict[str, tuple[str, ...]] = {}
"""What was found lacking, by the equipment's digest: a process looks once."""


def lacking(needed: Equipment) -> tuple[str, ...]:
    """Everything that this process has otherwise than needed, as sentences ``problem: way out``.

    Plug-in files are kept, and need not be on this machine.
    """
    found = _FOUND.get(needed.digest)
    if found is None:
        for source in needed.plug_ins:
            plug_ins.keep(source)
        found = tuple(_same_software(needed)) or tuple(_same_installed(needed)) or tuple(_same_files(needed))
        if not found:  # what was refused may be mended the next time
            _FOUND[needed.digest] = found
    return found


def changed_inputs(cell: Scenario) -> str:
    """Why the files that the cell's workload is read from are not the parent's; empty where they are."""
    if cell.demand.log is None and cell.demand.dicom is None:
        return ""
    try:
        seen = workloads.identified(cell).inputs
    except Exception as error:  # whatever a reader raises on a machine without the file
        first = (str(error) or type(error).__name__).splitlines()[0]
        return f"the workload cannot be read there ({first}): put its files at the same path as here"
    other = [path for path, digest in cell.inputs.items() if seen.get(path) != digest]
    other += [path for path in _own_tables(cell) if _hash_of(path) != cell.inputs[path]]
    if other:
        return f"{', '.join(dict.fromkeys(other))} is not the same as here: copy it there from here"
    return ""


@cache
def source_hash() -> str:
    """SHA-256 of every file of simgrid, taken once: a process goes on with the code that it has loaded."""
    root = Path(simgrid.__file__).parent
    total = hashlib.sha256()
    for path in sorted(root.rglob("*")):
        if path.suffix in (".py", ".csv", ".json") and path.is_file():
            content = path.read_bytes()
            total.update(f"{path.relative_to(root).as_posix()}\0{len(content)}\0".encode() + content)
    return total.hexdigest()


def _same_software(needed: Equipment) -> Iterator[str]:
    if _python() != needed.python:
        yield f"it has Python {_python()}, here is {needed.python}: use the same Python"
    ours = f"simgrid-telerad {_version('simgrid-telerad')} with MODEL_VERSION {MODEL_VERSION}"
    theirs = dict(needed.packages)
    wanted = f"simgrid-telerad {theirs['simgrid-telerad']} with MODEL_VERSION {needed.model_version}"
    if ours != wanted:
        yield f"it has {ours}, here is {wanted}: install the same there and start the worker again"
    elif source_hash() != needed.source:
        yield (
            "its simgrid has the same version and other files than the one here: "
            "install the same there and start the worker again"
        )
    other = [
        f"{name} {_version(name)} instead of {wanted_version}"
        for name, wanted_version in needed.packages
        if name != "simgrid-telerad" and _version(name) != wanted_version
    ]
    if other:
        yield f"it has {', '.join(other)}: install the same versions there and start the worker again"


def _same_installed(needed: Equipment) -> Iterator[str]:
    for name, wanted in needed.installed:
        try:
            found = _installed_hash(name)
        except Exception as error:
            why = f"{type(error).__name__}: {error}"
            yield f"'{name}' cannot be loaded there ({why}): install its package there"
            continue
        if found != wanted:
            yield f"its '{name}' is another than the one here: install the same there, start the worker again"


def _same_files(needed: Equipment) -> Iterator[str]:
    yield from (problem for problem in map(changed_inputs, needed.reads) if problem)


def _installed(cells: Sequence[Scenario]) -> Iterator[tuple[str, str]]:
    """Policies and gates that other packages bring; ours are among simgrid's own files."""
    names = dict.fromkeys(one.name for cell in cells for one in cell.policies if one.plug_in is None)
    for name in names:
        yield f"policy {name}", _installed_hash(f"policy {name}")
    brought = {cell.gate.name for cell in cells if gates.source_file(cell.gate)}
    for name in sorted(brought):
        yield f"gate {name}", _installed_hash(f"gate {name}")


@cache
def _installed_hash(named: str) -> str:
    """Once a process, which goes on with what it has loaded."""
    kind, _, name = named.partition(" ")
    if kind == "policy":
        return policy_source_hash(PolicyChoice(name))
    return _hash_of(str(gates.source_file(GateChoice(name))))


def _plug_ins(cells: Sequence[Scenario]) -> Iterable[bytes]:
    named = [choice.plug_in for cell in cells for choice in cell.policies]
    named += [cell.gate.plug_in for cell in cells]
    return [plug_ins.source(one) for one in dict.fromkeys(named) if one is not None]


def _reads(cells: Sequence[Scenario]) -> Iterator[Scenario]:
    seen = set()
    for cell in cells:
        source = (cell.demand.log, cell.demand.dicom, cell.codes_folder)
        if source[:2] != (None, None) and source not in seen:
            seen.add(source)
            yield anywhere(cell)


def _own_tables(cell: Scenario) -> list[str]:
    folder = cell.codes_folder
    return [] if folder is None else [path for path in cell.inputs if Path(path).is_relative_to(folder)]


def _hash_of(path: str) -> str:
    try:
        return hashlib.sha256(Path(path).read_bytes()).hexdigest()
    except OSError:
        return ""


def _absolute(path: str) -> str:
    return str(Path(path).absolute())


def _python() -> str:
    return f"{sys.version_info[0]}.{sys.version_info[1]}"


def _packages() -> tuple[tuple[str, str], ...]:
    return tuple((name, _version(name)) for name in ("simgrid-telerad", *DECIDING))


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"
