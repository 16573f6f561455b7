"""Several gains at once: in how many worlds all are met, and bounds that hold for all of them."""

from __future__ import annotations

import numpy as np
import pytest

from simgrid.domain.units import FloatArray
from simgrid.reproduction import gains
from simgrid.reproduction.claims import Band
from simgrid.reproduction.evidence import Evidence
from simgrid.reproduction.gains import Effect
from simgrid.reproduction.jointly import Member, jointly
from simgrid.reproduction.parts import members_of, metrics_for, parts_of
from simgrid.statistics.intervals import mean_interval
from tests.unit.test_findings import CLAIMS, evidence, found

RNG = np.random.default_rng(6)
ONES = np.ones(40)


def worlds(mean: float, spread: float = 0.02) -> FloatArray:
    return mean * np.exp(RNG.normal(0.0, spread, 40))


def member(name: str, effect: Effect, low: float, high: float, stated: float) -> Member:
    assert effect.logs is not None
    return Member(name, effect, effect.logs, Band(low, high), stated)


def test_logs_carry_the_ratio_and_the_delta_method_s_interval() -> None:
    for effect in (gains.gain(worlds(1.3), worlds(1.0)), gains.reduction(worlds(0.7), worlds(1.0))):
        assert effect.logs is not None
        told = mean_interval(effect.logs)
        edges = sorted(effect.sign * (np.exp(float(one)) - 1.0) for one in (told.low, told.high))
        assert edges == pytest.approx([effect.interval.low, effect.interval.high])
        assert effect.sign * (np.exp(float(told.mean)) - 1.0) == pytest.approx(effect.interval.mean)


def test_bounds_for_all_are_wider_than_each_alone_and_told_on_its_own_scale() -> None:
    effects = [
        gains.gain(worlds(1.3), ONES),
        gains.gain(worlds(2.0), ONES),
        gains.reduction(worlds(0.7), ONES),
    ]
    members = [member(str(number), one, 0.0, 9.0, 0.1) for number, one in enumerate(effects)]
    both = jointly(members)
    for one, own in zip(effects, both.intervals, strict=True):
        assert own.low < one.interval.low < own.mean < one.interval.high < own.high
    assert both.verdict == "within"
    alone = jointly(members[:1]).intervals[0]
    assert (alone.low, alone.high) == pytest.approx((effects[0].interval.low, effects[0].interval.high))


def test_worlds_are_counted_in_which_all_are_met() -> None:
    first, second = np.array([1.5, 1.5, 1.0, 1.0] * 10), np.array([1.5, 1.0, 1.5, 1.0] * 10)
    members = [
        member(name, gains.gain(row, ONES), 0.4, 0.6, 0.5) for name, row in (("a", first), ("b", second))
    ]
    both = jointly(members)
    assert (both.reached.mean, both.in_bands) == (0.25, 10)
    assert 0.1 < both.reached.low < 0.25 < both.reached.high < 0.45
    # Each stated value is one of the single worlds' own, whatever the means say.
    assert both.verdict == "compatible"


def test_the_gravest_verdict_is_that_of_all() -> None:
    met = member("met", gains.gain(worlds(1.5), ONES), 0.4, 0.6, 0.5)
    missed = member("missed", gains.gain(worlds(1.1), ONES), 0.4, 0.6, 0.5)
    assert jointly([met]).verdict == "within"
    assert jointly([met, missed]).verdict == "differs"


def headline(success: float) -> Evidence:
    """The four gains as stated, but for the wall clock's share of reports in time."""
    base = worlds(0.3, 0.001)
    return evidence(
        "stage-2",
        subspecialty_success={"rwoa": 1.1325 * base, "manual": base},
        workload_distance={"rwoa": base, "manual": 1.6376 * base},
        response_time_success={"rwoa": success * base, "manual": base},
        response_time_success_in_hours={"rwoa": 2.2 * base, "manual": base},
        tat_mean_min={"rwoa": (1.0 - 0.2239) * base, "manual": base},
        tat_in_hours_mean_min={"rwoa": (1.0 - 0.2239) * base, "manual": base},
    )


def test_the_study_s_four_gains_under_each_reading_of_time() -> None:
    rows = {
        one.part: one
        for one in found("K4", "K5", "K6", "K7", "K4-K7", by=headline(1.5))
        if "-K" in one.claim.name
    }
    assert rows["wall-clock"].verdict == "differs"
    assert rows["in-hours"].verdict == "within"
    assert rows["in-hours"].interval is not None
    assert rows["in-hours"].interval.mean <= 1.0
    assert "40 of 40 worlds lie in all 4 bands" in rows["in-hours"].why
    assert (rows["look-up"].verdict, rows["look-up"].why) == ("cannot", "no gain is told of K6, K7")


def test_a_gain_that_cannot_be_told_leaves_nothing_to_say_of_all() -> None:
    (alone,) = [one for one in found("K4", "K4-K7", by=headline(2.2)) if one.part == "wall-clock"]
    assert alone.why == "no gain is told of K5, K6, K7"
    assert CLAIMS["K4-K7"].quantity is not None


def test_each_reading_asks_its_own_worlds_for_all_four_gains() -> None:
    parts = [part for claim in CLAIMS.values() for part in parts_of(claim)]
    joint = {part.reading: part for part in parts if part.claim.name == "K4-K7"}
    asked = {name: members_of(part, parts) for name, part in joint.items()}
    for name, members in asked.items():
        assert [one.claim.name for one in members] == ["K4", "K5", "K6", "K7"]
        assert {one.worlds for one in members} == {joint[name].worlds}
    assert [one.reading for one in asked["stage-1"]] == ["practice", "stage-1", "wall-clock", "wall-clock"]
    for name in ("cell", "stage-1"):
        worlds = joint[name].worlds
        assert (
            worlds is not None and worlds.name == {"cell": "stage-2-cell", "stage-1": "stage-2-shares"}[name]
        )
        assert {one.measured for one in asked[name]} <= set(metrics_for(parts, worlds))
