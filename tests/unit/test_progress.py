"""How far a long command is: a line every ten seconds in a pipe, whether or not there is news."""

from __future__ import annotations

import time

import pytest

from simgrid.cli import progress as shown
from simgrid.cli.progress import _SoFar, progress


def test_time_left_is_at_the_pace_so_far() -> None:
    so_far = _SoFar(240, "runs", began_s=1000.0)
    assert so_far.line(1010.0) == "0 of 240 runs after 10 s"
    so_far.advance(16, 1020.0)  # two workers: 0.8 runs a second between them
    assert so_far.line(1020.0) == "16 of 240 runs, about 5 min left"
    so_far.advance(144, 1200.0)
    assert so_far.line(1200.0) == "160 of 240 runs, about 2 min left"  # 200 s for 160: 100 s for 80
    assert so_far.line(1230.0) == "160 of 240 runs, about 70 s left"
    assert so_far.line(1400.0) == "160 of 240 runs, about 0 s left"


def test_a_part_of_the_first_run_counts() -> None:
    so_far = _SoFar(2, "runs", began_s=0.0)
    so_far.advance(0.25, 30.0)
    assert so_far.line(30.0) == "0.25 of 2 runs, about 4 min left"


def test_lines_come_while_nothing_is_heard_and_end_with_the_work(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shown, "SECONDS_BETWEEN_LINES", 0.02)
    said = ""
    with progress(4) as advance:
        advance(1)
        until = time.monotonic() + 20.0
        while said.count("1 of 4 runs, about ") < 3 and time.monotonic() < until:
            time.sleep(0.005)
            said += capsys.readouterr().err
    assert said.count("1 of 4 runs, about ") >= 3
    time.sleep(0.1)
    capsys.readouterr()
    time.sleep(0.1)
    assert capsys.readouterr().err == ""
    with progress(0) as advance:
        advance(1)
    assert capsys.readouterr().err == ""
