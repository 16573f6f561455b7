"""A technologist's look at an image, as a gate and as whom other gates ask."""

from __future__ import annotations

from dataclasses import dataclass

from simgrid.domain.decision import GateVerdict, ImageReference
from simgrid.domain.units import Seconds


class UnknownGate(ValueError):
    """A gate or an option of it that does not exist."""


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
        again = self.positive(image.defective, image.luck)
        return GateVerdict("repeat" if again else "accept", self.check_s, staff_s=self.check_s)

    def after(
        self,
        image: ImageReference,
        before_s: Seconds,
        defects: tuple[str, ...] = (),
        luck: float | None = None,
    ) -> GateVerdict:
        """Decide in place of a gate that took so long and left it to a person.

        ``luck``: a uniform in [0, 1) that is still unused, where the gate has used some of the image's.
        """
        again = self.positive(image.defective, image.luck if luck is None else luck)
        took_s = before_s + self.check_s
        return GateVerdict("repeat" if again else "accept", took_s, defects, self.check_s, referred=True)

    def positive(self, defective: bool, luck: float) -> bool:
        """Whether the test says that there is a defect."""
        return luck < (self.sensitivity if defective else 1 - self.specificity)
