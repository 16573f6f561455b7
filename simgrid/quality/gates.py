"""The gates an image may have to pass at the acquiring site before it is sent.

A gate of one's own is a class whose ``judge`` is shown an ``ImageReference`` and answers with a
``GateVerdict``. A scenario names it by its file, or an entry point of the group ``simgrid.gates`` makes it
known. The arguments of its ``__init__`` are the options that a scenario may set. One object serves a run.
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

from simgrid.domain.decision import GateVerdict, ImageReference, QualityGate
from simgrid.domain.scenario import GateChoice
from simgrid.plug_ins import lacks_method, load, raised
from simgrid.quality.technologist import UnknownGate


@dataclass(frozen=True, slots=True)
class NoGate:
    """Everything passes, at once."""

    def judge(self, image: ImageReference) -> GateVerdict:
        """Accept."""
        return GateVerdict("accept")


GATES: Mapping[str, str] = {
    "none": "simgrid.quality.gates:NoGate",
    "technologist": "simgrid.quality.technologist:Technologist",
    "rules": "simgrid.quality.image_gates:Rules",
    "cnn": "simgrid.quality.image_gates:Network",
    "rules+cnn": "simgrid.quality.image_gates:RulesAndNetwork",
    "surrogate": "simgrid.quality.surrogate:Surrogate",
}
"""Ours, by the class that is imported when a scenario names it."""
GROUP = "simgrid.gates"


def available() -> tuple[str, ...]:
    """Every gate that is installed: ours, then those of other packages by their entry points."""
    return (*GATES, *sorted(set(_found()) - set(GATES)))


def source_file(choice: GateChoice) -> str | None:
    """The file of a gate that another package brings; None for ours and for a scenario's own plug-in."""
    if choice.plug_in is not None or choice.name in GATES or choice.name not in _found():
        return None
    return inspect.getsourcefile(_gate(choice))


def check(choice: GateChoice) -> tuple[str, ...]:
    """Everything wrong with a choice, as sentences; the gate is made with its options to find out."""
    try:
        made = make(choice)
    except UnknownGate as error:
        return (str(error),)
    except Exception as error:  # whatever a gate of one's own may raise
        return (raised(error, choice.plug_in),)
    lacking = lacks_method(made, "judge")
    return (lacking,) if lacking else ()


def make(choice: GateChoice) -> QualityGate:
    """The gate a scenario names, made afresh.

    :raises UnknownGate: naming what exists; PlugInError where its file is not what it was.
    """
    if choice.plug_in is None and choice.name not in available():
        raise UnknownGate(f"gate '{choice.name}' does not exist: choose one of {', '.join(available())}")
    plug_in = _gate(choice)
    if isinstance(plug_in, type) and (lacking := lacks_method(plug_in, "judge")):
        raise UnknownGate(lacking)
    try:
        inspect.signature(plug_in).bind(**choice.options)
    except TypeError as error:
        known = ", ".join(_options(plug_in)) or "none"
        given = ", ".join(choice.options) or "no options"
        problem = f"gate '{choice.name}' was given {given}: its options are {known}"
        raise UnknownGate(problem if choice.options else f"{problem} ({error})") from None
    gate: QualityGate = plug_in(**choice.options)
    return gate


def inputs(choice: GateChoice) -> Mapping[str, str]:
    """What a gate reads beside its own source, by name with its SHA-256: weights, tables, images.

    A gate says so by ``reads``, a list of files or a mapping of names to digests; most have none.

    :raises UnknownGate: the gate cannot be made; OSError where a file of it cannot be read.
    """
    reads = getattr(make(choice), "reads", ())
    if isinstance(reads, Mapping):
        return {str(name): str(digest) for name, digest in reads.items()}
    return {Path(file).name: hashlib.sha256(Path(file).read_bytes()).hexdigest() for file in reads}


def states(choice: GateChoice) -> str:
    """What a gate says of itself for a manifest (``states``); nothing where it says nothing."""
    return str(getattr(make(choice), "states", ""))


def _gate(choice: GateChoice) -> Any:
    if choice.plug_in is not None:
        return load(choice.plug_in)
    if choice.name not in GATES:
        return _found()[choice.name].load()
    module, _, name = GATES[choice.name].partition(":")
    return getattr(import_module(module), name)


def _options(plug_in: Any) -> list[str]:
    parameters = inspect.signature(plug_in).parameters.values()
    return [one.name for one in parameters if one.kind in (one.KEYWORD_ONLY, one.POSITIONAL_OR_KEYWORD)]


@cache
def _found() -> Mapping[str, EntryPoint]:
    return {found.name: found for found in entry_points(group=GROUP)}
