"""``--set KEY=VALUE``: other values at named places, by the same reader and the same errors."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from simgrid.scenario.marks import Located, Mark, Source
from simgrid.scenario.problems import Problem, ScenarioInvalid, nothing_to_remove, shown
from simgrid.scenario.yaml_tree import read_value

PLACE = re.compile(r"[^\s.=\[\]][^.=\[\]]*(?:\.[^\s.=\[\]][^.=\[\]]*)*")
"""How a place is written: keys with dots between."""


def overridden(tree: Located, overrides: Sequence[str]) -> Located:
    """The tree with every ``KEY=VALUE`` put at its place, the last one winning; null removes.

    :raises ScenarioInvalid: for all overrides that cannot be read.
    """
    problems: list[Problem] = []
    for text in overrides:
        key, equals, value = text.partition("=")
        source = Source(f"--set {text}", text)
        if not equals or not PLACE.fullmatch(key):
            mark = Mark(source, 1, 1, max(len(key), 1))
            problems.append(
                Problem.at("E009", mark, (), f"{shown(text)} is not KEY=VALUE", "such as 'seed=7'")
            )
            continue
        if key.split(".", 1)[0] == "extends":
            mark = Mark(source, 1, 1, len(key))
            problems.append(Problem.at("E009", mark, (), "extends cannot be set", "edit the file instead"))
            continue
        try:
            given = read_value(Source(source.name, value))
        except ScenarioInvalid as invalid:
            problems.extend(_shifted(problem, text, len(key) + 1) for problem in invalid.problems)
            continue
        given = _relocated(given, source, len(key) + 1)
        place = tuple(key.split("."))
        if given.value is None and tree.at(place) is None:
            problems.append(nothing_to_remove(Mark(source, 1, 1, len(key)), place))
        tree = tree.put(
            place, None if given.value is None else replace(given, key=Mark(source, 1, 1, len(key)))
        )
    if problems:
        raise ScenarioInvalid(problems)
    return tree


def _shifted(problem: Problem, text: str, by: int) -> Problem:
    return replace(problem, column=problem.column + by, snippet=text) if problem.line == 1 else problem


def _relocated(tree: Located, source: Source, by: int) -> Located:
    """Marks of a value read alone, as marks in the whole ``KEY=VALUE``."""

    def move(mark: Mark | None) -> Mark | None:
        if mark is None:
            return None
        return Mark(source, mark.line, mark.column + (by if mark.line == 1 else 0), mark.length)

    value = tree.value
    if isinstance(value, dict):
        value = {key: _relocated(one, source, by) for key, one in value.items()}
    elif isinstance(value, list):
        value = [_relocated(one, source, by) for one in value]
    mark = move(tree.mark)
    return Located(value, mark if mark is not None else tree.mark, move(tree.key))
