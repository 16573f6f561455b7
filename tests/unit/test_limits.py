"""The workload limit's rules by hand."""

import numpy as np

from simgrid.domain.limits import WorkloadLimit

FULL_TIME = np.array([1.0, 1.0, 0.5])
DECLARED = np.array([100.0, np.inf, 50.0])


def test_equal_share_with_slack_and_one_largest_effort() -> None:
    limits = WorkloadLimit().limits(300.0, 20.0, FULL_TIME, DECLARED)
    assert limits.tolist() == [125.0, 125.0, 125.0]


def test_share_by_full_time_equivalent() -> None:
    rule = WorkloadLimit(share="full-time", slack=1.0, plus_largest=False)
    assert rule.limits(300.0, 20.0, FULL_TIME, DECLARED).tolist() == [120.0, 120.0, 60.0]


def test_declared_limits_are_taken_as_they_are() -> None:
    rule = WorkloadLimit(share="declared")
    assert rule.limits(300.0, 20.0, FULL_TIME, DECLARED).tolist() == DECLARED.tolist()
    assert rule.scored(300.0, FULL_TIME, DECLARED).tolist() == DECLARED.tolist()


def test_the_score_has_its_own_slack() -> None:
    assert WorkloadLimit().scored(300.0, FULL_TIME, DECLARED).tolist() == [100.0, 100.0, 100.0]
    assert WorkloadLimit(scored_slack=1.2).scored(300.0, FULL_TIME, DECLARED).tolist() == [120.0] * 3


def test_mined_shares_follow_the_minutes_of_the_log() -> None:
    rule = WorkloadLimit(share="mined", slack=1.5, plus_largest=False, mined=(60.0, 0.0, 180.0))
    assert rule.limits(300.0, 20.0, FULL_TIME, DECLARED).tolist() == [112.5, 0.0, 337.5]
    assert rule.scored(300.0, FULL_TIME, DECLARED).tolist() == [75.0, 0.0, 225.0]
    nothing = WorkloadLimit(share="mined", mined=(0.0, 0.0, 0.0))
    assert nothing.scored(300.0, FULL_TIME, DECLARED).tolist() == [100.0, 100.0, 100.0]
