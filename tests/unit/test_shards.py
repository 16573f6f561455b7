"""From a patient to her shard, and how uneven the shards are."""

from __future__ import annotations

import math

import numpy as np
import pytest

from simgrid.network.shards import (
    draw_patients,
    patient_identifier,
    shard_column,
    shard_load,
    shard_of,
    skew,
    zipf_shares,
)


def test_an_identifier_is_a_pseudonym_of_32_digits_and_its_last_one_is_the_shard() -> None:
    names = [patient_identifier(7, patient) for patient in range(500)]
    assert len(set(names)) == 500
    assert all(len(name) == 32 and shard_of(name) == int(name[-1], 16) for name in names)
    assert names[3] != patient_identifier(8, 3)
    assert shard_of("AB" * 16) == shard_of("ab" * 16) == 11
    # Fixed for good: archives and logs of other runs name the same patients.
    assert patient_identifier(1, 0) == FIRST


FIRST = "5a52473afa0186b6c02b1d945ed466b3"


@pytest.mark.parametrize("shards", [1, 10, 16, 100])
def test_the_column_agrees_with_the_identifiers(shards: int) -> None:
    column = shard_column(3, 200, shards)
    assert column.tolist() == [shard_of(patient_identifier(3, patient), shards) for patient in range(200)]


def test_even_patients_make_even_shards() -> None:
    load = shard_load(shard_column(1, 160_000), np.ones(160_000))
    assert load.sum() == 160_000
    # 10,000 patients a shard, standard deviation about 97: six of them.
    assert skew(load) < 1.06


def test_frequent_patients_make_a_shard_hot() -> None:
    shard = shard_column(1, 20_000)
    skews = [skew(shard_load(shard, zipf_shares(20_000, exponent))) for exponent in (0.0, 0.8, 1.2, 2.0)]
    assert skews == sorted(skews)
    assert skews[0] < 1.2
    assert skews[-1] > 8


def test_skew_of_one_shard_and_of_no_load() -> None:
    assert skew(np.array([4.0])) == 1
    assert skew(np.array([0.0, 8.0, 0.0, 0.0])) == 4
    assert math.isnan(skew(np.zeros(16)))


def test_drawn_patients_follow_their_shares() -> None:
    whose = draw_patients(np.random.default_rng(1), 100_000, 50, 1.0)
    seen = np.bincount(whose, minlength=50) / 100_000
    assert np.abs(seen - zipf_shares(50, 1.0)).max() < 0.006
    assert zipf_shares(50, 1.0).sum() == pytest.approx(1)
    assert draw_patients(np.random.default_rng(1), 5, 1, 1.0).tolist() == [0] * 5


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda: shard_of("abc"), "32 hexadecimal digits, got 3 characters"),
        (lambda: shard_of("g" * 32), "32 hexadecimal digits"),
        (lambda: shard_of("0x" + "1" * 30), "32 hexadecimal digits"),
        (lambda: shard_column(1, 5, 0), "shards is 0"),
        (lambda: zipf_shares(0, 1.0), "0 patients"),
        (lambda: zipf_shares(5, -1.0), "exponent -1.0"),
    ],
)
def test_mistakes_are_named(act, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        act()
