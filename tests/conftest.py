"""Tools that only some machines have: absent ones skip a test, but not where CI promises them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable

import pytest
from hypothesis import settings

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
