"""The notebooks run on quick settings, define nothing, and are what their Markdown says.

``python -m tests.reproduction.test_notebooks [NAME]...`` executes in full those whose names begin so, or all,
and writes each ``.ipynb``.
"""

from __future__ import annotations

import ast
import os
import sys
from pathlib import Path

import jupytext
import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "notebooks").glob("*.md"))
LARGEST = 600_000
"""Bytes of a notebook with its outputs."""


def executed(source: Path, *, quick: bool) -> nbformat.NotebookNode:
    """The notebook with its outputs; raises CellExecutionError where a cell fails."""
    notebook = jupytext.read(source)
    for place, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{place}"
    before = dict(os.environ)
    os.environ.update({"PYTHONPATH": str(ROOT), "MPLBACKEND": "module://matplotlib_inline.backend_inline"})
    os.environ["SIMGRID_QUICK"] = "1" if quick else ""
    try:
        NotebookClient(notebook, timeout=300, record_timing=False).execute()
    finally:
        os.environ.clear()
        os.environ.update(before)
    return notebook


def said(notebook: nbformat.NotebookNode) -> list[tuple[str, str]]:
    return [(cell.cell_type, cell.source) for cell in notebook.cells]


def code(source: Path) -> str:
    return "\n".join(text for kind, text in said(jupytext.read(source)) if kind == "code")


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_it_runs(source: Path) -> None:
    notebook = executed(source, quick=True)
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert any("image/png" in output.get("data", {}) for output in outputs)


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_it_asks_answers_and_defines_nothing(source: Path) -> None:
    parts = said(jupytext.read(source))
    assert parts[0][1].startswith("# ")
    assert parts[0][1].splitlines()[0].endswith("?")
    assert any(text.startswith("## Answer") for _, text in parts)
    assert "**Caveat.**" in parts[-1][1]
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    assert not [node for node in ast.walk(ast.parse(code(source))) if isinstance(node, kinds)]


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_the_pair_is_in_step(source: Path) -> None:
    pair = source.with_suffix(".ipynb")
    stored = nbformat.read(pair, as_version=4)
    assert said(stored) == said(jupytext.read(source))
    cells = [cell for cell in stored.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert pair.stat().st_size < LARGEST


def main(names: tuple[str, ...]) -> None:
    """Write the pairs whose names begin so, executed in full."""
    for source in (one for one in SOURCES if one.name.startswith(names)):
        notebook = executed(source, quick=False)
        notebook.metadata.pop("language_info", None)
        nbformat.write(notebook, source.with_suffix(".ipynb"))


if __name__ == "__main__":
    main(tuple(sys.argv[1:]) or ("",))
