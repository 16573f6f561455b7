"""How many worlds a state gets: fewer where it is far from every target, and no word surer than it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from simgrid.domain.scenario import Scenario
from simgrid.domain.targets import Target
from simgrid.experiments.receipts import Receipt
from simgrid.planning.busiest import traffic
from simgrid.planning.extent import Extent, extent
from simgrid.planning.judging import CONFIDENCE, Sureness, judged
from simgrid.planning.looking import EARLY, Seen, looked_at, looks, sureness
from simgrid.planning.observed import Values
from simgrid.presentation.stress_cost import cost_sentence, minutes_sentence, seconds_a_run
from simgrid.scenario import load

EASY = Target("easy", "all", "response_time_success", 0.8, "higher")
HARD = replace(EASY, name="hard", bound=0.95)
TAIL = Target("tail", "all", "tat_p95_min", 40.0, "lower", kind="metric")
N = 60


class Given:
    """States whose shares in time, turnarounds and open studies are these, (N,) each."""

    def __init__(self, *states: dict[str, Any]) -> None:
        self.states, self.asked = states, list[tuple[int, int]]()

    def of(self, cells: Sequence[Any], n: int) -> list[Values]:
        self.asked.append((len(cells), n))
        return [self.values(int(cell)).first(n) for cell in cells]

    def values(self, number: int) -> Values:
        told = {"share": 1.0, "tail": 30.0, "open": 0.0} | self.states[number]
        share, tail, unread = (np.broadcast_to(told[name], N) for name in ("share", "tail", "open"))
        own = {EASY.column: share, HARD.column: share, TAIL.column: tail}
        return Values({**own, "response_time_success": share, "tat_p95_min": tail, "open_at_end": unread}, N)


def seen(targets: Sequence[Target], *states: dict[str, Any]) -> tuple[list[Seen], Given]:
    runs: Any = Given({}, *states)
    cells: Any = range(1, len(states) + 1)
    return looked_at(runs, cells, targets, runs.values(0)), runs


def test_what_is_far_from_every_target_gets_fewer_worlds() -> None:
    found, runs = seen([EASY], {"share": 0.1}, {}, {"share": np.resize([1.0, 0.5], N)})
    assert [one.n for one in found] == [15, 30, 60]
    assert runs.asked == [(3, 15), (2, 30), (1, 60)]
    assert [one.targets[0].verdict for one in found] == ["missed", "met", "cannot be told apart"]


def test_nothing_is_met_early_that_few_flawless_worlds_cannot_show() -> None:
    found, _ = seen([HARD], {}, {"share": 0.1})
    assert [one.n for one in found] == [60, 15]
    assert found[0].targets[0].verdict == "met"  # 60 flawless worlds show 95 %, as with one look alone


def test_one_target_in_doubt_keeps_a_state_going() -> None:
    (one,), _ = seen([EASY, TAIL], {"share": 0.1, "tail": np.resize([30.0, 50.0], N)})
    assert one.n == 60
    assert [each.verdict for each in one.targets] == ["missed", "cannot be told apart"]


def test_no_time_is_met_early_where_more_wait_for_ever() -> None:
    tail = np.resize([29.0, 31.0], N)
    (quiet, open_), _ = seen([TAIL], {"tail": tail}, {"tail": tail, "open": np.resize([0.0, 0.0, 3.0], N)})
    assert (quiet.n, quiet.targets[0].verdict) == (15, "met")
    assert (open_.n, open_.targets[0].verdict) == (60, "cannot be told apart")


def test_equal_worlds_decide_nothing_early() -> None:
    (one,), _ = seen([TAIL], {})
    assert (one.n, one.targets[0].alike) == (60, True)


def test_without_targets_or_with_few_worlds_there_is_one_look() -> None:
    assert looks([], 60) == (60,)
    assert looks([EASY], 29) == (29,)
    assert looks([EASY], 30) == (15, 30)
    assert looks([EASY], 300) == (15, 30, 300)


@pytest.mark.parametrize("target", [EASY, HARD, TAIL])
def test_what_the_looks_may_err_together_is_what_one_may(target: Target) -> None:
    plan = looks([target], N)
    last = sureness(target, plan, N)
    early = [sureness(target, plan, n) for n in plan[:-1]]
    assert early == [Sureness(1 - EARLY, 1 - EARLY)] * 2
    assert (1 - last.missed) + 2 * EARLY == pytest.approx(1 - CONFIDENCE)
    usable = 0 if target is HARD else 1 if target is EASY else 2
    assert (1 - last.met) + usable * EARLY == pytest.approx(1 - CONFIDENCE)


@pytest.mark.parametrize("spread", ["even", "rare"])
def test_a_state_that_just_meets_is_seldom_said_to_miss_or_to_meet(spread: str) -> None:
    """The mean lies on the bound: either word is an error, of 5 % at most; 120 states (binomial, 99.9 %)."""
    draw = np.random.default_rng(7)
    if spread == "even":
        states = [{"share": draw.beta(8, 2, N)} for _ in range(120)]
    else:
        states = [{"share": (draw.random(N) < 0.8).astype(float)} for _ in range(120)]
    found, _ = seen([EASY], *states)
    words = [one.targets[0].verdict for one in found]
    assert {words.count(word) <= 14 for word in ("met", "missed")} == {True}
    assert all(one.n in (15, 30, 60) for one in found)


def test_both_words_have_their_own_sureness() -> None:
    values = Values({EASY.column: np.resize([0.7, 0.8], 40)}, 40)
    (loose,) = judged([EASY], values)
    (strict,) = judged([EASY], values, [Sureness(0.95, 0.9999)])
    assert strict.low == loose.low
    assert strict.high > loose.high


def tiny() -> Scenario:
    return replace(load("tiny/one-unit").cells[0], targets=(EASY,))


def test_the_cost_is_said_by_part() -> None:
    one = extent(tiny(), traffic(tiny()), 60)
    assert (one.things, one.steps, one.looks) == (6, 20, (15, 30, 60))
    assert (one.deployed, one.without, one.load) == (60, 360, 1200)
    assert one.outage == 2 * (60 + 5 * 2)
    assert one.most == 60 + 360 + 1200 + 140
    assert one.at_least == 60 + 90 + 15 + 140
    said = cost_sentence(one)
    assert said.startswith(
        "305 to 1,760 runs: 60 as deployed, up to 360 without each of 6 things, up to 1,200"
    )
    assert said.endswith("A state that is decided after 15 or 30 replications gets no more.")


def test_minutes_are_those_of_the_runs_that_were_timed() -> None:
    start = datetime(2026, 1, 5, tzinfo=UTC)
    receipts = []
    for number, seconds in enumerate((2, 4, 6)):
        receipts.append(Receipt(str(number), "began", start, "desk", 1))
        receipts.append(Receipt(str(number), "stored", start + timedelta(seconds=seconds), "desk", 1))
    receipts.append(Receipt("lost", "began", start, "desk", 1))
    assert seconds_a_run(receipts) == 4
    assert seconds_a_run(receipts[-1:]) is None
    one = Extent(1, 1, (15, 60), 60, 60, 60, 120)
    assert minutes_sentence(one, 60, 4.0, 2) == (
        "about 5 to 8 minutes with 2 workers, at 4 s a run; what is finished is kept"
    )
    assert minutes_sentence(one, 300, 4.0, 1).startswith("about 1 minute with 1 worker, ")
