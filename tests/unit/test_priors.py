"""Returning patients and their priors: the stated moments, one world for all, the same at each return."""

from __future__ import annotations

import numpy as np
import pytest

from simgrid.domain.priors import PriorRule
from simgrid.domain.units import DAY
from simgrid.workload.patients import draw_patients
from simgrid.workload.priors import Priors, draw_priors

SITES = 5
ROWS = 20_000


def columns(rows: int = ROWS, sites: int = SITES) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(4)
    return rng.integers(0, sites, rows), np.sort(rng.random(rows)) * 30 * DAY


def world(
    rule: PriorRule, rows: int = ROWS, patient: np.ndarray | None = None, weight: np.ndarray | None = None
) -> Priors:
    site, requested_s = columns(rows)
    whose = np.arange(rows) if patient is None else patient
    weight = np.arange(1.0, SITES + 1) if weight is None else weight
    return draw_priors(rule, whose, site, ["CT"] * rows, requested_s, weight, 1, 0)


def test_the_moments_are_the_stated_ones() -> None:
    priors = world(PriorRule())
    count = priors.end - priors.begin
    # Standard errors: 0.09 of the mean count, about 0.25 of its deviation, 1 day of the age.
    assert count.mean() == pytest.approx(7.6, abs=0.35)
    assert count.std() == pytest.approx(12.3, abs=0.8)
    assert (count == 0).mean() == pytest.approx(0.30, abs=0.02)
    assert priors.relevant.mean() == pytest.approx(0.61, abs=0.006)
    assert priors.age_s.mean() / DAY == pytest.approx(203, abs=5)
    assert priors.age_s.std() / DAY == pytest.approx(385, rel=0.1)
    assert len(priors) == count.sum() == priors.end[-1]


def test_where_priors_lie_and_what_they_are() -> None:
    priors = world(PriorRule(elsewhere_share=0.25, same_modality_share=0.5))
    own = np.repeat(columns()[0], priors.end - priors.begin)
    assert (priors.site != own).mean() == pytest.approx(0.25, abs=0.005)
    away = priors.site[(own == 0) & (priors.site != 0)]
    assert np.bincount(away, minlength=SITES) / len(away) == pytest.approx(
        np.array([0, 2, 3, 4, 5]) / 14, abs=0.02
    )
    ct = priors.modality == priors.modalities.index("CT")
    assert ct.mean() == pytest.approx(0.5 + 0.5 * 12.6 / 98.3, abs=0.005)
    assert priors.size_bytes[ct].mean() == pytest.approx(179e6, rel=0.02)
    assert priors.size_bytes.dtype == np.int64


def test_a_patient_who_returns_meets_the_same_priors_older() -> None:
    patient = np.array([7, 3, 7, 7, 9, 3])
    site, requested_s = columns(6)
    rule = PriorRule(count_mean=40)
    priors = draw_priors(rule, patient, site, ["CT"] * 6, requested_s, np.ones(SITES), 1, 0)
    assert priors.of(0) == priors.of(2) == priors.of(3)
    assert priors.of(1) == priors.of(5)
    assert set(priors.of(1)).isdisjoint(priors.of(0))
    assert priors.ages_s(3) - priors.ages_s(0) == pytest.approx(requested_s[3] - requested_s[0])
    assert list(priors.ages_s(3)) == sorted(priors.ages_s(3))


def test_a_further_patient_moves_nobodys_count_or_age() -> None:
    few, more = world(PriorRule(), 400), world(PriorRule(), 401)
    first = slice(0, int(few.end[-1]))
    assert more.begin[:400].tolist() == few.begin.tolist()
    for name in ("site", "modality", "relevant", "age_s"):
        assert getattr(more, name)[first].tolist() == getattr(few, name).tolist(), name


