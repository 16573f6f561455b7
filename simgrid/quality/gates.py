"""The gates an image may have to pass at the acquiring site before it is sent.

A gate of one's own is a class whose ``judge`` is shown an ``ImageReference`` and answers with a
``GateVerdict``. A scenario names it by its file, or an entry point of the group ``simgrid.gates`` makes it
known. The arguments of its ``__init__`` are the options that a scenario may set. One object serves a run.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from simgrid.domain.decision import GateVerdict, ImageReference, QualityGate
from simgrid.domain.scenario import GateChoice
from simgrid.domain.units import Seconds
from simgrid.plug_ins import lacks_method, load, raised


class UnknownGate(ValueError):
    """A gate or an option of it that does not exist."""


@dataclass(frozen=True, slots=True)
class NoGate:
    """Everything passes, at once."""

    def judge(self, image: ImageReference) -> GateVerdict:
        """Accept."""
        return GateVerdict("accept")


@dataclass(frozen=True, slots=True)
class Technologist:
    """A technologist's look at the images: a test with a sensitivity and a specificity, not a coin.

    Defaults: 24 s an examination (Lehnert, AJR: 24 s for DR, 51 s for CR); sensitivity and specificity are
    assumed. The verdict is decided by the image's own uniform, so every policy sees the same repeats.
    """

    check_s: Seconds = 24.0
    sensitivity: float = 0.80
    specificity: float = 0.98

    def __post_init__(self) -> None:
        for name in ("sensitivity", "specificity"):
            if not 0 <= getattr(self, name) <= 1:
                raise UnknownGate(f"gate technologist: {name} is {getattr(self, name)}: expected 0 to 1")
        if self.check_s < 0:
            raise UnknownGate(f"gate technologist: check_s is {self.check_s}: expected 0 or more seconds")

    def judge(self, image: ImageReference) -> GateVerdict:
        """Ask for a repeat where the test is positive."""
        positive = self.sensitivity if image.defective else 1 - self.specificity
        return GateVerdict("repeat" if image.luck < positive else "accept", self.check_s)


GATES: Mapping[str, Any] = {"none": NoGate, "technologist": Technologist}
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


def _gate(choice: GateChoice) -> Any:
    if choice.plug_in is not None:
        return load(choice.plug_in)
    return GATES[choice.name] if choice.name in GATES else _found()[choice.name].load()


def _options(plug_in: Any) -> list[str]:
    parameters = inspect.signature(plug_in).parameters.values()
    return [one.name for one in parameters if one.kind in (one.KEYWORD_ONLY, one.POSITIONAL_OR_KEYWORD)]


@cache
def _found() -> Mapping[str, EntryPoint]:
    return {found.name: found for found in entry_points(group=GROUP)}
