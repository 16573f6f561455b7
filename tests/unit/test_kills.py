"""A campaign survives being killed: nothing torn, nothing stored computed twice, the same bytes at last."""

from __future__ import annotations

import signal
from collections import Counter
from pathlib import Path

import pytest

from simgrid.experiments.receipts import computed_again
from tests.forked_commands import Commands
from tests.kills import (
    ARGUMENTS,
    Undisturbed,
    Victim,
    files_in,
    kill_and_resume,
    no_torn_file,
    receipts_in,
    runs_in,
    undisturbed,
)


@pytest.fixture(scope="module")
def peace(forked: Commands, tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    return undisturbed(forked, tmp_path_factory.mktemp("peace"))


def test_killed_at_any_time_it_resumes_to_the_same_bytes(
    forked: Commands, peace: Undisturbed, tmp_path: Path
) -> None:
    victims: tuple[Victim, ...] = ("parent", "worker", "parent", "worker", "parent")
    met = [
        kill_and_resume(forked, tmp_path / str(number), peace, victim, number)
        for number, victim in enumerate(victims)
    ]
    assert 2 * sum(one.under_way for one in met) >= len(met), met


FORCED = (
    ("kill_at_receipt", "began", "1"),
    ("kill_before_rename", "*.json", "1"),
    ("kill_at_receipt", "stored", "2"),
    ("kill_at_receipt", "began", "2"),
    *(
        ("kill_before_rename", name, "1")
        for name in (
            "scenario.yaml", "scenario-resolved.yaml", "manifest.json", "study.json", "summary.csv",
            "comparisons.csv", "replications.csv", "comparison.md", "comparison.svg", "comparison.png",
        )
    ),
)  # fmt: skip


def test_killed_between_temporary_file_and_name_of_each_kind(
    forked: Commands, peace: Undisturbed, tmp_path: Path
) -> None:
    """Each command goes on from where the one before was killed."""
    short = (*ARGUMENTS, "-j", "1", "-o", str(tmp_path))
    for hook in FORCED:
        stored = runs_in(tmp_path)
        command = forked.start(*short, hook=hook)
        assert command.ended() == -signal.SIGKILL, f"{hook}: {command.said()}"
        (folder,) = tmp_path.iterdir()
        left = [path for path in folder.rglob("*.tmp") if f"-{command.pid}-" in path.name]
        assert len(left) == (hook[0] == "kill_before_rename"), hook
        assert len(list(folder.rglob("*.tmp"))) == len(left), "left by an earlier one"
        no_torn_file(tmp_path, peace.files)
        assert stored <= runs_in(tmp_path)
    forked.run(*short)
    assert files_in(tmp_path) == peace.files
    receipts = receipts_in(tmp_path)
    assert computed_again(receipts) == ()
    began = Counter(one.run for one in receipts if one.event == "began")
    # The first run was lost with its file; the one whose first receipt was cut had not begun.
    assert sorted(began.values(), reverse=True)[:2] == [2, 1]