def test_a_choice_of_priors_applies_all_its_rules() -> None:
    priors = world(PriorRule(count_mean=30), 50)
    row = int(np.argmax(priors.end - priors.begin))
    every, ages = list(priors.of(row)), priors.ages_s(row)
    assert priors.chosen(row) == every
    assert priors.chosen(row, last=3) == every[:3]
    recent = [one for one, age_s in zip(every, ages, strict=True) if age_s <= 90 * DAY]
    assert priors.chosen(row, within_s=90 * DAY) == recent
    ct = [one for one in every if priors.modalities[priors.modality[one]] == "CT" and priors.relevant[one]]
    assert priors.chosen(row, modality="CT", relevant=True, last=2) == ct[:2]
    assert priors.chosen(row, modality="none such") == []


def test_worlds_without_priors_or_without_other_sites() -> None:
    assert len(world(PriorRule(count_mean=0), 10)) == 0
    alone = world(PriorRule(), 200, weight=np.array([1.0, 0, 0, 0, 0]))
    own = np.repeat(columns(200)[0], alone.end - alone.begin)
    assert np.all((alone.site == own) | (alone.site == 0))
    site, requested_s = columns(0)
    assert len(draw_priors(PriorRule(), site, site, [], requested_s, np.ones(SITES), 1, 0)) == 0


def test_a_modality_without_a_size_has_no_priors_of_its_own() -> None:
    site, requested_s = columns(50)
    priors = draw_priors(PriorRule(), np.arange(50), site, ["US"] * 50, requested_s, np.ones(SITES), 1, 0)
    assert "US" not in {priors.modalities[code] for code in priors.modality}
    assert priors.size_bytes.min() > 0


def test_mistakes_are_named_all_at_once() -> None:
    with pytest.raises(ValueError, match="relevant_share is 2") as caught:
        PriorRule(relevant_share=2, age_mean_s=0, count_sd=1, modality_share={"US": 1.0})
    assert str(caught.value).count("\n") == 3
    with pytest.raises(ValueError, match="count_mean is -1"):
        PriorRule(count_mean=-1)
    with pytest.raises(ValueError, match="weights must be finite"):
        PriorRule(modality_share={"CT": 0.0})
    site, requested_s = columns(3)
    with pytest.raises(ValueError, match=r"lengths \[2, 3\]"):
        draw_priors(PriorRule(), site, site, ["CT"] * 2, requested_s, np.ones(SITES), 1, 0)
    with pytest.raises(ValueError, match="site_weight: all 0"):
        draw_priors(PriorRule(), site, site, ["CT"] * 3, requested_s, np.zeros(SITES), 1, 0)


def test_patients_return_as_often_as_said_and_are_numbered_as_they_appear() -> None:
    site, _ = columns(200_000, 3)
    patient = draw_patients(site, 0.5, 0.3, 1, 0)
    assert patient[0] == 0
    assert np.all(np.diff(np.maximum.accumulate(patient)) <= 1)
    assert (patient.max() + 1) / len(patient) == pytest.approx(0.5, abs=0.005)
    # Simon's law at a return share of one half: two thirds come once, a sixth twice (rho = 2).
    often = np.bincount(np.bincount(patient)) / (patient.max() + 1)
    assert often[1:4] == pytest.approx([2 / 3, 1 / 6, 1 / 15], abs=0.01)


def test_who_returns_comes_to_the_same_site_unless_elsewhere() -> None:
    site, _ = columns(50_000)
    stays = draw_patients(site, 0.6, 0.0, 1, 0)
    first = site[np.unique(stays, return_index=True)[1]]
    assert np.all(site == first[stays])
    moves = draw_patients(site, 0.6, 1.0, 1, 0)
    first = site[np.unique(moves, return_index=True)[1]]
    assert np.mean(site != first[moves]) > 0.4


def test_later_inspections_change_no_earlier_patient() -> None:
    site, _ = columns(5000)
    assert (
        draw_patients(site, 0.7, 0.2, 1, 0)[:300].tolist()
        == draw_patients(site[:300], 0.7, 0.2, 1, 0).tolist()
    )
    assert draw_patients(site[:0], 0.7, 0.2, 1, 0).tolist() == []
    assert draw_patients(site[:9], 0.0, 0.2, 1, 0).tolist() == list(range(9))


def test_shares_are_shares() -> None:
    with pytest.raises(ValueError, match=r"returning_share is 1\.5"):
        draw_patients(np.zeros(3, dtype=np.int64), 1.5, 0.0, 1, 0)
