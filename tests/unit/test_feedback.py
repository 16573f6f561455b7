"""Ratings that learn from discrepancies: the formula, and its way into a run."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simgrid.domain.feedback import Feedback
from simgrid.domain.grid import Grid
from simgrid.domain.radiologist import Profile
from simgrid.domain.scenario import PolicyChoice, Scenario
from simgrid.experiments.assemble import ontology_of, run_journal, setting_of
from simgrid.policies import registry
from simgrid.rating import Ontology, demand_matrix, rating_matrix, refreshed, subspecialty_fit
from simgrid.scenario import load
from tests.worlds import CT_BRAIN

ONTOLOGY = Ontology.default()
DEMAND = demand_matrix(ONTOLOGY, [replace(CT_BRAIN, disease="Nervous system neoplasm")])
BELIEF = (Profile({"CT": 0.8, "Brain": 0.5, "MR": 0.7}, 1.2), Profile({"CT": 0.4}))


def after(reports: float, surplus: float, **changes: float) -> tuple[Profile, ...]:
    rule = {"weight": 50.0, "slope": 0.1} | changes
    given = np.array([[reports], [0.0]]), np.array([[surplus], [0.0]])
    return refreshed(ONTOLOGY, BELIEF, DEMAND, *given, **rule)


def test_a_surplus_lowers_the_ratings_of_what_was_posed_and_no_others() -> None:
    first, second = after(100.0, 3.0)
    # 3 / (150 x .1) = .2 off CT and Brain; the knee's modality was never seen, and the speed stays.
    assert first.ratings == pytest.approx({"CT": 0.6, "Brain": 0.3, "MR": 0.7})
    assert first.speed == 1.2
    assert second == BELIEF[1]


def test_it_is_the_posterior_mean_of_a_beta_prior() -> None:
    best, worst, weight, n, d = 0.02, 0.12, 50.0, 40, 4
    prior = best + (1 - 0.8) * (worst - best)
    posterior = (weight * prior + d) / (weight + n)
    expected = 1 - (posterior - best) / (worst - best)
    one = Profile({"CT": 0.8})
    given = np.array([[float(n)]]), np.array([[d - n * prior]])
    (got,) = refreshed(ONTOLOGY, (one,), DEMAND, *given, weight=weight, slope=worst - best)
    assert got.ratings["CT"] == pytest.approx(expected)


def test_ratings_are_cut_at_their_ends_and_none_is_invented() -> None:
    assert after(1000.0, -900.0)[0].ratings["CT"] == 1.0
    assert after(1000.0, 900.0)[0].ratings["CT"] == 0.0
    assert "Head" not in after(1000.0, -900.0)[0].ratings


def test_without_reports_or_without_a_slope_nothing_changes() -> None:
    assert after(0.0, 0.0) == BELIEF
    assert after(10.0, 3.0, slope=0.0) == BELIEF
    with pytest.raises(ValueError, match="weight is 0"):
        after(1.0, 1.0, weight=0.0)


def test_many_reports_find_the_true_fit_of_a_kind() -> None:
    # Believed .5, truly .8: with the kind's conditions shifted alike, the fit converges to the truth.
    names = {c.name for c, posed in zip(ONTOLOGY.conditions, DEMAND[0], strict=True) if posed}
    one, slope, n = Profile(dict.fromkeys(names, 0.5)), 0.3, 1e7
    given = np.array([[n]]), np.array([[n * (0.5 - 0.8) * slope]])
    got = refreshed(ONTOLOGY, (one,), DEMAND, *given, weight=100.0, slope=slope)
    fit = subspecialty_fit(DEMAND, rating_matrix(ONTOLOGY, got), ontology=ONTOLOGY)
    assert fit[0, 0] == pytest.approx(0.8, abs=1e-4)


def with_feedback(**rule: float) -> Scenario:
    scenario = load("templates/minimal").cells[0]
    return replace(scenario, grid=Grid(feedback=Feedback(**rule)), canonical="")


def test_a_policy_with_a_memory_keeps_it_and_any_other_is_made_anew() -> None:
    scenario = load("templates/minimal").cells[0]
    setting = setting_of(scenario, 0)
    ontology = ontology_of(scenario)
    other = replace(setting.team, belief=tuple(replace(one, speed=2.0) for one in setting.team.belief))
    for name, keeps in (("round-robin", True), ("manual", True), ("rbsm", False)):
        choice = PolicyChoice(name)
        before = registry.make(choice, setting.team, ontology)
        assert (registry.refreshed(choice, other, ontology, before) is before) == keeps


def test_in_a_run_every_report_is_reviewed_and_the_ratings_are_refreshed_each_round() -> None:
    policy = PolicyChoice("rbsm")
    journal = run_journal(with_feedback(every_s=86400.0, weight=5.0), policy, 0)
    reviews = journal.grid.reviews
    assert reviews is not None
    reported = ~np.isnan(journal.inspections.reported_s)
    assert (~np.isnan(reviews.discrepant)).tolist() == reported.tolist()
    assert 0 < np.nanmean(reviews.discrepant) < 0.2
    assert np.all(reviews.refreshed_s % 86400.0 == 0)
    assert len(reviews.refreshed_s) == 4
    rows = journal.inspections
    early = rows.assigned_s < reviews.refreshed_s[0]
    off = run_journal(replace(with_feedback(), grid=Grid()), policy, 0).inspections
    assert rows.fit_estimated[early].tolist() == off.fit_estimated[early].tolist()
    assert np.any(rows.fit_estimated[~early] != off.fit_estimated[~early])


@pytest.mark.parametrize("policy", ["rbsm", "round-robin", "rwoa", "manual"])
def test_feedback_that_comes_after_the_run_changes_nothing(policy: str) -> None:
    late = run_journal(with_feedback(every_s=1e9), PolicyChoice(policy), 0)
    off = run_journal(replace(with_feedback(), grid=Grid()), PolicyChoice(policy), 0)
    assert late.fingerprint == off.fingerprint
    for name in ("fit_estimated", "fit_estimated_best", "fit_true"):
        np.testing.assert_array_equal(getattr(late.inspections, name), getattr(off.inspections, name))


def test_ratings_that_hardly_move_leave_the_round_where_it_was() -> None:
    moved = run_journal(with_feedback(every_s=3600.0, weight=1e5), PolicyChoice("round-robin"), 0)
    off = run_journal(replace(with_feedback(), grid=Grid()), PolicyChoice("round-robin"), 0)
    assert moved.fingerprint == off.fingerprint
    assert len(moved.grid.reviews.refreshed_s) > 10  # type: ignore[union-attr]
