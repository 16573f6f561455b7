"""The house rules that machines can see: lint, format, types, imports, sizes, words."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
PACKAGE = sorted((ROOT / "simgrid").rglob("*.py"))
HARD_CAP = 400
LONGEST_FUNCTION = 60
MEANINGLESS = {
    "utils",
    "util",
    "common",
    "base",
    "core",
    "helpers",
    "misc",
    "manager",
    "report",
    "reader",
    "worker",
}
TEXTS = (".py", ".yaml", ".yml", ".csv", ".json", ".toml", ".md", ".txt")
PUBLISHED = (
    "13.25",
    "63.76",
    "22.39",
    "0.1325",
    "0.6376",
    "0.2239",
    "1.1325",
    "1.6376",
    "0.4545",
    "0.883",
    "0.611",
)


@pytest.mark.parametrize(
    "command",
    [
        ["ruff", "check", "--no-cache", "."],
        ["ruff", "format", "--check", "."],
        ["mypy"],
        ["lint-imports"],
    ],
    ids=" ".join,
)
def test_checkers_find_nothing(command: list[str]) -> None:
    found = subprocess.run(
        [str(BIN / command[0]), *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stdout + found.stderr


def test_modules_and_functions_stay_small() -> None:
    long_modules = [path.name for path in PACKAGE if len(path.read_text().splitlines()) > HARD_CAP]
    long_functions = [
        f"{path.name}:{node.name}"
        for path in PACKAGE
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION
    ]
    assert long_modules == []
    assert long_functions == []


def test_every_room_has_a_meaning_and_a_door_sign() -> None:
    names = {path.stem for path in PACKAGE if "cli" not in path.parts} | {
        path.parent.name for path in PACKAGE
    }
    assert names.isdisjoint(MEANINGLESS)
    signs = [path for path in PACKAGE if path.name == "__init__.py"]
    assert [sign for sign in signs if not ast.get_docstring(ast.parse(sign.read_text()))] == []


def test_no_pickle_and_no_unsafe_yaml() -> None:
    unsafe = re.compile(
        r"^\s*(import|from)\s+(pickle|marshal|shelve|dill)\b|yaml\.load\(|allow_pickle=True", re.M
    )
    assert [path.name for path in PACKAGE if unsafe.search(path.read_text())] == []


def test_published_gains_are_no_literals_of_the_model() -> None:
    """In no room, table or scenario; the claims, which state them, show that they would be found."""
    spellings = "|".join(re.escape(number).replace("0\\.", "0?\\.") for number in PUBLISHED)
    gains = re.compile(rf"(?<![\d.])({spellings})0*(?!\d)")
    for number in PUBLISHED:
        for written in (f"x = {number}", f"[{number}0]", f"{number} %", f"-{number.lstrip('0')},"):
            assert gains.search(written), written
    assert len(gains.findall((ROOT / "paper/claims.yaml").read_text(encoding="utf-8"))) >= 5
    places = [ROOT / "scenarios", *(path for path in (ROOT / "simgrid").iterdir() if path.is_dir())]
    texts = {one: [path for path in sorted(one.rglob("*")) if path.suffix in TEXTS] for one in places}
    held = {
        "scenarios",
        "simulation",
        "policies",
        "rating",
        "domain",
        "experiments",
        "workload",
        "assignment",
    }
    assert held <= {one.name for one, files in texts.items() if files}
    assert len(texts[ROOT / "scenarios"]) >= 10
    files = [path for own in texts.values() for path in own] + list((ROOT / "simgrid").glob("*.py"))
    assert set(PACKAGE) <= set(files)
    assert [str(path) for path in files if gains.search(path.read_text(encoding="utf-8"))] == []
