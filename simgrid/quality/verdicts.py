"""The real module's verdicts on planted images, and the damage that was done to these; both found once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

from simgrid.domain.decision import Verdict
from simgrid.domain.imaging import PlantedImage
from simgrid.quality.defects import damage
from simgrid.quality.judging import by_network, by_rules
from simgrid.quality.pool import pool
from simgrid.quality.seeing import pixels
from simgrid.quality.stored import Stored, code_digest

Looking: TypeAlias = Literal["rules", "cnn", "rules+cnn"]
LOOKING: tuple[Looking, ...] = get_args(Looking)
_GRAVER: tuple[Verdict, ...] = ("accept", "accept-with-note", "abstain", "repeat", "reject")
"""Of two verdicts on one image the later one here counts."""
_PLANTING = ("image", "defect_names", "seeing", "defects")
_NETWORK = ("classifier", "weights/classifier.onnx", "weights/classifier.npz")
_RULES = ("body_part", "consistency", "limits", "limits.csv", "names")  # of one image; ``series`` is of many
_JUDGING = (*_PLANTING, "measures", *(f"rules/{one}" for one in _RULES), "judging", "verdicts")


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict and the defects for which it was given."""

    verdict: Verdict
    defects: tuple[str, ...] = ()


class Verdicts:
    """What the module says under one way of looking, kept in memory and on disk.

    ``asked`` counts verdicts wanted, ``judged`` those for which the real module had to look.
    """

    def __init__(self, looking: Looking, folder: Path | None = None) -> None:
        self._looking = looking
        self._stored = Stored(f"verdicts-{looking}", judge_digest(looking), folder)
        self._known: dict[PlantedImage, Judged] = {}
        self.asked = self.judged = 0

    def of(self, planted: PlantedImage) -> Judged:
        """The verdict on an acquisition."""
        self.asked += 1
        known = self._known.get(planted)
        if known is None:
            known = _read(self._stored.get(planted)) or self._look(planted)
            self._known[planted] = known
        return known

    def _look(self, planted: PlantedImage) -> Judged:
        self.judged += 1
        found = judge(planted, self._looking)
        self._stored.put(planted, {"verdict": found.verdict, "defects": list(found.defects)})
        return found


def judge(planted: PlantedImage, looking: Looking) -> Judged:
    """Have the real module look at the pixels, memoised nowhere."""
    image = pixels(planted)
    found: list[Judged] = []
    if looking != "cnn":
        original = pool(planted.source, planted.folder).named(planted.name)
        found.append(Judged(*by_rules(image, original)))
    if looking != "rules":
        found.append(Judged(*by_network(image)))
    worst = max(found, key=lambda one: _GRAVER.index(one.verdict))
    named = dict.fromkeys(name for one in found for name in one.defects)
    return Judged(worst.verdict, tuple(named))


@lru_cache(maxsize=4)
def shared(looking: Looking) -> Verdicts:
    """One memory a process for each way of looking: policies and worlds share it."""
    return Verdicts(looking)


def judge_digest(looking: Looking) -> str:
    """SHA-256 of the code that plants and judges, and of the weights where the network looks."""
    return code_digest(*_JUDGING, *(() if looking == "rules" else _NETWORK))


class Damages:
    """The share of each image that its defect has spoiled (``simgrid.quality.defects.damage``)."""

    def __init__(self, folder: Path | None = None) -> None:
        self._stored = Stored("damage", planting_digest(), folder)
        self._known: dict[PlantedImage, float] = {}

    def of(self, planted: PlantedImage) -> float:
        """0 to 1; 0 where nothing is planted."""
        if planted.defect is None:
            return 0.0
        known = self._known.get(planted)
        if known is None:
            stored = (self._stored.get(planted) or {}).get("damage")
            known = stored if isinstance(stored, float) and 0 <= stored <= 1 else self._measure(planted)
            self._known[planted] = known
        return known

    def _measure(self, planted: PlantedImage) -> float:
        clean = pool(planted.source, planted.folder).named(planted.name).image
        found = float(damage(clean, pixels(planted)))
        self._stored.put(planted, {"damage": found})
        return found


@lru_cache(maxsize=1)
def shared_damages() -> Damages:
    """One memory a process."""
    return Damages()


def planting_digest() -> str:
    """SHA-256 of the code that plants defects and measures what they spoil."""
    return code_digest(*_PLANTING)


def _read(found: Mapping[str, Any] | None) -> Judged | None:
    """A stored verdict; None where it is none, and the image is judged again."""
    verdict, named = (found or {}).get("verdict"), (found or {}).get("defects")
    if (
        verdict not in _GRAVER
        or not isinstance(named, list)
        or not all(isinstance(one, str) for one in named)
    ):
        return None
    return Judged(verdict, tuple(str(one) for one in named))
