"""The page about simulated defects: its code runs, its commands and files exist."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

from simgrid.quality.defect_names import DEFECTS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/explanation/image-defects.md").read_text(encoding="utf-8")


def test_the_code_of_the_page_runs() -> None:
    (block,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    exec(compile(block, "image-defects.md", "exec"), {})  # noqa: S102


def test_what_the_page_names_exists() -> None:
    commands = re.findall(r"`python -m ([\w.]+)`", PAGE)
    assert len(commands) == 3
    assert all(importlib.util.find_spec(module) for module in commands)
    files = re.findall(r"`((?:tests|docs|simgrid)/[\w./-]+\.\w+)`", PAGE)
    assert files
    assert all((ROOT / file).is_file() for file in files)
    assert (ROOT / "docs/images/defects.png").is_file()
    assert re.findall(r"^\| (\w+) \|", PAGE, re.MULTILINE)[1:] == list(DEFECTS)
