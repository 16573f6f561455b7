"""The gates an image may have to pass at the acquiring site before it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from simgrid.domain.decision import GateVerdict, ImageReference, QualityGate
from simgrid.domain.scenario import GateChoice
from simgrid.domain.units import Seconds


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


def make(choice: GateChoice) -> QualityGate:
    """The gate a scenario names; raises ``UnknownGate`` naming what exists."""
    if choice.name not in GATES:
        raise UnknownGate(f"gate '{choice.name}' does not exist: choose one of {', '.join(GATES)}")
    try:
        gate: QualityGate = GATES[choice.name](**choice.options)
    except TypeError:
        known = ", ".join(getattr(GATES[choice.name], "__dataclass_fields__", {})) or "none"
        given = ", ".join(choice.options)
        raise UnknownGate(f"gate '{choice.name}' was given {given}: its options are {known}") from None
    return gate
