"""Feedback: every row accounted for, drift seen when there is one, curves that help on a shifted source."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from simgrid.cli.main import cli
from simgrid.quality.feedback.drift import by_month, by_site, difference, wilson
from simgrid.quality.feedback.proposal import calibration_error, log_loss, propose, recalibrated
from simgrid.quality.feedback.table import NotFeedback, Row, read_feedback, read_said
from simgrid.randomness import stream

HEAD = "file,defect,present,reader,date,site\n"
GOOD = "00000000000000aa,noise,yes,R1,2026-01-05,north\n"
SAID = {"00000000000000aa": {"noise": 0.9, "blur": 0.1}}


def rows(
    count: int, offset: float, slope: float = 1.0, name: str = "", start: date = date(2026, 1, 1)
) -> list[Row]:
    """Looks at noise whose log odds the judge gives truly, but for a shift and a stretch of its own."""
    draw = stream(20260105, 0, "feedback", name)
    odds = draw.normal(-1, 2, count)
    present = draw.uniform(size=count) < 1 / (1 + np.exp(-odds))
    given = 1 / (1 + np.exp(-(slope * odds + offset)))
    return [
        Row(f"{number:016x}", "noise", bool(one), "R1", start + timedelta(number % 28), "north", float(p))
        for number, (one, p) in enumerate(zip(present, given, strict=True))
    ]


def judged(found: list[Row]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([one.probability for one in found]), np.array([one.present for one in found])


def test_recalibration_helps_on_a_shifted_source() -> None:
    fitted, unseen = rows(200, 1.5, 1.8, "fit"), rows(2000, 1.5, 1.8, "unseen")
    (made,) = propose(fitted)
    assert made.advice == "recalibrate"
    assert made.slope is not None
    assert made.offset is not None
    before, truth = judged(unseen)
    after = recalibrated(before, made.slope, made.offset)
    assert log_loss(after, truth) < log_loss(before, truth) - 0.05
    assert calibration_error(after, truth) < 0.5 * calibration_error(before, truth)
    assert made.slope == pytest.approx(1 / 1.8, rel=0.3)
    assert made.threshold == pytest.approx(1 / (1 + np.exp(-1.5)), abs=0.12)  # where the odds are even
    hits = [float(np.mean((before >= limit) == truth)) for limit in (0.5, made.threshold)]
    assert hits[1] > hits[0]


def test_a_judge_that_is_right_is_seldom_changed_and_never_much() -> None:
    made = [propose(rows(200, 0.0, 1.0, f"right {number}"))[0] for number in range(8)]
    assert sum(one.advice == "keep" for one in made) >= 4
    assert all(0.3 < (one.threshold or 0) < 0.7 for one in made)


def test_an_order_that_is_lost_asks_for_training_and_few_looks_for_patience() -> None:
    draw = stream(20260105, 0, "lost")
    lost = [
        Row(f"{n:016x}", "blur", bool(n % 2), "R1", date(2026, 1, 1), "all", float(draw.uniform()))
        for n in range(300)
    ]
    assert propose(lost)[0].advice == "retrain"
    assert propose(rows(10, 0.0))[0].advice == "too few"


def test_drift_is_seen_when_it_is_there_and_rarely_when_not() -> None:
    old = rows(300, 0.0, 1.0, "old")
    same = [by_month(old + rows(100, 0.0, 1.0, f"new {n}", date(2026, 2, 1)))[1].worse for n in range(40)]
    assert sum(same) <= 5  # 2.5 % expected
    shifted = by_month(old + rows(100, 3.0, 1.0, "shifted", date(2026, 2, 1)))
    assert [one.group for one in shifted] == ["2026-01", "2026-02"]
    assert [one.worse for one in shifted] == [False, True]
    south = [
        Row(f"s{r.file[1:]}", r.defect, r.present, r.reader, r.day, "south", r.probability)
        for r in rows(100, 3.0)
    ]
    assert {one.group: one.worse for one in by_site(old + south)} == {"north": False, "south": True}


def test_intervals_are_the_published_ones() -> None:
    found = wilson(81, 263)  # Newcombe 1998, table I
    assert (found.low, found.high) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    change = difference(wilson(56, 70), wilson(48, 80))  # Newcombe 1998, table II (a), method 10
    assert change == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)


def test_every_row_is_used_or_rejected_with_its_line(tmp_path: Path) -> None:
    table = tmp_path / "a.csv"
    wrong = {
        "x,noise,yes,R1,2026-01-05,": "pseudonym",
        "00000000000000bb,noise,yes,R1,2026-01-05,": "knows no such file",
        "00000000000000aa,grain,yes,R1,2026-01-05,": "none of noise",
        "00000000000000aa,ring,yes,R1,2026-01-05,": "not judged",
        "00000000000000aa,noise,maybe,R1,2026-01-05,": "neither yes nor no",
        "00000000000000aa,noise,yes,,05.01.2026,": "reader is empty; date is not",
        "00000000000000aa,noise,no,R1,2026-01-06,north": "same reader",
        f"00000000000000aa,noise,yes,R2,2026-01-05,{'x' * 41}": "site",
        "00000000000000aa,noise,yes,R2,2026-01-05,a,b": "more cells",
    }
    table.write_text("\ufeff" + HEAD.upper() + GOOD + "\n".join(wrong) + "\n")
    found = read_feedback(table, SAID)  # type: ignore[arg-type]
    assert [(one.site, one.probability) for one in found.rows] == [("north", 0.9)]
    assert [line for line, _ in found.rejected] == list(range(3, 3 + len(wrong)))
    assert [
        why for (_, said), why in zip(found.rejected, wrong.values(), strict=True) if why not in said
    ] == []


@pytest.mark.parametrize("content", [b"", b"file,defect\n", b"\xff\xfe", b'file,"defect\n'])
def test_what_is_no_table_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(NotFeedback):
        read_feedback(tmp_path / "a.csv", SAID)  # type: ignore[arg-type]


def log_of(found: list[Row], path: Path) -> Path:
    lines = [{"path": one.file, "defects": {"noise": {"probability": one.probability}}} for one in found]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def ask(tmp_path: Path, found: list[Row], *options: str) -> Result:
    log = log_of(found, tmp_path / "results.jsonl")
    table = tmp_path / "a.csv"
    told = (f"{r.file},noise,{'yes' if r.present else 'no'},Dr Jane Doe,{r.day},{r.site}\n" for r in found)
    table.write_text(HEAD + "".join(told) + "Jane Doe,noise,yes,R1,2026-01-05,\n")
    return CliRunner().invoke(
        cli, ["qa", "feedback", str(table), "--log", str(log), *options], catch_exceptions=False
    )


def test_the_command_tells_drift_proposals_and_rejected_rows(tmp_path: Path) -> None:
    late = [
        Row(f"f{one.file[1:]}", one.defect, one.present, one.reader, one.day, one.site, one.probability)
        for one in rows(100, 3.0, 1.0, "late", date(2026, 2, 1))
    ]
    made = ask(tmp_path, rows(200, 0.0) + late)
    assert made.exit_code == 1
    assert "300 looks of 1 reader, 1 not used" in made.stdout
    assert "WORSE" in made.stdout
    assert "noise        recalibrate: 300 looks" in made.stdout
    assert "a.csv:302: not used: file is not a pseudonym" in made.stderr
    assert "Doe" not in made.output
    lines = [json.loads(line) for line in ask(tmp_path, rows(200, 0.0), "--json").stdout.splitlines()]
    assert [one["kind"] for one in lines] == ["month", "site", "proposal"]


def test_the_bots_own_results_are_a_log_and_others_are_refused(tmp_path: Path) -> None:
    assert read_said(log_of(rows(3, 0.0), tmp_path / "results.jsonl")).keys() == {
        f"{n:016x}" for n in range(3)
    }
    (tmp_path / "other").write_text("[]\n")
    for path, said in ((tmp_path / "none", "No such file"), (tmp_path / "other", ":1:")):
        with pytest.raises(NotFeedback, match=said):
            read_said(path)
