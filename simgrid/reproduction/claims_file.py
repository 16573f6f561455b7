"""``paper/claims.yaml`` to claims: strictly, every problem at once and with its place."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TypeVar

from simgrid.metrics import METRICS
from simgrid.reproduction.claims import MEASURES, MODES, WORDS, Band, Claim, Mode, Quantity, Subject, Word
from simgrid.scenario import Problem, ScenarioInvalid
from simgrid.scenario.files import read_file
from simgrid.scenario.marks import Located
from simgrid.scenario.marks import Path as Place
from simgrid.scenario.problems import did_you_mean, shown

_PACKAGE = Path(__file__).resolve().parents[1]
_KEYS = (
    "place",
    "says",
    "value",
    "experiment",
    "quantity",
    "band",
    "readings",
    "note",
    "expect",
)
_SUBJECTS: tuple[Subject, ...] = ("policy", "variant", "solver", "of")
_EDGES = ("above", "below", "around", "within", "equal")
_MEASURED = ("difference", "gain", "reduction", "trend")
"""Measures whose operands are metrics, where policies or variants are compared."""
_BANDLESS = ("counts", "sum", "joint")
"""Measures without an interval of their own, or with one that no band is about."""
_PERCENT = re.compile(r"(-?[0-9]+(?:\.[0-9]+)?) ?%")

_Read = TypeVar("_Read")


def shipped_claims() -> Path:
    """The claims that travel with simgrid: in the package, or beside it in a checkout."""
    inside = _PACKAGE / "paper" / "claims.yaml"
    return inside if inside.is_file() else _PACKAGE.parent / "paper" / "claims.yaml"


def read_claims(file: Path) -> tuple[Claim, ...]:
    """The claims of a file, in its order.

    :raises ScenarioInvalid: with everything that is wrong: unknown and missing keys, values of another type,
        metrics, measures and verdicts that do not exist.
    """
    tree = read_file(file)
    reader = _Reader(tree)
    reader.keys((), ("claims",), ("claims",))
    claims = tuple(reader.claim(name) for name in reader.mapping(("claims",)))
    if reader.problems:
        raise ScenarioInvalid(reader.problems)
    return claims


class _Reader:
    """Reads places of the tree and collects what is wrong with them."""

    def __init__(self, tree: Located) -> None:
        self.tree = tree
        self.problems: list[Problem] = []

    def claim(self, name: str) -> Claim:
        """One claim; parts that cannot be read are left out, and told."""
        at: Place = ("claims", name)
        self.keys(at, _KEYS, ("place", "says"))
        quantity = self.given((*at, "quantity"), self.quantity)
        metrics = quantity.metrics if quantity else ()
        readings = {one: self.text((*at, "readings", one)) for one in self.mapping((*at, "readings"))}
        value, values = self.value((*at, "value"))
        if quantity is not None and self.tree.at((*at, "experiment")) is None:
            self.say("E102", at, "has a quantity and no experiment", "name the experiment that measures it")
        bands = self.given((*at, "band"), lambda place: self.bands(place, metrics)) or {}
        if quantity is not None and not bands and quantity.measure not in _BANDLESS:
            self.say("E102", at, "has a quantity and no band", "such as 'band: {above: 0}'")
        return Claim(
            name=name,
            place=tuple(self.texts((*at, "place"))),
            says=self.text((*at, "says")),
            experiment=self.given((*at, "experiment"), self.text) or "",
            quantity=quantity,
            value=value,
            values=values,
            bands=bands,
            readings=readings,
            note=self.given((*at, "note"), self.text) or "",
            expect=self.given((*at, "expect"), lambda place: self.expect(place, (*readings, *metrics))) or {},
        )

    def quantity(self, at: Place) -> Quantity | None:
        """``{gain: METRIC, policy: NAME, against: [NAME]}`` and its like."""
        given = self.mapping(at)
        measures = [one for one in MEASURES if one in given]
        if len(measures) != 1:
            self.say("E106", at, "needs exactly one measure", f"one of {', '.join(MEASURES)}")
            return None
        kinds = [one for one in _SUBJECTS if one in given]
        if len(kinds) > 1:
            self.say("E106", at, f"compares {' and '.join(kinds)} at once", "keep one of them")
        self.keys(at, (*MEASURES, *_SUBJECTS, "against"), ("against",) if kinds else ())
        metrics = tuple(self.texts((*at, measures[0])))
        if measures[0] == "joint":
            for one in metrics:
                self.among((*at, "joint"), one, self.mapping(("claims",)), "claim")
        if measures[0] in _MEASURED and kinds[:1] in (["policy"], ["variant"]):
            for one in metrics:
                self.among((*at, measures[0]), one, METRICS, "metric")
        return Quantity(
            measure=measures[0],
            metrics=metrics,
            kind=kinds[0] if kinds else "",
            subject=self.text((*at, kinds[0])) if kinds else "",
            against=tuple(self.texts((*at, "against"))) if "against" in given else (),
        )

    def bands(self, at: Place, metrics: tuple[str, ...]) -> Mapping[str, Band]:
        """One band for all metrics, or one by metric."""
        given = self.mapping(at)
        if given and not any(one in given for one in _EDGES):
            for one in given:
                self.among((*at, one), one, metrics, "metric of this claim")
            return {one: self.band((*at, one)) for one in given}
        return {"": self.band(at)}

    def band(self, at: Place) -> Band:
        """``{above: x}``, ``{below: x}``, ``{equal: x}`` or ``{around: x, within: w}``."""
        given = self.mapping(at)
        numbers = {one: self.number((*at, one)) for one in given if one in _EDGES}
        self.keys(at, _EDGES, ())
        match sorted(numbers):
            case ["above"]:
                return Band(low=numbers["above"])
            case ["below"]:
                return Band(high=numbers["below"])
            case ["equal"]:
                return Band(numbers["equal"], numbers["equal"])
            case ["around", "within"] if numbers["within"] >= 0:
                return Band(*(numbers["around"] + side * numbers["within"] for side in (-1, 1)))
        way_out = "{above: x}, {below: x}, {equal: x} or {around: x, within: w} with w of at least 0"
        self.say("E106", at, "is no band", way_out)
        return Band()

    def value(self, at: Place) -> tuple[float | None, Mapping[str, float]]:
        """One stated value, or several by name."""
        found = self.tree.at(at)
        if found is None:
            return None, {}
        if found.mapping:
            return None, {one: self.number((*at, one)) for one in found.mapping}
        return self.number(at), {}

    def expect(self, at: Place, parts: tuple[str, ...]) -> Mapping[str, Mapping[Mode, Word]]:
        """A verdict, or one a part, each in both modes or ``{quick: ..., full: ...}``."""
        given = self.mapping(at) if (found := self.tree.at(at)) is not None and found.mapping else {}
        if not given or set(given) <= set(MODES):
            return {"": self.by_mode(at)}
        for one in given:
            self.among((*at, one), one, parts, "reading or metric of this claim")
        return {one: self.by_mode((*at, one)) for one in given}

    def by_mode(self, at: Place) -> Mapping[Mode, Word]:
        """The verdict for each number of worlds."""
        found = self.tree.at(at)
        if found is not None and found.mapping:
            self.keys(at, MODES, ())
            return {mode: self.word((*at, mode)) for mode in MODES if mode in found.mapping}
        return dict.fromkeys(MODES, self.word(at))

    def word(self, at: Place) -> Word:
        """One of the verdicts."""
        text = self.text(at)
        for word in WORDS:
            if word == text:
                return word
        self.say("E108", at, f"{shown(text)} is no verdict", did_you_mean(text, WORDS))
        return "not run"

    def given(self, at: Place, read: Callable[[Place], _Read]) -> _Read | None:
        """What stands at an optional place; None where nothing does."""
        found = self.tree.at(at)
        return None if found is None or found.value is None else read(at)

    def mapping(self, at: Place) -> Mapping[str, Located]:
        """The entries at a place; none where there is nothing."""
        found = self.tree.at(at)
        if found is None:
            return {}
        if not isinstance(found.value, dict):
            self.say("E106", at, f"{shown(found.value)} is not a mapping", "write key: value")
            return {}
        return found.mapping

    def texts(self, at: Place) -> Iterable[str]:
        """A list of texts, or one alone."""
        found = self.tree.at(at)
        if found is None or not isinstance(found.value, list):
            return [self.text(at)]
        if not found.value:
            self.say("E106", at, "is an empty list", "name at least one")
        return [self.text((*at, number)) for number in range(len(found.value))]

    def text(self, at: Place) -> str:
        """A text; a missing one was told by ``keys``."""
        found = self.tree.at(at)
        if found is None:
            return ""
        if not isinstance(found.value, str):
            self.say("E106", at, f"{shown(found.value)} is not text", "put it in quotes")
            return ""
        return found.value

    def number(self, at: Place) -> float:
        """A number, or ``50 %``."""
        found = self.tree.at(at)
        value = found.value if found is not None else None
        if isinstance(value, str) and (percent := _PERCENT.fullmatch(value)):
            return float(percent[1]) / 100
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            what = shown(found.plain() if found else None)
            self.say("E106", at, f"{what} is no number", "such as 0.5 or '50 %'")
            return 0.0
        return float(value)

    def keys(self, at: Place, known: tuple[str, ...], needed: tuple[str, ...]) -> None:
        """Tell unknown and missing keys of the mapping at a place."""
        given = self.mapping(at) if at else self.tree.mapping
        for one in given:
            if one not in known:
                self.say("E101", (*at, one), "is no key here", did_you_mean(one, known))
        for one in needed:
            if one not in given:
                self.say("E102", (*at, one), "is missing", f"write '{one}: ...'")

    def among(self, at: Place, name: str, known: Iterable[str], what: str) -> None:
        """Tell a name that is not among the known ones."""
        if name not in known:
            self.say("E108", at, f"{shown(name)} is no {what}", did_you_mean(name, known))

    def say(self, code: str, at: Place, message: str, way_out: str) -> None:
        """Note a problem."""
        self.problems.append(Problem.at(code, self.tree.spot(at), at, message, way_out))
