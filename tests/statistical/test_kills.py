"""The quick suite's kills at moments uniform over a campaign, twenty of them; it takes some minutes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.forked_commands import Commands
from tests.kills import Victim, kill_and_resume, undisturbed

KILLS = 20
VICTIMS: tuple[Victim, ...] = ("parent", "worker")


@pytest.mark.statistical
def test_twenty_kills(forked: Commands, tmp_path: Path) -> None:
    peace = undisturbed(forked, tmp_path / "peace")
    met = [
        kill_and_resume(forked, tmp_path / str(number), peace, VICTIMS[number // 2 % 2], 100 + number)
        for number in range(KILLS)
    ]
    assert 2 * sum(one.under_way for one in met) >= KILLS, met
    assert {one.stored == 16 for one in met} == {False, True}, "kills before and after the last run"
