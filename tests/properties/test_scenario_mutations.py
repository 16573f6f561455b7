"""Mutated scenarios: loaded or refused with located problems, never a traceback, never silence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simgrid.scenario import ScenarioInvalid, load
from simgrid.scenario.axes import label
from simgrid.scenario.marks import Source, dotted
from simgrid.scenario.scalars import OddScalar, plain_scalar
from simgrid.scenario.yaml_tree import read_tree

SCENARIOS = Path(__file__).parents[2] / "scenarios"
TABLE_1 = (SCENARIOS / "paper" / "table-1.yaml").read_text(encoding="utf-8")
REGION = (SCENARIOS / "templates" / "regional-network.yaml").read_text(encoding="utf-8")
REGION += "sweep: {dispatch.every: {from: 5 min, to: 15 min, steps: 2}}\n"
TEXTS = [TABLE_1.split("\n"), REGION.split("\n")]
TREE = read_tree(Source("table-1", TABLE_1))
PATHS = [path for path, _ in TREE.leaves()]
PLACES = [dotted(path) for path in PATHS if all(isinstance(part, str) and "." not in part for part in path)]
TOKENS = [
    *(
        "null",
        "{}",
        "[]",
        "-1",
        "0",
        "1e308",
        "NO",
        "17:00",
        "010",
        "~",
        "'",
        '"',
        "*x",
        "&x",
        "!!str",
        "%",
        "\t",
    ),
    *("8 mbit/s", "250 MB", "60", "manual", "*general", "<<: *general", "---", "#", ": ", "{", "}", "[", "]"),
    *(
        "0 %",
        "1000 %",
        "x" * 200,
        "ü",
        "\x00",
        "\u2028",
        "always",
        "2026-13-40",
        "true",
        "|",
        ">",
        "? ",
        "@",
        ",",
    ),
]
CHECKS = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=CHECKS)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    lines = list(draw(st.sampled_from(TEXTS)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(lines) - 1))
        line = lines[at]
        column = draw(st.integers(0, len(line)))
        match draw(st.sampled_from(["delete", "double", "insert", "cut", "swap", "indent"])):
            case "delete":
                lines[at] = ""
            case "double":
                lines.insert(at, line)
            case "insert":
                lines[at] = line[:column] + draw(st.sampled_from(TOKENS)) + line[column:]
            case "cut":
                lines[at] = line[:column]
            case "swap":
                other = draw(st.integers(0, len(lines) - 1))
                lines[at], lines[other] = lines[other], lines[at]
            case _:
                lines[at] = "  " + line
    return "\n".join(lines)


def loads_or_says_why(file: Path, *overrides: str) -> None:
    try:
        loaded = load(file, overrides)
    except ScenarioInvalid as refused:
        assert refused.problems
        for problem in refused.problems:
            assert problem.code.startswith("E")
            assert problem.message
            assert problem.render()
            assert problem.line == 0 or problem.column >= 1
    else:
        assert loaded.cells
        assert all(cell.canonical for cell in loaded.cells)


@QUICK
@given(text=mutated())
def test_mutated_text(tmp_path: Path, text: str) -> None:
    file = tmp_path / "mutated.yaml"
    file.write_text(text, encoding="utf-8", newline="")
    loads_or_says_why(file)


@QUICK
@given(place=st.sampled_from(PLACES), value=st.one_of(st.sampled_from(TOKENS), st.text(max_size=12)))
def test_any_value_at_any_place(place: str, value: str) -> None:
    loads_or_says_why(SCENARIOS / "paper" / "table-1.yaml", f"{place}={value}")


@QUICK
@given(raw=st.binary(max_size=200))
def test_any_bytes(tmp_path: Path, raw: bytes) -> None:
    file = tmp_path / "raw.yaml"
    file.write_bytes(raw)
    with pytest.raises(ScenarioInvalid) as caught:
        load(file)
    assert caught.value.problems


@QUICK
@given(st.text(max_size=20))
def test_a_plain_scalar_is_read_as_yaml_1_2_or_refused(text: str) -> None:
    try:
        value = plain_scalar(text)
    except OddScalar as odd:
        assert all(odd.args)
        return
    if isinstance(value, str):
        assert value == text
    elif isinstance(value, int) and not isinstance(value, bool):
        assert int(text) == value
    elif isinstance(value, float):
        assert float(text) == value


@settings(QUICK, max_examples=10)
@given(st.permutations(["spread", "workload_limit", "dispatch", "data_centre", "studies", "reading_time"]))
def test_canonical_text_ignores_the_order_of_blocks(tmp_path: Path, order: list[str]) -> None:
    plain = TREE.mapping
    blocks = [key for key in plain if key not in order] + list(order)
    text = json.dumps({key: plain[key].plain() for key in blocks})
    file = tmp_path / "table-1.yaml"
    file.write_text(text, encoding="utf-8")
    assert load(file).cells[0].canonical == load(SCENARIOS / "paper" / "table-1.yaml").cells[0].canonical


def test_labels_and_places_read_like_the_text() -> None:
    tree = read_tree(Source("x", "a: {urgent: 30 min, routine: 2 h}\nb: [1, true]\nc: 5 %\n"))
    assert [label(one) for one in tree.mapping.values()] == ["urgent 30 min; routine 2 h", "1; true", "5 %"]
    assert [dotted(path) for path, _ in tree.leaves()] == ["a.urgent", "a.routine", "b[0]", "b[1]", "c"]
