"""Gates that look at pixels: the rules, the network, and both; what they will not decide, a person does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from simgrid.domain.decision import GateVerdict, ImageReference
from simgrid.domain.units import Seconds
from simgrid.quality.technologist import Technologist
from simgrid.quality.verdicts import Judged, Looking, judge_digest, shared


class _LooksItself:
    """Asks the real module, and the technologist where it abstains, rejects, or there is no image.

    ``check_s``: until the verdict is there, with nobody working on it; the others are the technologist's, as
    in the gate of that name.
    """

    looking: ClassVar[Looking]

    def __init__(
        self,
        check_s: Seconds = 2.0,
        technologist_s: Seconds = 24.0,
        sensitivity: float = 0.80,
        specificity: float = 0.98,
    ) -> None:
        self._check_s = check_s
        self._technologist = Technologist(technologist_s, sensitivity, specificity)
        if check_s < 0:
            raise ValueError(f"check_s is {check_s}: expected 0 or more seconds")

    @property
    def reads(self) -> Mapping[str, str]:
        """Code and weights that judge, in one SHA-256: it is in the keys of runs."""
        return {f"gate {self.looking}": judge_digest(self.looking)}

    @property
    def states(self) -> str:
        """What a manifest says of it."""
        return f"the real module on real pixels (judge {judge_digest(self.looking)[:16]})"

    def judge(self, image: ImageReference) -> GateVerdict:
        """What the module says of these pixels; ``repeat`` and ``accept`` stand, the rest is referred."""
        found = self.judged(image)
        if found.verdict in ("abstain", "reject"):
            return self._technologist.after(image, self._check_s, found.defects)
        return GateVerdict(found.verdict, self._check_s, found.defects)

    def judged(self, image: ImageReference) -> Judged:
        """The module's own verdict; it abstains where there is nothing to see."""
        return Judged("abstain") if image.planted is None else shared(self.looking).of(image.planted)


class Rules(_LooksItself):
    """Limits and consistency only."""

    looking = "rules"


class Network(_LooksItself):
    """The classifier only: measures and pixels, calibrated."""

    looking = "cnn"


class RulesAndNetwork(_LooksItself):
    """The graver of both verdicts."""

    looking = "rules+cnn"
