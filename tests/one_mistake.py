"""The smallest shipped scenario with something wrong in it, and what is said of that."""

from __future__ import annotations

from pathlib import Path

import pytest

from simgrid.scenario import Problem, ScenarioInvalid, load

TINY = Path(__file__).parents[1] / "scenarios" / "tiny" / "one-unit.yaml"
TEXT = TINY.read_text(encoding="utf-8")


def problems(tmp_path: Path, text: str, *overrides: str) -> tuple[Problem, ...]:
    file = tmp_path / "bad.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioInvalid) as caught:
        load(file, overrides)
    return caught.value.problems


def marked(problem: Problem) -> str:
    return problem.snippet[problem.column - 1 : problem.column - 1 + problem.length]


CHILD = "extends: tiny/one-unit.yaml\n"
