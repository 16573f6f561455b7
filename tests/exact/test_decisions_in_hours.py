"""Decisions in hours only: what comes between two sessions is decided as the next one begins."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from simgrid.domain.scenario import PolicyChoice, Scenario
from simgrid.domain.units import HOUR, MINUTE, FloatArray
from simgrid.experiments.assemble import run_journal
from simgrid.scenario import load

TINY = str(Path(__file__).parents[2] / "scenarios" / "tiny" / "one-unit.yaml")
EVENINGS = tuple(f"radiologists.{name}.hours=Mon-Fri 17:00-20:00" for name in ("ada", "ben"))
START_H = 8  # the scenario starts on a Monday at 8:00


def evening(*overrides: str) -> Scenario:
    asked = (
        "horizon=30 h",
        "demand.count=80",
        "give_up_after=7 d",
        "dispatch.every=30 min",
        *EVENINGS,
        *overrides,
    )
    (cell,) = load(TINY, asked).cells
    return cell


def decided(cell: Scenario, policy: str) -> tuple[FloatArray, FloatArray]:
    """Clock hours (from Monday 0 h) of arrival at the data centre and of the decision."""
    found = run_journal(cell, PolicyChoice.parse(policy), 0).inspections
    return found.uploaded_s / HOUR + START_H, found.assigned_s / HOUR + START_H


def expected(arrival_h: float) -> float:
    """The next half hour within 17 to 20 h, worked out by the clock."""
    day, hour = divmod(arrival_h, 24)
    if hour < 17:
        return float(day * 24 + 17)
    following = np.floor(hour * 2 + 1) / 2
    return float(day * 24 + following) if following < 20 else float((day + 1) * 24 + 17)


@pytest.mark.parametrize("policy", ["round-robin", "manual", "rwoa"])
def test_every_decision_falls_on_a_half_hour_of_a_session(policy: str) -> None:
    arrivals, decisions = decided(evening("dispatch.in_hours=true"), policy)
    np.testing.assert_allclose(decisions, [expected(one) for one in arrivals.tolist()], atol=1e-9)
    assert len(set(decisions.tolist())) > 1


def test_at_every_arrival_means_at_once_in_hours_and_at_the_opening_outside() -> None:
    arrivals, decisions = decided(evening("dispatch.in_hours=true"), "round-robin@online")
    inside = (arrivals % 24 >= 17) & (arrivals % 24 < 20)
    assert inside.any()
    assert not inside.all()
    np.testing.assert_allclose(decisions[inside], arrivals[inside], atol=1e-9)
    assert set((decisions[~inside] % 24).tolist()) == {17.0}


def test_round_the_clock_is_the_default() -> None:
    _, decisions = decided(evening(), "round-robin")
    assert (decisions % 24 < 17).any()


def test_after_the_last_session_nothing_is_decided_and_the_run_still_ends() -> None:
    cell = evening("dispatch.in_hours=true")
    hours = replace(cell.radiologists[0].schedule, spans=cell.radiologists[0].schedule.spans[:1])
    monday = tuple(replace(one, schedule=hours) for one in cell.radiologists)
    journal = run_journal(
        replace(cell, radiologists=monday, give_up_s=40 * HOUR, canonical=""), PolicyChoice("rwoa"), 0
    )
    late = np.isnan(journal.inspections.assigned_s)
    assert late.any()
    assert (journal.inspections.uploaded_s[late] >= (12 * HOUR - 30 * MINUTE)).all()
