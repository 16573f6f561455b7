"""Tools that only some machines have: absent ones skip a test, but not where CI promises them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.forked_commands import Commands, commands

# In CI the same examples every time, so that a commit is green or red by itself; elsewhere always new ones.
settings.register_profile("ci", derandomize=True)
if os.environ.get("CI") == "true":
    settings.load_profile("ci")


@pytest.fixture
def tool() -> Callable[[str], str]:
    """Path of a program; without it the test is skipped and listed, under CI=true it fails."""

    def find(name: str) -> str:
        path = shutil.which(name)
        if path is None and os.environ.get("CI") == "true":
            pytest.fail(f"{name} is not installed, and CI promises it: see .ci/run")
        if path is None:
            pytest.skip(f"{name} is not installed")
        return str(path)

    return find


@pytest.fixture(scope="session")
def forked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Commands]:
    """Commands of ours in processes that may be killed or interrupted."""
    if not Path("/proc/self/stat").exists():
        pytest.skip("needs /proc to see processes")
    with commands(tmp_path_factory.mktemp("forked") / "said") as found:
        yield found
