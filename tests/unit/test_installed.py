"""What is passed by its name alone is what the full check passes."""

from __future__ import annotations

import subprocess
import sys

import pytest

from simgrid.domain.scenario import PolicyChoice
from simgrid.experiments.installed import _plain_and_ours, installed
from simgrid.policies import registry

OURS = [name for name in registry.available() if not name.startswith("example")]


@pytest.mark.parametrize("name", OURS)
@pytest.mark.parametrize("variant", ["", "online", "batched"])
def test_plain_choices_of_ours_pass_the_full_check(name: str, variant: str) -> None:
    choice = PolicyChoice(name, variant)
    assert _plain_and_ours(choice)
    assert registry.check(choice) == ()
    assert installed().policy(choice) == ()


@pytest.mark.parametrize(
    "choice",
    [
        PolicyChoice("rwao"),
        PolicyChoice("rwoa", "onlin"),
        PolicyChoice("rwoa", "online+batched"),
        PolicyChoice("rwoa", "", {"gapp": 1}),
        PolicyChoice("rwoa", "online", {"gap": -1.0}),
    ],
)
def test_everything_else_is_checked_in_full(choice: PolicyChoice) -> None:
    assert not _plain_and_ours(choice)
    assert installed().policy(choice) == registry.check(choice) != ()


def test_validating_a_plain_scenario_imports_neither_solver_nor_numpy() -> None:
    code = (
        "import sys\nfrom simgrid.cli.main import main\n"
        "try:\n    main(['validate', 'paper/table-1'])\nexcept SystemExit as end:\n    assert not end.code\n"
        "heavy = {'highspy', 'scipy', 'pandas', 'simpy', 'matplotlib', 'pydicom', 'numpy'}\n"
        "loaded = heavy & set(sys.modules)\n"
        "assert not loaded, loaded\n"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
