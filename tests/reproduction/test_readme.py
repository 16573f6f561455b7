"""The README's promises: its install lines are CI's, and every other command and example in it runs."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
SHELL = [line for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL) for line in block.splitlines()]
INSTALLING = [line for line in SHELL if line.startswith("python3 -m venv")]
RUNNING = [line for line in SHELL if line not in INSTALLING]
PYTHON = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
MAIN = "simgrid run scenarios/paper/table-1.yaml"
PLAN = "simgrid plan tiny/plan"
CLAIMS_SHOWN, PLAN_SHOWN = re.findall(r"```text\n(.*?)```", README, re.DOTALL)


def run(command: str, folder: Path) -> str:
    """Run a README command in a folder that has the checkout's scenarios, with this environment's simgrid."""
    if not (folder / "scenarios").exists():
        (folder / "scenarios").symlink_to(ROOT / "scenarios")
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, env={"PATH": path}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_first_lines_install_then_run_and_test() -> None:
    first, second = INSTALLING
    assert first.endswith(f".venv/bin/pip install -q . && .venv/bin/{MAIN}")
    assert second in (ROOT / ".ci/run").read_text()


def test_whoever_has_python_alone_is_told_what_to_type() -> None:
    """The same two steps on each system."""
    lines = README.partition("### On your computer")[2].splitlines()
    mac, windows = (re.findall(r"`([^`]+)`", one)[:2] for one in lines if one.startswith(("| Mac", "| Win")))
    assert INSTALLING[0].startswith(" && ".join(mac).replace("install .", "install -q ."))
    assert windows == ["py -m venv .venv", mac[1].replace(".venv/bin/", ".venv\\Scripts\\")]


def test_the_main_command_prints_what_the_readme_shows(tmp_path: Path) -> None:
    printed = run(MAIN, tmp_path)
    assert CLAIMS_SHOWN.strip() in printed


def test_every_other_command_runs_in_the_order_shown(tmp_path: Path) -> None:
    """Beside the files that the README shows by their name."""
    assert RUNNING
    for example in PYTHON:
        if named := re.match(r"# (\w+\.py)\n", example):
            (tmp_path / named[1]).write_text(example)
    printed = {command: run(command, tmp_path) for command in RUNNING}
    assert printed[PLAN].startswith(PLAN_SHOWN)


@pytest.mark.parametrize("example", PYTHON, ids=["policy", "solver"])
def test_every_example_runs(example: str) -> None:
    exec(compile(example, "README.md", "exec"), {"__name__": "readme"})  # noqa: S102


def test_every_file_it_names_exists() -> None:
    table = README[README.index("## I want to") : README.index("## Results")]
    named = [name for name in re.findall(r"`([\w./-]+)`", table) if "/" in name]
    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []
