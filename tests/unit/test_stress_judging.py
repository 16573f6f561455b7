"""How a state is judged: bounds, differences of pairs, and what equal or missing figures do not show."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from math import inf

import numpy as np
import pytest

from simgrid.domain.stress import StressTest
from simgrid.planning.judging import changes, compared, fewest, judged
from simgrid.planning.observed import Values
from simgrid.planning.stress import replications_for
from simgrid.presentation.blocks import as_text
from simgrid.presentation.stress import stress_blocks
from simgrid.presentation.stress_json import stress_facts
from tests.stressed import TAIL, URGENT, N, cell, outcome


def test_nothing_is_flagged_without_an_interval() -> None:
    """Of one world, or where nothing was measured, no bound exists, and so no verdict."""
    for values in (np.array([0.1]), np.full(3, np.nan), np.array([0.99, np.nan, np.nan])):
        (one,) = judged(
            [URGENT], Values({URGENT.column: values, URGENT.counted: values * 0 + 4}, len(values))
        )
        assert one.verdict == "cannot be told apart"
    (absent,) = judged([URGENT], Values({}, 4))
    assert (absent.n, absent.verdict) == (0, "cannot be told apart")
    found = outcome({"without ada": "missed", "load x 1.1": "missed"})
    for one in [*found.without, *(found.loads.steps if found.loads else ())]:
        for each in one.targets:
            assert each.verdict == "cannot be told apart" or each.low <= each.mean <= each.high


def test_a_percentile_of_nothing_reported_is_missed_and_said_to_be_never() -> None:
    (one,) = judged([TAIL], Values({TAIL.column: np.full(6, inf)}, 6))
    assert one.verdict == "missed"
    facts = stress_facts(replace(outcome({}), deployed=(one,), asked=(TAIL,), without=()))
    assert json.loads(json.dumps(facts, allow_nan=False))["targets"][0]["mean"] is None


def test_no_time_is_met_where_more_are_never_reported() -> None:
    """The turnaround is that of those that were read: it falls when the slow ones never are."""
    quick, slow, none = np.full(N, 30.0), np.full(N, 60.0), np.zeros(N)
    there = Values({TAIL.column: slow, "open_at_end": none}, N)
    for unread, verdict in ((none, "met"), (none + 3.0, "cannot be told apart")):
        here = Values(
            {
                TAIL.column: quick,
                URGENT.column: none + 1.0,
                URGENT.counted: none + 4.0,
                "open_at_end": unread,
            },
            N,
        )
        (tail, share), _ = compared([TAIL, URGENT], here, there)
        assert (tail.verdict, share.verdict) == (verdict, "met")


def in_time(shares: Sequence[float], studies: Sequence[float] | float = 10.0) -> Values:
    """So large a share of so many studies is in time in each world."""
    n = len(shares)
    counts = {"reported": np.zeros(n) + studies, "open_at_end": np.zeros(n)}
    return Values({"response_time_success": np.array(shares), **counts}, n)


def test_a_share_loses_no_more_than_all_of_it() -> None:
    lost = changes(in_time([0.0, 0.0, 0.0]), in_time([1.0, 0.9, 1.0]))[0]
    assert -1.0 == lost.low < lost.difference < lost.high < 0
    assert lost.surely == -1
    assert changes(in_time([0.9, 0.9]), in_time([1.0, 1.0]))[0].surely == 0


def test_what_is_lost_of_the_studies_in_time_is_lost_of_all_studies() -> None:
    """As with targets: a busy world counts for more than a quiet one, by as many studies as it has."""
    busy = [90.0, 10.0, 80.0, 20.0]
    here, there = in_time([0.5, 1.0, 0.6, 0.9], busy), in_time([0.9, 1.0, 1.0, 1.0], busy)
    lost = changes(here, there)[0]
    assert lost.difference == pytest.approx((45 + 10 + 48 + 18 - 81 - 10 - 80 - 20) / 200)
    assert lost.difference != pytest.approx((0.5 + 1.0 + 0.6 + 0.9 - 3.9) / 4)
    assert lost.low < lost.difference < lost.high
    heavier = [2 * one for one in busy]
    more = changes(in_time([0.5, 1.0, 0.6, 0.9], heavier), there)[0]
    assert more.difference == pytest.approx(lost.difference)
    none = changes(in_time([1.0] * 4, heavier), in_time([1.0] * 4, busy))[0]
    assert none.alike and none.difference == 0.0
    empty, full = in_time([0.5, np.nan, 0.6], [9.0, 0.0, 8.0]), in_time([0.9, 1.0, 1.0], [9.0, 1.0, 8.0])
    assert changes(empty, full)[0].n == 2


def test_so_many_replications_that_a_target_can_be_shown_to_hold() -> None:
    assert fewest(replace(URGENT, bound=0.95)) == 59
    assert fewest(replace(URGENT, periods=(19, 20))) == 59
    assert fewest(replace(URGENT, bound=1.0)) == fewest(TAIL) == 2
    assert replications_for(cell(), None) == 2
    assert replications_for(cell(URGENT), None) == 60
    assert replications_for(cell(replace(URGENT, bound=0.99)), None) == 449  # half as many again as 299
    assert replications_for(cell(URGENT), 4) == 4


def test_where_nothing_is_reported_a_time_is_never_and_not_the_run_s_length() -> None:
    none = np.zeros(N)
    here = Values({TAIL.column: none + 3000.0, "tat_p95_min": none + np.nan, "open_at_end": none + 12.0}, N)
    there = Values({TAIL.column: none + 30.0, "tat_p95_min": none + 30.0, "open_at_end": none}, N)
    (tail,), _ = compared([TAIL], here, there)
    assert (tail.verdict, tail.mean) == ("missed", inf)
    found = outcome({}, cell(TAIL, stress=StressTest(load_to=1.1)))
    told = replace(found, without=(replace(found.without[0], targets=(tail,)),))
    assert any("never missed" in row for block in stress_blocks(told) for row in block.rows)
    assert stress_facts(told)["without"][0]["targets"][0]["mean"] is None


@pytest.mark.parametrize("n", [2, 5, 20])
def test_no_bracket_has_no_width(n: int) -> None:
    """Few equal worlds say nothing of the spread: they are counted, and no interval is made of them."""
    here = Values({"response_time_success": np.full(n, 0.69), "tat_p95_min": np.full(n, 41.0)}, n)
    there = Values({"response_time_success": np.full(n, 0.95), "tat_p95_min": np.full(n, 40.0)}, n)
    here, there = (Values({**one.by_metric, "reported": np.full(n, 10.0)}, n) for one in (here, there))
    share, turnaround, unreported = changes(here, there)
    assert share.alike and turnaround.alike
    assert not unreported.alike  # nothing was measured
    assert np.isnan([share.low, share.high, turnaround.low, turnaround.high]).all()
    assert share.surely == (-1 if n == 20 else 0)  # 1.26 times 1 - 0.05 ** (1 / n) may be lost again
    assert turnaround.surely == (1 if n >= 5 else 0)
    (one,) = judged([TAIL], Values({TAIL.column: np.full(n, 50.0)}, n))
    assert one.alike
    found = outcome({})
    told = replace(
        found,
        asked=(TAIL,),
        deployed=(one,),
        replications=n,
        loads=None,
        without=(replace(found.without[0], targets=(one,), changes=(share, turnaround, unreported)),),
    )
    text = as_text(stress_blocks(told), 200)
    assert f"50 min, the same in all {n}" in text
    assert f"-26.0, same in all {n}" in text
    assert f"+1, same in all {n}" in text
    assert f"up to {100 * (1 - 0.05 ** (1 / n)):.0f} % of replications that are otherwise" in " ".join(
        text.split()
    )
    for low, high in re.findall(r"\[([^\],]+), ([^\]]+)\]", text):
        assert low != high


def test_more_never_reported_in_few_equal_worlds_is_doubt_enough() -> None:
    here = Values({TAIL.column: np.array([30.0, 31.0, 32.0]), "open_at_end": np.full(3, 2.0)}, 3)
    there = Values({TAIL.column: np.array([30.0, 31.0, 32.0]), "open_at_end": np.zeros(3)}, 3)
    (tail,), _ = compared([TAIL], here, there)
    assert tail.verdict == "cannot be told apart"
