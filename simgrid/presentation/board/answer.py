"""The answer in one sentence: met, missed, or it cannot be told; every number in it stands in a table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from simgrid.experiments.study import Study
from simgrid.presentation.board.judging import (
    UNTOLD,
    Figure,
    Judged,
    Word,
    decided,
    interval,
    margin,
)

TEMPLATES = (
    "Yes: {0} meets the target “{1}”, with {2}.",
    "Yes: {0} meets every target; the closest is “{1}”, with {2}.",
    "No: {0} misses the target “{1}”, with {2}.",
    "No: {0} misses more than one target, by most “{1}”, with {2}.",
    "It cannot be told yet whether {0} meets the target “{1}”: {2}.",
    "{0} is better than {3} in {1}: {2} against {4}.",
    "{0} is worse than {3} in {1}: {2} against {4}.",
    "{0} and {3} cannot be told apart in {1}: {2} against {4}.",
    "{1} under {0}: {2}.",
    "Nothing was measured of {0}.",
)
"""Numbered, since the page's sliders put other words into the same sentences."""
_ONE, _EVERY, _MISSED, _MORE, _UNTOLD, _BETTER, _WORSE, _APART, _ALONE, _NOTHING = range(len(TEMPLATES))
_COMPARED: dict[Word, int] = {"better": _BETTER, "worse": _WORSE, UNTOLD: _APART}


@dataclass(frozen=True, slots=True)
class Sentence:
    """One of the templates and the words that go into it; ``word`` is its verdict."""

    template: int
    parts: tuple[str, ...]
    word: Word

    @property
    def text(self) -> str:
        """The whole sentence."""
        return TEMPLATES[self.template].format(*self.parts)


def sentence(study: Study, found: Judged, cell: int, policy: int) -> Sentence:
    """The answer for one cell under one policy."""
    figures = found.figures[cell][policy]
    name = study.design.policies[policy]
    if figures is None or not found.aims:
        return Sentence(_NOTHING, (name,), UNTOLD)
    if found.targeted:
        return _of_targets(name, found, figures)
    base = study.design.policies.index(study.design.baseline) if study.design.baseline else policy
    others = found.figures[cell][base]
    aim, one = found.aims[0], figures[0]
    if base == policy or others is None:
        return Sentence(_ALONE, (name, aim.name, interval(aim, one)), "")
    parts = (name, aim.name, interval(aim, one), study.design.policies[base], interval(aim, others[0]))
    return Sentence(_COMPARED.get(one.word, _APART), parts, one.word)


def overall(figures: Sequence[Figure]) -> Word:
    """All met, any missed, or it cannot be told."""
    words = {one.word for one in figures}
    return "missed" if "missed" in words else "met" if words == {"met"} else UNTOLD


def chosen_policy(study: Study, found: Judged, cell: int) -> int:
    """The policy that the answer is about: with targets the first one, as it is the deployed one.

    Without, the one with the best mean of the first metric; what it is called then is decided by the
    corrected comparison with the baseline.
    """
    of_cell = found.figures[cell]
    there = [place for place, one in enumerate(of_cell) if one is not None]
    if found.targeted or not there or not found.aims:
        return there[0] if there else 0
    sign = 1.0 if found.aims[0].better == "higher" else -1.0

    def merit(place: int) -> float:
        figures = of_cell[place]
        value = figures[0].mean if figures else math.nan
        return -math.inf if math.isnan(value) else sign * value

    base = study.design.baseline
    others = [place for place in there if study.design.policies[place] != base]
    return max(others or there, key=merit)


def decisive(found: Judged, figures: Sequence[Figure]) -> int:
    """The aim that the answer speaks of: of those that decide the one with the least margin."""
    if not found.targeted:
        return 0
    word = overall(figures)
    deciding = [k for k, one in enumerate(figures) if word in ("met", one.word)]
    return min(deciding, key=lambda k: margin(found.aims[k], figures[k]))


def _of_targets(name: str, found: Judged, figures: Sequence[Figure]) -> Sentence:
    word, worst = overall(figures), decisive(found, figures)
    aim, one = found.aims[worst], figures[worst]
    parts = (name, aim.name, decided(aim, one))
    if word == "met":
        return Sentence(_ONE if len(figures) == 1 else _EVERY, parts, word)
    if word == "missed":
        many = sum(other.word == word for other in figures)
        return Sentence(_MISSED if many == 1 else _MORE, parts, word)
    return Sentence(_UNTOLD, parts, word)
